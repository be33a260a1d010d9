"""Reads a repository for the registry: a manifest and a commit in, governed symbols with their old paths out."""

from __future__ import annotations

from pathlib import Path

from repoint.analysis.status import state_of
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.manifest.moves import MoveTable
from repoint.model import Frozen, State
from repoint.names import Symbol, is_at_or_under
from repoint.pipeline import Watch, read_manifest
from repoint.planning.survey import Survey
from repoint.registered import Entry, OldPath, Phase, Registry, WholeModule
from repoint.registry.signatures import Signatures
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import open_snapshot
from repoint.sources.workers import working
from repoint.transforms.stubs.usage import Use, UseKind, uses_of


class RegistryRequest(Frozen, frozen=True):
    """What to register: a repository, a manifest's file, a revision (HEAD if None), and at the most `jobs` workers.

    `cache` tells whether facts that earlier commands found are to be used, and kept.
    """

    repo: Path
    manifest: Path
    rev: str | None = None
    jobs: int | None = None
    cache: bool = True


def make_registry(request: RegistryRequest, watch: Watch) -> Registry:
    """The registry. Raises ManifestErrors and UsageError for what the user can mend."""
    migration = read_manifest(request.manifest)
    snapshot = open_snapshot(request.repo, request.rev)
    with open_cache(snapshot.git, enabled=request.cache) as cache, working(request.jobs) as crew:
        tree = ModuleTree(snapshot, migration.manifest.scope, cache)
        try:
            survey = Survey(migration, tree, crew, watch)
            moves = survey.run().moves
        finally:
            snapshot.git.abandon()
        uses = uses_of(_old_modules(migration, tree), survey.facts.values())
        return _Registering(migration, tree, moves, uses).registry(request.manifest.name)


def _old_modules(migration: Migration, tree: ModuleTree) -> frozenset[str]:
    """The modules that something moves away from, those below a moved package among them."""
    moved = migration.moves.modules
    below = (module for module in tree.by_module if any(is_at_or_under(module, old) for old in moved))
    return migration.moves.touched_modules | {stub.module for stub in migration.manifest.stub} | frozenset(below)


class _Registering:
    """Puts together what the manifest declares and what the tree has.

    `moves` are the declared ones with the homes that were found for stubs' names.
    """

    def __init__(self, migration: Migration, tree: ModuleTree, moves: MoveTable, uses: dict[str, list[Use]]) -> None:
        self.migration = migration
        self.tree = tree
        self.uses = uses
        self.signatures = Signatures(tree)
        declared = migration.moves.symbols
        self.homes = {old: new for old, new in moves.symbols.items() if old in declared or self._passes_on(old, new)}

    def registry(self, manifest: str) -> Registry:
        governed = self.migration.canonical.union(self.homes.values())
        old: dict[Symbol, list[OldPath]] = {self._defined(symbol, governed): [] for symbol in governed}
        for symbol, home in self.homes.items():
            old[self._defined(home, governed)].append(self._old_symbol(symbol))
        kept = [
            self._entry(Symbol(stub.module, name), (), stub.module)
            for stub in self.migration.manifest.stub
            for name in stub.keep
            if name != "__main__"
        ]
        modules = (WholeModule(self._old_module(module), home) for module, home in self.migration.moves.modules.items())
        return Registry(
            name=self.migration.name,
            description=self.migration.manifest.description,
            manifest=manifest,
            entries=tuple(self._entry(home, tuple(sorted(old[home]))) for home in sorted(old)),
            modules=tuple(sorted(modules, key=lambda item: item.old)),
            kept=tuple(sorted(kept, key=lambda item: item.symbol)),
        )

    def _passes_on(self, symbol: Symbol, home: Symbol) -> bool:
        """Whether a name that a stub's module imports is for others: they use it, or `__all__` has it."""
        namespaces, uses = self.tree.namespaces, self.uses.get(symbol.module, ())
        namespace = namespaces.get(symbol.module)
        listed = namespace is not None and symbol.name in (namespace.exported or ())
        starred = home.module in namespaces.modules and namespaces.exports(*symbol)
        return listed or any(use.name == symbol.name or (starred and use.kind is UseKind.STAR) for use in uses)

    def _defined(self, symbol: Symbol, governed: frozenset[Symbol]) -> Symbol:
        """The governed symbol that this one really is, where its module only passes it on (to patch it there, say)."""
        origin = self.tree.namespaces.origin(*symbol)
        found = Symbol(origin.module, origin.name)
        return found if found in governed else symbol

    def _entry(self, symbol: Symbol, old: tuple[OldPath, ...], stub: str = "") -> Entry:
        what, signature = self.signatures.of(symbol)
        example = "" if symbol.module == "builtins" else f"from {symbol.module} import {symbol.name}"
        return Entry(str(symbol), what, signature, example, old, stub)

    def _old_symbol(self, symbol: Symbol) -> OldPath:
        """A name is gone with its module, or when its module has it no more."""
        state = self._state(symbol.module, frozenset({symbol.name}))
        if state is not State.GONE and self.tree.namespaces.binds(*symbol) is False:
            state = State.GONE
        used = any(use.name in (symbol.name, "") for use in self.uses.get(symbol.module, ()))
        return OldPath(str(symbol), state, _phase(state, used))

    def _old_module(self, module: str) -> OldPath:
        state = self._state(module, frozenset())
        used = any(self.uses.get(item) for item in self.uses if is_at_or_under(item, module))
        return OldPath(module, state, _phase(state, used))

    def _state(self, module: str, names: frozenset[str]) -> State:
        path = self.tree.by_module.get(module)
        return state_of(None if path is None else self.tree.data(path), names)


def _phase(state: State, used: bool) -> Phase:
    if state is State.GONE:
        return Phase.GONE
    if state is State.IMPLEMENTATION:
        return Phase.DECLARED
    return Phase.REDIRECTED if used else Phase.UNUSED
