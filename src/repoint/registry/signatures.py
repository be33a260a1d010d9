"""What a name is at its home, in words, and its signature: a tree of modules and a symbol in, two texts out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy

from repoint.analysis.namespace import Bound
from repoint.analysis.namespaces import Found
from repoint.analysis.parse import Unparsable, parse
from repoint.analysis.tree import ModuleTree
from repoint.names import Symbol

_WORDS = {Bound.CLASS: "class", Bound.FUNCTION: "function", Bound.VALUE: "value", Bound.IMPORT: "name"}
_FOUND = {
    Found.MODULE: "module",
    Found.OUTSIDE: "from outside this repository",
    Found.ABSENT: "missing: its module has no such name",
    Found.UNKNOWN: "not known: its module decides when it runs, or cannot be read",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Signatures:
    """Reads each module once."""

    def __init__(self, tree: ModuleTree) -> None:
        self._tree = tree
        self._parsed: dict[str, ast.Module | None] = {}

    def of(self, symbol: Symbol) -> tuple[str, str]:
        """What the symbol is, and `Name(parameters)` for a class or a function; empty where that cannot be told."""
        if symbol.module == "builtins":
            return "builtin, which needs no import", ""
        origin = self._tree.namespaces.origin(*symbol)
        if origin.found is not Found.DEFINED:
            return _FOUND[origin.found], ""
        namespace = self._tree.namespaces.get(origin.module)
        bound = namespace.of(origin.name) if namespace is not None else ()
        what = _WORDS[bound[-1].how] if bound else "name"
        where = f", defined in `{origin.module}`" if origin.module != symbol.module else ""
        return f"{what}{where}", self._signature(symbol, Symbol(origin.module, origin.name))

    def _signature(self, symbol: Symbol, defined: Symbol) -> str:
        module = self._module(defined.module)
        found = [item for item in _definitions(module.body if module else []) if item.name == defined.name]
        if not found:
            return ""
        definition = found[-1]
        if isinstance(definition, ast.ClassDef):
            made = [item for item in definition.body if isinstance(item, Function) and item.name == "__init__"]
            return f"{symbol.name}({parameters(made[-1].args, of_self=True)})" if made else ""
        before = "async " if isinstance(definition, ast.AsyncFunctionDef) else ""
        gives = f" -> {ast.unparse(definition.returns)}" if definition.returns is not None else ""
        return f"{before}{symbol.name}({parameters(definition.args, of_self=False)}){gives}"

    def _module(self, module: str) -> ast.Module | None:
        if module not in self._parsed:
            try:
                self._parsed[module] = parse(self._tree.data(self._tree.by_module[module]))[1]
            except (KeyError, Unparsable):
                self._parsed[module] = None
        return self._parsed[module]


def _definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | Function]:
    """Classes and functions of a module's own scope, those under `if` and `try` included."""
    for statement in body:
        if isinstance(statement, ast.ClassDef | Function):
            yield statement
            continue
        for part in (statement, *getattr(statement, "handlers", ())):
            for name in ("body", "orelse", "finalbody"):
                yield from _definitions(getattr(part, name, []))


def parameters(arguments: ast.arguments, *, of_self: bool) -> str:
    """The parameters as they are written, but for the first one of a method."""
    shown = copy(arguments)
    if of_self and shown.posonlyargs:
        shown.posonlyargs = shown.posonlyargs[1:]
    elif of_self:
        shown.args = shown.args[1:]
    named = len(shown.posonlyargs) + len(shown.args)
    shown.defaults = shown.defaults[max(0, len(shown.defaults) - named) :]  # `self` may have had one
    return ast.unparse(shown)
