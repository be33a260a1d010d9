"""Names that files of a commit import, and that other files gave to what is governed: the files in, the names out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator

from repoint.analysis.parse import Unparsable, parse
from repoint.analysis.tree import ModuleTree
from repoint.names import Symbol, is_package_file, parent, resolve_relative


def given_names(tree: ModuleTree, paths: Collection[str], leads: Callable[[Symbol], bool]) -> frozenset[str]:
    """Names by which these files import what `leads` to something governed, from modules of the tree."""
    asked = {symbol for path in sorted(paths) for symbol in _imported(tree, path)}
    return frozenset(symbol.name for symbol in sorted(asked) if leads(symbol))


def _imported(tree: ModuleTree, path: str) -> Iterator[Symbol]:
    """What one file imports by name, wherever in it."""
    if not tree.snapshot.is_regular(path):
        return
    try:
        _, module, _ = parse(tree.data(path))
    except Unparsable:
        return
    own = tree.python[path]
    package = own if is_package_file(path) else parent(own)
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            source = resolve_relative(package, node.level, node.module or "")
            if source in tree.namespaces.modules:
                yield from (Symbol(source, alias.name) for alias in node.names)
