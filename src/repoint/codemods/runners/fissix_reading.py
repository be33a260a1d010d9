"""Takes a file's text, gives fissix's tree of it; what fissix cannot read is told with its line and the likely reason.

fissix is the parser that Bowler builds on. Its grammar is about that of Python 3.8: what is newer, it cannot read.
"""

from __future__ import annotations

import ast
from typing import Any

from fissix.pgen2 import driver, pgen

from repoint.codemods.runners.runner import Unreadable, first_difference

# fissix keeps its tables under the user's home, and fails where it cannot. To compute them takes less than 0.1 s.
driver.load_grammar = lambda grammar, *_, **__: pgen.generate_grammar(grammar)

from fissix import pygram, pytree  # noqa: E402 - this loads the grammar

_PARSER = "Bowler's parser (fissix)"
_UNKNOWN = "its grammar is about that of Python 3.8, and lacks what stands there"
_BARE = {"as": "parenthesised context managers", ":=": "an assignment expression without parentheses"}


def parsed(text: str, *, python: int) -> Any:
    """The tree of a text whose lines all end with `\\n`, the last one too. Raises `Unreadable`."""
    grammar = pygram.python_grammar if python == 2 else pygram.python_grammar_no_print_and_exec_statement
    try:
        tree = driver.Driver(grammar, convert=pytree.convert).parse_string(text)
        back = str(tree)
    except MemoryError:
        raise
    except Exception as error:
        line = min(_line_of(error), text.count("\n"))
        likely = _likely(text, line, getattr(error, "value", ""))
        raise Unreadable(f"{_PARSER} cannot read line {line}" + (f": {likely}" if likely else ""), line) from error
    if back != text:
        line = first_difference(text, back)
        raise Unreadable(f"{_PARSER} does not give line {line} back as it read it", line)
    return tree


def _line_of(error: Exception) -> int:
    """The line that fissix stopped at, which each of its errors has in a place of its own."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    match getattr(error, "context", error.args):  # of a ParseError: prefix, (line, column); of a TokenError: alike
        case (_, (int(line), int())):
            return line
    return 1


def _likely(text: str, line: int, token: str) -> str:
    """What stands in that line that fissix does not know; empty where Python cannot read it either."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    around = [
        (node.lineno, _newer(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.expr) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return _BARE.get(token) or max([found for found in around if found[1]], default=(0, _UNKNOWN))[1]


def _newer(node: ast.stmt | ast.expr) -> str:
    """The name of this node's syntax if it is newer than fissix's grammar."""
    match node:
        case ast.Match():
            return "a match statement"
        case ast.TryStar():
            return "except*"
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node.args.posonlyargs:
            return "positional-only parameters"
    if type(node).__name__ == "TypeAlias":  # of Python 3.12, as are type parameters
        return "a type statement"
    return "type parameters" if getattr(node, "type_params", ()) else ""
