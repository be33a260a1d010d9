"""The whole way of the data, from a manifest and a repository to a plan: reads through `sources`, writes nothing."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.namespace import Namespace, Namespaces, read_namespace
from repoint.analysis.prefilter import Prefilter
from repoint.analysis.query import Query
from repoint.analysis.text import Text
from repoint.errors import UsageError
from repoint.manifest import Migration, decode
from repoint.manifest.globs import matches
from repoint.manifest.moves import MoveTable, prefixes
from repoint.manifest.schema import Star
from repoint.model import Batch, Failed, FileChange, Finding, Metrics, Plan, Severity, SourceFile
from repoint.names import Symbol, is_package_file, last, module_of
from repoint.planning import batches, surfaces
from repoint.planning.assemble import Looked, assemble, change_of, replacement_of
from repoint.planning.verify import Changed, verify
from repoint.sources.snapshot import REGULAR, Snapshot, open_snapshot
from repoint.sources.workers import Workers
from repoint.transforms import rewrite, texts
from repoint.transforms.stubs.build import StubResult, StubWorld, build, derived_homes
from repoint.transforms.stubs.usage import Use, uses_of
from repoint.transforms.world import World

Watch = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PlanRequest:
    """What to plan: a repository, a manifest's file, a revision (HEAD if None), and how many workers at the most."""

    repo: Path
    manifest: Path
    rev: str | None = None
    jobs: int | None = None


def make_plan(request: PlanRequest, watch: Watch) -> Plan:
    """The plan for `request`. Raises ManifestErrors and UsageError for what the user can mend."""
    try:
        data = request.manifest.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(request.manifest), mend="name a manifest"
        ) from None
    migration = decode(data, str(request.manifest))
    snapshot = open_snapshot(request.repo, request.rev)
    crew = Workers(request.jobs)
    enabled = gc.isenabled()
    gc.disable()  # a short life with millions of acyclic values
    try:
        return _Planning(migration, snapshot, crew, watch).plan()
    finally:
        crew.close()
        if enabled:
            gc.enable()


