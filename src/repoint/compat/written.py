"""What a class or function says besides its interface: a syntax node in, names and traits out.

griffe reads what is declared; here is what the bodies of methods do to `self`, and what makes members unknowable.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from repoint.model import Frozen

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Written(Frozen, frozen=True):
    """The traits of one class's own body.

    `own` are attributes that methods assign to their first parameter, `other` those they assign to something else
    (which may be an instance, too); `repeated` are names that nested blocks define; `escapes` are callables that
    `self` is handed to, which may add attributes. `dynamic`: attributes of `self` are set by
    computed names; `filled`: names of the class body are.
    """

    own: frozenset[str]
    class_own: frozenset[str]
    other: frozenset[str]
    repeated: frozenset[str]
    escapes: frozenset[str]
    dynamic: bool
    filled: bool


def written(node: ast.ClassDef) -> Written:
    """The traits of `node`, its bases aside."""
    own: set[str] = set()
    class_own: set[str] = set()
    other: set[str] = set()
    escapes: set[str] = set()
    dynamic = False
    for method in (item for item in ast.walk(node) if isinstance(item, Function)):
        first = _first(method)
        decorators = {ast.unparse(item) for item in method.decorator_list}
        stored = class_own if "classmethod" in decorators or method.name in ("__new__", "__init_subclass__") else own
        for item in ast.walk(method):
            if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store):
                is_first = isinstance(item.value, ast.Name) and item.value.id == first
                (stored if is_first else other).add(item.attr)
            elif isinstance(item, ast.Call):
                dynamic = dynamic or _sets_computed(item, first, own)
                escapes |= _escaping(item, first)
            elif isinstance(item, ast.Attribute) and item.attr == "__dict__" and _is(item.value, first):
                dynamic = True
    return Written(
        frozenset(own),
        frozenset(class_own),
        frozenset(other),
        frozenset(_repeated(node)),
        frozenset(escapes),
        dynamic,
        _fills_namespace(node),
    )


def _first(method: Function) -> str:
    arguments = [*method.args.posonlyargs, *method.args.args]
    return arguments[0].arg if arguments else ""


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _sets_computed(call: ast.Call, first: str, own: set[str]) -> bool:
    """Whether `setattr(self, …)` sets what is not spelled out; what is goes into `own`."""
    tail = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if tail == "vars" and call.args:
        return _is(call.args[0], first)
    if tail not in ("setattr", "__setattr__") or len(call.args) < 2 or not _is(call.args[0], first):
        return False
    name = call.args[1]
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        own.add(name.value)
        return False
    return True


def _escaping(call: ast.Call, first: str) -> set[str]:
    """The dotted callable that gets `self` as it is."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not first or not any(_is(item, first) for item in given):
        return set()
    return {ast.unparse(call.func)} if isinstance(call.func, ast.Name | ast.Attribute) else set()


def _repeated(node: ast.ClassDef) -> Iterator[str]:
    """Functions that a nested block of the class body defines: which of several holds is not told."""
    todo: list[tuple[ast.stmt, bool]] = [(item, False) for item in node.body]
    while todo:
        item, nested = todo.pop()
        if isinstance(item, Function):
            if nested:
                yield item.name
        elif not isinstance(item, ast.ClassDef):
            parts = [item, *getattr(item, "handlers", ())]
            for part in parts:
                for block in ("body", "orelse", "finalbody"):
                    todo += [(inner, True) for inner in getattr(part, block, ())]
    assigned = Counter(
        target.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    )
    yield from (item.name for item in node.body if isinstance(item, Function) and item.name in assigned)


def _fills_namespace(node: ast.ClassDef) -> bool:
    """Whether the class body adds names by `locals()` or `exec`."""
    todo: list[ast.AST] = list(node.body)
    while todo:
        item = todo.pop()
        if (
            isinstance(item, ast.Call)
            and isinstance(item.func, ast.Name)
            and item.func.id in ("locals", "vars", "exec")
        ):
            return True
        if not isinstance(item, Function | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(item))
    return False


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function's own body, nested functions left out."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        item = todo.pop()
        yield item
        if not isinstance(item, Function | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(item))


def is_generator(function: Function) -> bool:
    """Whether it yields."""
    return any(isinstance(item, ast.Yield | ast.YieldFrom) for item in own_nodes(function))


def returns_nothing(function: Function) -> bool:
    """Whether no `return` of it gives a value."""
    return not any(isinstance(item, ast.Return) and item.value is not None for item in own_nodes(function))


def stored_attributes(tree: ast.AST) -> tuple[frozenset[str], bool]:
    """All attributes that a tree assigns to anything, and whether some are set by computed names."""
    names: set[str] = set()
    computed = False
    for item in ast.walk(tree):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store):
            names.add(item.attr)
        elif isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id == "setattr":
            name = item.args[1] if len(item.args) > 1 else None
            if isinstance(name, ast.Constant):
                names.add(str(name.value))
            else:
                computed = True
    return frozenset(names), computed
