"""Looks at the files of a commit through a lens: what is known already is not read again, what is found is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Generic, TypeVar

from msgspec import MsgspecError, msgpack

from repoint.auditing.lenses import Item, Lens
from repoint.model import Failed
from repoint.sources.cache import Cache
from repoint.sources.search import search
from repoint.sources.snapshot import Located, Snapshot, load
from repoint.sources.workers import Workers

T = TypeVar("T")
Watch = Callable[[str, int, int], None]

# A smaller part of all files than this is quicker read than found by a search of all.
_WORTH_A_SEARCH = 0.3


class Unread:
    """A file that the working copy no longer has as it was."""


class Looker:
    """Looks for one command: `cache` outlives it, `crew` works for it. What was seen is remembered between commits."""

    def __init__(self, crew: Workers, cache: Cache, watch: Watch) -> None:
        self._crew = crew
        self._cache = cache
        self._watch = watch
        self._seen: dict[tuple[str, str], dict[str, object]] = {}
        self.read = 0

    def look(self, snapshot: Snapshot, items: Iterable[Item], lens: Lens[T]) -> dict[str, T | Failed]:
        """The answers for the files of `snapshot` that have one, by path."""
        keyed = [(item, key) for item in items if (key := lens.key(item))]
        seen = self._seen.setdefault((lens.kind, lens.asked), {})
        _Recollection(self._cache, lens).add({key for _, key in keyed} - seen.keys(), seen)
        unknown = {key: item for item, key in keyed if key not in seen}
        if unknown:
            self._find(snapshot, unknown, lens, seen)
        found = {item.path: seen[key] for item, key in keyed}
        return {path: answer for path, answer in found.items() if answer is not None}  # type: ignore[misc]

    def _find(self, snapshot: Snapshot, unknown: dict[str, Item], lens: Lens[T], seen: dict[str, object]) -> None:
        asked = list(unknown.items())
        if len(asked) > _WORTH_A_SEARCH * len(snapshot.entries):
            paths = [item.path for _, item in asked]
            holding = frozenset(lens.candidates(paths, lambda words: search(snapshot, words)))
            seen.update((key, None) for key, item in asked if item.path not in holding)
            asked = [(key, item) for key, item in asked if item.path in holding]
        outcomes: list[object] = [*self._outcomes(snapshot, [item for _, item in asked], lens)]
        again = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, Unread)]
        snapshot.stale |= {asked[at][1].path for at in again}
        for at, outcome in zip(again, self._outcomes(snapshot, [asked[at][1] for at in again], lens), strict=True):
            outcomes[at] = outcome
        seen.update((key, outcome) for (key, _), outcome in zip(asked, outcomes, strict=True))
        self.read += len(asked)
        _Recollection(self._cache, lens).keep({key: seen[key] for key in unknown})

    def _outcomes(self, snapshot: Snapshot, items: list[Item], lens: Lens[T]) -> list[T | Failed | Unread | None]:
        located = snapshot.locate([item.path for item in items])
        modules = [item.module for item in items]
        task = self._crew.start(
            partial(_look, lens), list(zip(located, modules, strict=True)), size=lambda one: one[0].size, died=_died
        )
        return task.results(lambda done: self._watch("analysing", done, len(items)))


class _Recollection(Generic[T]):
    """The answers to one question in the cache. Failures are not kept: how deep a parser goes is up to the machine."""

    def __init__(self, cache: Cache, lens: Lens[T]) -> None:
        self._cache = cache
        self._lens = lens

    def add(self, keys: set[str], seen: dict[str, object]) -> None:
        """Put into `seen` what is known of `keys`."""
        for key, data in self._cache.get(self._lens.kind, self._lens.asked, sorted(keys)).items():
            try:
                seen[key] = self._lens.decode(data)
            except MsgspecError:
                continue

    def keep(self, found: dict[str, object]) -> None:
        entries = {key: msgpack.encode(answer) for key, answer in found.items() if not isinstance(answer, Failed)}
        self._cache.put(self._lens.kind, self._lens.asked, entries)


def _look(lens: Lens[T], one: tuple[Located, str]) -> T | Failed | Unread | None:
    source = load(one[0])
    if source is None:
        return Unread()
    return lens.look(source, one[1]) if lens.wants(source.data) else None


def _died(one: tuple[Located, str]) -> Failed:
    return Failed(one[0].path, 1, "the parser died of it")
