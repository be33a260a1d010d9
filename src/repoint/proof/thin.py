"""A version of a file in which all that cannot matter is blank: its tree and the lines that matter in, thin bytes out.

A statement that no edit touches and that spells none of the affected names means the same before and after. It is
replaced by `pass`, and everything keeps its offset, so that what is left can be parsed, and scoped, in a fraction of
the time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from repoint.proof.parsed import Lines, Version

_PASS = b"pass"
_REST_OF_LINE = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_LINE_END = re.compile(rb"[\r\n]")
_BLANK = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_BLOCKS = ("body", "orelse", "finalbody")


def thin(version: Version, wanted: Lines) -> bytes:
    """The bytes of `version` with every statement blanked that stands on lines of its own and on none `wanted`.

    Imports and docstrings stay. Line ends and offsets are kept. Files that are not in UTF-8 are given back as they are.
    """
    if version.encoding != "utf-8":
        return version.data
    data = bytearray(version.data)
    for start, end in _spans(version, version.tree.body, wanted):
        data[start:end] = _PASS + version.data[start + len(_PASS) : end].translate(_BLANK)
    return bytes(data)


def _spans(version: Version, body: Sequence[ast.stmt], wanted: Lines) -> Iterator[tuple[int, int]]:
    for node in body:
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(item.lineno for item in decorators)])
        if wanted.any_in(first, node.end_lineno or first):
            for block in _blocks(node):
                yield from _spans(version, block, wanted)
        elif not (isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node)):
            span = _own_lines(version, node, first)
            if span is not None:
                yield span


def _is_text(node: ast.stmt) -> bool:
    """A docstring may stand above `from __future__ import …`, where `pass` may not."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _blocks(node: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for part in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        for name in _BLOCKS:
            block = getattr(part, name, ())
            if isinstance(block, list):
                yield block


def _own_lines(version: Version, node: ast.stmt, first: int) -> tuple[int, int] | None:
    """Where the statement stands, with its last comment; None where it shares a line, or is too short."""
    start = version.offset(first, node.col_offset)
    end = version.offset(node.end_lineno or first, node.end_col_offset or 0)
    line = version.starts[first - 1]
    rest = _REST_OF_LINE.match(version.data, end)
    if rest is None or version.data[line:start].strip(b" \t\f\xef\xbb\xbf"):
        return None
    fits = rest.end() - start >= len(_PASS) and not _LINE_END.search(version.data, start, start + len(_PASS))
    return (start, rest.end()) if fits else None
