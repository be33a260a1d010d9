"""The syntax around places of interest: a parsed file and lines in, the nodes of those statements out, with parents.

Statements that span none of the lines are passed over whole; looking at every node of every file would cost more
than all the rest of a plan.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from repoint.analysis.text import Text
from repoint.analysis.words import offsets

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


class Syntax:
    """A file's tree, walked as far as is asked for."""

    def __init__(self, text: Text, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self._parents: dict[int, ast.AST] = {}
        self._seen: set[int] = set()
        self._at: dict[tuple[int, int], ast.expr] = {}

    def walk(self, top: ast.AST, lines: Iterable[int]) -> None:
        """Make the nodes of those statements below `top` known that span any of `lines`."""
        wanted = sorted(set(lines))
        todo = [top]
        while todo:
            node = todo.pop()
            for name, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else (value,):
                    if not isinstance(child, ast.AST):
                        continue
                    if name in _BLOCKS and not isinstance(child, ast.expr):
                        if not _spans(child, wanted):
                            continue
                        self._parents[id(child)] = node
                        todo.append(child)
                    elif id(child) not in self._seen:
                        self._expression(node, child)

    def _expression(self, parent: ast.AST, top: ast.AST) -> None:
        """Make an expression or another part of a statement known, whole."""
        todo = [(parent, top)]
        starts = self.text.line_starts
        while todo:
            parent, node = todo.pop()
            self._seen.add(id(node))
            self._parents[id(node)] = parent
            if isinstance(node, ast.Name | ast.Attribute | ast.Constant) and node.end_lineno is not None:
                start = starts[node.lineno - 1] + node.col_offset
                end = starts[node.end_lineno - 1] + (node.end_col_offset or 0)
                self._at[start, end] = node
            todo += [(node, child) for child in ast.iter_child_nodes(node)]

    def at(self, start: int, end: int) -> ast.expr | None:
        """The name, attribute or constant of exactly this span."""
        return self._at.get((start, end))

    def constant_around(self, start: int, end: int) -> ast.Constant | None:
        """The string literal whose content has this span."""
        for before in range(1, 6):
            for after in (1, 3):
                node = self._at.get((start - before, end + after))
                if isinstance(node, ast.Constant):
                    return node
        return None

    def constant_near(self, offset: int) -> ast.Constant | None:
        """The string literal whose content begins at `offset`."""
        for (start, _), node in self._at.items():
            if isinstance(node, ast.Constant) and 1 <= offset - start <= 5 and self.text.utf8[offset - 1] in b"\"'":
                return node
        return None

    def parent(self, node: ast.AST) -> ast.AST:
        return self._parents.get(id(node), self.tree)

    def parents(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Every node around `node` with the child that leads to it, the module last."""
        while node is not self.tree:
            above = self.parent(node)
            yield above, node
            node = above

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function whose body holds `node`."""
        for above, child in self.parents(node):
            if isinstance(above, Function) and child in above.body:
                return above
        return None

    def outermost(self, node: ast.AST) -> ast.AST:
        """The outermost function around `node`, decorators included; where there is none, the module's statement."""
        found: ast.AST = node
        for above, child in self.parents(node):
            if isinstance(above, Function):
                found = above
            if above is self.tree and not isinstance(found, Function):
                found = child
        return found

    def names(self, top: ast.AST, name: str) -> list[ast.Name]:
        """Every `name` that stands as a name below `top`, made known on the way."""
        first, last = self.span(top)
        found = list(offsets(self.text.utf8[first:last], name.encode()))
        self.walk(top, self.text.lines_of(first + at for at in found))
        nodes = (self.at(first + at, first + at + len(name.encode())) for at in found)
        return [node for node in nodes if isinstance(node, ast.Name)]

    def attributes(self, top: ast.AST, name: str) -> list[ast.Attribute]:
        """Every `….name` below `top`, in the order of the text, made known on the way."""
        first, last = self.span(top)
        self.walk(top, self.text.lines_of(first + at for at in offsets(self.text.utf8[first:last], name.encode())))
        found = [
            (end, node)
            for (start, end), node in self._at.items()
            if isinstance(node, ast.Attribute) and node.attr == name and first <= start and end <= last
        ]
        return [node for _, node in sorted(found, key=lambda item: item[0])]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Offsets of a node, its decorators included."""
        if isinstance(node, ast.Module):
            return 0, len(self.text.utf8)
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(item.lineno for item in decorators)])  # type: ignore[attr-defined]
        end = self.text.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return self.text.line_starts[first - 1], end

    def source(self, node: ast.AST) -> bytes:
        first, last = self.span(node)
        return self.text.utf8[first:last]

    def text_of(self, node: ast.AST) -> str:
        return self.source(node).decode("utf-8", "replace")


def _spans(node: ast.AST, lines: list[int]) -> bool:
    first = getattr(node, "lineno", None)
    if first is None:  # a `case`, which has no place of its own
        return True
    first = min([first, *(item.lineno for item in getattr(node, "decorator_list", ()))])
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= (node.end_lineno or first)  # type: ignore[attr-defined]


def tail(node: ast.AST) -> str:
    """The last name of a callee or an exception: `a.b.c` gives `c`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.AST | None) -> str | None:
    """The value of a string literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
