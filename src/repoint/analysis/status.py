"""What a governed module is by now: its bytes and the names that are to leave it in, its state out."""

from __future__ import annotations

import ast

from repoint.analysis.parse import Unparsable, parse
from repoint.model import State

_FRAME = {"__all__", "__getattr__", "__dir__", "_HOMES"}


def state_of(data: bytes | None, moved: frozenset[str]) -> State:
    """The state of a module; `data` is None where there is no file.

    A module that still defines one of the `moved` names (or, where none are declared, anything at all) is an
    implementation; one that defines only others is partly a redirect.
    """
    if data is None:
        return State.GONE
    try:
        _, tree, _ = parse(data)
    except Unparsable:
        return State.IMPLEMENTATION
    defined = {name for statement in tree.body for name in _defined(statement)}
    names = defined - _FRAME
    if names & moved if moved else names:
        return State.IMPLEMENTATION
    if not names and not _passes_on(tree):
        return State.IMPLEMENTATION  # an empty module redirects nothing
    if names:
        return State.PARTIAL
    return State.LAZY if "__getattr__" in defined else State.REDIRECT


def _passes_on(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))


def _defined(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement defines, not those that it imports."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import() | ast.ImportFrom():
            return set()
        case ast.If() | ast.Try() | ast.With():
            return {name for inner in ast.iter_child_nodes(statement) for name in _inside(inner)}
        case _:
            stores = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            return {node.id for node in stores if isinstance(node.ctx, ast.Store)}


def _inside(node: ast.AST) -> set[str]:
    if isinstance(node, ast.stmt):
        return _defined(node)
    return {name for inner in getattr(node, "body", ()) for name in _defined(inner)}
