"""What an audit is about: a migration and the tree's namespaces in, the governed symbols, modules and names out."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Literal

from repoint.analysis.namespace import Bound
from repoint.analysis.namespaces import Namespaces
from repoint.analysis.query import Query
from repoint.manifest.decode import Migration
from repoint.manifest.globs import matches
from repoint.manifest.moves import MoveTable
from repoint.model import Frozen
from repoint.names import Symbol, is_at_or_under, last, parent
from repoint.transforms.stubs.chain import derived_homes

Defined = Literal["class", "function", "value", "import", "module", "missing", "elsewhere"]


class Subject(Frozen, frozen=True, dict=True):
    """The governed symbols (with what each is defined as), and the modules that they live in or have left.

    `names` are the spellings by which files are found that define, pass on or import a symbol without naming one of
    the modules: those of classes, functions, and of what is defined elsewhere. A value's name (`logger`) says nothing.
    """

    migration: Migration
    moves: MoveTable
    symbols: dict[Symbol, Defined]
    homes: frozenset[str]
    deprecated: frozenset[str]
    names: frozenset[str]

    @cached_property
    def modules(self) -> frozenset[str]:
        """All governed modules."""
        return self.homes | self.deprecated

    @cached_property
    def kept(self) -> frozenset[Symbol]:
        """Names that the manifest leaves in stubs."""
        return frozenset(Symbol(stub.module, name) for stub in self.migration.manifest.stub for name in stub.keep)

    @cached_property
    def stubs(self) -> frozenset[str]:
        return frozenset(stub.module for stub in self.migration.manifest.stub)

    def governs(self, symbol: Symbol) -> bool:
        """Whether the manifest says where `symbol` is to be imported from: itself, or with its whole module."""
        return symbol in self.symbols or any(is_at_or_under(symbol.module, home) for home in self._whole_homes)

    @cached_property
    def _whole_homes(self) -> frozenset[str]:
        return frozenset(self.migration.moves.modules.values())

    @cached_property
    def by_name(self) -> dict[str, Symbol]:
        """The symbol that a spelling stands for: the one that is called so, else the one that was."""
        found: dict[str, Symbol] = {}
        for symbol in sorted(self.symbols):
            found.setdefault(symbol.name, symbol)
        for old, new in sorted(self.moves.symbols.items()):
            found.setdefault(old.name, new)
        return found

    def defined(self, symbol: Symbol, namespaces: Namespaces) -> Defined:
        """What a symbol, or a module (a symbol without a name), is where it is said to live."""
        if not symbol.name:
            return "module"
        return self.symbols[symbol] if symbol in self.symbols else _defined(symbol, namespaces)

    def exception(self, path: str) -> str | None:
        """Why the file at `path` may keep old paths; None where it may not."""
        for item in self.migration.manifest.except_:
            if matches(path, item.files):
                return item.reason or "listed under [[except]]"
        return None

    def query(self, names: frozenset[str]) -> Query:
        """What to ask of a file: every name of the governed modules, and `names` wherever they come from."""
        known_calls = self.migration.manifest.rewrite.known_calls
        return Query(self.moves, self.modules, names, known_calls, frozenset(self.symbols), owned=names)

    @cached_property
    def module_words(self) -> frozenset[str]:
        """Last parts of the governed modules: a file that imports one by its path spells it."""
        return frozenset(map(last, self.modules)) - {""}


def subject_of(migration: Migration, namespaces: Namespaces) -> Subject:
    """What `migration` governs in a tree."""
    manifest, declared = migration.manifest, migration.moves
    moves = declared.extended(derived_homes(manifest.stub, namespaces, declared))
    symbols = {symbol: _defined(symbol, namespaces) for symbol in {*declared.symbols.values(), *migration.canonical}}
    stubs = {stub.module for stub in manifest.stub}
    left = stubs | set(declared.modules) | {old.module for old in declared.symbols}
    homes = declared.homes | {symbol.module for symbol in migration.canonical}
    surely_left = stubs | set(declared.modules)
    return Subject(
        migration=migration,
        moves=moves,
        symbols=symbols,
        homes=frozenset(homes - surely_left - {"builtins"}),
        deprecated=frozenset(left - (homes - surely_left)),
        names=_names(symbols, declared),
    )


def _names(symbols: dict[Symbol, Defined], moves: MoveTable) -> frozenset[str]:
    telling = {symbol for symbol, defined in symbols.items() if defined != "value" and symbol.module != "builtins"}
    old = defaultdict(set)
    for symbol, home in moves.symbols.items():
        old[home].add(symbol.name)
    return frozenset({symbol.name for symbol in telling}.union(*(old[symbol] for symbol in telling)))


def _defined(symbol: Symbol, namespaces: Namespaces) -> Defined:
    """What a symbol is where it is said to live."""
    if symbol.module not in namespaces.modules:
        head = symbol.module.partition(".")[0]
        return "missing" if head in namespaces.modules and parent(symbol.module) else "elsewhere"
    namespace = namespaces.get(symbol.module)
    bound = namespace.of(symbol.name) if namespace is not None else ()
    if not bound:
        if f"{symbol.module}.{symbol.name}" in namespaces.modules:
            return "module"
        return "missing" if namespaces.binds(*symbol) is False else "import"
    kinds: dict[Bound, Defined] = {
        Bound.CLASS: "class",
        Bound.FUNCTION: "function",
        Bound.VALUE: "value",
        Bound.IMPORT: "import",
    }
    return kinds[bound[-1].how]
