"""Variables that surely hold an instance of a moved class: the uses of their members, checked like the class's own.

Sure is a variable that one assignment `x = Name(…)` binds, and nothing else in its scope or below it; and a parameter
that is annotated with the class, of a function that no test runner fills with what it likes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from repoint.compat.anchors import Anchor
from repoint.compat.check import Check
from repoint.compat.guards import patched_member
from repoint.compat.syntax import Function, Syntax, tail
from repoint.compat.values import Pair

_FREE = (ast.Global, ast.Nonlocal)
_OPTIONAL = frozenset({"Optional"})


def check_instances(check: Check, uses: list[tuple[Anchor, ast.expr]]) -> None:
    """Look at the members of every such variable of the file."""
    done: set[tuple[int, str]] = set()
    for anchor, node in uses:
        pair = check.pairs[anchor.old]
        if not (pair.before.is_class and pair.after.is_class):
            continue
        for scope, name in _variables(check.syntax, node, pair):
            if (id(scope), name) not in done:
                done.add((id(scope), name))
                _check(check, pair, scope, name)


def _variables(syntax: Syntax, node: ast.expr, pair: Pair) -> Iterator[tuple[ast.AST, str]]:
    """The scope and name of a variable that `node` makes an instance: by a call, or as an annotation."""
    above = syntax.parent(node)
    scope: ast.AST = syntax.function(node) or syntax.tree
    if _is_in_class_body(syntax, node):
        return
    if isinstance(above, ast.Call) and above.func is node:
        if pair.before.makes_itself or pair.after.makes_itself:
            return
        statement = syntax.parent(above)
        if isinstance(statement, ast.Assign) and statement.value is above and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                yield scope, target.id
        elif isinstance(statement, ast.AnnAssign) and statement.value is above:
            if isinstance(statement.target, ast.Name):
                yield scope, statement.target.id
        return
    argument = _annotated(syntax, node)
    if argument is not None:
        function = syntax.parent(syntax.parent(argument))
        if isinstance(function, Function) and _is_called_by_code(function) and _no_default(function, argument):
            yield function, argument.arg


def _is_in_class_body(syntax: Syntax, node: ast.AST) -> bool:
    for above, child in syntax.parents(node):
        if isinstance(above, Function) and child in above.body:
            return False
        if isinstance(above, ast.ClassDef):
            return not isinstance(child, Function)
    return False


def _annotated(syntax: Syntax, node: ast.expr) -> ast.arg | None:
    """The parameter whose annotation is the class, `Optional` or not."""
    above = syntax.parent(node)
    if isinstance(above, ast.Subscript) and above.slice is node and tail(above.value) in _OPTIONAL:
        node, above = above, syntax.parent(above)
    return above if isinstance(above, ast.arg) and above.annotation is node else None


def _is_called_by_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether callers, rather than pytest, give the arguments."""
    return not function.name.startswith("test") and not function.decorator_list


def _no_default(function: ast.FunctionDef | ast.AsyncFunctionDef, argument: ast.arg) -> bool:
    """Whether the parameter's default is none, or None."""
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    if argument in positional:
        at = positional.index(argument) - (len(positional) - len(args.defaults))
        default = args.defaults[at] if at >= 0 else None
    elif argument in args.kwonlyargs:
        default = args.kw_defaults[args.kwonlyargs.index(argument)]
    else:
        return False  # `*args: Name` is a tuple
    return default is None or (isinstance(default, ast.Constant) and default.value is None)


def _check(check: Check, pair: Pair, scope: ast.AST, name: str) -> None:
    syntax = check.syntax
    uses = syntax.names(scope, name)
    bound = [use for use in uses if not isinstance(use.ctx, ast.Load)]
    is_parameter = not any(syntax.parent(use) for use in bound) or isinstance(scope, Function) and name in _names(scope)
    if len(bound) != (0 if is_parameter else 1) or _is_bound_otherwise(syntax, scope, name):
        return
    loads = [use for use in uses if isinstance(use.ctx, ast.Load)]
    given = _given(syntax, loads)
    if given is None:
        return
    for use in loads:
        above = syntax.parent(use)
        if isinstance(above, ast.Attribute) and above.value is use:
            check.examined[pair.key] += 1
            if above.attr not in given and not _is_narrowed(syntax, scope, name):
                check.member(above, pair, name, on_instance=True)
        elif isinstance(above, ast.Call) and (member := patched_member(above, use)) is not None:
            check.examined[pair.key] += 1
            if member not in given:
                check.lacks(above.args[1], pair, name, member, on_instance=True)


def _names(function: ast.AST) -> set[str]:
    args = getattr(function, "args", None)
    if not isinstance(args, ast.arguments):
        return set()
    extra = [item for item in (args.vararg, args.kwarg) if item is not None]
    return {item.arg for item in (*args.posonlyargs, *args.args, *args.kwonlyargs, *extra)}


def _is_bound_otherwise(syntax: Syntax, scope: ast.AST, name: str) -> bool:
    """Whether anything but an assignment binds the name in the scope or below: imports, definitions, parameters."""
    for node in ast.walk(scope):
        if node is not scope and isinstance(node, Function | ast.Lambda) and name in _names(node):
            return True
        if node is not scope and isinstance(node, Function | ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, _FREE) and name in node.names:
            return True
        if isinstance(node, ast.alias) and (node.asname or node.name.partition(".")[0]) == name:
            return True
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name == name:
            return True
    return False


def _given(syntax: Syntax, loads: list[ast.Name]) -> set[str] | None:
    """Attributes that the scope itself gives the object; None where it gives it any by computed names."""
    given: set[str] = set()
    for use in loads:
        above = syntax.parent(use)
        if isinstance(above, ast.Attribute) and not isinstance(above.ctx, ast.Load):
            given.add(above.attr)
        elif isinstance(above, ast.Attribute) and above.attr in ("__dict__", "__class__"):
            return None
        elif isinstance(above, ast.Call) and tail(above.func) in ("setattr", "vars") and above.args[:1] == [use]:
            named = above.args[1] if len(above.args) > 1 else None
            if not isinstance(named, ast.Constant):
                return None
            given.add(str(named.value))
    return given


def _is_narrowed(syntax: Syntax, scope: ast.AST, name: str) -> bool:
    """Whether the scope asks what the object is."""
    source = syntax.source(scope)
    return f"isinstance({name}," in source.decode("utf-8", "replace") or f"type({name})" in source.decode("utf-8", "replace")
