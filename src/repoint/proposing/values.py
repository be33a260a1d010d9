"""What `init` proposes, as frozen values."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from repoint.model import Frozen
from repoint.names import Symbol


class Certainty(StrEnum):
    """`sure`: the old path is deprecated, and passes on the very object that the new one names.

    `likely`: what is old is certain (it is deprecated, or leads nowhere), and one home stands out: the code names it in
    words, or there is no other definition of the name. Another definition may stand behind the new path.
    `guess`: names or shapes are alike, and nothing says which of them is to stay.
    """

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"


class Basis(StrEnum):
    """What a move was concluded from, the strongest first."""

    SAME_OBJECT = "same object"
    NOTE = "note"
    DELEGATION = "delegation"
    NOWHERE = "leads nowhere"
    SAME_NAME = "same name"


class ProposedMove(Frozen, frozen=True):
    """One move with its evidence, a line each. `imports` are those of the old path, `home_imports` of the new one.

    `refused` says why the planner did not take it: it is written as a comment, then.
    """

    old: str
    new: str
    certainty: Certainty
    basis: Basis
    imports: int
    home_imports: int
    evidence: tuple[str, ...]
    refused: str = ""

    @property
    def active(self) -> bool:
        return self.certainty is not Certainty.GUESS and not self.refused

    @property
    def module(self) -> str:
        return Symbol.parse(self.old).module

    @property
    def target(self) -> Symbol:
        return Symbol.parse(self.new)


class ModuleEvidence(Frozen, frozen=True):
    """A module that calls itself deprecated; `homeless` are its names that are imported and have no move.

    Each with its imports, and the home of a move that the limit left out, if there is one.
    """

    module: str
    path: str
    imports: int
    evidence: tuple[str, ...]
    homeless: tuple[tuple[str, int, str], ...]


class Unreadable(Frozen, frozen=True):
    """A file that does not parse, and why."""

    path: str
    line: int
    reason: str


class Proposal(Frozen, frozen=True):
    """A manifest to be: its moves in order, what is known of the old modules, and what was left out.

    `canonical` are the homes of active moves, each with its imports, and how many of those give it another name.
    """

    schema_version: Literal[1]
    tool: str
    name: str
    commit: str
    manifest: str
    files: int
    roots: tuple[str, ...]
    exclude: tuple[str, ...]
    moves: tuple[ProposedMove, ...]
    canonical: tuple[tuple[str, int, int], ...]
    modules: tuple[ModuleEvidence, ...]
    left_out: int
    unreadable: tuple[Unreadable, ...]
