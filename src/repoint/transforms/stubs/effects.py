"""What the statements of a module's top level do to its names: a tree in; what each binds, reads and changes, out.

Over-approximation is on purpose: a name that is taken for read or changed, and is not, does no harm.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from repoint.analysis.namespace import bound_by
from repoint.analysis.parse import parse
from repoint.names import resolve_relative

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MUTATORS = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop", "popitem", "popleft"}
    | {"register", "remove", "reverse", "send", "setdefault", "sort", "symmetric_difference_update", "update", "write"}
)
_ONLY_SAY = frozenset({"critical", "debug", "error", "exception", "info", "log", "warn", "warning"})
_MADE_BY = frozenset({"__init__", "__new__", "__post_init__"})
_SUBCLASSED = "__init_subclass__"


class Does(NamedTuple):
    """One statement: the names that it binds, those that it reads now or later, and those whose objects it changes.

    `free` are the reads that are surely global names, `needs` those and names in annotations; the others stand in
    strings.
    """

    binds: frozenset[str]
    reads: frozenset[str]
    needs: frozenset[str]
    free: frozenset[str]
    changes: frozenset[str]


class _Calling(NamedTuple):
    """What calling a function of the module changes: names of the module, and whether what it is handed."""

    changes: frozenset[str]
    arguments: bool


def read_effects(tree: ast.Module) -> list[Does]:
    """What each statement of `tree.body` does, in order."""
    callables = _callables(tree)
    return [_does(statement, callables) for statement in tree.body]


def names_of(data: bytes) -> frozenset[str]:
    """All names that a module's top level binds. Raises Unparsable."""
    return frozenset(name for statement in parse(data)[1].body for name in bound_by(statement))


def loaded_submodules(data: bytes, module: str, is_package: bool) -> frozenset[str]:
    """Submodules (their last parts) that a package's own imports load, or may load."""
    if not is_package:
        return frozenset()
    found: set[str] = set()
    for node in run_now(parse(data)[1].body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            target = resolve_relative(module, node.level, node.module or "") or ""
            found |= {target, *(f"{target}.{alias.name}" for alias in node.names)}
    return frozenset(path[len(module) + 1 :].partition(".")[0] for path in found if path.startswith(f"{module}."))


def is_main_block(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":`"""
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Compare)
        and {"__name__", "'__main__'"} <= {ast.unparse(part) for part in ast.iter_child_nodes(statement.test)}
    )


def root(node: ast.AST) -> str | None:
    """The variable at the head of `a`, `a.b`, `a[b].c()`; None for anything else."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
                node = inner
            case ast.Call(func=inner):
                node = inner
            case _:
                return None


def only_says(call: ast.Call) -> bool:
    """Whether a call is for somebody to read: `print`, a logger's methods, `warnings.warn`."""
    function = call.func
    return (isinstance(function, ast.Name) and function.id in ("print", "warn")) or (
        isinstance(function, ast.Attribute) and function.attr in _ONLY_SAY
    )


def run_now(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """What is evaluated when `nodes` run: the bodies of functions are left out."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, Function):
            todo += [*node.decorator_list, *node.args.defaults, *(item for item in node.args.kw_defaults if item)]
        elif not isinstance(node, ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))


def _does(statement: ast.stmt, callables: Mapping[str, _Calling]) -> Does:
    free = frozenset(_globals_read(statement))
    needs = free.union(_annotating(statement))
    changes = frozenset(_changed([statement], callables))
    return Does(bound_by(statement), needs.union(_told(statement)), needs, free, changes)


def _globals_read(statement: ast.stmt) -> Iterator[str]:
    """Names that the statement, or a function in it, takes from the module's scope."""
    todo = [symtable.symtable(ast.unparse(statement), "stub", "exec")]
    while todo:
        table = todo.pop()
        at_top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() if at_top else symbol.is_global():
                yield symbol.get_name()
        todo += table.get_children()


def _annotating(statement: ast.stmt) -> Iterator[str]:
    """Names in annotations, quoted or not."""
    for node in ast.walk(statement):
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(annotation, ast.expr):
                yield from (item.id for item in ast.walk(annotation) if isinstance(item, ast.Name))
                yield from _quoted(annotation)


def _told(statement: ast.stmt) -> Iterator[str]:
    """Names in strings that may be types or names of globals."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript):
            yield from _quoted(node.slice)
        elif isinstance(node, ast.Call):
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _quoted(argument)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value


def _quoted(node: ast.AST) -> Iterator[str]:
    for item in ast.walk(node):
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            try:
                parsed = ast.parse(item.value.strip(), mode="eval")
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            yield from (name.id for name in ast.walk(parsed) if isinstance(name, ast.Name))


def _changed(nodes: Iterable[ast.AST], callables: Mapping[str, _Calling]) -> Iterator[str]:
    """Variables whose objects change when `nodes` run."""
    for node in run_now(nodes):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from _roots([node])
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and not only_says(node.value):
            call = node.value
            yield from _roots([call.func, *call.args, *(item.value for item in call.keywords)])
        elif isinstance(node, ast.Call):
            yield from _changed_by_call(node, callables)
        elif isinstance(node, ast.ClassDef | Function):
            for decorator in node.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(target, ast.Name):
                    yield from callables[target.id].changes if target.id in callables else ()
                else:
                    yield from _roots([target])
            for base in getattr(node, "bases", ()):
                subclassing = callables.get(f"{base.id}.{_SUBCLASSED}") if isinstance(base, ast.Name) else None
                yield from subclassing.changes if subclassing else ()


def _changed_by_call(call: ast.Call, callables: Mapping[str, _Calling]) -> Iterator[str]:
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in _MUTATORS:
        yield from _roots([function.value])
    elif isinstance(function, ast.Name):
        calling = callables.get(function.id)
        yield from calling.changes if calling else ()
        if function.id in ("next", "setattr", "delattr") or (calling and calling.arguments):
            yield from _roots([*call.args, *(item.value for item in call.keywords)])


def _roots(nodes: Iterable[ast.AST]) -> Iterator[str]:
    yield from (name for name in map(root, nodes) if name is not None)


def _callables(tree: ast.Module) -> dict[str, _Calling]:
    """What calling each function and class of the top level changes, the functions that they call in turn included."""
    bodies: dict[str, list[Function]] = {}
    for statement in tree.body:
        if isinstance(statement, Function):
            bodies[statement.name] = [statement]
        elif isinstance(statement, ast.ClassDef):
            methods = [item for item in statement.body if isinstance(item, Function)]
            bodies[statement.name] = [item for item in methods if item.name in _MADE_BY]
            bodies[f"{statement.name}.{_SUBCLASSED}"] = [item for item in methods if item.name == _SUBCLASSED]
    known = {name: _Calling(frozenset(), False) for name in bodies}
    while True:
        found = {name: _calling(functions, known) for name, functions in bodies.items()}
        if found == known:
            return known
        known = found


def _calling(functions: list[Function], known: Mapping[str, _Calling]) -> _Calling:
    changes: set[str] = set()
    arguments = False
    for function in functions:
        outer = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
        every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        handed = {item.arg for item in (*every, function.args.vararg, function.args.kwarg) if item is not None}
        stored = {
            node.id
            for node in run_now(function.body)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        changed = {*_changed(function.body, known), *(stored & outer)}
        arguments = arguments or bool(changed & handed)
        changes |= changed - handed - (stored - outer)
    return _Calling(frozenset(changes), arguments)
