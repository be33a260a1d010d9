"""Ways to look at one file by its blob: a question in, an answer that can be kept for later commands out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

import msgspec
from msgspec import field, msgpack

from repoint.analysis.query import Query
from repoint.analysis.status import state_of
from repoint.analysis.words import occurrences
from repoint.auditing.tally import NOTHING, Tally, tally
from repoint.manifest.moves import MoveTable
from repoint.model import Failed, Frozen, SourceFile, State
from repoint.names import is_package_file
from repoint.patterns.rules import Rules, applies
from repoint.patterns.scan import Hit, Unread, scan
from repoint.planning.recall import question
from repoint.sources.cache import digest, fingerprint

Search = Callable[[frozenset[str]], Collection[str]]
T_co = TypeVar("T_co", covariant=True)


class Item(Frozen, frozen=True):
    """A file of a commit: where it is, its blob, and the module that it is imported as."""

    path: str
    blob: str
    module: str


class Lens(Protocol[T_co]):
    """One question about files. Pickleable, so that workers can look through it."""

    @property
    def kind(self) -> str:
        """What the answers are, for the cache."""

    @property
    def asked(self) -> str:
        """The digest of the question."""

    def candidates(self, paths: list[str], search: Search) -> Collection[str]:
        """Those of many files that may have an answer; `search` gives the files that hold any of some words."""

    def wants(self, data: bytes) -> bool:
        """Whether a file of these bytes may have an answer."""

    def key(self, item: Item) -> str:
        """All that the answer depends on beside the question; empty where there surely is none."""

    def look(self, source: SourceFile, module: str) -> T_co | Failed | None:
        """The answer; None where the file has nothing to say."""

    def decode(self, data: bytes) -> T_co | None:
        """An answer that was kept as msgpack. Raises MsgspecError."""


class TallyLens(Frozen, frozen=True):
    """What a file does with governed names."""

    query: Query
    words: frozenset[str]
    asked: str
    kind: str = "tally"

    def candidates(self, paths: list[str], search: Search) -> Collection[str]:
        return search(self.words)

    def wants(self, data: bytes) -> bool:
        return next(occurrences(data, self.words), None) is not None

    def key(self, item: Item) -> str:
        return f"{item.blob}:{item.module}:{is_package_file(item.path)}"

    def look(self, source: SourceFile, module: str) -> Tally | Failed | None:
        found = tally(source, module, self.query)
        return None if found == NOTHING else found

    def decode(self, data: bytes) -> Tally | None:
        return _TALLY.decode(data)


class HitsLens(Frozen, frozen=True):
    """Where the manifest's patterns match in a file."""

    rules: Rules
    asked: str
    kind: str = "hits"
    looking: dict[str, str] = field(default_factory=dict)  # by path, which rules look there

    def candidates(self, paths: list[str], search: Search) -> Collection[str]:
        return self.rules.candidates(paths, search)

    def wants(self, data: bytes) -> bool:
        return self.rules.wanted(data)

    def key(self, item: Item) -> str:
        looking = self.looking.get(item.path)
        if looking is None:
            looking = "".join("01"[applies(pattern, item.path)] for pattern in self.rules.patterns)
            self.looking[item.path] = looking
        return f"{item.blob}:{looking}" if "1" in looking else ""

    def look(self, source: SourceFile, module: str) -> tuple[Hit, ...] | Failed | None:
        found = scan(source.data, self.rules.of(source.path))
        return (Failed(source.path, found.line, found.reason) if isinstance(found, Unread) else found) or None

    def decode(self, data: bytes) -> tuple[Hit, ...] | None:
        return _HITS.decode(data)


class Status(Frozen, frozen=True, array_like=True):
    """What a governed module is by now, and how many lines it has."""

    state: State
    lines: int


class StatusLens(Frozen, frozen=True):
    """What governed modules are by now; `moved` has the names that are to leave each."""

    moved: dict[str, frozenset[str]]
    asked: str
    kind: str = "status"

    def candidates(self, paths: list[str], search: Search) -> Collection[str]:
        return paths

    def wants(self, data: bytes) -> bool:
        return True

    def key(self, item: Item) -> str:
        return f"{item.blob}:{item.module}"

    def look(self, source: SourceFile, module: str) -> Status:
        data = source.data
        lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
        return Status(state_of(data, self.moved.get(module, frozenset())), lines)

    def decode(self, data: bytes) -> Status | None:
        return _STATUS.decode(data)


def status_lens(moves: MoveTable) -> StatusLens:
    """For the modules that something moves away from."""
    moved: dict[str, set[str]] = defaultdict(set)
    for old in moves.symbols:
        moved[old.module].add(old.name)
    spelled = [f"{module}:{','.join(sorted(names))}" for module, names in sorted(moved.items())]
    names = {module: frozenset(left) for module, left in moved.items()}
    return StatusLens(names, digest(fingerprint(), *spelled))


def tally_lens(query: Query, words: frozenset[str]) -> TallyLens:
    """For files that hold any of `words`."""
    return TallyLens(query, words, question(query, words))


def hits_lens(rules: Rules) -> HitsLens:
    """For all files that the rules look at."""
    spelled = msgspec.json.encode(rules.patterns)
    return HitsLens(rules, digest(fingerprint(), spelled))


_TALLY: msgpack.Decoder[Tally | None] = msgpack.Decoder(Tally | None)
_HITS: msgpack.Decoder[tuple[Hit, ...] | None] = msgpack.Decoder(tuple[Hit, ...] | None)
_STATUS: msgpack.Decoder[Status | None] = msgpack.Decoder(Status | None)
