"""Scopes of the two aligned versions, over the compiler's own symbol tables: a name and a scope in, its owner out."""

from __future__ import annotations

import symtable
from collections import defaultdict, deque
from enum import IntEnum, StrEnum


class Side(IntEnum):
    """Which version of the file."""

    BEFORE = 0
    AFTER = 1


class Kind(StrEnum):
    """What opens a scope; a comprehension's and a type parameter list's need no table of their own."""

    MODULE = "module"
    FUNCTION = "function"
    CLASS = "class"
    COMPREHENSION = "comprehension"
    PARAMETERS = "type parameters"


class Table:
    """One symbol table, whose children are handed out in the order in which the compiler meets them."""

    def __init__(self, table: symtable.SymbolTable) -> None:
        self.table = table
        self._children: dict[tuple[str, int], deque[symtable.SymbolTable]] | None = None

    def child(self, name: str, line: int) -> Table | None:
        if self._children is None:
            self._children = defaultdict(deque)
            for table in self.table.get_children():
                self._children[table.get_name(), table.get_lineno()].append(table)
        found = self._children.get((name, line))
        return Table(found.popleft()) if found else None

    def symbol(self, name: str) -> symtable.Symbol | None:
        try:
            return self.table.lookup(name)
        except KeyError:
            return None


class Scope:
    """A scope that both versions have, with a table for each side."""

    def __init__(self, kind: Kind, parent: Scope | None, tables: tuple[Table | None, Table | None], owner: str) -> None:
        self.kind = kind
        self.parent = parent
        self.tables = tables
        self.owner = owner  # the class whose name mangles `__private`

    @property
    def module(self) -> Scope:
        return self if self.parent is None else self.parent.module

    def mangled(self, name: str) -> str:
        """Source: the language reference, "Private name mangling"."""
        owner = self.owner.lstrip("_")
        if not owner or not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        return f"_{owner}{name}"

    def child_tables(self, name: str, lines: tuple[int, int]) -> tuple[Table | None, Table | None]:
        """The tables that the compiler opened for `name` at these lines, one for each side."""
        before, after = self._container(Side.BEFORE), self._container(Side.AFTER)
        return (
            before.child(name, lines[0]) if before else None,
            after.child(name, lines[1]) if after else None,
        )

    def _container(self, side: Side) -> Table | None:
        """From 3.12 on, a comprehension may be part of its surroundings; its own children are theirs, then."""
        scope: Scope | None = self
        while scope is not None and scope.tables[side] is None:
            scope = scope.parent
        return scope.tables[side] if scope else None

    def symbol(self, side: Side, name: str) -> symtable.Symbol | None:
        table = self.tables[side]
        return table.symbol(self.mangled(name)) if table else None

    def home_of_binding(self, side: Side, name: str) -> Scope:
        """The scope whose variable an assignment to `name` here sets: `global` and `nonlocal` point elsewhere."""
        if self.kind in (Kind.COMPREHENSION, Kind.PARAMETERS):
            return self
        symbol = self.symbol(side, name)
        if symbol is not None and symbol.is_declared_global():
            return self.module
        if symbol is not None and symbol.is_nonlocal():
            scope = self.parent
            while scope is not None and scope.parent is not None:
                outer = scope.symbol(side, name)
                if scope.kind is Kind.FUNCTION and outer is not None and outer.is_local():
                    return scope
                scope = scope.parent
        return self

    def binds(self, side: Side, name: str) -> bool:
        """Whether the compiler, too, holds `name` for a variable of this scope."""
        if self.kind in (Kind.COMPREHENSION, Kind.PARAMETERS):
            return True
        symbol = self.symbol(side, name)
        return symbol is not None and (symbol.is_local() or self.kind is Kind.MODULE)
