"""`verify`: a manifest and two states of a repository in, each check with what it could not show out.

What was done by hand is judged like what `apply` did: nothing is known of edits, only what was there and what is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from repoint.analysis.status import state_of
from repoint.analysis.tree import ModuleTree
from repoint.codemods.configured import configure
from repoint.errors import UsageError
from repoint.manifest.decode import Migration
from repoint.manifest.moves import MoveTable
from repoint.model import Check, EditKind, Finding, Frozen, ModuleStatus, Severity, State, Verification
from repoint.pipeline import Watch, plan_snapshot, read_manifest
from repoint.proof.pairs import Moves
from repoint.proof.repository import prove_repository
from repoint.proof.resolve import Tree
from repoint.sources.cache import Cache, open_cache
from repoint.sources.git import Git
from repoint.sources.history import before_migration
from repoint.sources.search import search
from repoint.sources.snapshot import Snapshot, open_snapshot
from repoint.sources.working_tree import working_tree
from repoint.transforms.stubs.chain import derived_homes
from repoint.verifying.compare import Versions, deleted, examined, proof_tree, unparsable, versions
from repoint.verifying.runtime import Redirect, RunTime, run_redirects

Part = tuple[Check, list[Finding]]


class VerifyRequest(Frozen, frozen=True):
    """What to verify: the files of `base` against those of `rev`, or of the working tree.

    Where `base` is None it is the parent of the migration's first commit; where `rev` is None, the migration's
    branch, or HEAD. `runtime` tells how to import stubs and homes, if they are to be, `cache` whether facts that
    earlier commands found are to be used, and kept.
    """

    repo: Path
    manifest: Path
    base: str | None = None
    rev: str | None = None
    worktree: bool = False
    runtime: RunTime | None = None
    cache: bool = True


def verify(request: VerifyRequest, watch: Watch) -> Verification:
    """Every check. Raises ManifestErrors and UsageError for what the user can mend."""
    migration = read_manifest(request.manifest)
    with _after(request, migration.name) as after:
        base = request.base or before_migration(after.git, after.commit, migration.name)
        if base is None:
            what = f"no commit of the migration {migration.name} is in this history"
            raise UsageError(
                what, mend="switch to its branch, name that by --rev, or say with --base what it was before"
            )
        before = open_snapshot(request.repo, base)
        with open_cache(after.git, enabled=request.cache) as cache:
            made = _Verifying(migration, before, after, watch, cache)
            parts = list(made.static())
        if request.runtime:
            parts.append(made.at_run_time(request.runtime))
    findings = tuple(sorted({finding for _, found in parts for finding in found}))
    commit = "" if request.worktree else after.commit
    checks = tuple(check for check, _ in parts)
    return Verification(migration.name, before.commit, commit, checks, made.modules, findings)


@contextmanager
def _after(request: VerifyRequest, name: str) -> Iterator[Snapshot]:
    if request.worktree:
        with working_tree(request.repo) as found:
            yield found
        return
    branch = f"refs/heads/repoint/{name}"
    rev = request.rev
    if rev is None and Git(request.repo).run("rev-parse", "-q", "--verify", branch, ok=(0, 1, 128)):
        rev = branch
    yield open_snapshot(request.repo, rev)


class _Verifying:
    """One run, over both versions."""

    def __init__(self, migration: Migration, before: Snapshot, after: Snapshot, watch: Watch, cache: Cache) -> None:
        scope = migration.manifest.scope
        self.migration = migration
        self.after = after
        self.cache = cache
        self.watch = watch
        self.both: Versions = versions(ModuleTree(before, scope), ModuleTree(after, scope))
        self.trees = proof_tree(self.both.before), proof_tree(self.both.after)
        self.stubs = frozenset(stub.module for stub in migration.manifest.stub)
        self.modules = self._modules()
        self.states = {item.module: item.after for item in self.modules}

    def static(self) -> Iterator[Part]:
        """The checks that run nothing of the repository's."""
        yield self._left()
        self.watch("proving", 0, 0)
        broken = list(unparsable(self.both))
        yield _part("every changed file parses", len(self.both.changed), broken)
        yield from self._repository()
        yield _part("stubs are redirects", len(self.stubs), list(self._implementations()))

    def _left(self) -> Part:
        """Planning on what is there now finds nothing to edit."""
        plan = plan_snapshot(self.migration.unowned, self.after, self.watch, cache=self.cache)
        found = []
        restless = frozenset(step.rule for step in configure(self.migration.manifest.codemod) if not step.idempotent)
        for change in (change for batch in plan.batches for change in batch.files):
            edit = next((edit for edit in change.edits if not restless.issuperset(edit.rule.split("+"))), None)
            if edit is None:
                continue  # the work of codemods that would never be done
            module = self.both.after.python.get(change.path, "")
            if edit.kind is EditKind.STUB and self.states.get(module) is not State.IMPLEMENTATION:
                what = f"the stub {module} is not the one that `plan` would write now"
                found.append(
                    Finding(change.path, 1, 1, "stub-differs", Severity.WARNING, what, "see whether it is meant")
                )
                continue
            data = self.after.read([change.path])[change.path]
            line = data.count(b"\n", 0, edit.start) + 1
            shown = data.splitlines()[line - 1].strip().decode("utf-8", "replace") if data else ""
            whole = edit.kind in (EditKind.STUB, EditKind.DELETE)
            what = f"{module} is still to be made a stub" if whole else f"`{shown}` is still to be moved"
            found.append(
                Finding(change.path, line, 1, "left-to-move", Severity.ERROR, what, "plan and apply once more")
            )
        return _part("nothing left to move", plan.counts.files, found)

    def _repository(self) -> Iterator[Part]:
        before, after = self.trees
        stubs = (self.stubs | deleted(self.both)) & (before.by_module.keys() | after.by_module.keys())
        moves = self._moves
        symbols = {old.dotted: new.dotted for old, new in moves.symbols.items()}
        accepted = frozenset(frozenset(cycle) for cycle in self.migration.manifest.proof.cycles)
        verdicts = prove_repository(
            examined(self.both, before, after, stubs),
            before,
            after,
            Moves(symbols, moves.modules),
            stubs,
            lambda words: search(self.after, words, (".py", ".pyi")),
            accepted,
        )
        for name, looked_at, faults in verdicts[1:]:  # the first is about edits, of which nothing is known here
            yield _part(name, looked_at, list(faults))

    @property
    def _moves(self) -> MoveTable:
        """The declared moves, and the homes of what the old modules only re-exported."""
        declared = self.migration.moves
        return declared.extended(derived_homes(self.migration.manifest.stub, self.both.before.namespaces, declared))

    def _modules(self) -> tuple[ModuleStatus, ...]:
        """Where each declared stub stands, before and after."""
        moved: dict[str, set[str]] = defaultdict(set)
        for symbol in self.migration.moves.symbols:
            moved[symbol.module].add(symbol.name)
        rows = []
        for module in sorted(self.stubs):
            data = [_data(tree, module) for tree in (self.both.before, self.both.after)]
            states = [state_of(item, frozenset(moved[module])) for item in data]
            lines = [(item or b"").count(b"\n") for item in data]
            rows.append(ModuleStatus(module, states[0], states[1], lines[0], lines[1]))
        return tuple(rows)

    def _implementations(self) -> Iterator[Finding]:
        for module, state in self.states.items():
            if state is State.IMPLEMENTATION:
                path = self.both.after.by_module[module]
                what, mend = f"{module} is an implementation, and no redirect", "plan and apply its stub"
                yield Finding(path, 1, 1, "no-redirect", Severity.ERROR, what, mend)

    def at_run_time(self, how: RunTime) -> Part:
        """Old and new paths are imported, and give one object."""
        moves, after = self._moves, self.trees[1]
        redirects = [
            _redirect(module, self.both.after.by_module[module], after, moves)
            for module, state in self.states.items()
            if state not in (State.IMPLEMENTATION, State.GONE)
        ]
        roots = self.migration.manifest.scope.roots
        tops = frozenset(module.partition(".")[0] for module in after.modules)
        compared, found = run_redirects(redirects, self.after, roots, tops, how, self.watch)
        return _part("old paths give the new objects", compared, found)


def _redirect(module: str, path: str, after: Tree, moves: MoveTable) -> Redirect:
    """The names that a stub gives, each with its home; kept ones have none."""
    space = after.namespace(module)
    names: Iterable[str] = ()
    if space is not None:
        public = {name for name in {*space.bindings, *space.lazy} if not name.startswith("_")}
        names = space.exported if space.exported is not None else public
    homes = {name: home for name in names if (home := moves.symbol(module, name)) is not None}
    return Redirect(module, path, tuple(sorted(names)), {name: tuple(home) for name, home in sorted(homes.items())})


def _data(tree: ModuleTree, module: str) -> bytes | None:
    path = tree.by_module.get(module)
    return None if path is None else tree.data(path)


def _part(name: str, looked_at: int, found: list[Finding]) -> Part:
    return Check(name, looked_at, sum(item.severity is Severity.ERROR for item in found)), found
