"""Whether what a fix writes stays in one piece: a result and the fixes in it in, the first that is taken apart out.

A fix is text. What stands around it, or the fix itself around what a metavariable caught, may bind tighter than what it
was written for: `-f(1)` with the fix `$A + 1` is `-1 + 1`, and `f(1 + x)` with `$A * 2` is `1 + x * 2`.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from repoint.analysis.parse import Unparsable, parse
from repoint.patterns.syntax import substituted

_TRAILERS = (ast.Attribute, ast.Call, ast.Subscript)


class TakenApart(Exception):
    """Carries the 1-based line of the match, and why its fix would not mean what it says."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


def split_by_neighbours(data: bytes, spans: list[tuple[int, int]]) -> int | None:
    """Which of `spans`, of bytes, in order and apart, some part of the syntax tree begins or ends in, but not both.

    None where each is whole, or where `data` is no Python.
    """
    try:
        text, tree, _ = parse(data)
    except Unparsable:
        return None
    for node in _nodes(tree):
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        start = text.raw(text.offset(node.lineno, node.col_offset))  # type: ignore[attr-defined]
        end = text.raw(text.offset(end_line, end_column))
        for at in (_within(spans, start), _within(spans, end)):
            # A name that became a dotted one is read on from what stands before it: `a.x` to `a.b.c`.
            trailing = isinstance(node, _TRAILERS) and at is not None and start < spans[at][0]
            if at is not None and not trailing and (start < spans[at][0] or end > spans[at][1]):
                return at
    return None


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes with a place, those in f-strings aside, whose places are not told alike by all versions of Python."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if getattr(node, "end_lineno", None) is not None:
            yield node
        if not isinstance(node, ast.JoinedStr):
            todo += ast.iter_child_nodes(node)


def _within(spans: list[tuple[int, int]], offset: int) -> int | None:
    """The span that has `offset` inside of it, not at its edge."""
    at = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return at if at >= 0 and spans[at][0] < offset < spans[at][1] else None


def splits_what_it_caught(template: str, caught: Mapping[str, str]) -> str | None:
    """The metavariable of `template` whose text, an expression, would not stay in one piece there; None for none."""
    for variable in caught:
        if variable.startswith("$$$") or _tree(caught[variable], "eval") is None:
            continue
        plain = substituted(template, lambda name: caught.get(name, name))
        enclosed = {**caught, variable: f"({caught[variable]})"}
        if _differ(plain, substituted(template, lambda name: enclosed.get(name, name))):  # noqa: B023  # used at once
            return variable
    return None


def _differ(one: str, other: str) -> bool:
    """Whether two texts, if both are Python on their own, are different code."""
    for mode in ("eval", "exec"):
        trees = _tree(one, mode), _tree(other, mode)
        if trees[0] is not None and trees[1] is not None:
            return ast.dump(trees[0]) != ast.dump(trees[1])
    return False


def _tree(text: str, mode: str) -> ast.AST | None:
    try:
        return ast.parse(text.strip(), mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
