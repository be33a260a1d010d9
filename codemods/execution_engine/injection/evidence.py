"""What an annotation or an expression says of a value: it is of a role's type, it is something else, or neither."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from injection.declared import Role
from injection.guards import not_none
from injection.scopes import Binding, File, Scope

_ANYTHING = {"Any", "object", "Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock"}
_MOCKS = _ANYTHING - {"Any", "object"}
_WRAPPERS = {"Annotated", "Final", "ClassVar", "Required", "NotRequired"}
_EXPECTATIONS = {"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"}
_NOT_VALUES = {"subTest", "assertLogs", "assertNoLogs", "catch_warnings"} | _EXPECTATIONS
_DISPLAYS: dict[type[ast.AST], str] = {
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
    ast.JoinedStr: "str",
    ast.Lambda: "function",
    ast.GeneratorExp: "generator",
    ast.Compare: "bool",
}
_MAKES = ("from_", "create", "make", "build", "new", "for_")  # `Context.from_request(...)`
_FIELDS = {"field", "Field", "ib"}  # of dataclasses, pydantic and attrs
_DEPTH = 4


class Trust(IntEnum):
    """How far a value is known to be of a role's type; less is better, and the worst of several holds."""

    ANNOTATED = 1
    BUILT = 2
    OPEN = 3  # nothing is known; its name has to tell
    NOT = 4  # it is something else


@dataclass(frozen=True)
class Evidence:
    """What is known of a value; `nullable`: it may be None."""

    trust: Trust
    nullable: bool = False

    def also(self, other: Evidence) -> Evidence:
        return Evidence(max(self.trust, other.trust), self.nullable or other.nullable)


