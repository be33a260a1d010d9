"""What the migration touches: a tree and a migration in; the facts of the files that matter, and the world, out.

Two looks: the first at files that name an old path, the second, narrower, at those that reach a binding which the
first ones are about to rename.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property, partial

from msgspec.structs import replace

from repoint.analysis.facts import FileFacts
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.query import Query
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Star
from repoint.model import Failed, Finding, Frozen, Severity
from repoint.names import Symbol, last
from repoint.planning import recall, surfaces
from repoint.planning.look import Passed, Seen, Surveying, died, mentioning, size_of, surveying
from repoint.planning.recall import Outcome
from repoint.sources.search import Search, Vanished, search
from repoint.sources.snapshot import Located
from repoint.sources.workers import Task, Workers
from repoint.transforms import rewrite
from repoint.transforms.stubs.chain import derived_homes
from repoint.transforms.texts import Mention, TextSearch
from repoint.transforms.world import World

Watch = Callable[[str, int, int], None]

_MANY = 30  # words that one search takes without slowing down


def world_of(migration: Migration, tree: ModuleTree) -> World:
    """The moves with the homes that stubs' names have elsewhere, and the query for them; nothing is known of users."""
    manifest, declared = migration.manifest, migration.moves
    moves = declared.extended(derived_homes(manifest.stub, tree.namespaces, declared))
    whole = frozenset(stub.module for stub in manifest.stub)
    names = _identifiers(moves.symbols, moves.modules) | {symbol.name for symbol in migration.canonical}
    expanded = frozenset[str]() if manifest.rewrite.star is Star.REPORT else moves.touched_modules | whole
    starred = {module: tree.namespaces.starred(module) for module in expanded}
    query = Query(moves, whole, names, manifest.rewrite.known_calls, migration.canonical, starred)
    return World(migration, moves, query, tree.namespaces)


