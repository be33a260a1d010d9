"""Where people tell of deprecation: syntax trees in, the texts of docstrings, comments and warnings out."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

from repoint.proposing.facts import Note

_LONGEST = 4_000  # characters of a text that are looked at
_WARNINGS = re.compile(r"\b(?:Pending)?DeprecationWarning\b|\bFutureWarning\b|\bRemovedIn\w*Warning\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef

_CONSTRUCTORS = ("__init__", "__new__")


def doc_notes(body: list[ast.stmt], text: str) -> tuple[Note, ...]:
    """What a module says of itself: docstrings and comments at its top, and warnings when it is imported."""
    found = []
    first = 0  # the line of the first statement that is no text and no `from __future__`
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str(doc))) if not first:
                found.append(_note(statement.lineno, "docstring", doc))
            case ast.ImportFrom(module="__future__"):
                continue
            case _:
                first = first or statement.lineno
    found += _comments(text, first or text.count("\n") + 2)
    return (*found, *(Note(line, "warning", told) for line, told in _warnings(body)))


def definition_notes(node: Function | ast.ClassDef) -> tuple[Note, ...]:
    """What a class or function says of itself: its docstring, a decorator, a warning whenever it is called."""
    found = []
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(func=func) if ast.unparse(func).rpartition(".")[2] == "deprecated":
                found.append(Note(decorator.lineno, "decorator", _strings(decorator)))
            case ast.Name(id="deprecated") | ast.Attribute(attr="deprecated"):
                found.append(Note(decorator.lineno, "decorator", ""))
    if doc := ast.get_docstring(node, clean=False):
        found.append(_note(node.body[0].lineno, "docstring", doc))
    for body in (
        node.body,
        *(item.body for item in node.body if isinstance(item, Function) and item.name in _CONSTRUCTORS),
    ):
        found += [Note(line, "warning", text) for line, text in _warnings(body)]
    return tuple(found)


def warned(call: ast.Call) -> str | None:
    """The text of `warnings.warn("...", DeprecationWarning)`; None for any other call."""
    if not is_warning(call) or not _WARNINGS.search(" ".join(ast.unparse(item) for item in _kinds(call))):
        return None
    return _strings(call.args[0] if call.args else call)


def is_warning(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("warnings.warn", "warn", "warnings.simplefilter")


def is_log(call: ast.Call) -> bool:
    """`logger.debug(...)` and its like."""
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("logger", "log", "logging", "LOG")


def _kinds(call: ast.Call) -> list[ast.expr]:
    return [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "category"), *call.args[:1]]


def _warnings(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Warnings that are given always: not those in a condition."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Call() as call) if (told := warned(call)) is not None:
                yield statement.lineno, told[:_LONGEST]


def _note(line: int, means: str, text: str) -> Note:
    return Note(line, "comment" if means == "comment" else "docstring", inspect.cleandoc(text[:_LONGEST]))


def _comments(text: str, end: int) -> Iterator[Note]:
    """Comments before line `end`, those next to each other as one.

    One that stands right above the statement there speaks of that, unless it opens the file.
    """
    block: list[str] = []
    for number, line in enumerate([*text.split("\n", end)[: end - 1], ""], 1):
        if line.startswith("#"):
            block.append(line.lstrip("#! "))
        elif block:
            if number < end or number == len(block) + 1:
                yield _note(number - len(block), "comment", "\n".join(block))
            block = []


def _strings(node: ast.AST) -> str:
    """All that string literals within `node` say; `{}` where something is computed."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_strings(part) if isinstance(part, ast.Constant) else "{}" for part in values)
        case ast.BinOp(left=left, right=right):
            return _strings(left) + _strings(right)
        case ast.Call(args=args, keywords=keywords):
            return " ".join(filter(None, (_strings(part) for part in (*args, *(word.value for word in keywords)))))
    return ""
