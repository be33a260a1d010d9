"""A file in which all that cannot matter is blank: bytes, an outline and the lines that matter in, thin bytes out.

A statement that no edit touches and that spells none of the affected names means the same before and after. It is
replaced by `pass`, and everything keeps its offset, so that what is left can be parsed, and scoped, in a fraction of
the time.

What is left of a file after its edits compiles only if all of it does: a list of statements is parsed statement by
statement, those that are blank were parsed before, byte for byte, in the same place, and an error that only symbol
tables show (`global x` below a use of `x`) needs a name that an edit touches, whose statements are not blank.
"""

from __future__ import annotations

import ast
import re
from array import array
from collections.abc import Iterator, Sequence

from repoint.proof.nodes import first_line, last_line
from repoint.proof.parsed import BOM, Lines, Source

_PASS = b"pass"
_REST_OF_LINE = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_ENDS = (b"\n", b"\r", b"")
_BLANK = bytes(byte if byte in b"\r\n" else ord(" ") for byte in range(256))
_BLOCKS = ("body", "orelse", "finalbody")
_KEPT = (ast.Import, ast.ImportFrom)
_SIMPLE = (ast.Expr, ast.Assign, ast.Return, ast.Assert, ast.AnnAssign, ast.AugAssign, ast.Raise, ast.Pass)


def outline(source: Source, tree: ast.Module) -> bytes:
    """The statements of `source` that may be blanked, an outer one before those in it.

    Four numbers for each, as an array of unsigned integers: its first and its last line (from 1), and the offsets of
    its bytes, with the comment behind it. Only statements on lines of their own count; imports and docstrings never do.
    Nothing is told of files that are not in UTF-8.
    """
    numbers: list[int] = []
    if source.encoding == "utf-8":
        _note(source, tree.body, numbers)
    return array("I", numbers).tobytes()


def thin(source: Source, outlined: bytes, wanted: Lines) -> bytes:
    """The bytes of `source` with every statement of its outline blanked that has no line `wanted`.

    Line ends and offsets are kept.
    """
    numbers = array("I", outlined)
    data, done = bytearray(source.data), 0
    for at in range(0, len(numbers), 4):
        first, last, start, end = numbers[at : at + 4]
        if start >= done and not wanted.any_in(first, last):
            data[start:end] = _PASS + source.data[start + len(_PASS) : end].translate(_BLANK)
            done = end
    return bytes(data)


def _note(source: Source, body: Sequence[ast.stmt], numbers: list[int]) -> None:
    """Append the spans of the statements of one block, and of those below."""
    for node in body:
        if isinstance(node, _KEPT):
            continue
        first, last = first_line(node), last_line(node)
        span = _own_lines(source, node, first, last)
        if span is not None and not _is_text(node):
            numbers += first, last, *span
        if not isinstance(node, _SIMPLE):
            for block in _blocks(node):
                _note(source, block, numbers)


def _is_text(node: ast.stmt) -> bool:
    """A docstring may stand above `from __future__ import …`, where `pass` may not."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _blocks(node: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for part in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        for name in _BLOCKS:
            block = getattr(part, name, ())
            if isinstance(block, list):
                yield block


def _own_lines(source: Source, node: ast.stmt, first: int, last: int) -> tuple[int, int] | None:
    """Where the statement stands, with its last comment; None where it shares a line, or is too short."""
    data, line = source.data, source.starts[first - 1]
    bom = len(BOM) if data.startswith(BOM) else 0
    start = line + node.col_offset + (bom if first == 1 else 0)
    end = source.starts[last - 1] + (node.end_col_offset or 0) + (bom if last == 1 else 0)
    if data[end : end + 1] not in _ENDS:
        rest = _REST_OF_LINE.match(data, end)
        if rest is None:
            return None
        end = rest.end()
    head = data[start : start + len(_PASS)]
    if first != node.lineno and not head.startswith(b"@"):
        return None  # `@(` on a line above
    if data[line:start].strip(b" \t\f\xef\xbb\xbf") or end - start < len(_PASS) or b"\n" in head or b"\r" in head:
        return None
    return start, end
