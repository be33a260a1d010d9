"""What a file imports and reads: its syntax tree in, absolute dotted paths with their lines out."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from repoint.proof.source import dotted, target_of

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Read(NamedTuple):
    """`path` is imported, or read through an import, in `line`."""

    line: int
    path: str


@dataclass
class Reads:
    """What one file reaches: paths through imports, with the modules that these load; star imports; and names that
    nothing in the file binds."""

    paths: list[Read] = field(default_factory=list)
    loads: list[Read] = field(default_factory=list)
    stars: list[Read] = field(default_factory=list)
    free: dict[str, int] = field(default_factory=dict)


@dataclass
class _Scope:
    """Names bound in one scope, each with the paths that imports give it (none for other bindings)."""

    outer: _Scope | None
    names: dict[str, set[str]]
    is_class: bool

    def look_up(self, name: str) -> set[str] | None:
        """The paths of the nearest binding of `name`; None where it has none. A class is seen from its body only."""
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.names[name]
            scope = scope.outer
        return None


def reads(tree: ast.Module, package: str) -> Reads:
    """What the file reaches; relative imports start from `package`."""
    visitor = _Visitor(package)
    visitor.run(tree.body, (), is_class=False)
    return visitor.found


class _Visitor(ast.NodeVisitor):
    def __init__(self, package: str) -> None:
        self.package = package
        self.found = Reads()
        self.scope: _Scope | None = None

    def run(self, body: Iterable[ast.AST], bound: Iterable[str], *, is_class: bool) -> None:
        """Visit `body` as a scope of its own, which binds `bound` and what it stores itself."""
        nodes = list(body)
        binder = _Binder(self.package)
        for name in bound:
            binder.names[name].update()
        for node in nodes:
            binder.visit(node)
        for name in binder.elsewhere:
            binder.names.pop(name, None)
        outer, self.scope = self.scope, _Scope(self.scope, dict(binder.names), is_class)
        for node in nodes:
            self.visit(node)
        self.scope = outer

    def visit_Import(self, node: ast.Import) -> None:
        self.found.loads += [Read(node.lineno, alias.name) for alias in node.names]
        self.found.paths += [Read(node.lineno, alias.name) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        target = target_of(node, self.package)
        self.found.loads.append(Read(node.lineno, target))
        for alias in node.names:
            if alias.name == "*":
                self.found.stars.append(Read(node.lineno, target))
            else:
                self.found.paths.append(Read(node.lineno, f"{target}.{alias.name}"))

    def visit_Name(self, node: ast.Name) -> None:
        self._read(node, (node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        parts = dotted(node)
        if parts is None:
            module = _loaded(node.value)
            if module and isinstance(node.ctx, ast.Load):
                self.found.paths.append(Read(node.lineno, f"{module}.{node.attr}"))
            self.generic_visit(node)
        else:
            self._read(node, parts)

    def _read(self, node: ast.Name | ast.Attribute, parts: tuple[str, ...]) -> None:
        if isinstance(node.ctx, ast.Store):
            parts = parts[:-1]  # `m.X = 1` reads `m`
        if not parts or self.scope is None:
            return
        paths = self.scope.look_up(parts[0])
        if paths is None:
            self.found.free.setdefault(parts[0], node.lineno)
        elif len(parts) > 1:
            self.found.paths += [Read(node.lineno, ".".join((path, *parts[1:]))) for path in sorted(paths)]

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, *_outside(node.args), *((node.returns,) if node.returns else ())):
            self.visit(part)
        self.run(node.body, _parameters(node.args), is_class=False)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in _outside(node.args):
            self.visit(part)
        self.run([node.body], _parameters(node.args), is_class=False)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        self.run(node.body, (), is_class=True)

    def _comprehension(self, node: _Comprehension) -> None:
        stores = [item for part in node.generators for item in ast.walk(part.target)]
        self.run(ast.iter_child_nodes(node), [item.id for item in stores if isinstance(item, ast.Name)], is_class=False)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815


class _Binder(ast.NodeVisitor):
    """Collects what one scope binds, nested scopes aside; `elsewhere` are its `global` and `nonlocal` names."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.names: dict[str, set[str]] = defaultdict(set)
        self.elsewhere: set[str] = set()

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            head = alias.name.partition(".")[0]
            self.names[alias.asname or head].add(alias.name if alias.asname else head)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        target = target_of(node, self.package)
        for alias in node.names:
            if alias.name != "*":
                self.names[alias.asname or alias.name].add(f"{target}.{alias.name}")

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names[node.id].update()

    def visit_Assign(self, node: ast.Assign) -> None:
        module = _loaded(node.value)
        for target in node.targets:
            if module and isinstance(target, ast.Name):
                self.names[target.id].add(module)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.names[node.name].update()

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef  # noqa: N815

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.elsewhere.update(node.names)

    visit_Nonlocal = visit_Global  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.names[node.name].update()
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.names[node.name].update()
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.names[node.rest].update()
        self.generic_visit(node)

    def _skip(self, node: ast.AST) -> None:
        """Scopes of their own."""

    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _skip  # noqa: N815


def _loaded(node: ast.expr) -> str:
    """The module that `importlib.import_module("a.b")` gives; empty for other expressions."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
        named = dotted(node.func) or ("",)
        told = node.args[0].value
        if named[-1] == "import_module" and isinstance(told, str) and not told.startswith("."):
            return told
    return ""


def _outside(args: ast.arguments) -> list[ast.expr]:
    """What is evaluated outside the function: defaults and annotations."""
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    notes = [item.annotation for item in every if item.annotation is not None]
    return [*args.defaults, *(item for item in args.kw_defaults if item is not None), *notes]


def _parameters(args: ast.arguments) -> list[str]:
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    return [item.arg for item in every]
