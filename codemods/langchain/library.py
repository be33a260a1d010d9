"""What installed packages would bind, read from their source archives with `ast`: nothing is imported or unpacked."""

from __future__ import annotations

import ast
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

IMPORTER = "create_importer"  # makes what a module's `__getattr__` asks


class Symbol(NamedTuple):
    """A name of a module; printed as manifests write it."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


@dataclass
class Module:
    """What one module binds. A name that is defined in the module itself has no origin."""

    is_package: bool
    names: dict[str, Symbol | None] = field(default_factory=dict)
    typed: dict[str, Symbol] = field(default_factory=dict)  # what type checkers are told
    tables: dict[str, dict[str, str]] = field(default_factory=dict)  # of names to the modules that have them
    deprecated: dict[str, str] = field(default_factory=dict)  # the table whose names warn that they have moved
    lazy: dict[str, Symbol] = field(default_factory=dict)  # what `__getattr__` fetches, by name
    fallback: str = ""  # where `__getattr__` looks for any other name
    told: dict[str, Symbol] = field(default_factory=dict)  # replacements that `__getattr__` warns of
    stars: list[str] = field(default_factory=list)
    public: tuple[str, ...] = ()  # `__all__`


class Library:
    """The modules of some packages, by dotted name; `resolve` says what a path of theirs leads to."""

    def __init__(self, sources: Mapping[str, str], packages: Iterable[str]) -> None:
        """`sources` are texts by dotted module, `packages` those of them that are an `__init__.py`."""
        inits = frozenset(packages)
        self.modules = {name: read_module(name, text, name in inits) for name, text in sorted(sources.items())}
        self._tops = {name.partition(".")[0] for name in self.modules}

    def resolve(self, path: Symbol, seen: frozenset[Symbol] = frozenset()) -> Symbol | None:
        """Where what `path` names is defined, or the path by which it comes from elsewhere; None for no such name."""
        module = self.modules.get(path.module)
        if module is None:
            return path if path.module.partition(".")[0] not in self._tops else None
        if path in seen:
            return None
        seen = seen | {path}
        if path.name in module.names:
            origin = module.names[path.name]
            return path if origin is None else self.resolve(origin, seen)
        for origin in self._fetched(module, path.name):
            if (found := self.resolve(origin, seen)) is not None:
                return found
        return path if f"{path.module}.{path.name}" in self.modules else None

    def _fetched(self, module: Module, name: str) -> Iterator[Symbol]:
        """Where a name may come from that no statement of the module binds."""
        if "__getattr__" in module.names:
            yield from (Symbol(table[name], name) for table in module.tables.values() if name in table)
            if name in module.lazy:
                yield module.lazy[name]
            if module.fallback:
                yield Symbol(module.fallback, name)
        yield from (Symbol(star, name) for star in module.stars)


def open_archives(paths: Iterable[Path], packages: Iterable[str]) -> Library:
    """The library in source archives (`.tar.gz`), of which only these top-level `packages` are read."""
    wanted = frozenset(packages)
    sources: dict[str, str] = {}
    inits: set[str] = set()
    for path in paths:
        with tarfile.open(path) as archive:
            for member in archive:
                parts = member.name.removesuffix(".py").split("/")[1:]
                if not (member.isfile() and member.name.endswith(".py") and parts[0] in wanted):
                    continue
                if parts[-1] == "__init__":
                    parts.pop()
                    inits.add(".".join(parts))
                held = archive.extractfile(member)
                sources[".".join(parts)] = held.read().decode("utf-8") if held else ""
    return Library(sources, inits)


def read_module(name: str, text: str, is_package: bool) -> Module:
    """What the text of a module binds, at its top level and by `__getattr__`."""
    module = Module(is_package)
    package = name if is_package else name.rpartition(".")[0]
    tree = ast.parse(text)
    _bind(tree.body, module, package, typed=False)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if (getattr_ := functions.get("__getattr__")) is not None:
        _read_getattr(getattr_, functions, module, package)
    return module


def _bind(body: Iterable[ast.stmt], module: Module, package: str, typed: bool) -> None:
    for node in body:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                _bind(node.body, module, package, True)
                _bind(node.orelse, module, package, typed)
            case ast.If() | ast.With():
                _bind([*node.body, *getattr(node, "orelse", ())], module, package, typed)
            case ast.Try():
                handled = [statement for handler in node.handlers for statement in handler.body]
                _bind([*handled, *node.body, *node.orelse, *node.finalbody], module, package, typed)
            case ast.ImportFrom():
                _bind_import(node, module, package, typed)
            case ast.Import() if not typed:
                module.names.update((alias.asname or alias.name.partition(".")[0], None) for alias in node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if not typed:
                module.names[node.name] = None
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not typed:
                _assign(module, name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if not typed:
                _assign(module, name, value)
            case _:
                pass


def _bind_import(node: ast.ImportFrom, module: Module, package: str, typed: bool) -> None:
    origin = target(node, package)
    for alias in node.names:
        if alias.name == "*":
            module.stars.append(origin)
        elif typed:
            module.typed[alias.asname or alias.name] = Symbol(origin, alias.name)
        else:
            module.names[alias.asname or alias.name] = Symbol(origin, alias.name)


def _assign(module: Module, name: str, value: ast.expr) -> None:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == IMPORTER:
        _read_importer(value, module)
        return
    module.names[name] = None
    if name == "__all__":
        module.public = tuple(_listed(value, module))
    elif table := _table(value):
        module.tables[name] = table


def _table(value: ast.expr) -> dict[str, str]:
    """A literal of names and modules; empty for any other expression."""
    table: dict[str, str] = {}
    for key, item in zip(value.keys, value.values, strict=True) if isinstance(value, ast.Dict) else ():
        match key, item:
            case ast.Constant(value=str(name)), ast.Constant(value=str(module)):
                table[name] = module
            case _:
                return {}
    return table


def _read_importer(call: ast.Call, module: Module) -> None:
    """Note where what `__getattr__` asks looks: `create_importer(__package__, deprecated_lookups=TABLE)`."""
    for keyword in call.keywords:
        value = keyword.value
        table = module.tables.get(value.id, {}) if isinstance(value, ast.Name) else _table(value)
        if keyword.arg == "deprecated_lookups":
            module.deprecated |= table
            module.tables[keyword.arg] = table
        elif keyword.arg == "fallback_module" and isinstance(value, ast.Constant):
            module.fallback = str(value.value)


def _listed(value: ast.expr, module: Module) -> Iterator[str]:
    """The names of an `__all__`: `[...]`, `[...] + list(table.keys())`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name):
            yield from module.tables.get(node.id, ())


