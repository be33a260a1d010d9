"""Homes that need no move: names that an old module only re-exports in, the places where they are defined out."""

from __future__ import annotations

from repoint.analysis.namespace import Bound, Found, Namespaces
from repoint.manifest.moves import MoveTable
from repoint.manifest.schema import Stub
from repoint.names import Symbol


def derived_homes(stub: Stub, namespaces: Namespaces, declared: MoveTable) -> dict[Symbol, Symbol]:
    """Homes of names that the old module only re-exports: where they are really defined, under their name there."""
    namespace = namespaces.get(stub.module)
    found: dict[Symbol, Symbol] = {}
    for binding in namespace.bindings if namespace else ():
        symbol = Symbol(stub.module, binding.name)
        settled = declared.symbol(*symbol) is not None or binding.name in (*stub.keep, *stub.drop)
        if binding.how is not Bound.IMPORT or settled or symbol in found:
            continue
        home = _home(namespaces, symbol)
        if home is not None:
            found[symbol] = declared.symbol(*home) or home
    return found


def _home(namespaces: Namespaces, symbol: Symbol) -> Symbol | None:
    origin = namespaces.origin(*symbol)
    if origin.module == symbol.module or origin.found in (Found.MODULE, Found.ABSENT):
        return None
    stops = [Symbol(*stop) for stop in origin.chain if stop[0] != symbol.module]
    public = [stop for stop in stops if not any(part.startswith("_") for part in stop.module.split("."))]
    final = Symbol(origin.module, origin.name)
    return final if final in public or not public else public[-1]
