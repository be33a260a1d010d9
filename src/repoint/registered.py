"""The values of an import registry: governed symbols, their old paths, and how far each of these has gone."""

from __future__ import annotations

from enum import IntEnum

from repoint.model import Frozen, State


class Phase(IntEnum):
    """How far an old path is on its way out."""

    DECLARED = 1
    REDIRECTED = 2
    UNUSED = 3
    GONE = 4


MEANINGS = {
    Phase.DECLARED: "The move is declared; the old path still has code of its own.",
    Phase.REDIRECTED: "The old path only passes the object on, and Python code of the repository still uses it.",
    Phase.UNUSED: "The same, and no Python code uses it: `repoint prune` deletes a module of which that holds.",
    Phase.GONE: "Nothing in the repository answers to the old path; an import of it fails.",
}


class OldPath(Frozen, frozen=True, order=True):
    """A deprecated path, `module:Name` or a module, what it is by now, and its phase."""

    path: str
    state: State
    phase: Phase


class Entry(Frozen, frozen=True):
    """A governed symbol: its canonical path, what that is, how it is called (if that can be read), and its old paths.

    `stub` is the module that keeps it, for a name that stays at an old path.
    """

    symbol: str
    what: str
    signature: str
    example: str
    old: tuple[OldPath, ...]
    stub: str = ""


class WholeModule(Frozen, frozen=True):
    """A module that moves with all its names."""

    old: OldPath
    new: str


class Registry(Frozen, frozen=True):
    """All of it, each in the order of its path; `manifest` is the manifest's name for the notice at the top."""

    name: str
    description: str
    manifest: str
    entries: tuple[Entry, ...]
    modules: tuple[WholeModule, ...]
    kept: tuple[Entry, ...]
