"""`prune`: a manifest and a commit in, the plan out that deletes the stubs which nothing uses any longer.

Reads through `sources` as `pipeline` does, which makes and proves the plan.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from msgspec.structs import replace

from repoint.analysis.status import state_of
from repoint.analysis.text import Text
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub, StubMode
from repoint.model import Frozen, KeptStub, Place, PrunedStub, Pruning, State
from repoint.names import is_package_file, last
from repoint.pipeline import Watch, plan_snapshot, read_manifest
from repoint.planning.batches import joined
from repoint.planning.survey import Survey
from repoint.sources.cache import Cache, open_cache
from repoint.sources.history import Since, changed_after, since
from repoint.sources.snapshot import Snapshot, open_snapshot
from repoint.sources.workers import Workers
from repoint.transforms.stubs.usage import uses_of

# Files of settings name what is loaded by its path: entry points, plug-ins, commands. Prose only speaks of it.
SETTINGS = (".toml", ".cfg", ".ini", ".yaml", ".yml", ".sh")

Uses = dict[str, list[Place]]


class PruneRequest(Frozen, frozen=True):
    """What to prune: a repository, a manifest's file, a revision (HEAD if None); stubs changed after `since` stay.

    `cache` tells whether facts that earlier commands found are to be used, and kept.
    """

    repo: Path
    manifest: Path
    rev: str | None = None
    since: str | None = None
    cache: bool = True


def make_pruning(request: PruneRequest, watch: Watch) -> Pruning:
    """The plan, what it deletes, and what stays. Raises ManifestErrors and UsageError for what the user can mend."""
    migration = read_manifest(request.manifest)
    snapshot = open_snapshot(request.repo, request.rev)
    point = None if request.since is None else since(snapshot.git, request.since)
    sorted_out = _SortingOut(migration, snapshot, point)
    with open_cache(snapshot.git, enabled=request.cache) as cache:
        going = sorted_out.going(_uses(migration, snapshot, watch, cache))
        made = plan_snapshot(_deleting(migration, going).unowned, snapshot, watch, cache=cache)
    title = f"delete {len(going)} unused stub{'s' if len(going) != 1 else ''}"
    made = replace(made, batches=joined(made.batches, title, migration.manifest.batches))
    return Pruning(made, tuple(sorted_out.pruned(module) for module in sorted(going)), tuple(sorted_out.kept))


def _deleting(migration: Migration, modules: frozenset[str]) -> Migration:
    """A migration that moves nothing and deletes these modules. Its name sets its branch and its commits apart."""
    stubs = tuple(Stub(module, StubMode.DELETE) for module in sorted(modules))
    manifest = replace(
        migration.manifest, name=f"{migration.name}-prune", move=(), canonical=(), stub=stubs, pattern=(), codemod=()
    )
    return Migration(manifest, MoveTable(), migration.digest)


def _uses(migration: Migration, snapshot: Snapshot, watch: Watch, cache: Cache) -> Uses:
    """Whatever may use one of the declared stubs, by its module."""
    modules = frozenset(stub.module for stub in migration.manifest.stub)
    tree = ModuleTree(snapshot, migration.manifest.scope, cache)
    crew = Workers(None)
    try:
        survey = Survey(_deleting(migration, modules), tree, crew, watch)
        survey.run()
        others = survey.mentions()
    finally:
        crew.close()
    found: Uses = defaultdict(list)
    texts: dict[str, Text] = {}
    for module, uses in uses_of(modules, survey.facts.values()).items():
        for use in uses:
            text = texts.setdefault(use.path, Text(tree.data(use.path)))
            what = f"{module}.{use.name}" if use.name else module
            found[module].append(Place(use.path, text.line(use.offset), what))
    for finding in survey.findings:
        if finding.code == "unparsable":  # what it uses cannot be told
            _spelled(finding.path, tree.data(finding.path), modules, found)
    for path, mentions in others.items():
        for mention in mentions if path.endswith(SETTINGS) else ():
            line = snapshot.read([path])[path].count(b"\n", 0, mention.start) + 1
            found[mention.old].append(Place(path, line, mention.old))
    return found


def _spelled(path: str, data: bytes, modules: frozenset[str], found: Uses) -> None:
    """The modules whose last part stands as a word in a file that does not parse."""
    for module in modules:
        if word := re.search(rb"\b%s\b" % re.escape(last(module).encode()), data):
            line = data.count(b"\n", 0, word.start()) + 1
            found[module].append(Place(path, line, f"{module} (the file does not parse)"))


class _SortingOut:
    """Which of the declared stubs can go; `kept` are those that stay, once `going` was asked."""

    def __init__(self, migration: Migration, snapshot: Snapshot, point: Since | None) -> None:
        self.snapshot = snapshot
        self.point = point
        self.tree = ModuleTree(snapshot, migration.manifest.scope)
        self.kept: list[KeptStub] = []
        moved: dict[str, set[str]] = defaultdict(set)
        for symbol in migration.moves.symbols:
            moved[symbol.module].add(symbol.name)
        declared = sorted({stub.module for stub in migration.manifest.stub} & self.tree.by_module.keys())
        self.states = {module: state_of(self._data(module), frozenset(moved[module])) for module in declared}

    def going(self, uses: Uses) -> frozenset[str]:
        """The stubs that nothing uses, but stubs that go as well."""
        reasons = {module: reason for module in self.states if (reason := self._unfit(module))}
        keeping: Uses = {}
        going = self.states.keys() - reasons.keys()
        while True:
            held = {module: places for module in going if (places := self._holding(module, uses, going))}
            if not held:
                break
            keeping |= held
            going -= held.keys()
        for module in sorted(self.states.keys() - going):
            places = sorted(set(keeping.get(module) or self._holding(module, uses, going)))
            reason = reasons.get(module, "is used")
            self.kept.append(KeptStub(module, self.tree.by_module[module], self.states[module], reason, tuple(places)))
        return frozenset(going)

    def pruned(self, module: str) -> PrunedStub:
        lines = self._data(module).count(b"\n")
        return PrunedStub(module, self.tree.by_module[module], self.states[module], lines)

    def _unfit(self, module: str) -> str | None:
        """Why a stub stays, whether it is used or not."""
        if self.states[module] is State.IMPLEMENTATION:
            return "is no redirect yet"
        if self.point and changed_after(
            self.snapshot.git, self.snapshot.commit, self.tree.by_module[module], self.point
        ):
            return f"younger than {self.point.text}"
        return None

    def _holding(self, module: str, uses: Uses, going: set[str]) -> list[Place]:
        """The uses of a stub in files that stay; and the submodules that would be left without their package."""
        found = [place for place in uses.get(module, ()) if self.tree.python.get(place.path) not in going]
        if is_package_file(self.tree.by_module[module]):
            below = (item for item in self.tree.by_module if item.startswith(f"{module}.") and item not in going)
            found += [Place(self.tree.by_module[item], 1, f"{item} (a module in this package)") for item in below]
        return found

    def _data(self, module: str) -> bytes:
        return self.tree.data(self.tree.by_module[module])
