"""The index in; out of it the moves that it speaks for, ranked and limited, and what is known of the old modules."""

from __future__ import annotations

import re
from collections import defaultdict

from repoint.manifest.globs import matches
from repoint.manifest.schema import SYMBOL
from repoint.model import Frozen
from repoint.names import Symbol, is_at_or_under, is_dotted_name
from repoint.proposing.groups import limited
from repoint.proposing.homes import Duplicates, Found, Homes
from repoint.proposing.index import Index
from repoint.proposing.values import Certainty, ModuleEvidence, ProposedMove

_RANK = {Certainty.SURE: 0, Certainty.LIKELY: 1, Certainty.GUESS: 2}


class Concluded(Frozen, frozen=True):
    """Moves in their order, the old modules by name, and how many moves the limit left out."""

    moves: tuple[ProposedMove, ...]
    modules: tuple[ModuleEvidence, ...]
    left_out: int


def conclude(index: Index, under: tuple[str, ...], limit: int | None) -> Concluded:
    """Moves of names that are imported, to so many homes; `under` are prefixes or globs of either end."""
    homes = Homes(index)
    found = {symbol: home for symbol in sorted(index.uses) if symbol.name and (home := homes.home(symbol))}
    duplicates = Duplicates(index, homes.said).found
    for symbol, home in duplicates.items():
        found.setdefault(symbol, home)
    asked = {symbol: home for symbol, home in found.items() if _is_under(index, symbol, home[0], under)}
    moves = _acyclic(sorted((_move(index, *item) for item in asked.items()), key=_importance))
    kept = limited(moves, limit)
    modules = _modules(index, homes, moves, kept, under)
    return Concluded(tuple(kept), modules, len(moves) - len(kept))


def _move(index: Index, symbol: Symbol, found: Found) -> ProposedMove:
    home, certainty, basis, evidence = found
    imports, home_imports = index.imports(symbol), index.imports(home)
    return ProposedMove(str(symbol), str(home), certainty, basis, imports, home_imports, evidence)


def _importance(move: ProposedMove) -> tuple[int, int, str]:
    return _RANK[move.certainty], -move.imports, move.old


def _acyclic(moves: list[ProposedMove]) -> list[ProposedMove]:
    """Without moves that no manifest could hold: names that are no paths; and circles, the less certain first."""
    leads: dict[str, str] = {}
    kept = []
    for move in moves:
        end = move.new
        while end in leads and end != move.old:
            end = leads[end]
        if end != move.old and _is_writable(move.old) and _is_writable(move.new):
            leads[move.old] = move.new
            kept.append(move)
    return kept


def _is_writable(path: str) -> bool:
    return re.fullmatch(SYMBOL.rstrip("$"), path) is not None and is_dotted_name(path.replace(":", "."))


def _is_under(index: Index, old: Symbol, new: Symbol, under: tuple[str, ...]) -> bool:
    return not under or any(_is_module_under(index, symbol.module, under) for symbol in (old, new))


def _is_module_under(index: Index, module: str, under: tuple[str, ...]) -> bool:
    read = index.by_module.get(module)
    path = read.path if read is not None else module.replace(".", "/") + ".py"
    for place in under:
        prefix = place.strip("/").removesuffix(".py").replace("/", ".")
        if is_at_or_under(module, prefix) or matches(path, (place, f"{place.rstrip('/')}/**")):
            return True
    return False


def _modules(
    index: Index, homes: Homes, moves: list[ProposedMove], kept: list[ProposedMove], under: tuple[str, ...]
) -> tuple[ModuleEvidence, ...]:
    """The modules that call themselves deprecated and are imported, those with most imports first."""
    settled = {move.old for move in kept}
    left_out = {move.old: move.new for move in moves if move.old not in settled}
    names: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for symbol in sorted(index.uses):
        if symbol.module in homes.said.modules and symbol.name not in ("", "*"):
            names[symbol.module].append((symbol.name, index.imports(symbol)))
    found = []
    for module, imported in names.items():
        if under and not _is_module_under(index, module, under):
            continue
        homeless = tuple(
            (name, count, left_out.get(f"{module}:{name}", ""))
            for name, count in imported
            if f"{module}:{name}" not in settled
        )
        total = sum(count for _, count in imported)
        path = index.by_module[module].path
        found.append(ModuleEvidence(module, path, total, homes.said.modules[module].evidence, homeless))
    return tuple(sorted(found, key=lambda item: (-item.imports, item.module)))