OPEN = Evidence(Trust.OPEN)
NOT = Evidence(Trust.NOT)
NONE = Evidence(Trust.ANNOTATED, nullable=True)  # leaves the trust of the other values as it is


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c` and of `a.b.c(...)`; "" for what has no name."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def expects_error(node: ast.expr) -> bool:
    """`pytest.raises(...)`, `self.assertRaises(...)`: what runs inside is meant to fail."""
    return isinstance(node, ast.Call) and last_name(node) in _EXPECTATIONS


class Judge:
    """Judges the values of one file for roles."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.attribute: Callable[[ast.Attribute, Role, int], Evidence] = lambda node, role, depth: OPEN

    def variable(self, scope: Scope, name: str, role: Role, node: ast.AST, depth: int = 0) -> Evidence:
        """All bindings of a variable together, read at `node`: an annotation speaks for it, another value against."""
        found = self.together([self.binding(binding, role, depth) for binding in scope.bindings[name]])
        return replace(found, nullable=found.nullable and not not_none(self.file, scope, name, node))

    def together(self, found: list[tuple[Evidence | None, Evidence | None]]) -> Evidence:
        """Join (annotation, value) pairs of one variable or attribute."""
        annotated = [annotation for annotation, _ in found if annotation is not None]
        values = [value for _, value in found if value is not None]
        worst = Evidence(Trust.ANNOTATED)
        for evidence in (*annotated, *values):
            worst = worst.also(evidence)
        if worst.trust is Trust.NOT or not (annotated or values):
            return Evidence(Trust.NOT if worst.trust is Trust.NOT else Trust.OPEN, worst.nullable)
        if all(value is NONE for value in values) and not annotated:
            return Evidence(Trust.OPEN, worst.nullable)
        if annotated and min(item.trust for item in annotated) is Trust.ANNOTATED:
            return Evidence(Trust.ANNOTATED, worst.nullable)
        return worst

    def binding(self, binding: Binding, role: Role, depth: int = 0) -> tuple[Evidence | None, Evidence | None]:
        """What one binding says: by its annotation, and by its value."""
        annotation = self.annotation(binding.annotation, binding.scope, role) if binding.annotation else None
        if binding.how == "parameter":
            default = NONE if _is_none(binding.value) else None if annotation or binding.value is None else OPEN
            return annotation, default if annotation or default else OPEN
        if binding.how in ("assigned", "annotated", "walrus"):
            return annotation, self.value(binding.value, role, depth) if binding.value is not None else None
        if binding.how == "with" and binding.value is not None:
            entered = self.value(binding.value, role, depth).trust is Trust.NOT
            return None, NOT if entered or last_name(binding.value) in _NOT_VALUES else OPEN
        if binding.how in ("unpacked", "with", "loop", "comprehension"):
            return None, OPEN
        return None, NOT

    def annotation(self, node: ast.expr, scope: Scope, role: Role) -> Evidence:
        """Whether an annotation is one of the role's types: bare, quoted, `Optional[X]`, `X | None`."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return NOT
            return self._annotation(node, scope, role)
        return self._annotation(node, scope, role)

    def _annotation(self, node: ast.expr, scope: Scope, role: Role) -> Evidence:
        if isinstance(node, ast.Constant):
            return NONE if node.value is None else self.annotation(node, scope, role)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._either([node.left, node.right], scope, role)
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            name = last_name(node.value)
            if name in ("Optional", "Union") and inner:
                found = self._either(inner, scope, role)
                return Evidence(found.trust, found.nullable or name == "Optional")
            if name in _WRAPPERS and inner:
                return self.annotation(inner[0], scope, role)
            return self._type(node.value, scope, role)
        return self._type(node, scope, role)

    def _either(self, members: list[ast.expr], scope: Scope, role: Role) -> Evidence:
        found = [self.annotation(member, scope, role) for member in members]
        kinds = [evidence for evidence in found if evidence is not NONE]
        worst = Evidence(max((evidence.trust for evidence in kinds), default=Trust.NOT))
        return Evidence(worst.trust, any(evidence.nullable for evidence in found))

    def _type(self, node: ast.expr, scope: Scope, role: Role) -> Evidence:
        if not role.types or last_name(node) in _ANYTHING:
            return OPEN
        return {True: Evidence(Trust.ANNOTATED), None: OPEN, False: NOT}[self.is_type(node, scope, role)]

    def is_type(self, node: ast.expr, scope: Scope, role: Role) -> bool | None:
        """Whether `node` names one of the role's types; None: a class of that name, from elsewhere or unknown."""
        loaded = self._loaded(node, scope)
        name = last_name(node)
        alike = False
        for declared in role.types:
            module, colon, qualified = declared.rpartition(":")
            wanted = qualified.rpartition(".")[2]
            names = {name} | {(path or "").rpartition(".")[2] for path in loaded}
            if not colon and wanted in names:
                return True
            if colon and loaded == {f"{module}.{qualified}"}:
                return True
            alike = alike or wanted in names
        return None if alike else False

    def _loaded(self, node: ast.expr, scope: Scope) -> set[str | None]:
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return {None}
        return self.file.loaded(node, scope)

    def value(self, node: ast.expr, role: Role, depth: int = 0) -> Evidence:
        """What an expression says of its own value."""
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.IfExp(body=left, orelse=right):
                return self.value(left, role, depth).also(self.value(right, role, depth))
            case ast.BoolOp(op=ast.Or(), values=values):
                found = [self.value(value, role, depth) for value in values]
                return Evidence(max(item.trust for item in found), found[-1].nullable)
            case ast.BoolOp():
                return Evidence(Trust.OPEN, nullable=True)
            case ast.NamedExpr(value=inner) | ast.Await(value=inner):
                return self.value(inner, role, depth)
            case ast.Call():
                return self._call(node, role)
            case ast.Name(id=name) if depth < _DEPTH:
                scope = self.file.resolve(name, self.file.scope_of[node])
                return self.variable(scope, name, role, node, depth + 1) if scope is not None else OPEN
            case ast.Attribute() if depth < _DEPTH:
                return self.attribute(node, role, depth + 1)
            case ast.Constant(value=value):
                return self._display(type(value).__name__, role)
        display = _DISPLAYS.get(type(node))
        return self._display(display, role) if display else OPEN

    def _display(self, kind: str, role: Role) -> Evidence:
        if not role.types:
            return OPEN
        return Evidence(Trust.BUILT) if kind in role.types else NOT

    def _call(self, node: ast.Call, role: Role) -> Evidence:
        name = last_name(node)
        if name in _FIELDS and any(_is_none(item.value) for item in node.keywords if item.arg == "default"):
            return NONE
        if not role.types:
            return OPEN
        if name in _MOCKS or name == "create_autospec":
            return self._mock(node, role)
        scope = self.file.scope_of[node]
        made_by = node.func.value if isinstance(node.func, ast.Attribute) and name.startswith(_MAKES) else node.func
        if self.is_type(node.func, scope, role) or self.is_type(made_by, scope, role):
            return Evidence(Trust.BUILT)
        double = any(name.endswith(declared.rpartition(":")[2].rpartition(".")[2]) for declared in role.types)
        return NOT if name.lstrip("_")[:1].isupper() and not double else OPEN

    def _mock(self, node: ast.Call, role: Role) -> Evidence:
        specs = [keyword.value for keyword in node.keywords if keyword.arg in ("spec", "spec_set")]
        specs += node.args[:1]
        if not specs or not last_name(specs[0]):
            return OPEN
        found = self.is_type(specs[0], self.file.scope_of[node], role)
        return {True: Evidence(Trust.BUILT), None: OPEN, False: NOT}[found]


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
