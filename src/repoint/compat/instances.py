"""Variables that surely hold an instance of a moved class: the uses of their members, checked like the class's own.

Sure is a variable that one assignment `x = Name(…)` binds, and nothing else in its scope or below it; and a parameter
that is annotated with the class, of a function that no test runner fills with what it likes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from repoint.analysis.words import offsets
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
                _check_variable(check, pair, scope, name)
        if not (pair.before.makes_itself or pair.after.makes_itself):
            fields = _fields(check.syntax, node)
            if fields:
                _check_uses(check, pair, ast.unparse(fields[0]), fields)


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
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
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


def _check_variable(check: Check, pair: Pair, scope: ast.AST, name: str) -> None:
    syntax = check.syntax
    uses = syntax.names(scope, name)
    bound = [use for use in uses if not isinstance(use.ctx, ast.Load)]
    if len(bound) != (0 if name in _names(scope) else 1) or _is_bound_otherwise(syntax, scope, name):
        return
    source = syntax.text_of(scope)
    if any(asked in source for asked in (f"isinstance({name},", f"type({name})", f"match {name}:")):
        return
    _check_uses(check, pair, name, [use for use in uses if isinstance(use.ctx, ast.Load)])


def _check_uses(check: Check, pair: Pair, name: str, loads: Sequence[ast.expr]) -> None:
    """Look at the members read from expressions that all are one instance, called `name`."""
    given = _given(check.syntax, loads)
    if given is None:
        return
    for use in loads:
        above = check.syntax.parent(use)
        if isinstance(above, ast.Attribute):
            check.examined[pair.key] += 1
            if above.attr not in given:
                check.member(above, pair, name, on_instance=True)
        elif isinstance(above, ast.Call) and (member := patched_member(above, use)) is not None:
            check.examined[pair.key] += 1
            if member not in given:
                check.lacks(above.args[1], pair, name, member, on_instance=True)


def _fields(syntax: Syntax, node: ast.expr) -> list[ast.Attribute]:
    """The reads of `self.x` that surely give the instance which `self.x = Name(…)` has put there.

    Those of the whole class, where nothing else in the file assigns or names an attribute `x`; else those that follow
    in the same method, if it assigns it but once.
    """
    call = syntax.parent(node)
    statement = syntax.parent(call)
    if not isinstance(statement, ast.Assign) or statement.value is not call or len(statement.targets) != 1:
        return []
    target, method = statement.targets[0], syntax.function(node)
    owner = syntax.parent(method) if method is not None else None
    if not isinstance(target, ast.Attribute) or method is None or not isinstance(owner, ast.ClassDef):
        return []
    if not _is_first_of(target.value, method):
        return []
    everywhere = syntax.attributes(syntax.tree, target.attr)
    stores = [item for item in everywhere if not isinstance(item.ctx, ast.Load)]
    if stores == [target] and not _is_quoted(target.attr, syntax.text.utf8):
        return [item for item in everywhere if item is not target and _belongs(syntax, item, owner)]
    within = [item for item in everywhere if syntax.function(item) is method and _is_first_of(item.value, method)]
    stores = [item for item in within if not isinstance(item.ctx, ast.Load)]
    if stores != [target] or _is_quoted(target.attr, syntax.source(method)):
        return []
    return [item for item in within if item.lineno > (statement.end_lineno or statement.lineno)]


def _is_quoted(name: str, source: bytes) -> bool:
    return any(f"{mark}{name}{mark}".encode() in source for mark in "\"'")


def _belongs(syntax: Syntax, node: ast.Attribute, owner: ast.ClassDef) -> bool:
    """Whether `node` is read from the first parameter of a method of `owner`."""
    for above, _ in syntax.parents(node):
        if isinstance(above, Function) and syntax.parent(above) is owner:
            return _is_first_of(node.value, above)
    return False


def _is_first_of(node: ast.expr, method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*method.args.posonlyargs, *method.args.args]
    return isinstance(node, ast.Name) and bool(arguments) and node.id == arguments[0].arg


def _names(function: ast.AST) -> set[str]:
    args = getattr(function, "args", None)
    if not isinstance(args, ast.arguments):
        return set()
    extra = [item for item in (args.vararg, args.kwarg) if item is not None]
    return {item.arg for item in (*args.posonlyargs, *args.args, *args.kwonlyargs, *extra)}


def _is_bound_otherwise(syntax: Syntax, scope: ast.AST, name: str) -> bool:
    """Whether anything but an assignment binds the name in the scope or below: imports, definitions, parameters."""
    spelled = sum(1 for _ in offsets(syntax.source(scope), name.encode()))
    if spelled == len(syntax.names(scope, name)):
        return False
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


def _given(syntax: Syntax, loads: Sequence[ast.expr]) -> set[str] | None:
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
