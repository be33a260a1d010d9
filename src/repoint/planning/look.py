"""What worker processes do for a plan: where a file is, in; what was found in it, or why nothing was, out."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import NamedTuple

from repoint.analysis.analyse import analyse, analyse_with_tree
from repoint.analysis.facts import FileFacts
from repoint.analysis.query import Query
from repoint.model import Failed, SourceFile
from repoint.proof.parsed import Source, encoding_of
from repoint.proof.thin import outline
from repoint.sources.snapshot import Located, load
from repoint.transforms.texts import Mention, TextSearch

Wants = Callable[[bytes], bool]


class Passed(Enum):
    """Why a file gave nothing: nothing in it is asked about, it is not there any longer, or a worker died of it."""

    UNWANTED = "unwanted"
    UNREAD = "unread"
    DEADLY = "deadly"


class Seen(NamedTuple):
    """A file's facts, and the outline by which its proof will pass over what does not matter."""

    facts: FileFacts
    outline: bytes


Look = Callable[[tuple[Located, str]], FileFacts | Failed | Passed]
Surveying = Callable[[tuple[Located, str]], Seen | Failed | Passed]


def analysing(query: Query, wants: Wants) -> Look:
    """A function of a file and its module: the facts that `query` asks about, where `wants` takes its text."""
    return partial(_analyse, query, wants)


def _analyse(query: Query, wants: Wants, item: tuple[Located, str]) -> FileFacts | Failed | Passed:
    source = _wanted(wants, item[0])
    return source if isinstance(source, Passed) else analyse(source, item[1], query)


def _wanted(wants: Wants, located: Located) -> SourceFile | Passed:
    source = load(located)
    if source is None:
        return Passed.UNREAD
    return source if wants(source.data) else Passed.UNWANTED


def surveying(query: Query, wants: Wants) -> Surveying:
    """As `analysing`, for files that may be about to change."""
    return partial(_survey, query, wants)


def _survey(query: Query, wants: Wants, item: tuple[Located, str]) -> Seen | Failed | Passed:
    source = _wanted(wants, item[0])
    if isinstance(source, Passed):
        return source
    found = analyse_with_tree(source, item[1], query)
    if isinstance(found, Failed):
        return found
    facts, tree = found
    return Seen(facts, outline(Source(source.data, encoding_of(source.data)), tree))


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
