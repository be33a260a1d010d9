"""What has run by the time that a place of a file runs: earlier statements, and the bindings that they make."""

from __future__ import annotations

import ast

from injection.scopes import Binding, File, Scope

_DEFERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


def precedes(file: File, statement: ast.AST, node: ast.AST) -> bool:
    """Whether `statement` has run whenever `node` runs: it is earlier in a block that `node` is in."""
    if statement not in file.place_of:
        return False
    block, name, index = file.place_of[statement]
    current = node
    while current is not block:
        if current in file.place_of:
            around, field_name, at = file.place_of[current]
            if around is block and field_name == name:
                return at > index
        if current not in file.parent_of:
            return False
        current = file.parent_of[current]
    return False


def bound_before(file: File, binding: Binding, node: ast.AST) -> bool:
    """Whether `binding` has happened, on every path, by the time that `node` is evaluated."""
    if binding.how == "parameter":
        return True
    if binding.how in ("assigned", "annotated"):
        return binding.value is not None and precedes(file, binding.statement, node)
    if binding.how == "unpacked":
        return precedes(file, binding.statement, node)
    if binding.how == "with":
        return inside(file, node, binding.statement, "body") or precedes(file, binding.statement, node)
    if binding.how == "loop":
        return inside(file, node, binding.statement, "body")
    if binding.how == "comprehension":
        return _generated_before(file, binding, node)
    return False


def inside(file: File, node: ast.AST, statement: ast.AST, name: str) -> bool:
    """Whether `node` is in the block `name` of `statement`."""
    for ancestor in (node, *file.ancestors(node)):
        if ancestor in file.place_of:
            around, field_name, _ = file.place_of[ancestor]
            if around is statement:
                return field_name == name
    return False


def deferred(file: File, node: ast.AST, scope: Scope) -> bool:
    """Whether `node` runs later than the statement of `scope` that it stands in."""
    inner: Scope | None = file.scope_of[node]
    while inner is not None and inner is not scope:
        if isinstance(inner.node, _DEFERS):
            return True
        inner = inner.parent
    return False


def _generated_before(file: File, binding: Binding, node: ast.AST) -> bool:
    whole = file.parent_of[binding.statement]
    child = node
    for ancestor in file.ancestors(node):
        if ancestor is whole:
            break
        child = ancestor
    if not isinstance(child, ast.comprehension):
        return True  # the element: all loops have begun
    generators = whole.generators  # type: ignore[attr-defined]
    return bool(generators.index(binding.statement) < generators.index(child))
