"""Text in, scopes out: what each name of a file is bound to, and whether it is bound by the time that a place runs.

Built on `ast` alone, without recursion, so that a deep tree is no danger.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_OPENS_SCOPE = Function | Comprehension | ast.Lambda | ast.ClassDef


@dataclass(frozen=True, eq=False)
class Binding:
    """One place that binds `name`; `how` is the form, `statement` the statement (or comprehension) that does it.

    `value` is the expression that it is bound to, where there is exactly one; `loads` what an import gives, dotted.
    """

    name: str
    how: str
    node: ast.AST
    statement: ast.AST
    scope: Scope
    value: ast.expr | None = None
    annotation: ast.expr | None = None
    loads: str | None = None


@dataclass(eq=False)
class Scope:
    """A module, class, function, lambda or comprehension, and the bindings made in it."""

    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, str] = field(default_factory=dict)  # names declared `global` or `nonlocal` here

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        return not isinstance(self.node, ast.ClassDef | ast.Module)


class File:
    """A parsed file: `scope_of` and `parent_of` each node, and all scopes.

    `package` is where relative imports start from. Raises SyntaxError, ValueError, RecursionError or MemoryError for
    text that this Python cannot read.
    """

    def __init__(self, text: str, module: str, package: str) -> None:
        self.module, self.package = module, package
        self.tree = ast.parse(text)
        self.parent_of: dict[ast.AST, ast.AST] = {}
        self.scope_of: dict[ast.AST, Scope] = {}
        self.place_of: dict[ast.AST, tuple[ast.AST, str, int]] = {}
        self.top = Scope(self.tree, None)
        self.nodes: list[ast.AST] = []
        self.stars: list[str] = []
        self._found: list[Binding] = []
        self._walk()
        for binding in sorted(self._found, key=_place):
            owner = self._owner(binding)
            owner.bindings.setdefault(binding.name, []).append(binding)

    # --- asking ---------------------------------------------------------------------------------------------------

    def resolve(self, name: str, start: Scope) -> Scope | None:
        """The scope that `name` is bound in when it is read in `start`; None for builtins and undefined names."""
        scope: Scope | None = start
        while scope is not None:
            declared = scope.outer.get(name)
            if declared == "global":
                return self.top if name in self.top.bindings else None
            if declared is None and name in scope.bindings and (scope is start or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    def visible(self, start: Scope) -> Iterator[tuple[Scope, str]]:
        """Every name that can be read in `start`, with the scope that it is bound in."""
        scope: Scope | None = start
        while scope is not None:
            for name in scope.bindings:
                if self.resolve(name, start) is scope:
                    yield scope, name
            scope = scope.parent

    def loaded(self, node: ast.expr, start: Scope) -> set[str | None]:
        """What `a.b.c`, read in `start`, stands for, by each binding of `a`; None for a binding that tells nothing."""
        names: list[str] = []
        root: ast.AST = node
        while isinstance(root, ast.Attribute):
            names.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            return {None}
        scope = self.resolve(root.id, start)
        if scope is None:
            return set()
        tail = "".join(f".{name}" for name in reversed(names))
        return {self._stands_for(binding, tail) for binding in scope.bindings[root.id]}

    def statement(self, node: ast.AST) -> ast.AST:
        """The statement that `node` is part of."""
        while not isinstance(node, ast.stmt) and node in self.parent_of:
            node = self.parent_of[node]
        return node

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """From the parent of `node` up to the module."""
        while node in self.parent_of:
            node = self.parent_of[node]
            yield node

    def declared_outer(self, name: str, node: ast.AST) -> bool:
        """Whether a scope around `node` declares the name `global` or `nonlocal`."""
        scope: Scope | None = self.scope_of[node]
        while scope is not None and name not in scope.outer:
            scope = scope.parent
        return scope is not None

    def binding_of(self, node: ast.Name | ast.Attribute, name: str) -> Binding:
        """How the target `node` of an assignment, a loop, a `with` or a `del` is bound."""
        scope = self.scope_of[node]
        if isinstance(node.ctx, ast.Del):
            return Binding(name, "deleted", node, node, scope)
        unpacked = starred = False
        parent = self.parent_of[node]
        while isinstance(parent, ast.Tuple | ast.List | ast.Starred):
            unpacked, starred = True, starred or isinstance(parent, ast.Starred)
            parent = self.parent_of[parent]
        how, value, annotation = _form(parent)
        if starred:
            how = "rest"
        elif unpacked and how == "assigned":
            how = "unpacked"
        statement = self.parent_of[parent] if isinstance(parent, ast.withitem) else parent
        return Binding(name, how, node, statement, scope, None if unpacked else value, annotation)

    # --- building -------------------------------------------------------------------------------------------------

    def _walk(self) -> None:
        todo: list[tuple[ast.AST, Scope]] = [(self.tree, self.top)]
        while todo:
            node, scope = todo.pop()
            self.nodes.append(node)
            self.scope_of[node] = scope
            inner = Scope(node, scope) if isinstance(node, _OPENS_SCOPE) else scope
            self._bind(node, scope, inner)
            for name, value in ast.iter_fields(node):
                for index, child in enumerate(value if isinstance(value, list) else [value]):
                    if isinstance(child, ast.AST):
                        self.parent_of[child] = node
                        if isinstance(child, ast.stmt):
                            self.place_of[child] = (node, name, index)
                        todo.append((child, self._scope_of_child(node, name, scope, inner)))

    def _scope_of_child(self, node: ast.AST, name: str, scope: Scope, inner: Scope) -> Scope:
        """Decorators, defaults, annotations, bases and the first iterable belong to the scope outside."""
        if isinstance(node, Function | ast.Lambda | ast.ClassDef):
            return inner if name in ("body", "type_params") else scope
        if isinstance(node, ast.comprehension) and name == "iter" and scope.parent is not None:
            first: ast.AST = self.parent_of[node].generators[0]  # type: ignore[attr-defined]
            return scope.parent if first is node else scope
        return inner

    def _bind(self, node: ast.AST, scope: Scope, inner: Scope) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                self._bind_name(name, node)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self._add(name, "defined", node, scope)
            case ast.Import() | ast.ImportFrom():
                self._bind_import(node, scope)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._add(name, "caught", node, scope)
            case ast.MatchMapping(rest=str(name)):
                self._add(name, "caught", node, scope)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                scope.outer.update(dict.fromkeys(names, "global" if isinstance(node, ast.Global) else "nonlocal"))
        if isinstance(node, Function | ast.Lambda):
            self._bind_parameters(node, inner)

    def _bind_parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        arguments = node.args
        plain = arguments.posonlyargs + arguments.args
        values: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
        for argument, value in zip(plain + arguments.kwonlyargs, values + arguments.kw_defaults, strict=True):
            self._add(argument.arg, "parameter", argument, scope, value, argument.annotation)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                self._add(rest.arg, "rest", rest, scope)

    def _bind_import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            loads: str | None
            if isinstance(node, ast.Import):
                loads = alias.name if alias.asname else alias.name.partition(".")[0]
                self._add(alias.asname or alias.name.partition(".")[0], "imported", node, scope, loads=loads)
                continue
            base = self._absolute(node)
            if alias.name == "*":
                self.stars.append(base or "")
            else:
                loads = f"{base}.{alias.name}" if base is not None else None
                self._add(alias.asname or alias.name, "imported", node, scope, loads=loads)

    def _absolute(self, node: ast.ImportFrom) -> str | None:
        if not node.level:
            return node.module
        parts = self.package.split(".") if self.package else []
        if node.level > len(parts):
            return None
        return ".".join(parts[: len(parts) - node.level + 1] + ([node.module] if node.module else []))

    def _bind_name(self, name: str, node: ast.Name) -> None:
        binding = self.binding_of(node, name)
        scope = binding.scope
        while binding.how == "walrus" and isinstance(scope.node, Comprehension) and scope.parent:
            scope = scope.parent
        self._found.append(replace(binding, scope=scope))

    def _add(
        self,
        name: str,
        how: str,
        node: ast.AST,
        scope: Scope,
        value: ast.expr | None = None,
        annotation: ast.expr | None = None,
        loads: str | None = None,
    ) -> None:
        self._found.append(Binding(name, how, node, node, scope, value, annotation, loads))

    def _owner(self, binding: Binding) -> Scope:
        scope = binding.scope
        declared = scope.outer.get(binding.name)
        if declared == "global":
            return self.top
        while declared == "nonlocal" and scope.parent is not None:
            scope = scope.parent
            declared = "nonlocal" if not scope.is_function else scope.outer.get(binding.name)
            if declared is None and not self._binds(scope, binding.name):
                declared = "nonlocal"
        return scope

    def _binds(self, scope: Scope, name: str) -> bool:
        return any(found.scope is scope and found.name == name for found in self._found)

    def _stands_for(self, binding: Binding, tail: str) -> str | None:
        if binding.loads is not None:
            return binding.loads + tail
        if binding.how == "defined" and binding.scope is self.top and self.module:
            return f"{self.module}.{binding.name}{tail}"
        return None


def _form(parent: ast.AST) -> tuple[str, ast.expr | None, ast.expr | None]:
    match parent:
        case ast.Assign(value=value):
            return "assigned", value, None
        case ast.AnnAssign(value=value, annotation=annotation):
            return "annotated", value, annotation
        case ast.For(iter=_) | ast.AsyncFor(iter=_):
            return "loop", None, None
        case ast.withitem(context_expr=value):
            return "with", value, None
        case ast.comprehension():
            return "comprehension", None, None
        case ast.NamedExpr(value=value):
            return "walrus", value, None
    return "changed", None, None


def _place(binding: Binding) -> tuple[int, int]:
    return getattr(binding.node, "lineno", 0), getattr(binding.node, "col_offset", 0)
