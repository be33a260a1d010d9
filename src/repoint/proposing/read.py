"""One file in, what `init` wants to know of it out: a pure function of its bytes, run in worker processes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from repoint.analysis.namespace import bound_by
from repoint.analysis.parse import Unparsable, deep_recursion, parse
from repoint.model import Failed, SourceFile
from repoint.names import is_package_file, parent, resolve_relative
from repoint.proposing import lexed
from repoint.proposing.facts import Definition, FileRead, Import
from repoint.proposing.paths import is_test
from repoint.proposing.texts import definition_notes, doc_notes, is_log, is_warning, warned
from repoint.proposing.wrappers import is_abstract, only_passes_on, passed_to
from repoint.sources.snapshot import Located, load

_GENERATED = re.compile(
    rb"@generated|(?:auto|automatically)[- ]?generated|generated (?:by|from|with)|do not (?:edit|modify)", re.I
)
_GENERATED_NAME = re.compile(r"_pb2(_grpc)?\.pyi?$")
_HEAD = 1_000  # bytes in which a generated file says so
_BLOCKS = ("body", "orelse", "finalbody")
_FRAME = frozenset({"__all__", "__version__", "logger", "log"})


def read(item: tuple[Located, str]) -> FileRead | Failed:
    """What a file says, imported as the module given with it. Never raises; a Failed has the line and the reason."""
    located, module = item
    source = load(located)
    if source is None:
        return Failed(located.path, 0, "changed while it was read")
    return read_source(source, module)


def read_source(source: SourceFile, module: str) -> FileRead | Failed:
    """The same for a file whose bytes are there. Of tests only the imports are read."""
    package = module if is_package_file(source.path) else parent(module)
    if is_test(source.path):
        return FileRead(source.path, module, lexed.imports(source.data, package))
    try:
        text, tree, _ = parse(source.data)
    except Unparsable as error:
        return Failed(source.path, error.line, error.reason)
    with deep_recursion():
        imports = tuple(_imports(tree.body, package, True, False))
        definitions = tuple(_definitions(tree.body, False))
        known = {item.name for item in definitions} | {item.local for item in imports if item.top}
        times = Counter(name for statement in tree.body for name in set(bound_by(statement)))
        bound = frozenset(times)
        return FileRead(
            source.path,
            module,
            imports,
            definitions,
            tuple(_aliases(tree.body)),
            bound - known,
            doc_notes(tree.body, text.utf8.decode("utf-8")),
            "*" in bound or "__getattr__" in bound,
            _is_facade(tree.body) and any(item.top for item in imports) and not is_package_file(source.path),
            _GENERATED_NAME.search(source.path) is not None or _GENERATED.search(source.data[:_HEAD]) is not None,
            frozenset(name for name in _assigned(tree.body) if times[name] > 1),
        )


def _imports(body: list[ast.stmt], package: str, top: bool, guarded: bool) -> Iterator[Import]:
    for statement in body:
        match statement:
            case ast.Import(names=names):
                for alias in names:
                    local = alias.asname or alias.name.partition(".")[0]
                    yield Import(alias.name, "", local, top, guarded)
            case ast.ImportFrom(names=names, level=level, module=module):
                target = resolve_relative(package, level, module or "")
                for alias in names if target else ():
                    name = alias.asname or alias.name
                    yield Import(target or "", alias.name, name, top, guarded, level > 0)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield from _imports(statement.body, package, False, guarded)
            case _:
                caught = guarded or (isinstance(statement, ast.Try) and _catches(statement))
                for block in _BLOCKS:
                    inner = getattr(statement, block, None)
                    if isinstance(inner, list):
                        yield from _imports(inner, package, top, caught if block == "body" else guarded)
                for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                    yield from _imports(part.body, package, top, guarded)


def _catches(statement: ast.Try) -> bool:
    """Whether a failed import in this block is caught."""
    told = [ast.unparse(handler.type) if handler.type else "Exception" for handler in statement.handlers]
    return any(re.search(r"\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b", name) for name in told)


def _definitions(body: list[ast.stmt], fallback: bool) -> Iterator[Definition]:
    for statement in body:
        match statement:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                is_class = isinstance(statement, ast.ClassDef)
                yield Definition(
                    statement.name,
                    "class" if is_class else "function",
                    statement.lineno,
                    fallback,
                    isinstance(statement, ast.ClassDef) and is_abstract(statement),
                    tuple(ast.unparse(base) for base in statement.bases) if isinstance(statement, ast.ClassDef) else (),
                    passed_to(statement),
                    definition_notes(statement),
                )
            case ast.If() | ast.With():
                yield from _definitions([*statement.body, *getattr(statement, "orelse", ())], True)
            case ast.Try():
                yield from _definitions([*statement.body, *statement.orelse, *statement.finalbody], fallback)
                for handler in statement.handlers:
                    yield from _definitions(handler.body, True)


def _aliases(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """`Old = New`, `Old = module.New`."""
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=local)], value=ast.Name() | ast.Attribute() as value):
                yield local, ast.unparse(value)


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    """Names that statements other than imports bind; what stands in a `try` or a condition may be for want of one."""
    for statement in body:
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.Try | ast.If):
            yield from bound_by(statement)


def _is_facade(body: list[ast.stmt]) -> bool:
    """Whether a module has nothing of its own: what it defines only passes on."""
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if name in _FRAME:
                continue
            case ast.Assign(targets=[ast.Name()], value=ast.Name() | ast.Attribute()):
                continue
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)) if name in _FRAME:
                continue
            case ast.Expr(value=ast.Call() as call) if is_log(call) or is_warning(call) or warned(call):
                continue
            case ast.FunctionDef(name=name) if name in ("__getattr__", "__dir__"):
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if only_passes_on(statement):
                continue
            case ast.If() if _is_facade(statement.body) and _is_facade(statement.orelse):
                continue
            case ast.Try() if _is_facade([*statement.body, *statement.orelse, *statement.finalbody]):
                continue  # what its handlers define stands in for imports that fail
            case _:
                return False
    return True
