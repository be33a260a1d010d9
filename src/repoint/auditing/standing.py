"""Where a commit stands: what every file of it adds to the figures; and the next commit, by what differs there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from msgspec import field
from msgspec.structs import replace

from repoint.analysis.tree import ModuleTree
from repoint.auditing.classify import Classifier, hits_in, missing_symbols
from repoint.auditing.collect import collect, first_lens, leads, passed_on
from repoint.auditing.given import given_names
from repoint.auditing.lenses import HitsLens, Item, Status, hits_lens, status_lens
from repoint.auditing.looking import Looker
from repoint.auditing.subject import Subject, subject_of
from repoint.auditing.tally import NOTHING, Tally
from repoint.manifest.decode import Migration
from repoint.measures import Occurrence
from repoint.model import Failed, Frozen
from repoint.patterns.rules import compile_patterns
from repoint.patterns.scan import Hit
from repoint.sources.cache import NO_CACHE, Cache
from repoint.sources.snapshot import Snapshot

T = TypeVar("T")


class Seen(Frozen, frozen=True):
    """What was seen in the files, by path; `names` are those that were asked for."""

    tallies: dict[str, Tally | Failed]
    names: frozenset[str]
    hits: dict[str, tuple[Hit, ...] | Failed]


class Standing(Frozen, frozen=True):
    """One commit: `found` has the occurrences of every path that has any, canonical imports included."""

    tree: ModuleTree
    subject: Subject
    seen: Seen
    found: dict[str, tuple[Occurrence, ...]]
    modules: dict[str, Status | Failed] = field(default_factory=dict)

    def occurrences(self) -> tuple[Occurrence, ...]:
        """All of them, in the order of the places; and the symbols that their own modules lack."""
        found = (item for group in self.found.values() for item in group)
        return tuple(sorted((*found, *missing_symbols(self.subject, self.tree.by_module))))


class Surveyor:
    """Finds where commits stand, for one migration; `passed` are names to look for beside those of the symbols."""

    def __init__(
        self, migration: Migration, looker: Looker, cache: Cache = NO_CACHE, passed: frozenset[str] = frozenset()
    ) -> None:
        self._migration = migration
        self._looker = looker
        self._cache = cache
        self._passed = passed
        self._rules: HitsLens | None = None
        if migration.manifest.pattern:
            self._rules = hits_lens(compile_patterns(migration.manifest.pattern))

    def first(self, snapshot: Snapshot) -> Standing:
        """Where a commit stands."""
        tree = ModuleTree(snapshot, self._migration.manifest.scope, self._cache)
        subject = subject_of(self._migration, tree.namespaces)
        return self._standing(tree, subject, self._look(tree, subject, tree.python, self._passed), {})

    def some(self, snapshot: Snapshot, paths: Collection[str]) -> Standing:
        """Where these files of a commit stand: what the whole says of them, and nothing of the governed modules."""
        tree = ModuleTree(snapshot, self._migration.manifest.scope, self._cache)
        subject = subject_of(self._migration, tree.namespaces)
        given = _given(tree, subject, paths)
        return self._judged(tree, subject, self._look(tree, subject, _some(tree.python, paths), given), {})

    def sides(self, older: Snapshot, newer: Snapshot, changed: Collection[str]) -> tuple[Standing, Standing]:
        """Where the files stand that differ between two commits: what the whole says of them, without the others.

        Nothing is said of the governed modules.
        """
        scope = self._migration.manifest.scope
        after = ModuleTree(newer, scope, self._cache)
        subject = subject_of(self._migration, after.namespaces)
        before = after.at(older, frozenset(changed), scope)  # what did not change was read just now
        pairs = [(before, subject_of(self._migration, before.namespaces)), (after, subject)]
        given = frozenset[str]().union(*(_given(tree, subject, changed) for tree, subject in pairs))
        first, second = (
            self._judged(tree, subject, self._look(tree, subject, _some(tree.python, changed), given), {})
            for tree, subject in pairs
        )
        return first, second

    def next(self, before: Standing, snapshot: Snapshot, changed: frozenset[str]) -> Standing:
        """Where the commit stands that differs from another one in the files `changed`."""
        tree = before.tree.at(snapshot, changed, self._migration.manifest.scope)
        subject = subject_of(self._migration, tree.namespaces)
        seen = self._seen_next(before, tree, subject, changed)
        if seen is None:
            return self._standing(tree, subject, self._look(tree, subject, tree.python, self._passed), {})
        namespaces = before.tree.namespaces
        modules = {side.python.get(path, "") for side in (before.tree, tree) for path in changed} - {""}
        consulted = any(map(namespaces.has_read, modules))
        steady = subject == before.subject and tree.namespaces.modules == namespaces.modules and not consulted
        # Else what the imports of other files lead to may be something else now.
        return self._standing(tree, subject, seen, _without(before.found, changed) if steady else {})

    def _seen_next(self, before: Standing, tree: ModuleTree, subject: Subject, changed: frozenset[str]) -> Seen | None:
        """What is seen in the next commit, by a look at what changed; None where all files are to be asked anew."""
        if first_lens(subject).asked != first_lens(before.subject).asked:
            return None
        new = self._look(tree, subject, _some(tree.python, changed), before.seen.names)
        tallies = _without(before.seen.tallies, changed) | new.tallies
        if new.names | passed_on(tree, subject, tallies, new.names) != before.seen.names:
            return None
        return Seen(tallies, new.names, _without(before.seen.hits, changed) | new.hits)

    def _look(self, tree: ModuleTree, subject: Subject, python: Mapping[str, str], names: frozenset[str]) -> Seen:
        items = items_of(tree.snapshot, python)
        found = collect(tree, subject, items, self._looker, names)
        hits = {} if self._rules is None else self._looker.look(tree.snapshot, items, self._rules)
        return Seen(found.tallies, found.names, hits)

    def _standing(
        self, tree: ModuleTree, subject: Subject, seen: Seen, known: dict[str, tuple[Occurrence, ...]]
    ) -> Standing:
        """As `_judged`, with what the governed modules are by now."""
        judged = self._judged(tree, subject, seen, known)
        governed = _some(tree.python, [tree.by_module[item] for item in subject.modules if item in tree.by_module])
        lens = status_lens(subject.migration.moves)
        return replace(judged, modules=self._looker.look(tree.snapshot, items_of(tree.snapshot, governed), lens))

    def _judged(
        self, tree: ModuleTree, subject: Subject, seen: Seen, known: dict[str, tuple[Occurrence, ...]]
    ) -> Standing:
        """The files of which nothing is `known` are judged by what was seen in them."""
        classifier = Classifier(subject, tree.namespaces)
        found = dict(known)
        for path in sorted((seen.tallies.keys() | seen.hits.keys()) - known.keys()):
            tally, matches = seen.tallies.get(path, NOTHING), seen.hits.get(path, ())
            told = isinstance(tally, Failed)
            found[path] = (
                *classifier.occurrences(path, tree.python[path], tally),
                *hits_in(path, matches, subject, told=told),
            )
        return Standing(tree, subject, seen, found)


def _given(tree: ModuleTree, subject: Subject, paths: Collection[str]) -> frozenset[str]:
    """Names that others gave to what these files import; a symbol's own name is looked for by itself or not at all."""
    own = {symbol.name for symbol in (*subject.symbols, *subject.moves.symbols)}
    some = _some(tree.python, paths)
    return given_names(tree, some, lambda symbol: symbol.name not in own and leads(symbol, tree, subject))


def items_of(snapshot: Snapshot, python: Mapping[str, str]) -> list[Item]:
    """Python files, by their paths and modules, as far as the commit has them as files."""
    return [
        Item(path, snapshot.entries[path].blob, module) for path, module in python.items() if snapshot.is_regular(path)
    ]


def _some(python: Mapping[str, str], paths: Collection[str]) -> dict[str, str]:
    return {path: python[path] for path in paths if path in python}


def _without(answers: dict[str, T], paths: Collection[str]) -> dict[str, T]:
    return {path: answer for path, answer in answers.items() if path not in paths}
