"""Takes a program before and after a migration, gives the places where they differ by more than the moves.

Shares nothing with the tool: it has a resolver of its own, written for plainness, not for speed. Both programs are
walked side by side. Names are compared by what they are bound to (the full path of what is imported, told by the moves;
otherwise the scope and the name), import statements by what they import into which scope, everything else by its
syntax. `pass` is not looked at, nor is which of several equal imports a name comes from.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True)
class Moves:
    """Dotted old paths to dotted new ones; the longest old path that fits decides."""

    paths: Mapping[str, str]

    def new(self, path: str) -> str:
        parts = path.split(".")
        for end in range(len(parts), 0, -1):
            old = ".".join(parts[:end])
            if old in self.paths:
                return ".".join([self.paths[old], *parts[end:]])
        return path

    def touches(self, path: str) -> bool:
        """Whether `path` is an old or a new path, or one above or below such a path."""
        return any(_is_within(path, other) or _is_within(other, path) for pair in self.paths.items() for other in pair)


def _is_within(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")


@dataclass(frozen=True)
class Bound:
    """What a name is bound to by imports, as paths; `loaded` says whether the imports load what is asked for."""

    paths: frozenset[str]
    loaded: bool = True


@dataclass(eq=False)
class Scope:
    kind: str
    key: tuple[str, ...]
    parent: Scope | None
    imports: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    others: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    elsewhere: dict[str, str] = field(default_factory=dict)
    children: int = 0

    def owner(self, name: str) -> Scope | None:
        """The scope whose binding `name` reads here, None for builtins."""
        if self.elsewhere.get(name) == "global":
            return self.module()
        scope: Scope | None = self
        if name in self.elsewhere:
            scope = self.parent
        while scope is not None:
            seen = scope.kind != "class" or scope is self
            if seen and scope.elsewhere.get(name) == "global":
                return self.module()
            bound = name in scope.imports or name in scope.others or name in scope.deleted
            if seen and bound and name not in scope.elsewhere:
                return scope
            scope = scope.parent
        return None

    def module(self) -> Scope:
        return self if self.parent is None else self.parent.module()


class _Binder(ast.NodeVisitor):
    """Finds each node's scope, and each scope's bindings."""

    def __init__(self, tree: ast.Module, package: str) -> None:
        self.package = package
        self.scope = Scope("module", (), None)
        self.scopes: dict[ast.AST, Scope] = {}
        self.visit(tree)

    def visit(self, node: ast.AST) -> None:
        self.scopes[node] = self.scope
        super().visit(node)

    def _enter(self, kind: str, *parts: Iterable[ast.AST]) -> None:
        outer = self.scope
        self.scope = Scope(kind, (*outer.key, f"{kind}{outer.children}"), outer)
        outer.children += 1
        for part in parts:
            for node in part:
                self.visit(node)
        self.scope = outer

    def _all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _bind(self, name: str | None, scope: Scope | None = None) -> None:
        scope = scope or self.scope
        if name is None:
            return
        if scope.elsewhere.get(name) == "global":
            scope = scope.module()
        elif name in scope.elsewhere:
            scope = (scope.parent and scope.parent.owner(name)) or scope
        scope.others.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        elif isinstance(node.ctx, ast.Del):
            self.scope.deleted.add(node.id)  # makes the name local, too

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        self.scopes[node.target] = scope
        self._bind(node.target.id, scope)
        self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name)
        self._all([*node.decorator_list, *_outer(node.args), node.returns])
        self._enter("function", _arguments(node.args), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._all(_outer(node.args))
        self._enter("function", _arguments(node.args), [node.body])

    def visit_arg(self, node: ast.arg) -> None:
        self._bind(node.arg)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name)
        self._all([*node.decorator_list, *node.bases, *node.keywords])
        self._enter("class", node.body)

    def _comprehension(self, node: COMPREHENSIONS) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        inner = [part for part in ast.iter_child_nodes(node) if part not in node.generators]
        rest: list[ast.AST] = [first.target, *first.ifs]
        for generator in node.generators[1:]:
            rest += [generator.target, generator.iter, *generator.ifs]
        for generator in node.generators:
            self.scopes[generator] = self.scope
        self._enter("comprehension", rest, inner)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._bind(node.rest)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        kind = "global" if isinstance(node, ast.Global) else "nonlocal"
        self.scope.elsewhere.update(dict.fromkeys(node.names, kind))

    visit_Nonlocal = visit_Global  # noqa: N815

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            bound = (alias.name, alias.name) if alias.asname else (root, alias.name)
            self._import(alias.asname or root, bound)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                path = f"{source_of(node, self.package)}.{alias.name}"
                self._import(alias.asname or alias.name, (path, path))

    def _import(self, name: str, bound: tuple[str, str]) -> None:
        scope = self.scope.module() if self.scope.elsewhere.get(name) == "global" else self.scope
        scope.imports[name].add(bound)


def source_of(node: ast.ImportFrom, package: str) -> str:
    """The absolute module that a from-import reads, in a module of `package`."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def _outer(args: ast.arguments) -> list[ast.AST | None]:
    return [*args.defaults, *args.kw_defaults, *(argument.annotation for argument in _arguments(args))]


