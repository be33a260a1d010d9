"""Paths put together at run time: an expression in, the text as far as it is spelled out; and what that may name.

`{}` stands for what is not spelled out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from repoint.analysis.facts import FileFacts
from repoint.manifest.moves import prefixes
from repoint.names import Symbol, last

HOLE = "{}"
_FIELD = re.compile(r"\{[^{}]*\}")
_PERCENT = re.compile(r"%(?:\(\w*\))?[sr]")
_WORD = re.compile(r"\w+")


def spelled(node: ast.expr, known: Callable[[ast.expr], str | None]) -> str:
    """The text that `node` gives; `known` tells the text of expressions that are no literals."""
    told = known(node)
    if told is not None:
        return told
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else HOLE
    if isinstance(node, ast.JoinedStr):
        return "".join(spelled(part, known) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return spelled(node.value, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return spelled(node.left, known) + spelled(node.right, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(_PERCENT, spelled(node.left, known), [spelled(value, known) for value in values])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _called(node.func, node, known)
    return HOLE


def _called(method: ast.Attribute, call: ast.Call, known: Callable[[ast.expr], str | None]) -> str:
    """`"{}.A".format(m)` and `".".join([m, "A"])`."""
    text = spelled(method.value, known)
    if method.attr == "format":
        plain = text.count(HOLE) == len(call.args) and not call.keywords
        return _filled(_FIELD, text, [spelled(value, known) for value in call.args] if plain else [])
    if method.attr == "join" and len(call.args) == 1 and isinstance(call.args[0], ast.List | ast.Tuple):
        return text.join(spelled(value, known) for value in call.args[0].elts)
    return HOLE


def _filled(pattern: re.Pattern[str], text: str, values: list[str]) -> str:
    """`text` with its fields replaced by `values` in turn, and by holes where there are too few."""
    rest = iter(values)
    return pattern.sub(lambda _: next(rest, HOLE), text)


def parts(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that `spelled` looks at, `node` among them."""
    yield node
    inner: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        inner = node.values
    elif isinstance(node, ast.FormattedValue):
        inner = [node.value]
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Tuple | ast.List):
        inner = node.elts
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"):
        inner = [node.func.value, *node.args]
    for part in inner:
        yield from parts(part)


def words(text: str) -> list[str]:
    """The identifiers that a path put together spells out."""
    return _WORD.findall(text)


def may_name(text: str, symbol: Symbol, *, attribute: bool) -> bool:
    """Whether a path put together as `text` may be that of `symbol`, or of something below it.

    It must spell out the symbol's name; where `attribute` says that it is the target of a patch, the last part of the
    module's name will do.
    """
    for head in prefixes(text.replace(":", ".")):
        told = words(head)
        if symbol.name not in told and not (attribute and last(symbol.module) in told):
            continue
        pattern = ".*".join(map(re.escape, head.split(HOLE)))
        if re.fullmatch(pattern, symbol.dotted):
            return True
    return False


def is_about(text: str, facts: FileFacts, module: str) -> bool:
    """Whether a path put together in a file can be meant for `module`: the path, or the file, names that."""
    if last(module) in words(text) or facts.module == module:
        return True
    for statement in facts.imports:
        if statement.target == module:
            return True
        head = f"{statement.target}." if statement.is_from else ""
        if any(f"{head}{alias.name}" == module for alias in statement.names):
            return True
    return any(fact.value == module for fact in facts.strings)
