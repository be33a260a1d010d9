"""What modules bind at their top level: a parsed file in, a `Namespace` out; and the re-exports between them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
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


def _last_bound(bindings: tuple[TopLevel, ...]) -> tuple[TopLevel, ...]:
    """The bindings that may hold in the end: the last one that is not conditional, and those after it."""
    sure = [at for at, item in enumerate(bindings) if not item.conditional]
    return bindings[sure[-1] :] if sure else bindings


class Found(StrEnum):
    """What following a name leads to."""

    DEFINED = "defined"
    MODULE = "module"
    OUTSIDE = "outside"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Origin(Frozen, frozen=True):
    """The end of a chain of re-exports: the module and the name there, and every stop on the way."""

    found: Found
    module: str
    name: str
    chain: tuple[tuple[str, str], ...] = ()


class Namespaces:
    """All namespaces of a tree, read when first asked for; `modules` are its modules, packages included."""

    def __init__(self, modules: frozenset[str], load: Callable[[str], Namespace | Failed | None]) -> None:
        self.modules = modules
        self._load = load
        self._read: dict[str, Namespace | Failed | None] = {}

    def get(self, module: str) -> Namespace | None:
        """The namespace of `module`; None where there is none or it does not parse."""
        found = self.attempt(module)
        return found if isinstance(found, Namespace) else None

    def read_before(
        self, modules: frozenset[str], changed: Collection[str], load: Callable[[str], Namespace | Failed | None]
    ) -> Namespaces:
        """Those of another tree with `modules`, of which all that did not change need not be read again."""
        found = Namespaces(modules, load)
        gone = self.modules ^ modules
        found._read = {
            module: read for module, read in self._read.items() if module not in changed and module not in gone
        }
        return found

    def has_read(self, module: str) -> bool:
        """Whether anything was asked that this module had a say in."""
        return module in self._read

    def attempt(self, module: str) -> Namespace | Failed | None:
        if module not in self._read:
            self._read[module] = self._load(module)
        return self._read[module]

    def origin(self, module: str, name: str) -> Origin:
        """Where `name` of `module` is really defined, however long the chain of re-exports."""
        chain: list[tuple[str, str]] = []
        return self._origin(module, name, chain)

    def _origin(self, module: str, name: str, chain: list[tuple[str, str]]) -> Origin:
        if (module, name) in chain:
            if f"{module}.{name}" in self.modules:  # `from . import sub` in the package itself
                return Origin(Found.MODULE, f"{module}.{name}", "", tuple(chain))
            return Origin(Found.UNKNOWN, module, name, tuple(chain))
        chain.append((module, name))
        namespace = self.get(module)
        if namespace is None:
            found = Found.UNKNOWN if module in self.modules else Found.OUTSIDE
            return Origin(found, module, name, tuple(chain))
        bindings = _last_bound(namespace.of(name))
        if not bindings:
            return self._elsewhere(namespace, module, name, chain)
        ends = [self._through(item, list(chain)) for item in self._arms(bindings) if item.how is Bound.IMPORT]
        agreed = len({(end.found, end.module, end.name) for end in ends}) == 1
        if agreed and all(item.how is Bound.IMPORT for item in bindings):
            return ends[0]
        return Origin(Found.DEFINED, module, name, tuple(chain))  # arms that differ: it is this module that decides

    def _through(self, item: TopLevel, chain: list[tuple[str, str]]) -> Origin:
        if item.origin is None:
            return Origin(Found.MODULE, item.module, "", tuple(chain))
        return self._origin(item.module, item.origin, chain)

    def _arms(self, bindings: tuple[TopLevel, ...]) -> list[TopLevel]:
        """The arms of a fallback; `from b import A` beside `from a.b import A` is `a.b` under another root."""
        known = [item.module for item in bindings if item.module in self.modules]
        return [
            item
            for item in bindings
            if item.module in known or not any(module.endswith(f".{item.module}") for module in known)
        ]

    def _elsewhere(self, namespace: Namespace, module: str, name: str, chain: list[tuple[str, str]]) -> Origin:
        """Names that no statement binds: submodules, star imports, a module's `__getattr__`."""
        if f"{module}.{name}" in self.modules:
            return Origin(Found.MODULE, f"{module}.{name}", "", tuple(chain))
        for star in namespace.stars:
            if self.exports(star, name):
                return self._origin(star, name, chain)
        if namespace.dynamic or any(star not in self.modules for star in namespace.stars):
            return Origin(Found.UNKNOWN, module, name, tuple(chain))
        return Origin(Found.ABSENT, module, name, tuple(chain))

    def starred(self, module: str) -> frozenset[str]:
        """The names that `from module import *` binds, as far as they can be told."""
        namespace = self.get(module)
        if namespace is None:
            return frozenset()
        inner = {name for star in namespace.stars if star != module for name in self.starred(star)}
        return frozenset(name for name in namespace.names | inner if self.exports(module, name))

    def exports(self, module: str, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether `from module import *` binds `name`."""
        namespace = self.get(module)
        if namespace is None or module in seen:
            return False
        if namespace.exported is not None:
            return name in namespace.exported
        if name.startswith("_"):
            return False
        inner = seen | {module}
        return name in namespace.names or any(self.exports(star, name, inner) for star in namespace.stars)

    def binds(self, module: str, name: str) -> bool | None:
        """Whether `module` has `name`; None where that cannot be known."""
        found = self.origin_of_binding(module, name)
        return None if found is Found.UNKNOWN or found is Found.OUTSIDE else found is not Found.ABSENT

    def origin_of_binding(self, module: str, name: str) -> Found:
        """What `name` is in `module` itself, whatever becomes of the chain behind it."""
        namespace = self.get(module)
        if namespace is not None and namespace.of(name):
            return Found.DEFINED
        return self.origin(module, name).found