class Survey:
    """Searches and analyses: `facts` and `outlines`, by path, and as `candidates` the files worth analysing."""

    def __init__(self, migration: Migration, tree: ModuleTree, crew: Workers, watch: Watch) -> None:
        self.migration = migration
        self.tree = tree
        self.snapshot = tree.snapshot
        self.crew = crew
        self.watch = watch
        self.facts: dict[str, FileFacts] = {}
        self.outlines: dict[str, bytes] = {}
        self.candidates: list[str] = []
        self.findings: list[Finding] = tree.odd_files()
        self.findings += tree.twice(migration.moves.touched_modules | migration.moves.homes)
        self._names_searched: frozenset[str] = frozenset()
        self._naming_names: list[str] = []
        self._naming_modules: list[str] = []
        self._mentions: list[tuple[list[str], Task[Located, list[Mention] | Passed]]] = []

    def run(self) -> World:
        """Fill `facts` and `findings`, and give the world that the transforms stand in."""
        self.watch("searching", 0, 0)
        naming_modules = Search(self.snapshot, self._modules)
        declared = self._names(self.migration.moves) | {"import *"}
        naming_names = Search(self.snapshot, declared, self._suffixes())
        world = world_of(self.migration, self.tree)
        self._names_searched = self._names(world.query.moves) | declared
        naming_more = Search(self.snapshot, self._names_searched - declared, self._suffixes())
        prefilter = Prefilter(world.query, self.tree.packages, world.forbidden_aliases)
        packages = self.tree.packages & world.moves.touched_modules
        question = recall.question(world.query, packages, world.forbidden_aliases)
        look = _Look(surveying(world.query, prefilter.wants), question)
        naming = self._begin(sorted(naming_modules.paths()), look)
        self._naming_names = sorted({*naming_names.paths(), *naming_more.paths()})  # while workers look at the others
        vanished = Vanished(self.snapshot)
        others = self._begin(sorted({*self._naming_names} - naming.found), look)
        self._naming_modules = sorted({*naming.paths, *others.paths})
        failures = self._finish(naming, lambda: {*naming_modules.late(vanished)} - others.found)
        named = (naming_names, naming_more)
        failures += self._finish(others, lambda: {path for one in named for path in one.late(vanished)} - naming.found)
        for failure in failures:
            data = self.tree.data(failure.path)
            at = prefilter.first_mention(data)
            self._unparsable(failure, failure.line if at is None else data.count(b"\n", 0, at) + 1)
        self.candidates = sorted([*self.facts, *(failure.path for failure in failures)])
        return self._settle_surfaces(world)

    def naming(self, words: frozenset[str]) -> list[str]:
        """Python files that may hold any of `words`; what was searched for already is not searched for again."""
        known = self._naming_names if words.isdisjoint(self._modules) else self._naming_modules
        more = words - self._names_searched - self._modules
        return sorted({*known, *search(self.snapshot, more, self._suffixes())})

    def mentions(self) -> dict[str, list[Mention]]:
        """The old paths that files of other kinds name, by path."""
        found: dict[str, list[Mention]] = {}
        for paths, task in self._mentions:
            for path, outcome in zip(paths, task.results(), strict=True):
                if isinstance(outcome, Passed):
                    self.snapshot.stale |= {path}
                    outcome = self._text_search.mentions(self.tree.data(path))
                found[path] = outcome
        return found

    @cached_property
    def _text_search(self) -> TextSearch:
        manifest = self.migration.manifest
        roots = frozenset(root.strip("/") for root in manifest.scope.roots)
        return TextSearch(self.migration.moves, frozenset(stub.module for stub in manifest.stub), roots)

    @cached_property
    def _modules(self) -> frozenset[str]:
        """Words of which what names an old path has one: the last part of the module.

        Of a package with many old modules that is outside the tree, its own name is that word: no relative import
        leads there.
        """
        words: dict[str, set[str]] = defaultdict(set)
        for module in self.migration.moves.touched_modules | {stub.module for stub in self.migration.manifest.stub}:
            words[module.partition(".")[0]].add(last(module))
        inside = self.tree.namespaces.modules
        return frozenset[str]().union(
            *({top} if len(lasts) > _MANY and top not in inside else lasts for top, lasts in words.items())
        )

    def _names(self, moves: MoveTable) -> frozenset[str]:
        """Names that are told as text, reached in packages, or given aliases, without an old path."""
        names = {old.name for old, new in moves.symbols.items() if old.name != new.name}
        names |= {old.name for old in moves.symbols if old.module in self.tree.packages}
        return frozenset(names | {symbol.name for symbol in self.migration.forbidden_aliases})

    def _unparsable(self, failure: Failed, line: int) -> None:
        message = f"names an old path, but {failure.reason} (line {failure.line}), and is left alone"
        mend = "mend the file, or rewrite it by hand"
        self.findings.append(Finding(failure.path, line, 1, "unparsable", Severity.WARNING, message, mend))

    def _begin(self, found: list[str], look: _Look) -> _Looking:
        """Begin to look at those of the files found that are Python, and for old paths in the others.

        What an earlier command saw in a file is not looked for again.
        """
        paths = [path for path in found if path in self.tree.python]
        known = recall.recalled(self.tree.cache, look.question, map(self._file, paths))
        rest = [path for path in paths if path not in known]
        items = [(located, self.tree.python[located.path]) for located in self.snapshot.locate(rest)]
        task = self.crew.start(look.function, items, size=size_of, died=died)
        looking = _Looking(frozenset(found), paths, rest, known, look, task)
        others = [path for path in found if path not in self.tree.python]
        located = self.snapshot.locate(others)
        search = self.crew.start(mentioning(self._text_search), located, size=lambda item: item.size, died=lambda _: [])
        self._mentions.append((others, search))
        return looking

    def _file(self, path: str) -> recall.File:
        return recall.File(path, self.snapshot.entries[path].blob, self.tree.python[path])

    def _finish(self, looking: _Looking, late: Callable[[], Iterable[str]]) -> list[Failed]:
        """Take in what was found, and then what `late` finds beside it.

        What the working copy no longer has as it was is looked at as git has it.
        """
        more = set(late()) - looking.found
        outcomes = self._outcomes(looking)
        unread = {path for path, outcome in outcomes.items() if outcome is Passed.UNREAD}
        if unread or more:
            self.snapshot.stale |= unread
            outcomes |= self._outcomes(self._begin(sorted(unread | more), looking.look))
        self.facts.update({path: item.facts for path, item in outcomes.items() if isinstance(item, Seen)})
        self.outlines.update({path: item.outline for path, item in outcomes.items() if isinstance(item, Seen)})
        return [item for item in outcomes.values() if isinstance(item, Failed)]

    def _outcomes(self, looking: _Looking) -> dict[str, Outcome]:
        """What there is in the files, by path; what was not known before is kept."""
        count = len(looking.rest)
        outcomes = looking.task.results(lambda done: self.watch("analysing", done, count))
        new = dict(zip(looking.rest, outcomes, strict=True))
        recall.keep(self.tree.cache, looking.look.question, ((self._file(path), new[path]) for path in new))
        return {path: looking.known.get(path) or new[path] for path in looking.paths}

    def _settle_surfaces(self, world: World) -> World:
        """Find who reaches the bindings that would be renamed: they keep their names, or their strings follow."""
        renamed = {
            Symbol(facts.module, name): new
            for facts in self.facts.values()
            if facts.module
            for name, new in rewrite.renames(facts, self.tree.data(facts.path), world).items()
        }
        starred = {
            Symbol(facts.module, name)
            for facts in self.facts.values()
            for statement in facts.imports
            if statement.is_star and facts.module
            for name in world.query.starred.get(statement.target, ())
        }
        candidates = frozenset(renamed) | starred
        if not candidates:
            return world
        query = world.query.with_surfaces(candidates)
        known = {finding.path for finding in self.findings}
        for failure in self._reaching(candidates, query):
            if failure.path not in known:
                self._unparsable(failure, failure.line)
        found = surfaces.reached(candidates, self.facts.values(), self.tree.namespaces.modules)
        kept = {symbol: new for symbol, new in renamed.items() if symbol not in found}
        return replace(world, query=query, surfaces=found, renamed=kept)

    def _reaching(self, symbols: frozenset[Symbol], query: Query) -> list[Failed]:
        """Analyse the files whose text has the name of such a binding and its module's last part."""
        by_name: dict[bytes, set[bytes]] = defaultdict(set)
        for symbol in symbols:
            by_name[symbol.name.encode()].add(last(symbol.module).encode())
        found = self.naming(frozenset(symbol.name for symbol in symbols))
        look = surveying(query, partial(surfaces.mentions, by_name=dict(by_name)))
        looking = self._begin(found, _Look(look, recall.question(query, by_name)))
        return self._finish(looking, lambda: ())

    def _suffixes(self) -> tuple[str, ...]:
        """The endings of the files in scope, if the manifest's patterns tell."""
        endings = {glob.rpartition("*")[2] for glob in self.migration.manifest.scope.include}
        return tuple(sorted(endings)) if all(re.fullmatch(r"\.\w+", ending) for ending in endings) else ()


class _Look(Frozen, frozen=True):
    """How to look at a file, and the question that this answers."""

    function: Surveying
    question: str


class _Looking(Frozen, frozen=True):
    """Files being looked at: all that were found, and the Python ones.

    Of those `known` are known already, and the `rest` are in the order of the task's items.
    """

    found: frozenset[str]
    paths: list[str]
    rest: list[str]
    known: dict[str, Outcome]
    look: _Look
    task: Task[tuple[Located, str], Outcome]


def _identifiers(symbols: dict[Symbol, Symbol], modules: dict[str, str]) -> frozenset[str]:
    """Identifiers that a rewrite may take away or bring in."""
    names: set[str] = set()
    for old, new in symbols.items():
        if old.name != new.name or new.module == "builtins":
            names |= {old.name, new.name}
        names |= {new.module.partition(".")[0], last(new.module), new.module.replace(".", "_")}
    for new_module in modules.values():
        names |= {new_module.partition(".")[0], last(new_module), new_module.replace(".", "_")}
    return frozenset(names - {""})
