"""Definitions that a stub carries over: the old module's source and names in, their text and needs out."""

from __future__ import annotations

import ast

from msgspec import field

from repoint.manifest.moves import MoveTable
from repoint.model import Frozen, SourceFile
from repoint.transforms.stubs.text import Kept
from repoint.transforms.stubs.toplevel import BLOCKS, TopLevelCode


class CannotKeep(Exception):
    """A definition that cannot be carried over; carries its name, line and the reason."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(name, line, reason)
        self.name = name
        self.line = line
        self.reason = reason


class Wish(Frozen, frozen=True):
    """What is asked of an old module, as names in it.

    `names` are to be kept. Names of `homes` have a home elsewhere: reading one is met by its redirect. Names of
    `dropped` may not be needed. What is taken along counts as kept where it is public or in `used`. `moves` says from
    where imports of other old modules come.
    """

    names: tuple[str, ...]
    homes: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    moves: MoveTable = field(default_factory=MoveTable)


class Needs(Frozen, frozen=True):
    """What is kept; the names that it reads from the stub's own redirects; what says more of it and is left behind."""

    kept: Kept
    redirected: frozenset[str]
    left: tuple[tuple[str, int], ...]


def carry_over(source: SourceFile, module: str, wish: Wish) -> Needs:
    """The definitions that are wished for, with what they need. Raises CannotKeep."""
    return _Keeper(TopLevelCode(source, module), wish).needs()


class _Keeper:
    def __init__(self, code: TopLevelCode, wish: Wish) -> None:
        self.code = code
        self.wish = wish
        self.statements: dict[int, ast.stmt] = {}
        self.names: set[str] = set()
        self.imports: dict[str, str] = {}
        self.typed: dict[str, str] = {}
        self.guards: set[str] = set()
        self.redirected: set[str] = set()

    def needs(self) -> Needs:
        for name in self.wish.names:
            self._wished(name)
        while True:
            acting = [item for item in self.code.acting_on(self.names) if id(item) not in self.statements]
            if not acting:
                break
            for statement in acting:
                self._take(statement, self.wish.names[0])
        return Needs(self._kept(), frozenset(self.redirected), self._left())

    def _wished(self, name: str) -> None:
        found = self.code.bound.get(name)
        if found is None and name not in self.code.imports:
            raise CannotKeep(name, 1, "is not defined at the top level of the module")
        if found is not None and all(isinstance(item, BLOCKS) for item in found):
            raise CannotKeep(name, found[0].lineno, "is defined inside another statement")
        self._need(name, name, 1)

    def _need(self, name: str, by: str, line: int) -> None:
        """Bring in `name`, which the kept definition `by` reads."""
        if name in self.names or name in self.imports or name in self.typed or name in self.redirected:
            return
        if name in self.wish.homes and name not in self.wish.names:
            self.redirected.add(name)
            return
        if name in self.wish.dropped and name not in self.wish.names:
            raise CannotKeep(by, line, f"needs `{name}`, which is in `drop`")
        if name in self.code.imports:
            self.imports[name] = self.code.one_import(self.code.imports[name], name, self.wish.moves)
        elif name in self.code.typed and name not in self.code.bound:
            statement, block = self.code.typed[name]
            self.typed[name] = self.code.one_import(statement, name, self.wish.moves)
            self.guards.add(ast.unparse(block.test))
            for needed in self.code.reads(block.test):
                self._need(needed, by, line)
        if name in self.code.bound:
            self.names.add(name)
            for definition in self.code.bound[name]:
                self._take(definition, by)

    def _take(self, statement: ast.stmt, by: str) -> None:
        if id(statement) in self.statements:
            return
        self.statements[id(statement)] = statement
        for name in self.code.reads(statement):
            self._need(name, by, statement.lineno)

    def _kept(self) -> Kept:
        order = sorted(self.statements.values(), key=lambda item: item.lineno)
        future = ["from __future__ import annotations"] if self.code.future_annotations and order else []
        names = {
            name for name in self.names if name in self.wish.names or name in self.wish.used or not name.startswith("_")
        }
        guard = " or ".join(sorted(self.guards))
        typed = "".join(f"    {item}\n" for item in sorted(set(self.typed.values())))
        return Kept(
            names=tuple(sorted(names)),
            imports=tuple(sorted({*future, *self.imports.values()})),
            definitions=tuple(self.code.verbatim(item) for item in order),
            guarded=f"if {guard}:\n{typed}" if typed else "",
        )

    def _left(self) -> tuple[tuple[str, int], ...]:
        said = self.code.mentioning(set(self.wish.names))
        return tuple((name, item.lineno) for name, item in said if id(item) not in self.statements)
