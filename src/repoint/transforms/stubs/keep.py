"""Definitions that a stub carries over: the old module's source and names in, their text and needs out.

Carried over is every statement that builds a kept name: what binds it, rebinds it and changes its object, and, in
turn, every statement that builds what those read.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from repoint.analysis.namespace import defined_by
from repoint.analysis.parse import parse
from repoint.model import Frozen
from repoint.names import Symbol
from repoint.transforms.stubs.effects import is_main_block, read_effects
from repoint.transforms.stubs.text import Kept

MAIN = "__main__"
UNLISTED = frozenset({MAIN, "__getattr__", "__dir__"})
_IMPORTS = (ast.Import, ast.ImportFrom)
_OF_MODULES = frozenset({*dir(builtins), "__file__", "__path__", "__all__", "__cached__", "__annotations__"})


class CannotKeep(Exception):
    """A definition that cannot be carried over; carries its name, line and the reason."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(name, line, reason)
        self.name = name
        self.line = line
        self.reason = reason


class Needs(Frozen, frozen=True):
    """What is kept, the names that it reads from the stub's own redirects, and the lines that are carried over."""

    kept: Kept
    redirected: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()


def carry_over(
    data: bytes,
    names: tuple[str, ...],
    homes: frozenset[str],
    used: frozenset[str],
    moved: Mapping[str, Symbol] | None = None,
) -> Needs:
    """The definitions of `names` in the module whose bytes are `data`, with what they need.

    `homes` are names that have a home elsewhere: reading one is met by its redirect. What is taken along counts as
    kept where it is public or in `used`. `moved` are imported names whose import moves, with what it is to import.
    `names` may hold `__main__`, for the block that `python -m` runs. Raises
    CannotKeep, and Unparsable.
    """
    text, tree, _ = parse(data)
    source = text.utf8.decode("utf-8").replace("\r\n", "\n")
    return _Slice(source, tree, names, homes - set(names), moved or {}).needs(used)


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

    def __init__(
        self, source: str, tree: ast.Module, names: tuple[str, ...], homes: frozenset[str], moved: Mapping[str, Symbol]
    ) -> None:
        self.source = source
        self.body = tree.body
        self.does = read_effects(tree)
        self.names = names
        self.homes = homes
        self.moved = moved
        self.taken: set[int] = set()
        self.seen: set[str] = set()
        self.starred = False

    def needs(self, used: frozenset[str]) -> Needs:
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
        return Needs(self._kept(used), frozenset(redirected), frozenset(self.body[at].lineno for at in self.taken))

    def _builders(self, name: str) -> list[int]:
        """Statements that bind `name`, or change what it is bound to."""
        if name == MAIN:
            return [at for at, statement in enumerate(self.body) if is_main_block(statement)]
        binding = [at for at, does in enumerate(self.does) if name in does.binds and not self._apart(at)]
        if not binding and name in self.names:
            raise CannotKeep(name, 1, "is not defined at the top level of the module")
        imported = all(isinstance(self.body[at], _IMPORTS) for at in binding)
        changing = [at for at, does in enumerate(self.does) if name in does.changes and not self._apart(at)]
        # Of what is imported, only statements for their effect alone: `@functools.cache` does not change functools.
        return [*binding, *(at for at in changing if not (imported and self.does[at].binds))]

    def _apart(self, at: int) -> bool:
        """What the stub does in its own way, or not at all: `__all__`, the main block."""
        does = self.does[at]
        return is_main_block(self.body[at]) or "__all__" in does.binds or "__all__" in does.changes

    def _reads(self, name: str, at: int) -> list[str]:
        statement, does = self.body[at], self.does[at]
        if isinstance(statement, _IMPORTS):
            return []
        moved = sorted(defined_by(statement) & self.homes)
        if moved:
            raise CannotKeep(name, statement.lineno, f"is built together with `{moved[0]}`, which has a home elsewhere")
        bound = {item for other in self.does for item in other.binds}
        self.starred = self.starred or bool(does.free - bound - _OF_MODULES)
        return sorted(does.reads & (bound | self.homes))

    def _kept(self, used: frozenset[str]) -> Kept:
        hoisted = {line for at in sorted(self.taken) for line in self._hoisted(at)}
        if self.starred:
            stars = (item for item in self.body if isinstance(item, ast.ImportFrom) and item.names[0].name == "*")
            hoisted |= {ast.unparse(item) for item in stars}
        in_place = [at for at in sorted(self.taken) if not self._is_hoisted(at)]
        future = ["from __future__ import annotations"] if in_place and _has_future(self.body) else []
        bound = {name for at in in_place for name in self.does[at].binds}
        defined = {name for at in in_place for name in defined_by(self.body[at])}
        listed = {name for name in defined if name in used or not name.startswith("_")} | set(self.names)
        imported = {alias.asname or alias.name for at in self.taken - set(in_place) for alias in self._aliases(at)}
        return Kept(
            tuple(sorted(listed - UNLISTED)),
            tuple(sorted({*future, *hoisted})),
            tuple(self._texts(in_place)),
            frozenset(bound | imported),
        )

    def _is_hoisted(self, at: int) -> bool:
        """Whether a statement is an import that may go to the top: nothing else binds what it binds.

        Several `import a.b`, `import a.c` bind `a` to one and the same package.
        """
        if not isinstance(self.body[at], _IMPORTS):
            return False
        if any(other < at and not self.does[other].binds for other in self.taken):
            return False  # what is done before it may be done for it: `sys.path.insert(0, "lib")`
        needed = {_local(alias) for alias in self._aliases(at)}
        others = [other for other, does in enumerate(self.does) if other != at and does.binds & needed]
        plain = all(isinstance(self.body[other], ast.Import) for other in [at, *others])
        return not others or (plain and not any(alias.asname for alias in self._aliases(at)))

    def _aliases(self, at: int) -> list[ast.alias]:
        """The names of an import that are needed."""
        statement = self.body[at]
        assert isinstance(statement, _IMPORTS)
        return [alias for alias in statement.names if _local(alias) in self.seen - self.homes]

    def _hoisted(self, at: int) -> Iterator[str]:
        if self._is_hoisted(at):
            yield from (self._one_import(at, alias) for alias in self._aliases(at))

    def _one_import(self, at: int, alias: ast.alias) -> str:
        """The import of just one name."""
        statement = self.body[at]
        shown = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
        home = self.moved.get(_local(alias))
        if home is not None:
            local = _local(alias)
            return f"from {home.module} import {home.name}" + (f" as {local}" if local != home.name else "")
        if isinstance(statement, ast.ImportFrom):
            return f"from {'.' * statement.level}{statement.module or ''} import {shown}"
        return f"import {shown}"

    def _texts(self, wanted: list[int]) -> Iterator[str]:
        """The text of each statement; those that share a line are told apart where not all are wanted."""
        done: set[int] = set()
        for at in wanted:
            if at in done:
                continue
            if isinstance(self.body[at], _IMPORTS):
                yield "".join(f"{self._one_import(at, alias)}\n" for alias in self._aliases(at))
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


def _local(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _has_future(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(item, ast.ImportFrom)
        and item.module == "__future__"
        and any(alias.name == "annotations" for alias in item.names)
        for item in body
    )
