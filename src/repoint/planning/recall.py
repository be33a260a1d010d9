"""What was seen in files by earlier commands: a question and blobs in, outcomes out; and new outcomes to be kept.

Facts are kept, and that a file is not asked about. What failed is not: how deep a parser goes is up to the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import MsgspecError, Struct, msgpack
from msgspec.structs import astuple

from repoint.analysis.facts import FileFacts
from repoint.analysis.query import Query
from repoint.model import Failed
from repoint.planning.look import Passed, Seen
from repoint.sources.cache import Cache, digest, fingerprint

KIND = "seen"

Outcome = Seen | Failed | Passed

_ENCODER = msgpack.Encoder()
_DECODER = msgpack.Decoder(tuple[FileFacts, bytes] | None)


class File(NamedTuple):
    """A file to look at: everything that its facts depend on beside the question."""

    path: str
    blob: str
    module: str

    @property
    def key(self) -> str:
        return f"{self.blob}:{self.module}:{self.path}"


def question(query: Query, *more: object) -> str:
    """The digest of a query and what else decides which files matter: the same in every process."""
    return digest(fingerprint(), _spelled((query.__reduce__()[1], more)))


def recalled(cache: Cache, asked: str, files: Iterable[File]) -> dict[str, Outcome]:
    """The outcomes that are known, by path."""
    keys = {file.key: file for file in files}
    found: dict[str, Outcome] = {}
    for key, value in cache.get(KIND, asked, list(keys)).items():
        try:
            decoded = _DECODER.decode(value)
        except MsgspecError:
            continue
        if decoded is None:
            found[keys[key].path] = Passed.UNWANTED
        elif (decoded[0].path, decoded[0].blob, decoded[0].module) == keys[key]:
            found[keys[key].path] = Seen(*decoded)
    return found


def keep(cache: Cache, asked: str, outcomes: Iterable[tuple[File, Outcome]]) -> None:
    """Keep what was found, for later commands."""
    entries: dict[str, bytes] = {}
    for file, outcome in outcomes:
        if isinstance(outcome, Seen):
            entries[file.key] = _ENCODER.encode(outcome)
        elif outcome is Passed.UNWANTED:
            entries[file.key] = _ENCODER.encode(None)
    cache.put(KIND, asked, entries)


def _spelled(value: object) -> str:
    """A value as text, without the order that sets and mappings happen to have."""
    if isinstance(value, str | bytes):  # first, since nearly all are
        return repr(value)
    if isinstance(value, tuple | list):
        return f"({','.join(map(_spelled, value))})"
    if isinstance(value, frozenset | set):
        return f"{{{','.join(sorted(map(_spelled, value)))}}}"
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(map(_spelled, value.items())))}}}"
    if isinstance(value, Struct):
        return _spelled(astuple(value))
    raise TypeError(f"{type(value).__name__} has no stable spelling")
