"""What the analysis is asked to look for: names and modules in, yes or no for an import, a word or a string out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from repoint.manifest.moves import MoveTable, prefixes
from repoint.names import Symbol, last


class Query:
    """The names and modules that one migration is about.

    `moves` is the table of moves, `whole` the modules of which every name matters, `names` identifiers that are
    always looked at (old and new names), `canonical` the symbols whose aliases matter, `starred` what star imports
    of old modules bring in, where that is asked, `surfaces` the bindings of other modules that are about to be
    renamed, `owned` names that matter wherever they are read as an attribute of what an import binds.
    """

    def __init__(
        self,
        moves: MoveTable,
        whole: frozenset[str],
        names: frozenset[str],
        known_calls: tuple[str, ...] = (),
        canonical: frozenset[Symbol] = frozenset(),
        starred: Mapping[str, frozenset[str]] | None = None,
        surfaces: frozenset[Symbol] = frozenset(),
        owned: frozenset[str] = frozenset(),
    ) -> None:
        self.moves = moves
        self.whole = whole
        self.names = names
        self.known_calls = known_calls
        self.canonical = canonical
        self.starred = starred or {}
        self.surfaces = surfaces
        self.owned = owned

    def with_names(self, names: Iterable[str]) -> Query:
        """This query, asking for further identifiers."""
        wanted = self.names.union(names)
        return Query(
            self.moves, self.whole, wanted, self.known_calls, self.canonical, self.starred, self.surfaces, self.owned
        )

    def with_surfaces(self, surfaces: frozenset[Symbol]) -> Query:
        names = self.names | {symbol.name for symbol in surfaces}
        return Query(
            self.moves, self.whole, names, self.known_calls, self.canonical, self.starred, surfaces, self.owned
        )

    @cached_property
    def modules(self) -> frozenset[str]:
        """Modules that hold something asked about."""
        surfaces = {symbol.module for symbol in self.surfaces}
        return self.moves.touched_modules | self.moves.homes | self.whole | surfaces

    @cached_property
    def _above(self) -> frozenset[str]:
        """Every module asked about, and every package above one."""
        return frozenset(head for module in self.modules for head in prefixes(module))

    def wants_module(self, module: str) -> bool:
        """Whether a binding of `module` can lead to something asked about."""
        return module in self._above or self.moves.module(module) is not None

    def wants(self, module: str, name: str) -> bool:
        """Whether `from module import name` binds something asked about."""
        return (
            module in self.whole
            or self.moves.symbol(module, name) is not None
            or (module in self.modules and name in self.names)
            or Symbol(module, name) in self.surfaces
            or Symbol(module, name) in self.canonical
            or self.wants_module(f"{module}.{name}")
        )

    @cached_property
    def text_words(self) -> frozenset[str]:
        """Words of which at least one stands in any string that names something asked about."""
        moved = self.moves.touched_modules | self.whole
        words = {last(module) for module in moved} | {last(symbol.module) for symbol in self.surfaces}
        return frozenset(words | {symbol.name for symbol in self.surfaces} | self.told_names)

    @cached_property
    def told_names(self) -> frozenset[str]:
        """Names of renamed symbols, which code may tell as text."""
        return frozenset(old.name for old, new in self.moves.symbols.items() if old.name != new.name)

    def __reduce__(self) -> tuple[object, ...]:  # the cached properties stay behind
        return Query, (
            self.moves,
            self.whole,
            self.names,
            self.known_calls,
            self.canonical,
            self.starred,
            self.surfaces,
            self.owned,
        )