def _arguments(args: ast.arguments) -> list[ast.arg]:
    extra = [argument for argument in (args.vararg, args.kwarg) if argument]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


class Program:
    """A module's syntax tree with what its names stand for; `moves` are applied to every path told."""

    def __init__(self, text: str, package: str, moves: Moves) -> None:
        self.tree = ast.parse(text)
        self.package = package
        self.moves = moves
        self.scopes = _Binder(self.tree, package).scopes

    def name(
        self, name: str, node: ast.AST, attributes: tuple[str, ...] = (), scope: Scope | None = None
    ) -> Bound | tuple[object, ...]:
        """What `name.attributes` stands for in `scope`, or else where `node` is."""
        owner = (scope or self.scopes[node]).owner(name)
        if owner is None:
            return ("builtin", name, *attributes)
        bound = owner.imports.get(name, set())
        new = frozenset(self.moves.new(".".join([path, *attributes])) for path, _ in bound)
        if name in owner.others or not bound:
            return ("local", owner.key, new) if bound else ("local", owner.key, name, *attributes)
        asked = [".".join([path, *attributes]) for path, _ in bound]
        loaded = all(any(_is_within(path, target) or path == name for _, target in bound) for path in asked)
        return Bound(new, loaded)

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """Paths are told as they stand here."""
        moves, self.moves = self.moves, Moves({})
        try:
            yield
        finally:
            self.moves = moves

    def imported(self) -> dict[tuple[str, ...], set[str]]:
        """Names that from-imports bring into each scope, by their new paths."""
        found: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    path = self.moves.new(f"{source_of(node, self.package)}.{alias.name}")
                    found[self.scopes[node].key].add(path)
        return found


def differences(before: str, after: str, module: str, moves: Moves, *, some_stay: bool = False) -> list[str]:
    """What differs beyond `moves`, each with its line in `before`; `module` is the program's dotted name.

    With `some_stay`, old paths may have stayed what they were.
    """
    package = module.rpartition(".")[0]
    walk = _Walk(Program(before, package, moves), Program(after, package, Moves({})), some_stay)
    return [*walk.nodes(walk.before.tree, walk.after.tree), *walk.imports()]


