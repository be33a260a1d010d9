"""A module's text in, the names out that it reads and nothing binds, and those that it has for others.

Made by `symtable`, so that it is Python's own word which scope a name belongs to.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

_GIVEN = frozenset(dir(builtins)) | {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__conditional_annotations__",
    "__file__",
    "__module__",  # and what follows, in the body of a class
    "__path__",
    "__qualname__",
}
_LATE = re.compile(r"^(\s*from\s+__future__\s+import\b(?:\s*\([^)]*|.*))\bannotations\b", re.MULTILINE)


class Names(NamedTuple):
    """What a module reads from its global scope where nothing binds it (nothing, where a star import may); what it
    promises by `__all__` and does not have; and what it defines and imports at its top level.

    `open` tells that it may have names besides: by a star import, or by `__getattr__`.
    """

    unbound: frozenset[str]
    promised: frozenset[str]
    defined: frozenset[str]
    imported: frozenset[str]
    open: bool

    @property
    def top(self) -> frozenset[str]:
        """All that it has for others."""
        return self.defined | self.imported


def names_of(text: str) -> Names:
    """The names of a text that Python compiles."""
    top, tree = _table(text), ast.parse(text)
    symbols = top.get_symbols()
    imported = frozenset(item.get_name() for item in symbols if item.is_imported())
    defined = frozenset(item.get_name() for item in symbols if item.is_assigned()) - imported - _comprehended(tree)
    bound, read = set(imported | defined), set[str]()
    for table in _tables(top):
        for symbol in table.get_symbols():
            # A name that `:=` binds in a comprehension of the module is only declared there, since PEP 709.
            if symbol.is_declared_global() and (table is top or symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                read.add(symbol.get_name())
    unbound = frozenset(read - bound - _GIVEN)
    star = _has_star(tree)
    promised = frozenset(_promised(tree)) - bound
    is_open = star or "__getattr__" in bound
    return Names(frozenset() if star else unbound, frozenset() if is_open else promised, defined, imported, is_open)


def first_read(text: str, name: str) -> int:
    """The line where a name is first read, in the order of the text, or told in a string; 1 where it is not."""
    lines: dict[bool, list[int]] = {True: [], False: []}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id == name:
            lines[True].append(node.lineno)
        elif isinstance(node, ast.Constant) and node.value == name:
            lines[False].append(node.lineno)
    return min(lines[True] or lines[False], default=1)


def first_bound(tree: ast.Module, name: str) -> int:
    """The line where the top level of a module first binds a name, in the order of the text; 1 where it does not."""
    return min((node.lineno for node in _at_top(tree) if name in _bound_by(node)), default=1)


def _at_top(tree: ast.Module) -> Iterator[Any]:
    """The nodes of a module outside functions and classes, but for those themselves."""
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _bound_by(node: ast.AST) -> tuple[str | None, ...]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.MatchAs() | ast.MatchStar():
            return (node.name,)
        case ast.Name(ctx=ast.Store()):
            return (node.id,)
        case ast.alias():
            return (node.asname or node.name.partition(".")[0],)
        case ast.MatchMapping():
            return (node.rest,)
    return ()


def _table(text: str) -> symtable.SymbolTable:
    at_once = _LATE.sub(r"\1generators", text)  # Python looks up no annotations that it is told to leave for later
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return symtable.symtable(at_once, "<module>", "exec")


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    waiting = [table]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.get_children()


def _comprehended(tree: ast.Module) -> frozenset[str]:
    """Names that nothing but comprehensions bind, which `symtable` has among those around them, since PEP 709."""
    within = [name for node in ast.walk(tree) if isinstance(node, ast.comprehension) for name in ast.walk(node.target)]
    inner = {id(name) for name in within}
    others: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in inner:
            others.add(node.id)
        elif isinstance(name := getattr(node, "name", None), str):
            others.add(name)
    return frozenset(name.id for name in within if isinstance(name, ast.Name)) - others


def _has_star(tree: ast.Module) -> bool:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return any(alias.name == "*" for node in imports for alias in node.names)


def _promised(tree: ast.Module) -> Iterator[str]:
    """The names in `__all__ = [...]`, and in `__all__ += [...]`."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.List | ast.Tuple) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in targets
        ):
            for item in value.elts:
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield item.value
