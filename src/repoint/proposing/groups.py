"""Moves in, the same by their homes out: those that most imports belong to first, and only so many of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from repoint.proposing.values import Certainty, ProposedMove

HOMES = 12
IMPORTS = 600

_RANK = {certainty: rank for rank, certainty in enumerate(Certainty)}


def by_home(moves: Iterable[ProposedMove]) -> list[tuple[str, list[ProposedMove]]]:
    """Homes with what moves there, the surest and most imported first; homes with guesses alone come last."""
    groups: dict[str, list[ProposedMove]] = defaultdict(list)
    for move in moves:
        groups[move.new].append(move)
    for group in groups.values():
        group.sort(key=lambda move: (_RANK[move.certainty], -move.imports, move.old))
    return sorted(groups.items(), key=lambda item: (*_weight(item[1]), item[0]))


def limited(moves: Iterable[ProposedMove], limit: int | None) -> list[ProposedMove]:
    """The moves to the first `limit` homes that something is known of, and to as many that are guessed alone.

    Without a limit, to HOMES of each, and of those known only so many as have IMPORTS together: one migration's worth,
    which the planner can try out in seconds.
    """
    groups = by_home(moves)
    known = [group for _, group in groups if not _is_guessed(group)]
    guessed = [group for _, group in groups if _is_guessed(group)]
    if limit is None:
        limit = HOMES
        known = _affordable(known)
    return [move for group in (*known[:limit], *guessed[:limit]) for move in group]


def _affordable(groups: list[list[ProposedMove]]) -> list[list[ProposedMove]]:
    kept: list[list[ProposedMove]] = []
    imports = 0
    for group in groups:
        imports += sum(move.imports for move in group if move.active)
        if not kept or imports <= IMPORTS:
            kept.append(group)
    return kept


def _weight(group: list[ProposedMove]) -> tuple[bool, int]:
    return _is_guessed(group), -sum(move.imports for move in group)


def _is_guessed(group: list[ProposedMove]) -> bool:
    return all(move.certainty is Certainty.GUESS for move in group)
