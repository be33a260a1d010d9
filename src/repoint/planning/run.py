"""The planning run: a migration and a tree of modules in; a plan, and what it was made of, out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from repoint.analysis.text import Text
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.manifest.globs import matches
from repoint.manifest.schema import GroupBy, StubMode, StubsWhen
from repoint.model import Batch, Check, CodemodRun, FileChange, Finding, Metrics, Plan, Severity
from repoint.planning import batches
from repoint.planning.assemble import Judged, Looked, assemble, change_of, replacement_of
from repoint.planning.comparing import Comparing, answered
from repoint.planning.ground import ground_of
from repoint.planning.owners import owners_at
from repoint.planning.proving import Proving
from repoint.planning.status import statuses
from repoint.planning.survey import Survey, Watch
from repoint.sources.workers import Workers
from repoint.transforms import rewrite, texts
from repoint.transforms.stubs.alike import is_alike
from repoint.transforms.stubs.build import StubResult, build
from repoint.transforms.stubs.settle import StubWorld
from repoint.transforms.stubs.usage import Use, uses_of
from repoint.transforms.world import World

Made = tuple[StubResult, list[FileChange]]


class _Steps(NamedTuple):
    """What the steps after the moves show, did, and tie together."""

    checks: tuple[Check, ...]
    runs: tuple[CodemodRun, ...] = ()
    links: Sequence[tuple[str, str]] = ()


class Planning:
    """One run: what the survey found, and what is made of it. `facts` and `world` are there when `plan` was called."""

    def __init__(self, migration: Migration, tree: ModuleTree, crew: Workers, watch: Watch) -> None:
        self.migration = migration
        self.tree = tree
        self.snapshot = tree.snapshot
        self.crew = crew
        self.watch = watch
        self.owners = owners_at(self.snapshot) if migration.manifest.batches.by is GroupBy.OWNER else None
        self.survey = Survey(migration, tree, crew, watch)
        self.facts = self.survey.facts
        self.findings: list[Finding] = list(self.owners.findings) if self.owners is not None else []
        self.uses: dict[str, list[Use]] = {}
        self.world: World

    def plan(self) -> Plan:
        self.world = world = self.survey.run()
        self.findings += self.survey.findings
        proving = Proving(self.tree, world, self.crew)
        rewritten, changes = self._rewrite(world, proving)
        steps = self._after_moves(world, changes)
        stubs = self._stubs(world, proving)
        self._texts(changes)
        kept = {change.path: result.lines for result, made in stubs if result.lines for change in made[:1]}
        comparing = Comparing(self.survey, self.tree, world, self.crew, kept)
        unsettled = tuple(result.unsettled for result, _ in stubs if result.unsettled is not None)
        told = {(use.path, use.line) for item in unsettled for orphan in item.orphans for use in orphan.uses}
        faults, proof = proving.results(self.survey.naming, self.watch, frozenset(told))
        proof = (*proof, *steps.checks)
        comparisons, incompatible = comparing.results()
        self.findings += [*faults, *answered(incompatible, changes, self.tree.data)]
        arranged = self._arrange(changes, rewritten, stubs, steps.links)
        if self.migration.manifest.batches.stubs is StubsWhen.FIRST:
            standing = {change.path for _, made in stubs for change in made if change.after is not None}
            firsts = [{change.path for change in batch.files} for batch in arranged]
            stubbed = frozenset[str]().union(*(paths for paths in firsts if paths & standing))
            changing, check = proving.neutral(stubbed)
            self.findings += changing
            proof = (*proof, check)
        else:
            moved = {item.path: item.moved for item in rewritten}
            self.findings += batches.separated(arranged, moved, {item.path: item.told_apart for item in rewritten})
        looked = Looked(
            files=len(self.tree.python),
            candidates=len(self.survey.candidates),
            analysed=len(self.facts),
            parsed=sum(item.parsed for item in rewritten),
            imports=sum(item.moved_imports for item in rewritten),
        )
        metrics = self._metrics(rewritten, stubs)
        modules = statuses(self.migration, self.tree, {item.path: item for batch in arranged for item in batch.files})
        ground = ground_of(self.migration, world.moves, self.tree)
        judged = Judged(metrics[0], metrics[1], modules, comparisons, proof, ground, unsettled, steps.runs)
        return assemble(self.migration, self.snapshot.commit, arranged, self.findings, looked, judged)

    def _rewrite(self, world: World, proving: Proving) -> tuple[list[rewrite.Rewritten], dict[str, FileChange]]:
        done: list[rewrite.Rewritten] = []
        changes: dict[str, FileChange] = {}
        missing: set[str] = set()
        for path in sorted(self.facts.keys() - self._stubbed):
            item = rewrite.rewrite(self.facts[path], self.tree.data(path), world)
            done.append(item)
            if item.edits:
                changes[path], data = change_of(self.snapshot.source(path), item.encoding, item.edits)
                proving.add(self.snapshot.source(path), changes[path], data, self.survey.outlines[path])
            for finding in item.findings:
                if finding.code == "home-missing":  # one line for each missing home says it all
                    if finding.message in missing:
                        continue
                    missing.add(finding.message)
                self.findings.append(finding)
        return done, changes

    def _after_moves(self, world: World, changes: dict[str, FileChange]) -> _Steps:
        """Patterns and then codemods, whose work is added to `changes`; loaded only where a manifest has them."""
        manifest = self.migration.manifest
        checks: tuple[Check, ...] = ()
        if manifest.pattern:
            from repoint.planning.patterning import Patterning

            fixed, told, checks = Patterning(self.tree, world, self.crew, self._stubbed).run(changes)
            changes |= fixed
            self.findings += told
        if manifest.codemod:
            from repoint.planning.codemodding import Codemodding

            done = Codemodding(self.tree, world, self.crew, self._stubbed, self.watch).run(changes)
            changes |= done.changes
            self.findings += done.findings
            return _Steps((*checks, *done.checks), done.runs, done.links)
        return _Steps(checks)

    def _stubs(self, world: World, proving: Proving) -> list[Made]:
        stubs = self.migration.manifest.stub
        self.uses = uses = uses_of(frozenset(stub.module for stub in stubs), self.facts.values())
        excepted = frozenset(path for path in self.facts if world.exception(path) is not None)
        keeping = frozenset(path for stub in stubs if stub.keep for path in self._files(stub.module))
        stub_world = StubWorld(self.migration.moves, world.moves, self.tree.namespaces, excepted, world.stubs, keeping)
        made: list[Made] = []
        for stub in stubs:
            sources = [self.snapshot.source(path) for path in self._files(stub.module)]
            if not sources or (sources[0].path.endswith(".pyi") and stub.mode != "delete"):
                self._missing_stub(stub.module, stub.mode == "delete", "is no `.py` file" if sources else "is no file")
                continue
            own = [use for use in uses.get(stub.module, []) if not self._becomes_stub(use)]
            beside = sources[1] if len(sources) > 1 else None
            result = build(stub, sources[0], own, _Texts(self.tree.data), stub_world, beside)
            self.findings += result.findings
            changes = []
            for source, text in zip(sources, (result.text, result.typing), strict=False):
                there = stub.mode != "delete" if text is None else is_alike(source.data, text)
                change = None if there else replacement_of(source, text)
                if change is not None:
                    changes.append(change)
                    proving.add_stub(source.path, None if text is None else text.encode(change.encoding))
            made.append((result, changes))
        return made

    @cached_property
    def _stubbed(self) -> frozenset[str]:
        return frozenset(path for stub in self.migration.manifest.stub for path in self._files(stub.module))

    def _files(self, module: str) -> list[str]:
        """The file of a module, and the `.pyi` beside it."""
        path = self.tree.by_module.get(module, "")
        beside = f"{path.removesuffix('.py')}.pyi"
        return [item for item in (path, beside if path.endswith(".py") else "") if item in self.tree.python]

    def _becomes_stub(self, use: Use) -> bool:
        """Uses in modules that become stubs themselves go with their implementation.

        With stubs first, those that are to be deleted are there till their users have moved.
        """
        first = self.migration.manifest.batches.stubs is StubsWhen.FIRST
        return self.tree.python.get(use.path, "") in {
            stub.module
            for stub in self.migration.manifest.stub
            if not (stub.keep or (first and stub.mode is StubMode.DELETE))
        }

    def _missing_stub(self, module: str, deleted: bool, what: str) -> None:
        if not deleted:
            path = module.replace(".", "/") + ".py"
            self.findings.append(
                Finding(
                    path,
                    1,
                    1,
                    "stub-module-missing",
                    Severity.ERROR,
                    f"{module} is to become a stub, but {what} in scope",
                    'correct `module`; if that stub was pruned, write mode = "delete", or take it out',
                )
            )

    def _texts(self, changes: dict[str, FileChange]) -> None:
        """Old paths in files of other kinds: told, or rewritten where the manifest names the file."""
        for path, mentions in self.survey.mentions().items():
            if not mentions:
                continue
            told = mentions
            if matches(path, self.migration.manifest.rewrite.text):
                if edits := texts.edits(mentions):
                    changes[path], _ = change_of(self.snapshot.source(path), "utf-8", edits)
                told = [mention for mention in mentions if mention.new is None]
            self.findings += texts.report(path, self.tree.data(path), told)

    def _arrange(
        self,
        changes: dict[str, FileChange],
        rewritten: list[rewrite.Rewritten],
        stubs: list[Made],
        joined: Sequence[tuple[str, str]],
    ) -> tuple[Batch, ...]:
        links = [
            (item.path, self.tree.by_module[symbol.module])
            for item in rewritten
            for symbol in item.followed
            if symbol.module in self.tree.by_module
        ]
        links += [*self._patch_links(rewritten), *joined]
        stub_changes = [
            batches.StubChange(
                result.module,
                f"{'redirect' if changes[0].after else 'delete'} {result.module}",
                tuple(changes),
                self._homes(result.module),
                frozenset(
                    self.tree.python.get(use.path, "") for use in self.uses.get(result.module, ()) if result.lacks(use)
                ),
            )
            for result, changes in stubs
            if changes
        ]
        groups = batches.groups_of(changes, links)
        return batches.arrange(changes, groups, stub_changes, self.migration.manifest.batches, self.owners)

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
                if other.looked_up & patching.patched and (reached or self.tree.python[other.path] in imported):
                    links.append((patching.path, other.path))
        return links

    def _homes(self, module: str) -> frozenset[str]:
        """Files of the homes of a stub's names that import the old module."""
        homes = {new.module for old, new in self.migration.moves.symbols.items() if old.module == module}
        homes |= {new for old, new in self.migration.moves.modules.items() if old == module}
        return frozenset(self.tree.by_module[home] for home in homes if home in self.tree.by_module)

    def _metrics(
        self,
        rewritten: list[rewrite.Rewritten],
        stubs: list[Made],
    ) -> tuple[Metrics, Metrics]:
        moved = sum(item.moved_imports for item in rewritten)
        imports = sum(item.imports_left for item in rewritten)
        own = {path: self._old_imports(path) for path in self._stubbed & self.facts.keys()}
        moved += sum(own.values())  # what an implementation imports goes with it
        told = sum(1 for item in rewritten for edit in item.edits if edit.kind == "string")
        strings = sum(item.strings_left for item in rewritten)
        edits = [edit for _, changes in stubs for change in changes for edit in change.edits]
        lines = sum(edit.before.count("\n") for edit in edits)
        left = sum(edit.after.count("\n") for edit in edits)
        return Metrics(imports + moved, strings + told, lines), Metrics(imports, strings, left)

    def _old_imports(self, path: str) -> int:
        return rewrite.old_imports(self.facts[path], self.tree.data(path), self.world)


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
