"""The attributes of `self` that a class surely has when one of its methods runs, and where each is assigned."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from injection.declared import Role
from injection.evidence import OPEN, Evidence, Judge, last_name
from injection.order import precedes
from injection.scopes import Binding, File, Function, Scope

_UNITTEST = {"setUp": {"TestCase", "IsolatedAsyncioTestCase"}, "asyncSetUp": {"IsolatedAsyncioTestCase"}}
_PYTEST = {"setup_method"}
_TEARDOWN = {"tearDown", "asyncTearDown", "teardown_method"}
_ASSIGNS = ("assigned", "annotated")
_GENERATED_INIT = {"dataclass", "define", "frozen", "mutable", "attrs"}
_GENERATED_BASES = {"BaseModel", "NamedTuple", "Struct"}


@dataclass(frozen=True, eq=False)
class Assigned:
    """`self.name = ...` in `method`; `binding` says how."""

    method: Function
    binding: Binding


class Attributes:
    """The classes of one file; `setup` are methods that run before every other, beside the well-known ones."""

    def __init__(self, file: File, judge: Judge, setup: Collection[str]) -> None:
        self.file, self.judge, self.setup = file, judge, set(setup)
        self._assigned: dict[ast.AST, dict[str, list[Assigned]]] = {}
        judge.attribute = self._read
        for node in file.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                self._note(node)

    def owners(self, node: ast.AST) -> Iterator[tuple[str, Function, ast.ClassDef]]:
        """The methods around `node` whose instance it can name: (`self`, method, class)."""
        start = self.file.scope_of[node]
        scope: Scope | None = start
        while scope is not None:
            method = scope.node
            name = self._self_name(method)
            if isinstance(method, Function) and name and self.file.resolve(name, start) is scope:
                owner = self.file.parent_of[method]
                if len(scope.bindings[name]) == 1 and isinstance(owner, ast.ClassDef):
                    yield name, method, owner
            scope = scope.parent

    def names(self, owner: ast.ClassDef) -> list[str]:
        """Every attribute that the class or one of its methods assigns."""
        return list(dict.fromkeys([*self._class_scope(owner).bindings, *self._assigned.get(owner, {})]))

    def evidence(self, owner: ast.ClassDef, name: str, role: Role, depth: int = 0) -> Evidence:
        """What all that is assigned to the attribute says; a teardown that clears it does not count."""
        found = [self.judge.binding(item, role, depth) for item in self._class_scope(owner).bindings.get(name, [])]
        for item in self._assigned.get(owner, {}).get(name, []):
            if item.method.name not in _TEARDOWN:
                found.append(self.judge.binding(item.binding, role, depth))
        return self.judge.together(found)

    def _read(self, node: ast.Attribute, role: Role, depth: int) -> Evidence:
        """What is known of `self.name` where it is read."""
        if isinstance(node.value, ast.Name):
            for name, _, owner in self.owners(node):
                if name == node.value.id and node.attr in self.names(owner):
                    return self.evidence(owner, node.attr, role, depth)
        return OPEN

    def single_value(self, owner: ast.ClassDef, name: str) -> ast.expr | None:
        """The one expression that the attribute is ever assigned."""
        assigned = self._assigned.get(owner, {}).get(name, [])
        if len(assigned) == 1 and name not in self._class_scope(owner).bindings:
            return assigned[0].binding.value
        return None

    def assigned_in(self, owner: ast.ClassDef, name: str, method: Function) -> bool:
        """Whether the method itself assigns the attribute."""
        return any(item.method is method for item in self._assigned.get(owner, {}).get(name, []))

    def bound(self, owner: ast.ClassDef, name: str, method: Function, node: ast.AST) -> bool:
        """Whether the attribute is surely there when `node`, in `method` of the class, runs."""
        own = self._class_scope(owner).bindings.get(name, [])
        if any(item.how == "deleted" for item in own) or not self._reachable_name(owner, name, node):
            return False
        if any(self._set_by_class(owner, item) for item in own):
            return True
        assigned = self._assigned.get(owner, {}).get(name, [])
        if any(item.binding.how == "deleted" for item in assigned):
            return False
        return any(self._set_by_method(owner, item, method, node) for item in assigned)

    # --- how a class comes to have it -----------------------------------------------------------------------------

    def _set_by_class(self, owner: ast.ClassDef, binding: Binding) -> bool:
        place = self.file.place_of.get(binding.statement)
        if place is None or place[0] is not owner:
            return False
        if binding.how == "assigned":
            return True
        if binding.how != "annotated" or binding.annotation is None or "InitVar" in ast.unparse(binding.annotation):
            return False
        value = binding.value
        if isinstance(value, ast.Call) and last_name(value) in ("field", "ib", "Field"):
            given = {keyword.arg: keyword.value for keyword in value.keywords}
            made = not {"default", "default_factory", "factory"}.isdisjoint(given)
            return self._generates_init(owner) and (made or "init" not in given)
        if value is not None:
            return True
        return self._generates_init(owner) and "ClassVar" not in ast.unparse(binding.annotation)

    def _generates_init(self, owner: ast.ClassDef) -> bool:
        if "__init__" in self._class_scope(owner).bindings:
            return False
        decorated = any(last_name(item) in _GENERATED_INIT for item in owner.decorator_list)
        return decorated or any(last_name(base) in _GENERATED_BASES for base in owner.bases)

    def _set_by_method(self, owner: ast.ClassDef, item: Assigned, method: Function, node: ast.AST) -> bool:
        first, statement = item.method, item.binding.statement
        place = self.file.place_of.get(statement)
        if item.binding.how != "unpacked" and not (item.binding.how in _ASSIGNS and item.binding.value):
            return False
        if first is method:
            return self.file.scope_of[item.binding.node] is self._scope(method) and precedes(self.file, statement, node)
        if place is None or place[0] is not first or not self._runs_first(owner, first, method):
            return False
        early = self._called_before(owner, first, place[2])
        return method.name not in early and not self._returns_before(first, statement)

    def _runs_first(self, owner: ast.ClassDef, first: Function, method: Function) -> bool:
        if method.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            return False
        if first.name == "__init__" or (first.name == "__post_init__" and self._generates_init(owner)):
            return not first.decorator_list and (method.name != "__init__" or first.name != "__post_init__")
        return self._is_setup(owner, first) and not self._is_setup(owner, method) and method.name != "__init__"

    def _is_setup(self, owner: ast.ClassDef, method: Function) -> bool:
        """Whether a runner of tests surely calls it before a test, as far as the class itself tells."""
        fixtures = [item for item in method.decorator_list if "fixture" in last_name(item)]
        if fixtures:
            return _autouse(fixtures[0], isinstance(method, ast.AsyncFunctionDef))
        if method.decorator_list:
            return False
        if method.name in self.setup:
            return True
        if isinstance(method, ast.AsyncFunctionDef) != (method.name == "asyncSetUp"):
            return False  # nobody would await it
        if method.name in _PYTEST:
            return bool(owner.bases) or owner.name.startswith("Test")
        return not _UNITTEST.get(method.name, set()).isdisjoint(last_name(base) for base in owner.bases)

    def _returns_before(self, method: Function, statement: ast.AST) -> bool:
        scope, line = self._scope(method), getattr(statement, "lineno", 0)
        return any(
            isinstance(node, ast.Return | ast.Yield) and node.lineno < line and self.file.scope_of[node] is scope
            for node in ast.walk(method)
        )

    def _called_before(self, owner: ast.ClassDef, first: Function, index: int) -> set[str]:
        """Methods that `first` may reach through `self` before its statement `index`."""
        methods = {item.name: item for item in owner.body if isinstance(item, Function)}
        todo: list[ast.AST] = list(first.body[:index])
        seen: set[str] = set()
        while todo:
            for node in ast.walk(todo.pop()):
                name = node.attr if isinstance(node, ast.Attribute) else ""
                own = isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Call)  # not super().setUp()
                if own and name in methods and name not in seen:
                    seen.add(name)
                    todo.append(methods[name])
        return seen

    # --- finding --------------------------------------------------------------------------------------------------

    def _note(self, node: ast.Attribute) -> None:
        if not isinstance(node.value, ast.Name):
            return
        for name, method, owner in self.owners(node):
            if name == node.value.id:
                binding = self.file.binding_of(node, node.attr)
                self._assigned.setdefault(owner, {}).setdefault(node.attr, []).append(Assigned(method, binding))

    def _reachable_name(self, owner: ast.ClassDef, name: str, node: ast.AST) -> bool:
        """A private name (`__x`) is only itself within its own class."""
        if not name.startswith("__") or name.endswith("__"):
            return True
        around = next((item for item in self.file.ancestors(node) if isinstance(item, ast.ClassDef)), None)
        return around is owner

    def _self_name(self, method: ast.AST) -> str:
        if not isinstance(method, Function) or not isinstance(self.file.parent_of.get(method), ast.ClassDef):
            return ""
        if any(last_name(item) in ("staticmethod", "classmethod") for item in method.decorator_list):
            return ""
        arguments = method.args.posonlyargs + method.args.args
        return arguments[0].arg if arguments and method.name != "__new__" else ""

    def _scope(self, method: Function) -> Scope:
        return self.file.scope_of[method.body[0]]

    def _class_scope(self, owner: ast.ClassDef) -> Scope:
        return self.file.scope_of[owner.body[0]]


def _autouse(fixture: ast.expr, is_async: bool) -> bool:
    """`@pytest.fixture(autouse=True)`, of the scope of one test; an async one has to be `pytest_asyncio`'s."""
    if not isinstance(fixture, ast.Call):
        return False
    root = fixture.func.value if isinstance(fixture.func, ast.Attribute) else fixture.func
    given = {keyword.arg: keyword.value for keyword in fixture.keywords}
    use = given.get("autouse")
    awaited = not is_async or last_name(root) == "pytest_asyncio"
    return awaited and isinstance(use, ast.Constant) and use.value is True and "scope" not in given
