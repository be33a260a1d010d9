"""Where a commit stands: what every file of it adds to the figures; and the next commit, by what differs there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from repoint.analysis.tree import ModuleTree
from repoint.auditing.classify import Classifier, hits_in
from repoint.auditing.collect import collect, first_lens
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


class Standing(Frozen, frozen=True):
    """One commit: `found` has the occurrences of every path that has any, canonical imports included."""

    tree: ModuleTree
    subject: Subject
    tallies: dict[str, Tally | Failed]
    hits: dict[str, tuple[Hit, ...] | Failed]
    found: dict[str, tuple[Occurrence, ...]]
    modules: dict[str, Status | Failed]

    def occurrences(self) -> tuple[Occurrence, ...]:
        """All of them, in the order of the places."""
        return tuple(sorted(item for group in self.found.values() for item in group))


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

    def first(self, snapshot: Snapshot, only: Collection[str] | None = None) -> Standing:
        """Where a commit stands, all of it or `only` these files."""
        tree = ModuleTree(snapshot, self._migration.manifest.scope, self._cache)
        subject = subject_of(self._migration, tree.namespaces)
        tallies, hits = self._look(tree, subject, tree.python if only is None else _some(tree.python, only))
        return self._standing(tree, subject, tallies, hits, {})

    def next(self, before: Standing, snapshot: Snapshot, changed: frozenset[str]) -> Standing:
        """Where the commit stands that differs from another one in the files `changed`."""
        tree = before.tree.at(snapshot, changed, self._migration.manifest.scope)
        subject = subject_of(self._migration, tree.namespaces)
        if first_lens(subject).asked != first_lens(before.subject).asked:
            tallies, hits = self._look(tree, subject, tree.python)
            return self._standing(tree, subject, tallies, hits, {})
        tallies, hits = self._look(tree, subject, _some(tree.python, changed))
        tallies, hits = _without(before.tallies, changed) | tallies, _without(before.hits, changed) | hits
        namespaces = before.tree.namespaces
        consulted = any(namespaces.has_read(before.tree.python.get(path, "")) for path in changed)
        steady = subject == before.subject and tree.namespaces.modules == namespaces.modules and not consulted
        # Else what the imports of other files lead to may be something else now.
        return self._standing(tree, subject, tallies, hits, _without(before.found, changed) if steady else {})

    def _look(
        self, tree: ModuleTree, subject: Subject, python: Mapping[str, str]
    ) -> tuple[dict[str, Tally | Failed], dict[str, tuple[Hit, ...] | Failed]]:
        items = items_of(tree.snapshot, python)
        tallies = collect(tree, subject, items, self._looker, self._passed)
        return tallies, {} if self._rules is None else self._looker.look(tree.snapshot, items, self._rules)

    def _standing(
        self,
        tree: ModuleTree,
        subject: Subject,
        tallies: dict[str, Tally | Failed],
        hits: dict[str, tuple[Hit, ...] | Failed],
        known: dict[str, tuple[Occurrence, ...]],
    ) -> Standing:
        """The files of which nothing is `known` are judged by what was seen in them."""
        classifier = Classifier(subject, tree.namespaces)
        found = dict(known)
        for path in sorted((tallies.keys() | hits.keys()) - known.keys()):
            tally, matches = tallies.get(path, NOTHING), hits.get(path, ())
            told = isinstance(tally, Failed)
            found[path] = (
                *classifier.occurrences(path, tree.python[path], tally),
                *hits_in(path, matches, subject, told=told),
            )
        governed = _some(tree.python, [tree.by_module[item] for item in subject.modules if item in tree.by_module])
        lens = status_lens(subject.migration.moves)
        modules = self._looker.look(tree.snapshot, items_of(tree.snapshot, governed), lens)
        return Standing(tree, subject, tallies, hits, found, modules)


def items_of(snapshot: Snapshot, python: Mapping[str, str]) -> list[Item]:
    """Python files, by their paths and modules, as far as the commit has them as files."""
    return [
        Item(path, snapshot.entries[path].blob, module) for path, module in python.items() if snapshot.is_regular(path)
    ]


def _some(python: Mapping[str, str], paths: Collection[str]) -> dict[str, str]:
    return {path: python[path] for path in paths if path in python}


def _without(answers: dict[str, T], paths: Collection[str]) -> dict[str, T]:
    return {path: answer for path, answer in answers.items() if path not in paths}
