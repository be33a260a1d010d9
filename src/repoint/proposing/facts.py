"""What `init` reads of one file, as frozen values: imports, definitions, and notes that something is deprecated."""

from __future__ import annotations

from typing import Literal

from repoint.model import Frozen

Kind = Literal["class", "function"]
Means = Literal["docstring", "comment", "warning", "decorator"]


class Note(Frozen, frozen=True):
    """A text that tells of its module or definition; whether it speaks of deprecation is for `notes` to say."""

    line: int
    means: Means
    text: str


class Import(Frozen, frozen=True):
    """One name of an import; `name` is empty for `import module`. `top` is false within functions and classes.

    `guarded`: a failure of it is caught. `relative`: it begins with a dot.
    """

    module: str
    name: str
    local: str
    top: bool
    guarded: bool
    relative: bool = False


class Definition(Frozen, frozen=True):
    """A class or function of the top level; `passes_to` is the dotted local name that all of it only passes on to.

    `fallback`: it stands in for an import that failed. `abstract`: a protocol or an abstract base class.
    """

    name: str
    kind: Kind
    line: int
    fallback: bool
    abstract: bool
    bases: tuple[str, ...]
    passes_to: str
    notes: tuple[Note, ...]


class FileRead(Frozen, frozen=True):
    """One file. `aliases` are `local = other` at the top level, `bound` all further names that it binds there.

    `open` tells that its names cannot be listed: star imports, a `__getattr__`. `only_passes_on`: there is nothing but
    imports, aliases and what such a module needs. `rebound` are names that it binds once more, to what is no import.
    """

    path: str
    module: str
    imports: tuple[Import, ...]
    definitions: tuple[Definition, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    bound: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()
    open: bool = False
    only_passes_on: bool = False
    generated: bool = False
    rebound: frozenset[str] = frozenset()
