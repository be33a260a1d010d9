"""Where a name belongs: one imported name and the index in, the home with its certainty and evidence out, or None."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from repoint.model import Frozen
from repoint.names import Symbol, last
from repoint.proposing.deprecated import Said, of_definition, of_module
from repoint.proposing.facts import Definition, FileRead
from repoint.proposing.index import Index
from repoint.proposing.values import Basis, Certainty

# What many modules have one of, each its own.
COMMON = frozenset(
    {"main", "run", "setup", "test", "load", "dump", "app", "cli", "create_app", "handler", "helper", "get_logger"}
    | {"get_config", "get_settings", "Config", "Settings", "Options", "Meta", "Base", "Error", "Client", "Handler"}
    | {"Manager", "Status", "Result", "Context", "State", "Type", "Item", "Node", "Parser", "Logger"}
)
TOO_MANY = 8  # definitions of one name, from which on it is a convention

Found = tuple[Symbol, Certainty, Basis, tuple[str, ...]]


class Speaking(Frozen, frozen=True):
    """Modules and definitions that call themselves deprecated, with what they say."""

    modules: dict[str, Said]
    symbols: dict[Symbol, Said]

    def of_module(self, symbol: Symbol) -> Said | None:
        """What its module says of itself, if that goes for this name."""
        said = self.modules.get(symbol.module)
        return said if said is not None and (not said.only or symbol.name in said.only) else None

    def deprecates(self, symbol: Symbol) -> bool:
        return self.of_module(symbol) is not None or symbol in self.symbols


def speaking(index: Index) -> Speaking:
    """All that call themselves deprecated, tests and other people's code aside."""
    modules: dict[str, Said] = {}
    symbols: dict[Symbol, Said] = {}
    for module, read in sorted(index.by_module.items()):
        if not index.is_home(read):
            continue
        if (said := of_module(index, read)) is not None:
            modules[module] = said
        for item in read.definitions:
            if item.notes and (told := of_definition(index, read, item)) is not None:
                symbols[Symbol(module, item.name)] = told
    return Speaking(modules, symbols)