class _Planning:
    """One run: the snapshot and the migration, and what has been found so far."""

    def __init__(self, migration: Migration, snapshot: Snapshot, crew: Workers, watch: Watch) -> None:
        self.migration = migration
        self.snapshot = snapshot
        self.crew = crew
        self.watch = watch
        self.findings: list[Finding] = []
        scope = migration.manifest.scope
        self.python = {
            path: module_of(path, scope.roots)
            for path in snapshot.entries
            if matches(path, scope.include) and not matches(path, scope.exclude)
        }
        self.by_module: dict[str, str] = {}
        for path in sorted(self.python, key=lambda path: (path.endswith(".pyi"), path)):
            if self.python[path]:
                self.by_module.setdefault(self.python[path], path)
        modules = frozenset(head for module in self.by_module for head in prefixes(module))
        self.namespaces = Namespaces(modules, self._namespace)
        self.facts: dict[str, FileFacts] = {}
        self.candidates: list[str] = []

    def plan(self) -> Plan:
        world, prefilter = self._world()
        self._find(world, prefilter)
        world = self._settle_surfaces(world)
        rewritten = self._rewrite(world)
        stubs = self._stubs(world)
        changes, datas = self._changes(rewritten, stubs)
        self._texts(changes)
        self._verify(datas)
        arranged = self._arrange(changes, rewritten, stubs)
        looked = Looked(
            files=len(self.python),
            candidates=len(self.candidates),
            analysed=len(self.facts),
            parsed=sum(item.parsed for item in rewritten),
            imports=sum(item.moved_imports for item in rewritten),
        )
        metrics = self._metrics(world, rewritten, stubs)
        return assemble(self.migration, self.snapshot.commit, arranged, self.findings, looked, metrics)

    def _namespace(self, module: str) -> Namespace | Failed | None:
        path = self.by_module.get(module)
        if path is None or self.snapshot.entries[path].mode not in REGULAR:
            if module in self.namespaces.modules and path is None:
                return Namespace("", module, (), (), None, False)  # a namespace package: a folder, no file
            return None
        return read_namespace(self.snapshot.source(path), module)

    def _world(self) -> tuple[World, Prefilter]:
        """The moves with the homes that stubs' names have elsewhere, and the query for them."""
        manifest, declared = self.migration.manifest, self.migration.moves
        derived: dict[Symbol, Symbol] = {}
        for stub in manifest.stub:
            derived.update(derived_homes(stub, self.namespaces, declared))
        moves = declared.extended(derived)
        whole = frozenset(stub.module for stub in manifest.stub)
        canonical = frozenset(Symbol(*item.symbol.split(":")) for item in manifest.canonical)
        names = _names(moves.symbols, moves.modules) | {symbol.name for symbol in canonical}
        query = Query(moves, whole, names, manifest.rewrite.known_calls, canonical, self._starred(moves, whole))
        world = World(self.migration, moves, query, self.namespaces)
        packages = frozenset(module for module, path in self.by_module.items() if is_package_file(path))
        return world, Prefilter(query, packages, world.forbidden_aliases)

    def _starred(self, moves: MoveTable, whole: frozenset[str]) -> dict[str, frozenset[str]]:
        if self.migration.manifest.rewrite.star is Star.REPORT:
            return {}
        return {module: self.namespaces.starred(module) for module in moves.touched_modules | whole}

    def _find(self, world: World, prefilter: Prefilter) -> None:
        """Search, and analyse what the search found."""
        self.watch("searching", 0, 0)
        moves = world.query.moves
        words = {last(module) for module in moves.touched_modules | world.query.whole} | world.query.told_names
        words |= {symbol.name for symbol in world.forbidden_aliases}
        words |= {old.name for old in moves.symbols if is_package_file(self.by_module.get(old.module, ""))}
        self.hits = self.snapshot.search(frozenset(words))
        python = [path for path in self.hits if path in self.python]
        data = self.snapshot.read(python)
        self.candidates = [path for path in python if prefilter.wants(data[path])]
        failed = self._analyse(self.candidates, world.query)
        for failure in failed:
            at = prefilter.first_mention(data[failure.path])
            line = failure.line if at is None else data[failure.path].count(b"\n", 0, at) + 1
            self.findings.append(
                Finding(
                    failure.path,
                    line,
                    1,
                    "unparsable",
                    Severity.WARNING,
                    f"names an old path, but {failure.reason} (line {failure.line}), and is left alone",
                    "mend the file, or rewrite it by hand",
                )
            )
        self._odd_files()

    def _odd_files(self) -> None:
        for path in self.python:
            mode = self.snapshot.entries[path].mode
            if mode not in REGULAR:
                what = "a symbolic link" if mode == "120000" else "a submodule"
                self.findings.append(
                    Finding(path, 1, 1, "not-a-file", Severity.INFO, f"is {what}, and is not followed", "")
                )
        for path in self.snapshot.odd_paths:
            self.findings.append(
                Finding(
                    path,
                    1,
                    1,
                    "path-not-utf-8",
                    Severity.WARNING,
                    "its path is not UTF-8, so that it is not looked at",
                    "rename the file",
                )
            )

    def _analyse(self, paths: list[str], query: Query) -> list[Failed]:
        sources = [(self.snapshot.source(path), self.python[path]) for path in paths]
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
            for name, new in rewrite.renames(facts, self._data(facts.path), world).items()
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
        self._analyse(self._reaching(candidates), query)
        found = surfaces.reached(candidates, self.facts.values())
        world = replace(world, query=query, surfaces=found)
        kept = {symbol: new for symbol, new in renamed.items() if symbol not in found}
        return replace(world, renamed=kept)

    def _reaching(self, symbols: frozenset[Symbol]) -> list[str]:
        """Files whose text has the name of such a binding and its module's last part, besides the module itself."""
        by_name: dict[bytes, set[bytes]] = defaultdict(set)
        for symbol in symbols:
            by_name[symbol.name.encode()].add(last(symbol.module).encode())
        words = frozenset(symbol.name for symbol in symbols) | {"import *"}
        hits = [path for path in self.snapshot.search(words) if path in self.python]
        data = self.snapshot.read(hits)
        return [path for path in hits if surfaces.mentions(data[path], by_name)]

    def _data(self, path: str) -> bytes:
        return self.snapshot.read([path])[path]

    def _rewrite(self, world: World) -> list[rewrite.Rewritten]:
        stubbed = {self.by_module.get(stub.module) for stub in self.migration.manifest.stub}
        done = []
        for path in sorted(self.facts.keys() - stubbed):
            done.append(rewrite.rewrite(self.facts[path], self._data(path), world))
            self.findings += done[-1].findings
        return done

    def _stubs(self, world: World) -> list[tuple[StubResult, FileChange | None]]:
        stubs = self.migration.manifest.stub
        uses = uses_of(frozenset(stub.module for stub in stubs), self.facts.values())
        excepted = frozenset(path for path in self.facts if world.exception(path) is not None)
        stub_world = StubWorld(self.migration.moves, world.moves, self.namespaces, excepted)
        made = []
        for stub in stubs:
            path = self.by_module.get(stub.module)
            if path is None:
                self._missing_stub(stub.module, stub.mode == "delete")
                continue
            own = [use for use in uses.get(stub.module, []) if not self._becomes_stub(use)]
            result = build(stub, self.snapshot.source(path), own, _Texts(self._data), stub_world)
            self.findings += result.findings
            failed = result.text is None and stub.mode != "delete"
            change = None if failed else replacement_of(self.snapshot.source(path), result.text)
            made.append((result, change))
        return made

    def _becomes_stub(self, use: Use) -> bool:
        """Uses in modules that become stubs themselves go with their implementation."""
        return self.python.get(use.path, "") in {stub.module for stub in self.migration.manifest.stub if not stub.keep}

    def _missing_stub(self, module: str, deleted: bool) -> None:
        if not deleted:
            path = module.replace(".", "/") + ".py"
            self.findings.append(
                Finding(
                    path,
                    1,
                    1,
                    "stub-module-missing",
                    Severity.ERROR,
                    f"{module} is to become a stub, but is no file in scope",
                    "correct [[stub]] module, or take it out",
                )
            )

    def _changes(
        self, rewritten: list[rewrite.Rewritten], stubs: list[tuple[StubResult, FileChange | None]]
    ) -> tuple[dict[str, FileChange], list[Changed]]:
        changes: dict[str, FileChange] = {}
        datas: list[Changed] = []
        for item in rewritten:
            if item.edits:
                changes[item.path], data = change_of(self.snapshot.source(item.path), item.encoding, item.edits)
                datas.append(Changed(item.path, data))
        for result, change in stubs:
            if change is not None and result.text is not None:
                datas.append(Changed(change.path, result.text.encode(change.encoding)))
        return changes, datas

    def _texts(self, changes: dict[str, FileChange]) -> None:
        """Old paths in files of other kinds: told, or rewritten where the manifest names the file."""
        search = texts.TextSearch(self.migration.moves, frozenset(stub.module for stub in self.migration.manifest.stub))
        others = [path for path in self.hits if path not in self.python]
        for path, data in self.snapshot.read(others).items():
            mentions = search.mentions(data)
            if matches(path, self.migration.manifest.rewrite.text):
                edits = texts.edits(mentions)
                if edits:
                    changes[path], _ = change_of(self.snapshot.source(path), "utf-8", edits)
                mentions = [mention for mention in mentions if mention.new is None]
            self.findings += texts.report(path, data, mentions)

    def _verify(self, datas: list[Changed]) -> None:
        outcomes = self.crew.run(
            verify,
            datas,
            size=lambda item: len(item.data),
            died=_unproved,
            done=lambda done: self.watch("checking", done, len(datas)),
        )
        self.findings += [finding for finding in outcomes if finding is not None]

    def _arrange(
        self,
        changes: dict[str, FileChange],
        rewritten: list[rewrite.Rewritten],
        stubs: list[tuple[StubResult, FileChange | None]],
    ) -> tuple[Batch, ...]:
        links = [
            (item.path, self.by_module[symbol.module])
            for item in rewritten
            for symbol in item.followed
            if symbol.module in self.by_module
        ]
        links += self._patch_links(rewritten)
        stub_changes = [
            batches.StubChange(
                result.module,
                f"{'redirect' if change.after else 'delete'} {result.module}",
                change,
                self._homes(result.module),
            )
            for result, change in stubs
            if change is not None
        ]
        groups = batches.groups_of(changes, links)
        return batches.arrange(changes, groups, stub_changes, self.migration.manifest.batches)

    def _patch_links(self, rewritten: list[rewrite.Rewritten]) -> list[tuple[str, str]]:
        """Files that patch a moved symbol, with the files under test that look it up when they run."""
        links = []
        for patching in (item for item in rewritten if item.patched):
            facts = self.facts[patching.path]
            imported = {statement.target for statement in facts.imports} | {
                f"{statement.target}.{alias.name}" if statement.is_from else alias.name
                for statement in facts.imports
                for alias in statement.names
            }
            for other in rewritten:
                reached = not _is_test(other.path)
                if other.looked_up & patching.patched and (reached or self.python[other.path] in imported):
                    links.append((patching.path, other.path))
        return links

    def _homes(self, module: str) -> frozenset[str]:
        """Files of the homes of a stub's names that import the old module."""
        homes = {new.module for old, new in self.migration.moves.symbols.items() if old.module == module}
        homes |= {new for old, new in self.migration.moves.modules.items() if old == module}
        return frozenset(self.by_module[home] for home in homes if home in self.by_module)

    def _metrics(
        self,
        world: World,
        rewritten: list[rewrite.Rewritten],
        stubs: list[tuple[StubResult, FileChange | None]],
    ) -> tuple[Metrics, Metrics]:
        imports = sum(
            1
            for facts in self.facts.values()
            for statement in facts.imports
            if statement.is_from
            for alias in statement.names
            if world.moves.symbol(statement.target, alias.name) is not None
        )
        moved = sum(item.moved_imports for item in rewritten)
        strings = sum(1 for item in rewritten for edit in item.edits if edit.kind == "string")
        lines = sum(change.edits[0].before.count("\n") for _, change in stubs if change)
        left = sum((result.text or "").count("\n") for result, change in stubs if change)
        return Metrics(max(imports, moved), strings, lines), Metrics(max(imports - moved, 0), 0, left)


def _is_test(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(("test_", "conftest")) or name.endswith("_test.py")


class _Texts(dict[str, Text]):
    """Texts of files, decoded when first asked for."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, path: str) -> Text:
        self[path] = Text(self._read(path))
        return self[path]


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


def _unproved(item: Changed) -> Finding:
    return Finding(item.path, 1, 1, "not-proved", Severity.ERROR, "the parser died of the new text", "report this file")
