"""Python source as the proof reads it: bytes in, a tree out; and which statements run while a module is imported."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from repoint.names import is_package_file, parent, resolve_relative


class Step(NamedTuple):
    """A top-level statement, and how it comes to run.

    `certain` if no condition guards it; `aside` if importing never runs it, because it is for type checkers alone or
    for a run as a script; `fallback` if it stands in an `except`.
    """

    node: ast.stmt
    certain: bool = True
    aside: bool = False
    fallback: bool = False


def parse(data: bytes) -> ast.Module | None:
    """The file's tree; None where it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are none of the migration's business
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def steps(body: list[ast.stmt], *, classes: bool, below: Step | None = None) -> Iterator[Step]:
    """The statements that run with `body`, in order, compound ones before their parts; bodies of functions do not run.

    The bodies of classes run too, but bind names elsewhere: `classes` tells whether they are wanted.
    """
    for node in body:
        step = Step(node) if below is None else below._replace(node=node)
        yield step
        for part, inside in _parts(step, classes):
            yield from steps(part, classes=classes, below=inside)


def _parts(step: Step, classes: bool) -> Iterator[tuple[list[ast.stmt], Step]]:
    """The blocks of a statement, each with a step that says how its statements come to run."""
    maybe = step._replace(certain=False)
    match step.node:
        case ast.If(test=test, body=body, orelse=orelse):
            runs = _runs_on_import(test)
            yield body, maybe._replace(aside=step.aside or runs is False)
            yield orelse, maybe._replace(aside=step.aside or runs is True)
        case ast.For(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
            yield body, maybe
            yield orelse, maybe
        case ast.Try() | ast.TryStar() as node:
            yield node.body, maybe
            for handler in node.handlers:
                yield handler.body, maybe._replace(fallback=True)
            yield node.orelse, maybe
            yield node.finalbody, step
        case ast.With(body=body):
            yield body, step
        case ast.Match(cases=cases):
            for item in cases:
                yield item.body, maybe
        case ast.ClassDef(body=body) if classes:
            yield body, step


def _runs_on_import(test: ast.expr) -> bool | None:
    """False for `TYPE_CHECKING` and `__name__ == "__main__"`, True for their negations, None for all else."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _runs_on_import(operand)
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
