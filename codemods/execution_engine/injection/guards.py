"""Whether a variable that may be None is known not to be, at one place: `if x is None: raise`, `if x:`, `assert x`."""

from __future__ import annotations

import ast

from injection.order import deferred, inside, precedes
from injection.scopes import File, Scope

_LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)


def not_none(file: File, scope: Scope, name: str, node: ast.AST) -> bool:
    """Whether `name` of `scope` has been tested before `node` runs, and not been bound again since the test."""
    if deferred(file, node, scope):
        return False
    bindings = scope.bindings[name]
    for test in file.nodes:
        if not isinstance(test, ast.If | ast.Assert) or file.scope_of[test] is not scope:
            continue
        earlier = [binding for binding in bindings if binding.node.lineno < test.lineno]  # type: ignore[attr-defined]
        if isinstance(test, ast.Assert):
            known = _says_not_none(test.test, name) and precedes(file, test, node)
        elif inside(file, node, test, "body"):
            known = _says_not_none(test.test, name)
        else:
            known = _says_none(test.test, name) and precedes(file, test, node) and _mends(test.body, name)
            earlier += [binding for binding in bindings if inside(file, binding.node, test, "body")]
        if known and len(earlier) == len(bindings):
            return True
    return False


def _says_not_none(test: ast.expr, name: str) -> bool:
    match test:
        case ast.Name(id=found):
            return found == name
        case ast.Compare(left=ast.Name(id=found), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return found == name
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_says_not_none(value, name) for value in values)
    return False


def _says_none(test: ast.expr, name: str) -> bool:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=found)):
            return found == name
        case ast.Compare(left=ast.Name(id=found), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return found == name
    return False


def _mends(body: list[ast.stmt], name: str) -> bool:
    """Whether the branch for None leaves, or binds the name to something and to nothing else."""
    stored = [node for item in body for node in ast.walk(item) if isinstance(node, ast.Name) and node.id == name]
    stored = [node for node in stored if not isinstance(node.ctx, ast.Load)]
    made = [
        item
        for item in body
        if isinstance(item, ast.Assign) and item.targets == stored and isinstance(item.value, ast.Call | ast.Await)
    ]
    return bool(made) or isinstance(body[-1], _LEAVES)
