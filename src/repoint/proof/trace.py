"""What the walk over both versions at once writes down: uses, binding sites, imports and faults.

Places are shared by both sides. A key orders the text: the n-th statement of a block that is no import has 2n+1, the
imports before it 2n, and what lies deeper has longer keys.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from repoint.model import Finding, Frozen, Severity
from repoint.proof.parsed import Ground
from repoint.proof.scopes import Scope, Side

Key = tuple[int, ...]
END: Key = (1 << 60,)


class Reference(NamedTuple):
    """A name, and the attributes that are read from it: `a.b.c` is `a` with `b`, `c`."""

    name: str
    attributes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.name, *self.attributes))


class Use(Frozen, frozen=True):
    """One use of a name in both versions: `deferred` ones do not run where they stand, `stored` ones bind."""

    scope: Scope
    key: Key
    line: int
    before: Reference
    after: Reference
    deferred: bool = False
    stored: bool = False


class Site(Frozen, frozen=True):
    """A place that binds a name by other means than an import; `number` is the same on both sides."""

    number: int
    name: str
    scope: Scope
    key: Key
    line: int
    what: str


@dataclass(frozen=True, eq=False)
class Block:
    """A list of statements, in both versions; compared by identity."""

    parent: Block | None
    prefix: Key
    import_time: bool

    def around(self) -> Iterator[Block]:
        """This block and those that it lies in."""
        block: Block | None = self
        while block is not None:
            yield block
            block = block.parent


class Slot(NamedTuple):
    """Where an import stands: in a block, after so many statements that are no imports."""

    block: Block
    after: int

    def precedes(self, key: Key) -> bool:
        """Whether what is imported here is there for what stands at `key`, in this block or deeper."""
        return key[: len(self.block.prefix)] == self.block.prefix and self.key < key

    @property
    def key(self) -> Key:
        return (*self.block.prefix, 2 * self.after)

    def governs(self, other: Slot) -> bool:
        """Whether what is imported here is there whenever `other` is reached."""
        return any(self.block is block for block in other.block.around()) and self.key <= other.key


class Alias(Frozen, frozen=True):
    """One name that an import binds: the path it stands for, and the module that is loaded for it."""

    name: str
    path: str
    loads: str
    scope: Scope
    slot: Slot
    line: int
    of_name: bool
    """True for `from module import name`, whose last part need not be a module."""


class Imported(NamedTuple):
    """What one import statement names, for the graph of modules."""

    module: str
    name: str
    line: int
    import_time: bool


@dataclass
class Trace:
    """All that one walk wrote down; pairs of lists are indexed by `Side`."""

    path: str
    words: frozenset[str]
    uses: list[Use] = field(default_factory=list)
    sites: tuple[list[Site], list[Site]] = field(default_factory=lambda: ([], []))
    aliases: tuple[list[Alias], list[Alias]] = field(default_factory=lambda: ([], []))
    stars: tuple[list[Alias], list[Alias]] = field(default_factory=lambda: ([], []))
    imported: tuple[list[Imported], list[Imported]] = field(default_factory=lambda: ([], []))
    strings: list[tuple[int, str, str]] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    """Names that changed chains start with, whether or not they are among `words`."""
    ground: Ground | None = None
    faults: list[Finding] = field(default_factory=list)
    _numbers: int = 0

    @cached_property
    def top(self) -> list[ast.stmt]:
        """The statements of the module before, imports apart."""
        body = self.ground.full.body if self.ground else []
        return [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]

    def use(self, use: Use) -> None:
        if use.before != use.after:
            self.roots |= {use.before.name, use.after.name}
        if use.before.name in self.words or use.after.name in self.words:
            self.uses.append(use)

    def site(self, scope: Scope, key: Key, line: int, names: tuple[str, str], what: str) -> None:
        self._numbers += 1
        for side in Side:
            if names[side] in self.words:
                self.sites[side].append(Site(self._numbers, names[side], scope, key, line, what))

    def fault(self, line: int, message: str) -> None:
        self.faults.append(fault(self.path, line, message))


def fault(path: str, line: int, message: str) -> Finding:
    """A check that failed, as the finding that refuses the plan."""
    text = " ".join(message.split())
    return Finding(path, line, 1, "not-proved", Severity.ERROR, text, "report this file to the maintainers")
