"""What the migration touches: a tree and a migration in; the facts of the files that matter, and the world, out.

Two searches: the first for files that name an old path, the second, narrower, for those that reach a binding which
the first ones are about to rename.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.query import Query
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Star
from repoint.model import Failed, Finding, Severity, SourceFile
from repoint.names import Symbol, last
from repoint.planning import surfaces
from repoint.sources.workers import Workers
from repoint.transforms import rewrite
from repoint.transforms.stubs.derived import derived_homes
from repoint.transforms.world import World

Watch = Callable[[str, int, int], None]


class Survey:
    """Searches and analyses. `facts` are by path, `hits` all files that name an old path's last part."""

    def __init__(self, migration: Migration, tree: ModuleTree, crew: Workers, watch: Watch) -> None:
        self.migration = migration
        self.tree = tree
        self.snapshot = tree.snapshot
        self.crew = crew
        self.watch = watch
        self.facts: dict[str, FileFacts] = {}
        self.hits: list[str] = []
        self.candidates: list[str] = []
        self.findings: list[Finding] = tree.odd_files()

    def run(self) -> World:
        """Fill `facts` and `findings`, and give the world that the transforms stand in."""
        world = self._world()
        prefilter = Prefilter(world.query, self.tree.packages, world.forbidden_aliases)
        self.watch("searching", 0, 0)
        self.hits = self.snapshot.search(self._words(world))
        python = [path for path in self.hits if path in self.tree.python]
        data = self.snapshot.read(python)
        self.candidates = [path for path in python if prefilter.wants(data[path])]
        for failure in self._analyse(self.candidates, world.query):
            at = prefilter.first_mention(data[failure.path])
            self._unparsable(failure, failure.line if at is None else data[failure.path].count(b"\n", 0, at) + 1)
        return self._settle_surfaces(world)

    def _world(self) -> World:
        """The moves with the homes that stubs' names have elsewhere, and the query for them."""
        manifest, declared = self.migration.manifest, self.migration.moves
        derived: dict[Symbol, Symbol] = {}
        for stub in manifest.stub:
            derived.update(derived_homes(stub, self.tree.namespaces, declared))
        moves = declared.extended(derived)
        whole = frozenset(stub.module for stub in manifest.stub)
        canonical = frozenset(Symbol(*item.symbol.split(":")) for item in manifest.canonical)
        names = _names(moves.symbols, moves.modules) | {symbol.name for symbol in canonical}
        query = Query(moves, whole, names, manifest.rewrite.known_calls, canonical, self._starred(moves, whole))
        return World(self.migration, moves, query, self.tree.namespaces)

    def _starred(self, moves: MoveTable, whole: frozenset[str]) -> dict[str, frozenset[str]]:
        if self.migration.manifest.rewrite.star is Star.REPORT:
            return {}
        return {module: self.tree.namespaces.starred(module) for module in moves.touched_modules | whole}

    def _words(self, world: World) -> frozenset[str]:
        """What the first search looks for: last parts of old modules, and names that are reached without them."""
        moves = world.query.moves
        words = {last(module) for module in moves.touched_modules | world.query.whole} | world.query.told_names
        words |= {symbol.name for symbol in world.forbidden_aliases}
        return frozenset(words | {old.name for old in moves.symbols if old.module in self.tree.packages})

    def _unparsable(self, failure: Failed, line: int) -> None:
        message = f"names an old path, but {failure.reason} (line {failure.line}), and is left alone"
        mend = "mend the file, or rewrite it by hand"
        self.findings.append(Finding(failure.path, line, 1, "unparsable", Severity.WARNING, message, mend))

    def _analyse(self, paths: list[str], query: Query) -> list[Failed]:
        sources = [(self.snapshot.source(path), self.tree.python[path]) for path in paths]
        outcomes = self.crew.run(
            partial(_analyse_one, query),
            sources,
            size=_size,
            died=_died,
            done=lambda done: self.watch("analysing", done, len(sources)),
        )
        self.facts.update({item.path: item for item in outcomes if isinstance(item, FileFacts)})
        return [item for item in outcomes if isinstance(item, Failed)]

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
        for failure in self._analyse(self._reaching(candidates), query):
            if failure.path not in known:
                self._unparsable(failure, failure.line)
        found = surfaces.reached(candidates, self.facts.values(), self.tree.namespaces.modules)
        kept = {symbol: new for symbol, new in renamed.items() if symbol not in found}
        return replace(world, query=query, surfaces=found, renamed=kept)

    def _reaching(self, symbols: frozenset[Symbol]) -> list[str]:
        """Files whose text has the name of such a binding and its module's last part, besides the module itself."""
        by_name: dict[bytes, set[bytes]] = defaultdict(set)
        for symbol in symbols:
            by_name[symbol.name.encode()].add(last(symbol.module).encode())
        words = frozenset(symbol.name for symbol in symbols) | {"import *"}
        hits = [path for path in self.snapshot.search(words) if path in self.tree.python]
        data = self.snapshot.read(hits)
        return [path for path in hits if surfaces.mentions(data[path], by_name)]


def _names(symbols: dict[Symbol, Symbol], modules: dict[str, str]) -> frozenset[str]:
    """Identifiers that a rewrite may take away or bring in."""
    names: set[str] = set()
    for old, new in symbols.items():
        names |= {
            old.name,
            new.name,
            new.module.partition(".")[0],
            last(new.module),
            new.module.replace(".", "_"),
        }
    for new_module in modules.values():
        names |= {new_module.partition(".")[0], last(new_module), new_module.replace(".", "_")}
    return frozenset(names - {""})


def _analyse_one(query: Query, item: tuple[SourceFile, str]) -> FileFacts | Failed:
    return analyse(item[0], item[1], query)


def _size(item: tuple[SourceFile, str]) -> int:
    return len(item[0].data)


def _died(item: tuple[SourceFile, str]) -> Failed:
    return Failed(item[0].path, 1, "the parser died of it")
