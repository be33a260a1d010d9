"""Moves in, the homes that a manifest may govern out: those of active moves that go nowhere else."""

from __future__ import annotations

from msgspec.structs import replace

from repoint.names import Symbol
from repoint.proposing.index import Index
from repoint.proposing.values import Proposal


def with_canonical(proposal: Proposal, index: Index) -> Proposal:
    """The proposal with the `canonical` entries of its active moves, those with most imports first."""
    active = [move for move in proposal.moves if move.active]
    moved = {move.old for move in active}
    found = []
    for home in {move.new for move in active} - moved:
        symbol = Symbol.parse(home)
        renamed = sum(item.local != symbol.name for _, item in index.uses.get(symbol, ()))
        found.append((home, index.imports(symbol), renamed))
    return replace(proposal, canonical=tuple(sorted(found, key=lambda item: (-item[1], item[0]))))
