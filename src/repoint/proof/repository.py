"""The proof of what no file shows alone: both trees in, a finding for all that is not proved out."""

from __future__ import annotations

from collections.abc import Iterable

from repoint.model import Finding
from repoint.proof.cycles import added, new_cycles
from repoint.proof.imports import Search, Users, new_imports, stub_homes, watched
from repoint.proof.model import Examined
from repoint.proof.pairs import Moves, Pairs
from repoint.proof.resolve import Tree


def prove_repository(
    examined: Iterable[Examined],
    before: Tree,
    after: Tree,
    moves: Moves,
    stubs: frozenset[str],
    search: Search,
    accepted: frozenset[frozenset[str]] = frozenset(),
) -> tuple[Finding, ...]:
    """What could not be shown; nothing where the repository means the same after the migration.

    `examined` are the changed files, stubs aside; `stubs` the modules that became stubs or were deleted. `search`
    gives the paths that hold any of some words, in either tree. `accepted` are cycles of imports that may be.
    """
    files = tuple(examined)
    pairs = Pairs(before, after, moves)
    homes = frozenset((*moves.symbols.values(), *moves.modules.values()))
    findings = [
        *pairs.findings(files),
        *new_imports(files, before, after, homes),
        *stub_homes(stubs, pairs),
        *Users(before, after, search).findings(watched(files, stubs, before, after)),
        *new_cycles(added(files, stubs, after), before, after, accepted),
    ]
    return tuple(sorted(set(findings)))