def target(node: ast.ImportFrom, package: str) -> str:
    """The module that a from-import names, in a module of `package`."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = ".".join(parts[: len(parts) - node.level + 1])
    return f"{above}.{node.module}" if node.module else above


def _read_getattr(
    function: ast.FunctionDef, functions: Mapping[str, ast.FunctionDef], module: Module, package: str
) -> None:
    """Note what `__getattr__` gives: `if name == "A": return _import_a()`, `return getattr(elsewhere, name)`."""
    bound = {
        alias.asname or alias.name: f"{target(node, package)}.{alias.name}"
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(function):
        match node:
            case ast.If(test=ast.Compare(left=ast.Name(), ops=[ast.Eq()], comparators=[ast.Constant(value=str(name))])):
                for symbol in _fetched_in(node.body, functions, package):
                    module.lazy.setdefault(name, symbol)
                for path in _replacements(node.body):
                    parent, _, last = path.rpartition(".")
                    module.told.setdefault(name, Symbol(parent, last))
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=where), ast.Name()]) if where in bound:
                module.fallback = bound[where]
            case _:
                pass


def _fetched_in(body: Iterable[ast.stmt], functions: Mapping[str, ast.FunctionDef], package: str) -> Iterator[Symbol]:
    """What a branch of `__getattr__` returns: a name that it imports, or that the function imports which it calls."""
    statements = list(body)
    for node in body:
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            called = functions.get(node.value.func.id)
            statements += called.body if called is not None else []
    returned = {
        node.value.id for node in statements if isinstance(node, ast.Return) and isinstance(node.value, ast.Name)
    }
    for node in statements:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) in returned:
                    yield Symbol(target(node, package), alias.name)


def _replacements(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The path that a branch of `__getattr__` warns to use instead: `warn(name, replacement="a.b.Name")`."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.keyword) and node.arg == "replacement" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
