"""What one module's top level binds, and to what each name leads: its syntax tree in, a `Namespace` out."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from repoint.proof.source import Step, dotted, steps, target_of

_DYNAMIC = re.compile(
    rb"=\s*globals\(\)|globals\(\)\s*(?:\[|\.update|\.setdefault)|sys\.modules\[__name__\]|(?<![.\w])exec\(|locals\(\)\["
    rb"|vars\(\)\[|__path__\s*(?:\+?=|\.)"
)

_HINTS = (b"globals()", b"__name__", b"exec(", b"locals()", b"vars()", b"__path__")  # a match of `_DYNAMIC` has one
_GLOBAL = re.compile(rb"^[ \t]*global\b|[;:][ \t]*global\b", re.M)


class Target(NamedTuple):
    """Where a binding leads: `names`, read one after the other from `module`; no names for the module itself."""

    module: str
    names: tuple[str, ...]


class Binding(NamedTuple):
    """One binding of a name, in the order of the file (see `Step`). `target` is None for what is made here."""

    order: int
    line: int
    certain: bool
    aside: bool
    fallback: bool
    target: Target | None


class Star(NamedTuple):
    """`from module import *`."""

    order: int
    certain: bool
    module: str


@dataclass
class Namespace:
    """A module's top level. `exported` is `__all__` as far as it is spelled out, `open` if there may be more of it.

    `lazy` holds the homes that a module `__getattr__` looks up in a table: with one, it is taken to know no others.
    `dynamic` tells that names may appear that no statement binds.
    """

    bindings: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    stars: list[Star] = field(default_factory=list)
    exported: frozenset[str] | None = None
    open: bool = False
    lazy: dict[str, Target] = field(default_factory=dict)
    dynamic: bool = False

    def run_time(self, name: str) -> bool:
        """Whether a statement that runs binds `name`, or a table of lazy names has it."""
        return name in self.lazy or any(not binding.aside for binding in self.bindings.get(name, ()))


def _is_dynamic(data: bytes) -> bool:
    return any(hint in data for hint in _HINTS) and _DYNAMIC.search(data) is not None


def read(tree: ast.Module, data: bytes, module: str, package: str) -> Namespace:
    """The namespace of `module`; relative imports start from `package`."""
    space = Namespace(dynamic=_is_dynamic(data))
    tables: dict[str, Target] = {}
    for order, step in enumerate(steps(tree.body, classes=False)):
        if isinstance(step.node, ast.ImportFrom) and step.node.names[0].name == "*":
            space.stars.append(Star(order, step.certain, target_of(step.node, package)))
            continue
        if isinstance(step.node, ast.Delete) and step.certain:
            for item in step.node.targets:
                if isinstance(item, ast.Name):
                    _forget(space, item.id, module)
        for name, target in _bound(step.node, module, package):
            known = space.bindings[name]
            if step.certain:
                known.clear()
            known.append(Binding(order, step.node.lineno, step.certain, step.aside, step.fallback, target))
        _read_exports(space, step)
        tables.update(_table(step.node))
    if _GLOBAL.search(data):
        for name, line in _globals(tree.body):
            space.bindings[name].append(Binding(1 << 30, line, False, False, False, None))
    if "__getattr__" in space.bindings:
        space.lazy, space.dynamic = tables, space.dynamic or not tables
    space.bindings = dict(space.bindings)
    return space


def _forget(space: Namespace, gone: str, module: str) -> None:
    """`del gone`: what was made from it before stays, and leads where `gone` led."""
    ends = [binding.target for binding in space.bindings.pop(gone, ())]
    end = ends[0] if len(ends) == 1 else None
    for known in space.bindings.values():
        for at, binding in enumerate(known):
            if binding.target is not None and binding.target[:1] + binding.target.names[:1] == (module, gone):
                target = Target(end.module, end.names + binding.target.names[1:]) if end else None
                known[at] = binding._replace(target=target)


def _bound(node: ast.stmt, module: str, package: str) -> Iterator[tuple[str, Target | None]]:
    """The names that a statement itself binds, its blocks aside."""
    match node:
        case ast.Import():
            for alias in node.names:
                head = alias.name.partition(".")[0]
                yield alias.asname or head, Target(alias.name if alias.asname else head, ())
        case ast.ImportFrom():
            for alias in node.names:
                yield alias.asname or alias.name, Target(target_of(node, package), (alias.name,))
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, None
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if parts := dotted(value):
            plain = {target.id for target in _targets(node) if isinstance(target, ast.Name)}  # A = B = c.D
            for name in _stored(node):
                follow = name in plain and parts[0] != name and not hasattr(builtins, parts[0])
                yield name, Target(module, parts) if follow else None
        case ast.AnnAssign(value=None):
            return
        case _:
            yield from ((name, None) for name in _stored(node))


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _stored(node: ast.stmt) -> Iterator[str]:
    """Names that targets, `as`, patterns and `:=` of one statement bind."""
    heads: list[ast.AST] = []
    for field_name, value in ast.iter_fields(node):
        if field_name in ("body", "orelse", "finalbody"):
            continue
        heads += [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, ast.AST)]
    while heads:
        item = heads.pop()
        match item:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.ExceptHandler():
                heads += [item.type] if item.type else []  # its name is unbound again at the end
            case ast.match_case():
                heads.append(item.pattern)
            case ast.comprehension():
                heads += [item.iter, *item.ifs]  # its variables are its own
            case ast.Lambda() | ast.stmt():
                pass
            case _:
                for text in (getattr(item, "name", None), getattr(item, "rest", None)):
                    if isinstance(text, str) and isinstance(item, ast.pattern):
                        yield text
                heads += ast.iter_child_nodes(item)


def _globals(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Names that functions bind at the module's top level."""
    for node in body:
        if isinstance(node, ast.Global):
            yield from ((name, node.lineno) for name in node.names)
        for field_name in ("body", "orelse", "finalbody"):
            yield from _globals(getattr(node, field_name, []))
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _globals(part.body)


