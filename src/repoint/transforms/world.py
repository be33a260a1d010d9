"""What a file's transformation may know beyond the file: the migration, the tree's modules, who reaches whose names."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from repoint.analysis.namespaces import Namespaces
from repoint.analysis.query import Query
from repoint.manifest.decode import Migration
from repoint.manifest.globs import matches
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Rewrite, Stub
from repoint.model import Frozen
from repoint.names import Symbol


class World(Frozen, frozen=True):
    """One migration and the tree that it is applied to.

    `surfaces` are bindings that other files reach, so that they keep their names; `renamed` says which bindings
    of importing modules take a new name, for the strings that name them.
    """

    migration: Migration
    moves: MoveTable
    query: Query
    namespaces: Namespaces
    surfaces: frozenset[Symbol] = frozenset()
    renamed: Mapping[Symbol, str] = field(default_factory=dict)

    @property
    def policy(self) -> Rewrite:
        return self.migration.manifest.rewrite

    @property
    def stubs(self) -> dict[str, Stub]:
        return {stub.module: stub for stub in self.migration.manifest.stub}

    @property
    def forbidden_aliases(self) -> frozenset[Symbol]:
        """Canonical symbols that may not be imported under another name."""
        return self.migration.forbidden_aliases

    def exception(self, path: str) -> str | None:
        """Why the file at `path` is meant to keep old paths; None where it is not."""
        for item in self.migration.manifest.except_:
            if matches(path, item.files):
                return item.reason or "listed under [[except]]"
        return None

    def is_old(self, module: str) -> bool:
        """Whether `module` is the old side of a move, or becomes a stub."""
        return module in self.moves.touched_modules or module in self.stubs

    def would_break(self, old: Symbol, new: Symbol) -> bool:
        """Whether an import that resolves under `old` would surely fail under `new`."""
        if self.namespaces.binds(*old) is not True:
            return False
        return self.lacks(new)

    def module_would_break(self, old: str, new: str) -> bool:
        """Whether `old` is a module of the tree, and `new` surely none."""
        head = new.partition(".")[0]
        known = self.namespaces.modules
        return old in known and new not in known and head != new and self._is_regular_package(head)

    def _is_regular_package(self, module: str) -> bool:
        """Whether `module` is a file of the tree; a mere folder may have other portions elsewhere (PEP 420)."""
        namespace = self.namespaces.get(module)
        return namespace is not None and bool(namespace.path)

    def lacks(self, symbol: Symbol) -> bool:
        """Whether the tree surely has no such name: its module lacks it, or its package lacks that module."""
        if symbol.module in self.namespaces.modules:
            return self.namespaces.binds(*symbol) is False
        head = symbol.module.partition(".")[0]
        return head != symbol.module and self._is_regular_package(head)

    def same_object(self, old: Symbol, new: Symbol) -> bool:
        """Whether both paths lead to one definition already (the old one is a re-export)."""
        ends = [self.namespaces.origin(*symbol) for symbol in (old, new)]
        return len({(end.found, end.module, end.name) for end in ends}) == 1
