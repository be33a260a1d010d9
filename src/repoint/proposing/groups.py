"""Moves in, the same by their homes out: those that most imports belong to first, and only so many of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from repoint.proposing.values import Certainty, ProposedMove

_RANK = {certainty: rank for rank, certainty in enumerate(Certainty)}


def by_home(moves: Iterable[ProposedMove]) -> list[tuple[str, list[ProposedMove]]]:
    """Homes with what moves there, the surest and most imported first; homes with guesses alone come last."""
    groups: dict[str, list[ProposedMove]] = defaultdict(list)
    for move in moves:
        groups[move.new].append(move)
    for group in groups.values():
        group.sort(key=lambda move: (_RANK[move.certainty], -move.imports, move.old))
    return sorted(groups.items(), key=lambda item: (*_weight(item[1]), item[0]))


def limited(moves: Iterable[ProposedMove], limit: int) -> list[ProposedMove]:
    """The moves to the first `limit` homes that something is known of, and to as many that are guessed alone."""
    groups = by_home(moves)
    known = [group for _, group in groups if not _is_guessed(group)]
    guessed = [group for _, group in groups if _is_guessed(group)]
    return [move for group in (*known[:limit], *guessed[:limit]) for move in group]


def _weight(group: list[ProposedMove]) -> tuple[bool, int]:
    return _is_guessed(group), -sum(move.imports for move in group)


def _is_guessed(group: list[ProposedMove]) -> bool:
    return all(move.certainty is Certainty.GUESS for move in group)