def _read_exports(space: Namespace, step: Step) -> None:
    """Follow `__all__ = […]`, `+=`, `.append`, `.extend` and `.remove`."""
    verb = ""
    match step.node:
        case (
            ast.Assign(targets=[ast.Name(id="__all__")], value=value)
            | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value)
        ):
            kept = frozenset() if step.certain else space.exported or frozenset()
        case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
            kept = space.exported or frozenset()
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id="__all__"), attr="append" | "extend" | "remove" as verb),
                args=[value],
            )
        ):
            kept = space.exported or frozenset()
            if verb != "extend":
                value = ast.List([value], ast.Load())
        case _:
            return
    names, whole = _strings(value)
    space.exported = kept - names if verb == "remove" else kept | names
    space.open = space.open or not whole


def _strings(value: ast.expr) -> tuple[frozenset[str], bool]:
    """The strings of a list or tuple, or of a sum of those; and whether that is all of it."""
    match value:
        case ast.List() | ast.Tuple() | ast.Set():
            texts = [item.value for item in value.elts if isinstance(item, ast.Constant)]
            names = frozenset(text for text in texts if isinstance(text, str))
            return names, len(texts) == len(value.elts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            (one, sure), (two, also) = _strings(left), _strings(right)
            return one | two, sure and also
    return frozenset(), False


def _table(node: ast.stmt) -> Iterator[tuple[str, Target]]:
    """The homes in `TABLE = {"Name": ("module", "Name")}`, which a module `__getattr__` goes by."""
    match node:
        case ast.Assign(value=ast.Dict() as table) | ast.AnnAssign(value=ast.Dict() as table):
            for key, value in zip(table.keys, table.values, strict=True):
                match key, value:
                    case (
                        ast.Constant(value=str(name)),
                        ast.Tuple(elts=[ast.Constant(value=str(module)), ast.Constant(value=str(home))]),
                    ):
                        yield name, Target(module, (home,))
