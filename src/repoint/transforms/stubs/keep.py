"""Definitions that a stub carries over: the old module's source and names in, their text and needs out.

Carried over is every statement that builds a kept name: what binds it, rebinds it and changes its object, and, in
turn, every statement that builds what those read.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from msgspec import field
from msgspec.structs import replace

from repoint.analysis.namespace import defined_by
from repoint.analysis.parse import parse
from repoint.model import Frozen
from repoint.names import Symbol
from repoint.transforms.stubs.effects import is_main_block, only_says, read_effects
from repoint.transforms.stubs.imports import Guarded, Import, aliases_of, guarded_imports, has_future, local, one_import
from repoint.transforms.stubs.text import Kept

MAIN = "__main__"
UNLISTED = frozenset({MAIN, "__getattr__", "__dir__"})
_OF_MODULES = frozenset({*dir(builtins), "__file__", "__path__", "__all__", "__cached__", "__annotations__"})


class CannotKeep(Exception):
    """A definition that cannot be carried over; carries its name, line and the reason."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(name, line, reason)
        self.name = name
        self.line = line
        self.reason = reason


class Wish(Frozen, frozen=True):
    """What is asked of an old module, as names in it.

    `names` are to be kept; `__main__` is the block that `python -m` runs. Names of `homes` have a home elsewhere:
    reading one is met by its redirect. Names of `dropped` may not be needed. What is taken along counts as kept where
    it is public or in `used`. `moved` are imported names whose import moves, with what it is to import.
    """

    names: tuple[str, ...]
    homes: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    moved: Mapping[str, Symbol] = field(default_factory=dict)


class Needs(Frozen, frozen=True):
    """What is kept, the names that it reads from the stub's own redirects, and the statements that are carried over.

    `lines` are those that the statements begin on, `spans` all of theirs, decorators included.

    `left` are calls that are given a kept name and stay behind, as names and lines.
    """

    kept: Kept
    redirected: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()
    spans: frozenset[int] = frozenset()
    left: tuple[tuple[str, int], ...] = ()


def carry_over(data: bytes, wish: Wish) -> Needs:
    """What is wished for of the module whose bytes are `data`, with what it needs.

    Raises CannotKeep, and Unparsable.
    """
    text, tree, _ = parse(data)
    source = text.utf8.decode("utf-8").replace("\r\n", "\n")
    return _Slice(source, tree, wish).needs()


def _lines_of(statement: ast.stmt) -> range:
    decorators = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(item.lineno for item in decorators)])
    return range(first, (statement.end_lineno or first) + 1)


def with_submodules(kept: Kept, submodules: list[str], package: str) -> Kept:
    """What is kept, with imports of submodules of the package itself: last, for they may import what it keeps."""
    if not submodules:
        return kept
    lines = tuple(f"from {package} import {name}" for name in submodules)
    late = bool(kept.definitions)
    return replace(
        kept,
        names=tuple(sorted({*kept.names, *submodules})),
        imports=kept.imports if late else (*kept.imports, *lines),
        definitions=(*kept.definitions, "\n".join(lines) + "\n") if late else (),
        bound=kept.bound | set(submodules),
    )


