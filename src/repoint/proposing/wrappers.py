"""Classes and functions that only pass on: a syntax tree in, the name that it passes on to out."""

from __future__ import annotations

import ast

from repoint.proposing.texts import is_log, is_warning

Function = ast.FunctionDef | ast.AsyncFunctionDef


def passed_to(node: Function | ast.ClassDef) -> str:
    """The dotted name, as the module spells it, that all of a definition is passed on to; empty for any other."""
    if isinstance(node, ast.ClassDef):
        return _class_target(node)
    call = _only_call(node)
    return _dotted(call.func) if call is not None and _passes_arguments(node, call, 0) else ""


def only_passes_on(node: Function | ast.ClassDef) -> bool:
    return bool(passed_to(node))


def is_abstract(node: ast.ClassDef) -> bool:
    """Whether a class is a protocol, or an abstract base."""
    bases = {_dotted(base.value if isinstance(base, ast.Subscript) else base).rpartition(".")[2] for base in node.bases}
    metas = {_dotted(word.value).rpartition(".")[2] for word in node.keywords if word.arg == "metaclass"}
    return bool(bases & {"Protocol", "ABC"} or "ABCMeta" in metas)


def _class_target(node: ast.ClassDef) -> str:
    """`class Old(New): pass`; or a class that makes a `New` and passes every method on to it."""
    body = _code(node.body)
    if not body:
        return _dotted(node.bases[0]) if len(node.bases) == 1 and not node.decorator_list else ""
    if not all(isinstance(item, Function) for item in body):
        return ""
    methods = {item.name: item for item in body if isinstance(item, Function)}
    attribute, target = _made(methods.pop("__init__", None))
    if not target or not methods:
        return ""
    if "__getattr__" in methods:
        return target if len(methods) == 1 else ""
    return target if all(_delegates(method, attribute) for method in methods.values()) else ""


def _made(constructor: Function | None) -> tuple[str, str]:
    """The attribute that a constructor sets, and of which class, where it does nothing else."""
    match _code(constructor.body) if constructor is not None else []:
        case [ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)], value=ast.Call() as call)]:
            return attribute, _dotted(call.func)
    return "", ""


def _delegates(method: Function, attribute: str) -> bool:
    """`return self._new.same(...)`, or the attribute of that name for a property."""
    call = _only_call(method)
    if call is not None:
        return _dotted(call.func) == f"self.{attribute}.{method.name}" and _passes_arguments(method, call, 1)
    match _code(method.body):
        case [ast.Return(value=ast.Attribute() as value)]:
            return _dotted(value) == f"self.{attribute}.{method.name}"
    return False


def _only_call(node: Function) -> ast.Call | None:
    """The call that is all of a function's body."""
    match _code(node.body):
        case [ast.Return(value=value)] | [ast.Expr(value=value)]:
            inner = value.value if isinstance(value, ast.Await) else value
            return inner if isinstance(inner, ast.Call) else None
    return None


def _passes_arguments(node: Function, call: ast.Call, first: int) -> bool:
    """Whether a call has all of the function's own parameters for arguments (from `first` on), and nothing else."""
    spec = node.args
    own = [item.arg for item in (*spec.posonlyargs, *spec.args)][first:] + [item.arg for item in spec.kwonlyargs]
    own += [item.arg for item in (spec.vararg, spec.kwarg) if item is not None]
    values = [item.value if isinstance(item, ast.Starred) else item for item in call.args]
    values += [word.value for word in call.keywords]
    return sorted(own) == sorted(item.id if isinstance(item, ast.Name) else "" for item in values)


def _code(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements that do something: no texts, no `pass`, no warnings, no logging, no imports."""
    return [statement for statement in body if not _says_only(statement)]


def _says_only(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call() as call):
            return is_log(call) or is_warning(call)
    return False


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            inner = _dotted(value)
            return f"{inner}.{attr}" if inner else ""
    return ""
