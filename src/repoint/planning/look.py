"""What worker processes do for a plan: where a file is, in; what was found in it, or why nothing was, out."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.query import Query
from repoint.model import Failed
from repoint.sources.snapshot import Located, load
from repoint.transforms.texts import Mention, TextSearch

Wants = Callable[[bytes], bool]


class Passed(Enum):
    """Why a file gave nothing: nothing in it is asked about, it is not there any longer, or a worker died of it."""

    UNWANTED = "unwanted"
    UNREAD = "unread"
    DEADLY = "deadly"


Look = Callable[[tuple[Located, str]], FileFacts | Failed | Passed]


def analysing(query: Query, wants: Wants) -> Look:
    """A function of a file and its module: the facts that `query` asks about, where `wants` takes its text."""
    return partial(_analyse, query, wants)


def _analyse(query: Query, wants: Wants, item: tuple[Located, str]) -> FileFacts | Failed | Passed:
    located, module = item
    source = load(located)
    if source is None:
        return Passed.UNREAD
    return analyse(source, module, query) if wants(source.data) else Passed.UNWANTED


def mentioning(search: TextSearch) -> Callable[[Located], list[Mention] | Passed]:
    """A function of a file that is not Python: the old paths that it names."""
    return partial(_mentions, search)


def _mentions(search: TextSearch, located: Located) -> list[Mention] | Passed:
    source = load(located)
    return Passed.UNREAD if source is None else search.mentions(source.data)


def size_of(item: tuple[Located, str]) -> int:
    """The bytes that a worker has to look at."""
    return item[0].size


def died(item: tuple[Located, str]) -> Failed:
    """What becomes of a file whose parser took the process with it."""
    return Failed(item[0].path, 1, "the parser died of it")
