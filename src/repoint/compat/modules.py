"""Modules read for comparison: a module's name in, its syntax and its interface as griffe reads it out."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from repoint.analysis.namespace import Bound
from repoint.analysis.namespaces import Found, Namespaces
from repoint.analysis.parse import Unparsable, parse
from repoint.model import Frozen
from repoint.names import Symbol

if TYPE_CHECKING:
    import griffe


class Module(Frozen, frozen=True, dict=True):
    """One module: its text and its tree."""

    name: str
    text: str
    tree: ast.Module

    @cached_property
    def interface(self) -> griffe.Module:
        """Its members as griffe gives them; where a name leads can be told without."""
        return interface_of(self.name, self.text)

    def node(self, name: str) -> ast.stmt | None:
        """The last top-level class or function called `name`."""
        found = None
        for item in self.tree.body:
            if isinstance(item, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and item.name == name:
                found = item
        return found

    def alias_of(self, name: str) -> str | None:
        """The dotted name that a top-level `name = other` gives another name to."""
        for item in self.tree.body:
            if isinstance(item, ast.Assign) and len(item.targets) == 1 and isinstance(item.value, ast.Name):
                target = item.targets[0]
                if isinstance(target, ast.Name) and target.id == name:
                    return item.value.id
        return None


def interface_of(name: str, source: str) -> griffe.Module:
    """What griffe reads in `source`, without importing it."""
    import logging

    import griffe  # takes a tenth of a second, and most plans compare nothing

    logging.getLogger("griffe").setLevel(logging.CRITICAL)  # what it cannot read is unknown here, and no news
    return griffe.visit(name, Path(f"{name}.py"), source)


class Modules:
    """The tree's modules, each read once; names are followed to where they are defined."""

    def __init__(self, namespaces: Namespaces, read: Callable[[str], bytes | None]) -> None:
        self.namespaces = namespaces
        self._read = read
        self._known: dict[str, Module | None] = {}

    def get(self, name: str) -> Module | None:
        """The module called `name`; None where it is outside the tree or does not parse."""
        if name not in self._known:
            self._known[name] = self._load(name)
        return self._known[name]

    def _load(self, name: str) -> Module | None:
        data = self._read(name)
        if data is None:
            return None
        try:
            text, tree, _ = parse(data)
        except Unparsable:
            return None
        return Module(name, text.utf8.decode("utf-8"), tree)

    def definition(self, symbol: Symbol) -> Symbol | None:
        """Where `symbol` is defined, once and for all, or outside the tree; None where that cannot be told."""
        for _ in range(20):  # aliases of aliases, which may go in a circle
            origin = self.namespaces.origin(*symbol)
            symbol = Symbol(origin.module, origin.name)
            if origin.found is Found.OUTSIDE:
                return symbol
            namespace = self.namespaces.get(origin.module)
            if origin.found is not Found.DEFINED or namespace is None:
                return None
            bindings = namespace.of(origin.name)
            ways = {binding.how for binding in bindings}
            if len(ways) != 1 or Bound.IMPORT in ways or any(binding.conditional for binding in bindings):
                return None
            if Bound.VALUE not in ways:
                return symbol  # of several definitions, overloads among them, the last one holds
            module = self.get(origin.module)
            alias = module.alias_of(origin.name) if module is not None and len(bindings) == 1 else None
            if alias is None:
                return None
            symbol = Symbol(origin.module, alias)
        return None

    def resolve(self, module: str, dotted: str) -> Symbol | None:
        """The definition that `dotted` means at the top level of `module`; builtins are `builtins:name`."""
        first, _, rest = dotted.partition(".")
        namespace = self.namespaces.get(module)
        if namespace is None:
            return None
        if not namespace.of(first):
            if not rest and hasattr(builtins, first) and not namespace.stars:
                return Symbol("builtins", first)
            return self.definition(Symbol(module, first)) if not rest else None
        origin = self.namespaces.origin(module, first)
        while origin.found is Found.MODULE and rest:
            first, _, rest = rest.partition(".")
            origin = self.namespaces.origin(origin.module, first)
        if origin.found is Found.OUTSIDE:
            name = f"{origin.name}.{rest}" if rest else origin.name
            return Symbol(origin.module, name)
        return None if rest else self.definition(Symbol(origin.module, origin.name))
