"""The proof of what no file shows alone: both trees in, a finding for all that is not proved out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from repoint.model import Finding
from repoint.proof.cycles import added, new_cycles
from repoint.proof.imports import new_imports, stub_homes, watched
from repoint.proof.model import Examined
from repoint.proof.pairs import Moves, Pairs
from repoint.proof.resolve import Tree
from repoint.proof.users import Search, Sifting, Users


class Verdict(NamedTuple):
    """One check: how many things it looked at, and what it could not show."""

    name: str
    looked_at: int
    faults: tuple[Finding, ...]


def prove_repository(
    examined: Iterable[Examined],
    before: Tree,
    after: Tree,
    moves: Moves,
    stubs: frozenset[str],
    search: Search,
    accepted: frozenset[frozenset[str]] = frozenset(),
    sifting: Sifting | None = None,
) -> tuple[Verdict, ...]:
    """The checks, each with what could not be shown: nothing where the repository means the same after the migration.

    `examined` are the changed files, stubs aside; `stubs` the modules that became stubs or were deleted. `search`
    gives the paths that hold any of some words, in either tree. `accepted` are cycles of imports that may be. `sifting`
    reads the files that may use what is gone; by default it does so in this process.
    """
    files = tuple(examined)
    pairs = Pairs(before, after, moves)
    gone = watched(files, stubs, pairs)
    edges = added(files, stubs, after)
    lost = sum(len(item.names) for item in gone.values())
    imports = sum(len(file.imports) for file in files)
    users = Users(before, after, search, sifting)
    users.begin(gone)  # which goes on beside the other checks
    meanings = _verdict("every name means what it meant", sum(len(file.pairs) for file in files), pairs.findings(files))
    found = _verdict("new imports find what they name", imports, new_imports(files, pairs))
    homes = _verdict("stubs lead to the homes", len(stubs), stub_homes(stubs, pairs))
    cycles = _verdict("no new cycle of imports", len(edges), new_cycles(edges, before, after, accepted))
    return (meanings, found, homes, _verdict("nobody uses what is gone", lost, users.findings(gone)), cycles)


def _verdict(name: str, looked_at: int, faults: Iterable[Finding]) -> Verdict:
    return Verdict(name, looked_at, tuple(sorted(set(faults))))
