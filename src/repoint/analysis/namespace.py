"""What a module binds at its top level: a file in, its `Namespace` out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum

from repoint.analysis.parse import Unparsable, parse
from repoint.model import Failed, Frozen, SourceFile
from repoint.names import is_package_file, parent, resolve_relative

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BLOCKS = ("body", "orelse", "finalbody")


class Bound(StrEnum):
    """How a name comes to be bound."""

    CLASS = "class"
    FUNCTION = "function"
    VALUE = "value"
    IMPORT = "import"


class TopLevel(Frozen, frozen=True):
    """One binding: for an import, the module it is from, and its name there (None where it is that module)."""

    name: str
    how: Bound
    line: int
    module: str = ""
    origin: str | None = None
    conditional: bool = False
    type_checking: bool = False


class Namespace(Frozen, frozen=True):
    """The top level of one module. `exported` is its `__all__` where that is a plain list, else None."""

    path: str
    module: str
    bindings: tuple[TopLevel, ...]
    stars: tuple[str, ...]
    exported: tuple[str, ...] | None
    dynamic: bool

    def of(self, name: str) -> tuple[TopLevel, ...]:
        return tuple(binding for binding in self.bindings if binding.name == name)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(binding.name for binding in self.bindings)


def read_namespace(source: SourceFile, module: str) -> Namespace | Failed:
    """The namespace of `source`, imported as `module`; a Failed where it does not parse."""
    try:
        _, tree, _ = parse(source.data)
    except Unparsable as error:
        return Failed(source.path, error.line, error.reason)
    package = module if is_package_file(source.path) else parent(module)
    bindings: list[TopLevel] = []
    stars: list[str] = []
    for statement, conditional, typing in _statements(tree.body, False, False):
        for binding in _bindings(statement, package, conditional, typing):
            if binding.name == "*":
                stars.append(binding.module)
            else:
                bindings.append(binding)
    dynamic = any(item.name == "__getattr__" and item.how is Bound.FUNCTION for item in bindings)
    return Namespace(source.path, module, tuple(bindings), tuple(stars), _exported(tree.body), dynamic)


def bound_by(statement: ast.stmt) -> frozenset[str]:
    """Names that a statement binds or deletes in its own scope, in its blocks too; `*` for a star import."""
    names: set[str] = set()
    for item, _, _ in _statements([statement], False, False):
        names |= {binding.name for binding in _bindings(item, "", False, False)}
        if isinstance(item, ast.Delete):
            names |= {target.id for target in item.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def defined_by(statement: ast.stmt) -> frozenset[str]:
    """Names that a statement binds in its own scope, in its blocks too, otherwise than by an import."""
    return frozenset(
        binding.name
        for item, _, _ in _statements([statement], False, False)
        for binding in _bindings(item, "", False, False)
        if binding.how is not Bound.IMPORT
    )


def _statements(body: list[ast.stmt], conditional: bool, typing: bool) -> Iterator[tuple[ast.stmt, bool, bool]]:
    """Statements that run in the module's own scope, those in nested blocks included."""
    for statement in body:
        yield statement, conditional, typing
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        guarded = typing or (isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING"))
        for block in _BLOCKS:
            nested = getattr(statement, block, None)
            if isinstance(nested, list):
                yield from _statements(nested, True, guarded if block == "body" else typing)
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _statements(part.body, True, typing)


def _bindings(statement: ast.stmt, package: str, conditional: bool, typing: bool) -> Iterator[TopLevel]:
    line = statement.lineno
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            local = alias.asname or alias.name.partition(".")[0]
            module = alias.name if alias.asname else local
            yield TopLevel(local, Bound.IMPORT, line, module, None, conditional, typing)
    elif isinstance(statement, ast.ImportFrom):
        module = resolve_relative(package, statement.level, statement.module or "") or ""
        for alias in statement.names:
            yield TopLevel(alias.asname or alias.name, Bound.IMPORT, line, module, alias.name, conditional, typing)
    elif isinstance(statement, ast.ClassDef):
        yield TopLevel(statement.name, Bound.CLASS, line, conditional=conditional)
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield TopLevel(statement.name, Bound.FUNCTION, line, conditional=conditional)
    else:
        for name, at in _stored(statement):
            yield TopLevel(name, Bound.VALUE, at, conditional=conditional)


def _stored(statement: ast.stmt) -> Iterator[tuple[str, int]]:
    """Names that a statement stores to, those of nested blocks aside: they are statements of their own."""
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return
    todo: list[ast.AST] = [
        child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt | ast.ExceptHandler)
    ]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        name = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
        if isinstance(node, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name is not None:
            yield name, node.lineno
        if isinstance(node, _COMPREHENSIONS):
            targets = (child.target for child in ast.walk(node) if isinstance(child, ast.NamedExpr))
            yield from ((target.id, target.lineno) for target in targets)
        elif not isinstance(node, ast.Lambda | ast.stmt):
            todo.extend(ast.iter_child_nodes(node))


def _exported(body: list[ast.stmt]) -> tuple[str, ...] | None:
    """The value of `__all__`, where every statement that touches it adds plain strings."""
    names: list[str] | None = None
    for statement in body:
        value = _all_value(statement)
        if value is None:
            continue
        if not isinstance(value, ast.List | ast.Tuple | ast.Set):
            return None
        strings = [item.value for item in value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        if len(strings) != len(value.elts):
            return None
        names = [*(names or ()), *strings]
    return None if names is None else tuple(names)


def _all_value(statement: ast.stmt) -> ast.expr | None:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
        return statement.value  # type: ignore[attr-defined,no-any-return]
    return None