class _Walk:
    """Both programs, side by side."""

    def __init__(self, before: Program, after: Program, some_stay: bool) -> None:
        self.before = before
        self.after = after
        self.some_stay = some_stay

    def imports(self) -> Iterator[str]:
        old, new = self.before.imported(), self.after.imported()
        for key in sorted({*old, *new}):
            for path in sorted(old[key] ^ new[key]):
                what = "is lost" if path in old[key] else "is new"
                stayed = self.some_stay and self.before.moves.touches(path)
                if not stayed and not self._is_module(path):
                    yield f"scope {'.'.join(key) or 'module'}: the import of {path} {what}"

    def _is_module(self, path: str) -> bool:
        """Modules whose names move apart are imported as the names need."""
        moves = self.before.moves.paths.items()
        return any(other.startswith(f"{path}.") for pair in moves for other in pair) or path in {
            new for old, new in moves
        }

    def nodes(self, old: object, new: object) -> Iterator[str]:
        if isinstance(old, list) and isinstance(new, list):
            yield from self._lists(old, new)
        elif not isinstance(old, ast.AST) or not isinstance(new, ast.AST):
            if old != new or type(old) is not type(new):
                yield f"{old!r} became {new!r}"
        elif self._is_path(old) or self._is_path(new):
            yield from self._paths(old, new)
        elif type(old) is not type(new):
            yield f"line {_line(old)}: {type(old).__name__} became {type(new).__name__}"
        elif isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
            yield from self._constants(old, new)
        else:
            yield from self._fields(old, new)

    def _is_path(self, node: ast.AST) -> bool:
        return _chain(node) is not None

    def _paths(self, old: ast.AST, new: ast.AST) -> Iterator[str]:
        was, is_now = self._told(self.before, old), self._told(self.after, new)
        unloaded = isinstance(was, Bound) and not was.loaded
        if was != is_now and (self.some_stay or unloaded):
            with self.before.unmoved():
                was = self._told(self.before, old)
        if was == is_now or self._same_outside(old, new):
            return
        if isinstance(was, Bound) and isinstance(is_now, Bound):
            if isinstance(getattr(old, "ctx", None), ast.Del):
                return  # `del m`: which of a moved name's modules it is does not matter
            if not is_now.paths or not is_now.paths <= was.paths:  # of several imports, the last may be the one
                yield f"line {_line(old)}: {sorted(was.paths)} became {sorted(is_now.paths)}"
            elif was.loaded and not is_now.loaded:
                yield f"line {_line(old)}: nothing imports {sorted(is_now.paths)}"
        elif not self._is_guarded_module(was, is_now):
            yield f"line {_line(old)}: {was} became {is_now}"

    def _is_guarded_module(self, was: object, is_now: object) -> bool:
        """`m = None` in a handler, and `if m`: which module it is does not matter there, but the name does."""
        if not (isinstance(was, tuple) and isinstance(is_now, tuple) and was[:2] == is_now[:2] and was[0] == "local"):
            return False
        moves = self.before.moves.paths
        homes = {new.rpartition(".")[0] for new in moves.values()}
        olds = {old.rpartition(".")[0] for old in moves}
        sets = [part for part in (was[2], is_now[2]) if isinstance(part, frozenset)]
        return len(sets) == 2 and sets[0] <= olds and sets[1] <= homes | olds

    def _same_outside(self, old: ast.AST, new: ast.AST) -> bool:
        """In a class body, `A = A` reads the outer name: it may follow while the class's own stays."""
        one, other = _chain(old), _chain(new)
        if one is None or other is None or not isinstance(one[0].ctx, ast.Load):
            return False
        scopes = [program.scopes[chain[0]] for program, chain in ((self.before, one), (self.after, other))]
        if any(scope.kind != "class" or scope.parent is None for scope in scopes):
            return False
        told = [
            program.name(chain[0].id, chain[0], chain[1], scope.parent)
            for program, chain, scope in zip((self.before, self.after), (one, other), scopes, strict=True)
        ]
        return told[0] == told[1]

    def _told(self, program: Program, node: ast.AST) -> object:
        chain = _chain(node)
        if chain is None:
            return type(node).__name__
        base, attributes = chain
        return program.name(base.id, base, attributes)

    def _constants(self, old: ast.Constant, new: ast.Constant) -> Iterator[str]:
        if old.value == new.value and type(old.value) is type(new.value):
            return
        if isinstance(old.value, str) and isinstance(new.value, str):
            told = self.before.moves.new(old.value.replace(":", "."))
            if told == new.value.replace(":", ".") or self._same_quoted(old, new):
                return
        yield f"line {_line(old)}: {old.value!r} became {new.value!r}"

    def _same_quoted(self, old: ast.Constant, new: ast.Constant) -> bool:
        """Quoted annotations are read where they stand."""
        try:
            trees = [ast.parse(str(node.value), mode="eval").body for node in (old, new)]
        except SyntaxError:
            return False
        for program, node, tree in zip((self.before, self.after), (old, new), trees, strict=True):
            program.scopes.update(dict.fromkeys(ast.walk(tree), program.scopes[node]))
        return not list(self.nodes(*trees))

    def _fields(self, old: ast.AST, new: ast.AST) -> Iterator[str]:
        for name in old._fields:
            one, other = getattr(old, name, None), getattr(new, name, None)
            if isinstance(old, ast.Global | ast.Nonlocal):
                one = [self.before.name(item, old) for item in old.names]
                other = [self.after.name(item, new) for item in new.names]  # type: ignore[attr-defined]
            elif name in {"name", "rest"} and isinstance(one, str) and isinstance(other, str):
                one, other = self.before.name(one, old), self.after.name(other, new)
            elif name == "type_comment":
                continue
            if one != other and self.some_stay and isinstance(getattr(old, name), str):
                with self.before.unmoved():
                    one = self.before.name(getattr(old, name), old)
            for problem in self.nodes(one, other):
                yield problem if problem.startswith(("line", "scope")) else f"line {_line(old)}: {problem}"

    def _lists(self, old: list[object], new: list[object]) -> Iterator[str]:
        one, other = ([item for item in items if not _is_silent(item)] for items in (old, new))
        if len(one) != len(other):
            where = next((_line(item) for item in one if isinstance(item, ast.AST)), "?")
            yield f"line {where}: {len(one)} statements or parts became {len(other)}"
        for pair in zip(one, other, strict=False):
            yield from self.nodes(*pair)


def _is_silent(item: object) -> bool:
    return isinstance(item, ast.Import | ast.ImportFrom | ast.Pass)


def _chain(node: ast.AST) -> tuple[ast.Name, tuple[str, ...]] | None:
    """The name and the attributes of `a.b.c`."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node, tuple(reversed(attributes))) if isinstance(node, ast.Name) else None


def _line(node: ast.AST) -> object:
    return getattr(node, "lineno", "?")
