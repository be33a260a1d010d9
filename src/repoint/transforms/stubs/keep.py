"""Definitions that a stub carries over: the old module's source and names in, their text and needs out."""

from __future__ import annotations

import ast
import builtins

from repoint.analysis.parse import parse
from repoint.model import Frozen
from repoint.transforms.stubs.text import Kept

_BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While, ast.Match)


class CannotKeep(Exception):
    """A definition that cannot be carried over; carries its name, line and the reason."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(name, line, reason)
        self.name = name
        self.line = line
        self.reason = reason


class Needs(Frozen, frozen=True):
    """What is kept, and the names that it reads from the stub's own redirects."""

    kept: Kept
    redirected: frozenset[str]


def carry_over(data: bytes, names: tuple[str, ...], homes: frozenset[str], used: frozenset[str]) -> Needs:
    """The definitions of `names` in the module whose bytes are `data`, with what they need.

    `homes` are names that have a home elsewhere: reading one is met by its redirect. What is taken along counts as
    kept where it is public or in `used`. Raises CannotKeep.
    """
    text, tree, _ = parse(data)
    source = text.utf8.decode("utf-8").replace("\r\n", "\n")
    statements = _by_name(tree)
    wanted: dict[str, ast.stmt] = {}
    imports: dict[str, str] = {}
    redirected: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop(0)
        if name in wanted or name in imports or name in redirected:
            continue
        found = statements.get(name)
        if found is None:
            if name in names:
                raise CannotKeep(name, 1, "is not defined at the top level of the module")
            continue
        if name in homes and name not in names:
            redirected.add(name)
        elif isinstance(found, ast.Import | ast.ImportFrom):
            imports[name] = _one_import(found, name)
        elif name in names and isinstance(found, _BLOCKS):
            raise CannotKeep(name, found.lineno, "is defined inside another statement")
        else:
            wanted[name] = found
            todo += sorted(_free_names(found))
    future = ["from __future__ import annotations"] if _has_future(tree) and wanted else []
    order = sorted({id(item): item for item in wanted.values()}.values(), key=lambda item: item.lineno)
    texts = tuple(_verbatim(source, item) for item in order)
    statements_needed = tuple(sorted({*future, *imports.values()}))
    listed = {name for name in wanted if name in names or name in used or not name.startswith("_")}
    return Needs(Kept(tuple(sorted(listed)), statements_needed, texts), frozenset(redirected))


def _by_name(tree: ast.Module) -> dict[str, ast.stmt]:
    """Top-level statements by the names they bind; what is bound inside a block brings the whole block."""
    found: dict[str, ast.stmt] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                found.setdefault(alias.asname or alias.name.partition(".")[0], statement)
        elif isinstance(statement, _BLOCKS):
            for name in _bound_in(statement):
                found.setdefault(name, statement)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found[node.id] = statement
    return found


def _bound_in(block: ast.stmt) -> set[str]:
    """Names that a compound statement binds in its own scope or below: more than needed does no harm."""
    names: set[str] = set()
    for node in ast.walk(block):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _one_import(statement: ast.Import | ast.ImportFrom, local: str) -> str:
    """The import of just the name that is bound as `local`."""
    alias = next(a for a in statement.names if (a.asname or a.name.partition(".")[0]) == local)
    shown = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
    if isinstance(statement, ast.Import):
        return f"import {shown}"
    return f"from {'.' * statement.level}{statement.module or ''} import {shown}"


def _free_names(statement: ast.stmt) -> set[str]:
    """Names that a definition reads, by over-approximation: more than needed does no harm where nothing binds them."""
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            names.add(node.value)
    return names - set(dir(builtins))


def _has_future(tree: ast.Module) -> bool:
    return any(
        isinstance(item, ast.ImportFrom) and item.module == "__future__" and item.names[0].name == "annotations"
        for item in tree.body
    )


def _verbatim(source: str, statement: ast.stmt) -> str:
    """The statement's lines, with its decorators and the comment lines directly above."""
    lines = source.split("\n")
    decorators = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(item.lineno for item in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : statement.end_lineno]) + "\n"