class _Slice:
    """The statements of one module that some of its names need."""

    def __init__(self, source: str, tree: ast.Module, wish: Wish) -> None:
        self.source = source
        self.body = tree.body
        self.does = read_effects(tree)
        self.names = wish.names
        self.homes = wish.homes.difference(wish.names)
        self.dropped = wish.dropped.difference(wish.names)
        self.used = wish.used
        self.moved = wish.moved
        self.typed = {at: found for at, item in enumerate(self.body) if (found := guarded_imports(item))}
        self.taken: set[int] = set()
        self.seen: set[str] = set()
        self.starred = False

    def needs(self) -> Needs:
        redirected: set[str] = set()
        todo = list(self.names)
        while todo:
            name = todo.pop()
            if name in self.seen:
                continue
            self.seen.add(name)
            if name in self.homes:
                redirected.add(name)
                continue
            for at in self._builders(name):
                if at not in self.taken:
                    self.taken.add(at)
                    todo += self._reads(name, at)
        taken = [self.body[at] for at in self.taken]
        lines = frozenset(item.lineno for item in taken)
        spans = frozenset(line for item in taken for line in _lines_of(item))
        return Needs(self._kept(), frozenset(redirected), lines, spans, tuple(self._left()))

    def _builders(self, name: str) -> list[int]:
        """Statements that bind `name`, or change what it is bound to."""
        if name == MAIN:
            return [at for at, statement in enumerate(self.body) if is_main_block(statement)]
        binding = [at for at, does in enumerate(self.does) if name in does.binds and not self._apart(at)]
        if not binding and name in self.names:
            raise CannotKeep(name, 1, "is not defined at the top level of the module")
        running = [at for at in binding if at not in self.typed]
        imported = all(isinstance(self.body[at], Import) for at in running)
        binding = running if running and imported else binding
        changing = [at for at, does in enumerate(self.does) if name in does.changes and self._may_follow(at)]
        # Of what is imported, only statements for their effect alone: `@functools.cache` does not change functools.
        return [*binding, *(at for at in changing if not (imported and self.does[at].binds))]

    def _may_follow(self, at: int) -> bool:
        """Whether a statement that changes what is kept can be carried: not `dropped.add(Kept)`."""
        return not self._apart(at) and not (isinstance(self.body[at], ast.Expr) and self.does[at].needs & self.dropped)

    def _apart(self, at: int) -> bool:
        """What the stub does in its own way, or not at all: `__all__`, the main block."""
        does = self.does[at]
        return is_main_block(self.body[at]) or "__all__" in does.binds or "__all__" in does.changes

    def _reads(self, name: str, at: int) -> list[str]:
        statement, does = self.body[at], self.does[at]
        if isinstance(statement, Import):
            return []
        moved = sorted(defined_by(statement) & self.homes)
        if moved:
            raise CannotKeep(name, statement.lineno, f"is built together with `{moved[0]}`, which has a home elsewhere")
        gone = sorted(does.needs & self.dropped)
        if gone:
            raise CannotKeep(name, statement.lineno, f"needs `{gone[0]}`, which is in `drop`")
        bound = {item for other in self.does for item in other.binds}
        self.starred = self.starred or bool(does.free - bound - _OF_MODULES)
        return sorted(does.reads & (bound | self.homes) - self.dropped)

    def _left(self) -> Iterator[tuple[str, int]]:
        """Calls for their effect that read a kept name in a way that is not known to change it: `register([X])`."""
        for at, statement in enumerate(self.body):
            call = statement.value if isinstance(statement, ast.Expr) and at not in self.taken else None
            if isinstance(call, ast.Call) and not only_says(call) and not self._apart(at):
                yield from ((name, statement.lineno) for name in sorted(self.does[at].free.intersection(self.names)))

    def _kept(self) -> Kept:
        imports = {at: item for at in self.taken if isinstance(item := self.body[at], Import)}
        at_top = {at: item for at, item in imports.items() if self._is_hoisted(at, item)}
        typed = [at for at in sorted(self.taken) if at in self.typed]
        in_place = [at for at in sorted(self.taken) if at not in (*at_top, *typed)]
        hoisted = {line for item in at_top.values() for line in self._one_by_one(item)}
        if self.starred:
            stars = (item for item in self.body if isinstance(item, ast.ImportFrom) and item.names[0].name == "*")
            hoisted |= {ast.unparse(item) for item in stars}
        future = ["from __future__ import annotations"] if in_place and has_future(self.body) else []
        defined = {name for at in in_place for name in defined_by(self.body[at])}
        listed = {name for name in defined if name in self.used or not name.startswith("_")} | set(self.names)
        bound = {name for at in self.taken for name in self.does[at].binds if at in in_place or name in self.seen}
        return Kept(
            tuple(sorted(listed - UNLISTED)),
            tuple(sorted({*future, *hoisted})),
            tuple(self._texts(in_place)),
            frozenset(bound),
            self._guarded([self.typed[at] for at in typed]),
        )

    def _guarded(self, typed: list[Guarded]) -> str:
        """The imports for type checkers alone, in one block."""
        lines = sorted({line for block in typed for item in block.imports for line in self._one_by_one(item)})
        tests = sorted({block.test for block in typed})
        return f"if {' or '.join(tests)}:\n" + "".join(f"    {line}\n" for line in lines) if lines else ""

    def _is_hoisted(self, at: int, statement: Import) -> bool:
        """Whether an import may go to the top: nothing else binds what it binds.

        Several `import a.b`, `import a.c` bind `a` to one and the same package.
        """
        if any(other < at and not self.does[other].binds for other in self.taken):
            return False  # what is done before it may be done for it: `sys.path.insert(0, "lib")`
        aliases = aliases_of(statement, self.seen - self.homes)
        needed = {local(alias) for alias in aliases}
        running = (other for other in range(len(self.body)) if other != at and other not in self.typed)
        others = [other for other in running if self.does[other].binds & needed]
        plain = all(isinstance(self.body[other], ast.Import) for other in [at, *others])
        return not others or (plain and not any(alias.asname for alias in aliases))

    def _one_by_one(self, statement: Import) -> list[str]:
        """An import of each name that is needed of a statement."""
        return [one_import(statement, alias, self.moved) for alias in aliases_of(statement, self.seen - self.homes)]

    def _texts(self, wanted: list[int]) -> Iterator[str]:
        """The text of each statement; those that share a line are told apart where not all are wanted."""
        done: set[int] = set()
        for at in wanted:
            if at in done:
                continue
            statement = self.body[at]
            if isinstance(statement, Import):
                yield "".join(f"{line}\n" for line in self._one_by_one(statement))
                continue
            group = self._sharing(at)
            if len(group) > 1 and not set(group) <= set(wanted):
                yield f"{ast.get_source_segment(self.source, self.body[at])}\n"
                continue
            done |= set(group)
            yield self._verbatim(self.body[group[0]], self.body[group[-1]])

    def _sharing(self, at: int) -> list[int]:
        """The statements that stand on the lines of the one at `at`, itself among them."""
        first = last = at
        while first and self.body[first - 1].end_lineno == self.body[first].lineno:
            first -= 1
        while last + 1 < len(self.body) and self.body[last].end_lineno == self.body[last + 1].lineno:
            last += 1
        return list(range(first, last + 1))

    def _verbatim(self, begin: ast.stmt, end: ast.stmt) -> str:
        """The statements' lines, with decorators and the comment lines directly above."""
        lines = self.source.split("\n")
        decorators = getattr(begin, "decorator_list", ())
        first = min([begin.lineno, *(item.lineno for item in decorators)]) - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        return "\n".join(lines[first : end.end_lineno]) + "\n"
