"""A module's text in, the names out that it reads and nothing binds, and those that it defines for others.

Remark by `symtable`, so that it is Python's own word which scope a name belongs to.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Iterator

_GIVEN = frozenset(dir(builtins)) | {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__conditional_annotations__",
    "__file__",
    "__path__",
}


def unbound(text: str) -> frozenset[str]:
    """Names that the module reads from its global scope, where nothing binds them; none where a star import may.

    Takes text that Python compiles.
    """
    top = _table(text)
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    read: set[str] = set()
    for table in _tables(top):
        for symbol in table.get_symbols():
            if table is not top and symbol.is_declared_global() and symbol.is_assigned():
                bound.add(symbol.get_name())
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                read.add(symbol.get_name())
    missing = frozenset(read - bound - _GIVEN)
    return frozenset() if missing and _has_star(ast.parse(text)) else missing


def defined(text: str) -> frozenset[str]:
    """Names that the module itself defines at its top level, by `def`, `class` or an assignment; not those imported.

    Takes text that Python compiles.
    """
    symbols = _table(text).get_symbols()
    return frozenset(item.get_name() for item in symbols if item.is_assigned() and not item.is_imported())


def first_read(text: str, name: str) -> int:
    """The line where a name is first read, in the order of the text; 1 where it is not."""
    tree = ast.parse(text)
    return min((node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name), default=1)


def _table(text: str) -> symtable.SymbolTable:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return symtable.symtable(text, "<module>", "exec")


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    waiting = [table]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.get_children()


def _has_star(tree: ast.Module) -> bool:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return any(alias.name == "*" for node in imports for alias in node.names)
