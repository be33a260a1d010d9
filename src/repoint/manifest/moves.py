"""The table of moves: declared moves in, chains collapsed; asked for a path, it gives the path's new home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from os.path import commonprefix

from msgspec import field

from repoint.model import Frozen
from repoint.names import Symbol, is_at_or_under, parent, rebase


class MoveCycle(Exception):
    """Moves that lead back to where they began; `path` holds every stop, the first one again at the end."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(" → ".join(path))
        self.path = path


class MoveTable(Frozen, frozen=True, dict=True):
    """Old paths and their last homes. Lookups take the longest old path that covers what is asked for."""

    symbols: dict[Symbol, Symbol] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)

    def symbol(self, module: str, name: str) -> Symbol | None:
        """The new home of `name` in `module`, or None where it stays.

        `name` may be a submodule: then the result names the moved module as a name of its parent.
        """
        if (found := self.symbols.get(Symbol(module, name))) is not None:
            return found
        moved = self.module(f"{module}.{name}")
        if moved is None:
            return None
        return Symbol(parent(moved), moved.rpartition(".")[2]) if "." in moved else None

    def module(self, module: str) -> str | None:
        """The new path of `module`, or of a path below a moved module; None where it stays.

        A path that is at the new place already never matches (`pkg.engine` → `pkg.engine.core`).
        """
        if not (self.modules and module.startswith(self._common)):
            return None
        for head in prefixes(module):
            new = self.modules.get(head)
            if new is not None:
                return None if _is_there(module, head, new) else rebase(module, head, new)
        return None

    def path(self, dotted: str) -> tuple[str, str] | None:
        """The longest head of `dotted` that moves, and what it becomes; None where nothing of it moves."""
        for head in prefixes(dotted):
            symbol = self.dotted_symbols.get(head)
            if symbol is not None:
                return head, symbol.dotted
            new = self.modules.get(head)
            if new is not None:
                return None if _is_there(dotted, head, new) else (head, new)
        return None

    @cached_property
    def _common(self) -> str:
        """What every old module starts with: most paths do not, and need not be taken apart."""
        return commonprefix(list(self.modules))  # noqa: RUF071  # character by character is what is meant

    @cached_property
    def dotted_symbols(self) -> dict[str, Symbol]:
        """The moved symbols by their dotted old path."""
        return {old.dotted: new for old, new in self.symbols.items()}

    @cached_property
    def touched_modules(self) -> frozenset[str]:
        """Modules that hold a moved symbol or move themselves."""
        return frozenset(self.modules) | {old.module for old in self.symbols}

    @cached_property
    def homes(self) -> frozenset[str]:
        """Modules that something moves to."""
        return frozenset(self.modules.values()) | {new.module for new in self.symbols.values()}

    def extended(self, symbols: dict[Symbol, Symbol]) -> MoveTable:
        """This table with further symbols; what is declared wins."""
        return MoveTable({**symbols, **self.symbols}, self.modules)


def _is_there(path: str, old: str, new: str) -> bool:
    """Whether `path` is at the new place already, which lies below the old one."""
    return is_at_or_under(new, old) and is_at_or_under(path, new)


def prefixes(dotted: str) -> Iterator[str]:
    """Every head of a dotted name, the longest first: `a.b.c`, `a.b`, `a`."""
    while dotted:
        yield dotted
        dotted = parent(dotted)


def collapse(symbols: dict[Symbol, Symbol], modules: dict[str, str]) -> MoveTable:
    """The table in which every chain `A→B`, `B→C` leads to its end.

    A symbol of a module that others move to is a symbol of theirs, too: `a → b` and `b:S → c:S` make `a:S → c:S`.
    Raises MoveCycle for moves that lead back to where they began.
    """
    leading: dict[str, list[str]] = defaultdict(list)
    for old, new in modules.items():
        leading[new].append(old)
    through = {
        Symbol(rebase(symbol.module, new, old), symbol.name): home
        for symbol, home in symbols.items()
        for new in prefixes(symbol.module)
        for old in leading.get(new, ())
    }
    symbols = {**{old: new for old, new in through.items() if old != new}, **symbols}
    declared = MoveTable(symbols, modules)
    return MoveTable(
        {old: _follow_symbol(declared, old) for old in symbols},
        {old: _follow_module(declared, old) for old in modules},
    )


def _follow_symbol(table: MoveTable, start: Symbol) -> Symbol:
    stops = [start]
    while (following := table.symbol(*stops[-1])) is not None:
        stops.append(following)
        if following in stops[:-1]:
            raise MoveCycle(tuple(map(str, stops)))
    return stops[-1]


def _follow_module(table: MoveTable, start: str) -> str:
    stops = [start]
    while (following := table.module(stops[-1])) is not None:
        stops.append(following)
        if following in stops[:-1]:
            raise MoveCycle(tuple(stops))
    return stops[-1]
