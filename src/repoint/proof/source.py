"""Python source as the proof reads it: bytes in, a tree out; and which statements run while a module is imported."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from repoint.names import is_package_file, parent, resolve_relative

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Step(NamedTuple):
    """A top-level statement; `certain` if no condition guards it, `typed` if only type checkers see it."""

    node: ast.stmt
    certain: bool
    typed: bool


def parse(data: bytes) -> ast.Module | None:
    """The file's tree; None where it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are none of the migration's business
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def steps(body: list[ast.stmt], *, classes: bool, certain: bool = True, typed: bool = False) -> Iterator[Step]:
    """The statements that run with `body`, in order, compound ones before their parts; bodies of functions do not run.

    The bodies of classes run too, but bind names elsewhere: `classes` tells whether they are wanted.
    """
    for node in body:
        yield Step(node, certain, typed)
        for part, sure, types in _parts(node, classes):
            yield from steps(part, classes=classes, certain=certain and sure, typed=typed or types)


def _parts(node: ast.stmt, classes: bool) -> Iterator[tuple[list[ast.stmt], bool, bool]]:
    """The blocks of a statement: their bodies, whether they run for sure, whether type checkers alone see them."""
    match node:
        case ast.If():
            types = _tells_type_checking(node.test)
            yield node.body, False, types is True
            yield node.orelse, False, types is False
        case ast.For() | ast.AsyncFor() | ast.While():
            yield node.body, False, False
            yield node.orelse, False, False
        case ast.Try() | ast.TryStar():
            yield node.body, False, False
            for handler in node.handlers:
                yield handler.body, False, False
            yield node.orelse, False, False
            yield node.finalbody, True, False
        case ast.With() | ast.AsyncWith():
            yield node.body, True, False
        case ast.Match():
            for item in node.cases:
                yield item.body, False, False
        case ast.ClassDef() if classes:
            yield node.body, True, False


def _tells_type_checking(test: ast.expr) -> bool | None:
    """True for `TYPE_CHECKING`, False for its negation, None for all else."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _tells_type_checking(operand)
            return None if inner is None else not inner
    return None


def package_of(module: str, path: str) -> str:
    """The package that relative imports in the file start from."""
    return module if is_package_file(path) else parent(module)


def target_of(node: ast.ImportFrom, package: str) -> str:
    """The absolute module of a from-import; empty where its dots lead beyond the top."""
    return resolve_relative(package, node.level, node.module or "") or ""


def dotted(node: ast.expr) -> tuple[str, ...] | None:
    """`a.b.c` gives its three parts; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else None