class Homes:
    """Finds homes, by what the code says and by how it is made."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.said = speaking(index)

    def home(self, symbol: Symbol) -> Found | None:
        """The home of a name that is imported from `symbol.module`; None where the name may well stay there."""
        read = self.index.by_module.get(symbol.module)
        if read is None:
            return self._nowhere(symbol) if symbol.module not in self.index.modules else None
        if not self.index.is_home(read) or f"{symbol.module}.{symbol.name}" in self.index.modules:
            return None
        item = self.index.definition(symbol)
        if item is not None:
            return self._defined(symbol, read, item)
        origin = self.index.origin(symbol)
        if origin is None:
            return None if self.index.binds(symbol) else self._nowhere(symbol)
        return self._passed_on(symbol, read, origin)

    def _passed_on(self, symbol: Symbol, read: FileRead, origin: Symbol) -> Found | None:
        """`from old import Name`, which `old` only imports."""
        if not self.index.is_home(self.index.by_module[origin.module]):
            return None
        passed = f"{last(symbol.module)} only passes it on"
        if (said := self.said.of_module(symbol)) is not None:
            is_told = read.only_passes_on or not said.mild
            certain = Certainty.SURE if is_told and not _is_private(origin) else Certainty.GUESS
            return origin, certain, Basis.SAME_OBJECT, (passed, *said.evidence)
        if read.only_passes_on:
            return origin, Certainty.GUESS, Basis.SAME_OBJECT, (f"{passed}, and defines nothing; is it meant to stay?",)
        return None

    def _defined(self, symbol: Symbol, read: FileRead, item: Definition) -> Found | None:
        own, of_all = self.said.symbols.get(symbol), self.said.of_module(symbol)
        evidence = (*(own.evidence if own else ()), *(of_all.evidence if of_all else ()))[:2]
        if evidence:
            named = next((home for home in self._named(item, own, of_all) if self._fits(home, symbol, item)), None)
            if named is not None:
                return named, Certainty.LIKELY, Basis.NOTE, evidence
        target = self._target(symbol, read, item)
        if target is not None:
            how = f"only passes on to {target.dotted}"
            sure = Certainty.LIKELY if evidence else Certainty.GUESS
            return target, sure, Basis.DELEGATION, (how, *evidence)
        if evidence and (home := self._only_other(symbol, item)) is not None:
            certain = Certainty.LIKELY if self._is_used_more(home, symbol) else Certainty.GUESS
            return home, certain, Basis.SAME_NAME, ("the only other definition of that name", *evidence)
        return None

    def _named(self, item: Definition, own: Said | None, of_all: Said | None) -> Iterator[Symbol]:
        """Homes that notes name for a definition, the closest first."""
        if own is not None:
            yield from (home for alias, home in own.aliases if alias == item.name)
            yield from own.homes
        if of_all is not None:
            yield from (home for alias, home in of_all.aliases if alias == item.name)
            yield from (home for home in of_all.homes if home.name == item.name)
            yield from (Symbol(module, item.name) for module in of_all.modules)
            subject = item.name in of_all.subjects
            yield from (home for home in of_all.homes if subject or home.name.endswith(item.name))

    def _fits(self, home: Symbol, symbol: Symbol, item: Definition) -> bool:
        found = self.index.definition(home)
        return found is not None and found.kind == item.kind and home != symbol and not self.said.deprecates(home)

    def _target(self, symbol: Symbol, read: FileRead, item: Definition) -> Symbol | None:
        """The definition in another module that this one passes on to. A mere subclass is none, unless deprecated."""
        if not item.passes_to or (item.passes_to in item.bases and not self.said.deprecates(symbol)):
            return None
        local = self.index.local(read, item.passes_to, itself=False)
        target = self.index.origin(local) if local is not None else None
        if target is None or target.module == symbol.module or not self._fits(target, symbol, item):
            return None
        return target

    def _only_other(self, symbol: Symbol, item: Definition) -> Symbol | None:
        found = [home for home, _ in self.index.definitions.get(symbol.name, ()) if self._fits(home, symbol, item)]
        return found[0] if len(found) == 1 and symbol.name not in COMMON else None

    def _nowhere(self, symbol: Symbol) -> Found | None:
        """An import that fails, or would: of a module that is no file, or of a name that its module does not bind."""
        if not self.index.is_ours(symbol.module) or symbol.name in COMMON or symbol.name.startswith("_"):
            return None
        found = [home for home, _ in self.index.definitions.get(symbol.name, ()) if home.module != symbol.module]
        standing = [home for home in found if not self.said.deprecates(home)]
        if not standing:
            return self._where_all_lead(symbol, found)
        alike = [home for home in standing if last(home.module) == last(symbol.module)]
        homes = alike if len(alike) == 1 else standing
        if len(homes) != 1:
            return None
        what = "no such name there" if symbol.module in self.index.by_module else "no such module"
        others = "so do others" if len(found) > 1 else "no other module does"
        among = f"{last(homes[0].module)} defines it, and {others}"
        evidence = (f"{what}; {among}", *self._guarded(symbol))
        is_near = last(homes[0].module) == last(symbol.module) or self.index.imports(homes[0]) > 0
        is_clear = len(standing) == 1 and is_near and top(homes[0].module) == top(symbol.module)
        certain = Certainty.LIKELY if is_clear and not self._is_guarded(symbol) else Certainty.GUESS
        return homes[0], certain, Basis.NOWHERE, evidence

    def _where_all_lead(self, symbol: Symbol, found: list[Symbol]) -> Found | None:
        """The one home that all definitions of a name move to."""
        homes = {answer[0] for other in found if (answer := self.home(other)) and answer[1] is not Certainty.GUESS}
        if len(homes) != 1:
            return None
        evidence = ("leads nowhere; definitions of that name move to this home", *self._guarded(symbol))
        certain = Certainty.GUESS if self._is_guarded(symbol) else Certainty.LIKELY
        return homes.pop(), certain, Basis.NOWHERE, evidence

    def _is_used_more(self, home: Symbol, symbol: Symbol) -> bool:
        return self.index.imports(home) >= self.index.imports(symbol)

    def _is_guarded(self, symbol: Symbol) -> bool:
        return all(item.guarded for _, item in self.index.uses.get(symbol, ()))

    def _guarded(self, symbol: Symbol) -> tuple[str, ...]:
        count = sum(item.guarded for _, item in self.index.uses.get(symbol, ()))
        return (f"of these imports, {count} in a `try` whose fallback would come to an end",) if count else ()


class Duplicates:
    """Names that several modules define; which of them others are to import is a guess, by imports."""

    def __init__(self, index: Index, said: Speaking) -> None:
        self.index = index
        self.said = said

    @cached_property
    def found(self) -> dict[Symbol, Found]:
        """By definition, the one of the same name and kind that is imported more."""
        moves: dict[Symbol, Found] = {}
        for name, items in sorted(self.index.definitions.items()):
            if name.startswith("_") or name in COMMON or not 1 < len(items) <= TOO_MANY:
                continue
            for kind in ("class", "function"):
                alike = [(symbol, item) for symbol, item in items if item.kind == kind and not _is_family(item)]
                moves.update(self._pairs(name, alike))
        return moves

    def _pairs(self, name: str, alike: list[tuple[Symbol, Definition]]) -> Iterator[tuple[Symbol, Found]]:
        used = [(self.index.imports(symbol), symbol) for symbol, _ in alike if self.index.imports(symbol)]
        standing = [item for item in used if not self.said.deprecates(item[1])]
        if len(used) < 2 or not standing:
            return
        count, home = max(standing, key=lambda item: (item[0], str(item[1])))
        told = f"{len(alike)} modules define {name}, and the home is imported most ({count})"
        for imports, symbol in used:
            if symbol != home and imports <= count:
                yield symbol, (home, Certainty.GUESS, Basis.SAME_NAME, (told,))


def top(module: str) -> str:
    """The top-level package of a module."""
    return module.partition(".")[0]


def _is_private(symbol: Symbol) -> bool:
    """Whether a home is not meant for others, so that they are better off with a path that passes it on."""
    return any(part.startswith("_") for part in (*symbol.module.split("."), symbol.name))


def _is_family(item: Definition) -> bool:
    """An interface, or an implementation that has its base's name: such pairs are meant."""
    return item.abstract or any(last(base.partition("[")[0]) == item.name for base in item.bases)
