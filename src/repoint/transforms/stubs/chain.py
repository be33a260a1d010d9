"""Homes found along chains of re-exports: the stubs, all namespaces and the declared moves in, symbols' homes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repoint.analysis.namespace import Bound, Namespace
from repoint.analysis.namespaces import Found, Namespaces
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub
from repoint.names import Symbol


def derived_homes(stubs: Iterable[Stub], namespaces: Namespaces, declared: MoveTable) -> dict[Symbol, Symbol]:
    """Homes of names that stubs' modules only re-export: where they are really defined, under their name there.

    A home that is to become a stub itself, without keeping the name, is none: the chain is followed past it.
    """
    by_module = {stub.module: stub for stub in stubs}
    found: dict[Symbol, Symbol] = {}
    for stub in by_module.values():
        for name in imported_names(namespaces.get(stub.module), namespaces):
            symbol = Symbol(stub.module, name)
            if declared.symbol(*symbol) is None and name not in (*stub.keep, *stub.drop):
                home = _home(namespaces, symbol)
                if home is not None:
                    found[symbol] = declared.symbol(*home) or home
    settled = {symbol: _follow(home, found) for symbol, home in found.items()}
    return {symbol: home for symbol, home in settled.items() if stays(home, by_module)}


def stays(home: Symbol, stubs: dict[str, Stub]) -> bool:
    """Whether a home is not about to become a redirect."""
    return home.module not in stubs or home.name in stubs[home.module].keep


def imported_names(namespace: Namespace | None, namespaces: Namespaces) -> Iterator[str]:
    """Names that a module has from others, star imports of the tree included."""
    if namespace is None:
        return
    yield from dict.fromkeys(item.name for item in namespace.bindings if item.how is Bound.IMPORT)
    starred = {name for star in namespace.stars if star != namespace.module for name in namespaces.starred(star)}
    yield from sorted(starred - namespace.names)


def moved_imports(namespace: Namespace, moves: MoveTable) -> dict[str, Symbol]:
    """Imported names whose own import moves, by the name that they have in the module."""
    found: dict[str, Symbol] = {}
    running = {item.name for item in namespace.bindings if not item.type_checking}
    for item in namespace.bindings:
        sure = item.name not in running if item.type_checking else not item.conditional
        if item.how is Bound.IMPORT and item.origin is not None and sure:
            home = moves.symbol(item.module, item.origin)
            if home is not None and home.module != namespace.module:
                found[item.name] = home
    return found


def arms(namespace: Namespace, name: str) -> list[Symbol]:
    """The symbols that the imports of `name` name, in a module that decides between them."""
    return [
        Symbol(item.module, item.origin)
        for item in namespace.of(name)
        if item.how is Bound.IMPORT and item.origin is not None
    ]


def _follow(home: Symbol, found: dict[Symbol, Symbol]) -> Symbol:
    passed: set[Symbol] = set()
    while home in found and home not in passed:
        passed.add(home)
        home = found[home]
    return home


def _home(namespaces: Namespaces, symbol: Symbol) -> Symbol | None:
    origin = namespaces.origin(*symbol)
    if origin.module == symbol.module or origin.found in (Found.MODULE, Found.ABSENT):
        return None
    stops = [Symbol(*stop) for stop in origin.chain if stop[0] != symbol.module]
    public = [stop for stop in stops if not any(part.startswith("_") for part in stop.module.split("."))]
    final = Symbol(origin.module, origin.name)
    return final if final in public or not public else public[-1]
