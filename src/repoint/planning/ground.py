"""What a plan takes for granted of files that it need not touch: a migration and its tree in, a `Ground` out."""

from __future__ import annotations

from collections import defaultdict

from repoint.analysis.namespace import Bound
from repoint.analysis.namespaces import Namespaces
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.manifest.moves import MoveTable, prefixes
from repoint.model import Ground, Home
from repoint.names import is_at_or_under, rebase


def ground_of(migration: Migration, moves: MoveTable, tree: ModuleTree) -> Ground:
    """The homes that `moves` (derived ones included) lead to, and the old paths that are to be left."""
    declared, scope = migration.moves, migration.manifest.scope
    stubs = {stub.module for stub in migration.manifest.stub}
    symbols = {symbol.dotted for symbol in declared.symbols if symbol.module not in stubs}
    # Submodules of a package that becomes a stub stay where they are, unless they move themselves.
    apart = {
        module
        for stub in stubs
        for module in tree.by_module
        if module != stub and is_at_or_under(module, stub) and module not in stubs and declared.module(module) is None
    }
    apart |= {new for old, new in declared.modules.items() if is_at_or_under(new, old)}
    old = tuple(sorted({*stubs, *declared.modules, *symbols}))
    return Ground(_homes(moves, tree), old, tuple(sorted(apart)), scope.roots)


def _public(module: str, namespaces: Namespaces) -> set[str]:
    """Public names that a module defines, or has from another one of the tree."""
    space = namespaces.get(module)
    own = {
        item.name
        for item in (space.bindings if space else ())
        if item.how is not Bound.IMPORT or item.module in namespaces.modules
    }
    return {name for name in own if not name.startswith("_")}


def _homes(moves: MoveTable, tree: ModuleTree) -> tuple[Home, ...]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for symbol in moves.symbols.values():
        if symbol.module in tree.by_module and tree.namespaces.binds(*symbol):
            wanted[symbol.module].add(symbol.name)
    leading: dict[str, list[str]] = defaultdict(list)
    for old, new in moves.modules.items():
        leading[new].append(old)
    for module in tree.by_module:
        heads = [head for head in prefixes(module) if head in leading]
        if any(
            head == module or rebase(module, head, old) in tree.by_module for head in heads for old in leading[head]
        ):
            wanted[module] |= _public(module, tree.namespaces)
    blobs = tree.snapshot.entries
    paths = {tree.by_module[module]: names for module, names in wanted.items()}
    return tuple(Home(path, blobs[path].blob, tuple(sorted(names))) for path, names in sorted(paths.items()))
