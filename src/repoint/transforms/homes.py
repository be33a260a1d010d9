"""Whether a new home can do without its own import of the old path (DESIGN §4.13): the obstacle, or None."""

from __future__ import annotations

import ast

from repoint.analysis.facts import MODULE, Reference, RefKind, When
from repoint.analysis.namespace import Bound
from repoint.analysis.parse import parse
from repoint.transforms.context import Context, Variable

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def obstacle(context: Context, variable: Variable, name: str, alone: bool) -> str | None:
    """Why `variable`, imported from the old path, cannot become the home's own top-level `name`.

    `alone` tells that nothing else binds the variable by a moved import.
    """
    namespace = context.world.namespaces.get(context.facts.module)
    bindings = namespace.of(name) if namespace is not None else ()
    if len(bindings) != 1 or bindings[0].how is Bound.IMPORT or bindings[0].conditional:
        return f"its top level does not define `{name}` once and for all"
    uses = context.uses(variable)
    if not alone or any(use.kind not in (RefKind.LOAD, RefKind.DECLARATION) for use in uses):
        return f"`{variable.name}` is bound in other ways too"
    _, tree, _ = parse(context.text.data)
    defined = next(item for item in tree.body if _defines(item, name))
    called = _called_while_importing(tree)
    for use in uses:
        if not _safe(context, use, defined.end_lineno or 0, called):
            return f"line {context.text.line(use.start)} needs it before `{name}` is defined"
    return None


def _safe(context: Context, use: Reference, defined: int, called: list[tuple[int, int]]) -> bool:
    if use.when is When.NEVER:
        return True
    line = context.text.line(use.start)
    if use.when is When.IMPORT:
        return line > defined and context.is_within(use.scope, MODULE)
    return not any(first <= line <= last for first, last in called)


def _defines(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.ClassDef | _Function):
        return statement.name == name
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in ast.walk(statement)
    )


def _called_while_importing(tree: ast.Module) -> list[tuple[int, int]]:
    """Line spans of functions that running the module's top level may call, told by their names alone.

    A function whose name (or whose class's name, for methods) is read while the module is imported counts as
    called, and so do the functions that such a function names.
    """
    functions: list[tuple[_Function, frozenset[str]]] = []
    reached = _names_run(tree.body, functions, frozenset())
    spans: list[tuple[int, int]] = []
    pending = list(functions)
    progress = True
    while progress:
        progress = False
        for item in list(pending):
            function, aliases = item
            if aliases & reached:
                pending.remove(item)
                spans.append((function.lineno, function.end_lineno or function.lineno))
                reached |= {name for node in function.body for name in _names_in(node)}
                progress = True
    return spans


def _names_run(
    body: list[ast.stmt], functions: list[tuple[_Function, frozenset[str]]], owners: frozenset[str]
) -> set[str]:
    """Names that are read when `body` runs; the functions defined on the way are put aside."""
    names: set[str] = set()
    for statement in body:
        if isinstance(statement, _Function):
            functions.append((statement, owners | {statement.name}))
            for part in (*statement.args.defaults, *(d for d in statement.args.kw_defaults if d is not None)):
                names |= _names_in(part)
        elif isinstance(statement, ast.ClassDef):
            names |= _names_run(statement.body, functions, owners | {statement.name})
        elif isinstance(statement, ast.If) and "__main__" in ast.unparse(statement.test):
            continue
        else:
            names |= _names_in(statement)
    return names


def _names_in(node: ast.AST) -> set[str]:
    return {
        child.id if isinstance(child, ast.Name) else child.attr
        for child in ast.walk(node)
        if (isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load)) or isinstance(child, ast.Attribute)
    }
