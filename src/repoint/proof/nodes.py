"""Small questions about syntax trees: a node in, a name, a text or a yes out."""

from __future__ import annotations

import ast

from repoint.proof.parsed import BROKEN
from repoint.proof.trace import Reference

_SHOWN = 60  # characters of source in a message


def all_parameters(arguments: ast.arguments) -> list[tuple[str, ast.arg]]:
    """Every parameter with its kind, in the order of the text."""
    found = [("positional", item) for item in arguments.posonlyargs] + [("plain", item) for item in arguments.args]
    found += [("rest", arguments.vararg)] if arguments.vararg else []
    found += [("keyword", item) for item in arguments.kwonlyargs]
    return found + ([("options", arguments.kwarg)] if arguments.kwarg else [])


def reference(node: ast.AST) -> Reference | None:
    """`a.b.c` as a reference; None for anything that does not start with a name."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return Reference(node.id, tuple(reversed(attributes))) if isinstance(node, ast.Name) else None


def argument(call: ast.Call, index: int, names: tuple[str, ...]) -> ast.expr | None:
    """An argument by its place or by one of its names."""
    if index < len(call.args):
        return call.args[index]
    return next((keyword.value for keyword in call.keywords if keyword.arg in names), None)


def text_of(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def last_name(node: ast.AST) -> str:
    """`a.b.c` gives `c`, `a` gives `a`, anything else the empty string."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def literals(tree: ast.Module | None) -> frozenset[str]:
    """What a module calls `typing.Literal`, whose arguments are values, not types; None if it does not name it."""
    found = {"Literal"}
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names if alias.name == "Literal"}
        elif isinstance(node, ast.Assign) and last_name(node.value) in found:
            found |= {last_name(target) for target in node.targets}
        elif isinstance(node, ast.AnnAssign) and node.value is not None and last_name(node.value) in found:
            found.add(last_name(node.target))
    return frozenset(found)


def shown(node: ast.AST) -> str:
    """The start of a node's source, on one line."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (AttributeError, ValueError, RecursionError):
        text = type(node).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def is_chain(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)


def parsed_type(text: str, mode: str) -> ast.AST | None:
    """A type in a string; None where it is none. Leading white space does not count, as for `typing.ForwardRef`."""
    try:
        if mode == "func_type":
            return ast.parse(text, mode="func_type")
        return ast.parse(text.strip(), mode="eval").body
    except BROKEN:
        return None


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def line_spans(statements: list[ast.stmt]) -> list[tuple[int, int]]:
    """First and last line of each statement; those that share a line have one span, to be walked together."""
    spans: list[tuple[int, int]] = []
    first_of_run = 0
    for index, node in enumerate(statements):
        first, last = first_line(node), last_line(node)
        spans.append((first, last))
        if index and spans[index - 1][1] == first:
            joined = (spans[first_of_run][0], last)
            spans[first_of_run : index + 1] = [joined] * (index + 1 - first_of_run)
        else:
            first_of_run = index
    return spans


def annotations_are_lazy(node: ast.ImportFrom) -> bool:
    return "annotations" in future_features(node)


def future_features(node: ast.stmt) -> list[str]:
    is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.level == 0
    return [alias.name for alias in node.names] if is_future else []  # type: ignore[attr-defined]


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def has_docstring(node: ast.AST) -> bool:
    body: list[ast.stmt] = getattr(node, "body", [])
    return bool(body) and is_docstring(body[0])


def is_type_checking(test: ast.expr) -> bool:
    found = reference(test)
    return found is not None and (found.name, *found.attributes)[-1] == "TYPE_CHECKING"


def texts_below(node: ast.AST) -> list[tuple[str, int]]:
    """All strings below a node, with their lines."""
    found = [(item.value, item.lineno) for item in ast.walk(node) if isinstance(item, ast.Constant)]
    return [(text, line) for text, line in found if isinstance(text, str)]
