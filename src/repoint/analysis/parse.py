"""Bytes to a syntax tree, whatever the bytes are: the tree, or the line and the reason why there is none."""

from __future__ import annotations

import ast
import re
import symtable
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from repoint.analysis.text import Text, Undecodable

MAX_BYTES = 20_000_000
_RECURSION = 40_000
_TYPE_COMMENT = re.compile(rb"#\s*type:")


class Unparsable(Exception):
    """No tree; carries the 1-based line and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


def readable(data: bytes) -> Text:
    """The text of a file. Raises Unparsable for one that is too long, or cannot be decoded."""
    if len(data) > MAX_BYTES:
        raise Unparsable(1, f"is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return Text(data)
    except Undecodable as error:
        raise Unparsable(error.line, error.reason) from None


def parse(data: bytes, *, type_comments: bool = False) -> tuple[Text, ast.Module, bool]:
    """The text, its tree, and whether type comments were read.

    Raises Unparsable for bytes that are no Python: syntax errors, NUL bytes, undeclared encodings, a nesting
    that the parser refuses, and files over MAX_BYTES.
    """
    text = readable(data)
    wanted = type_comments and _TYPE_COMMENT.search(data) is not None
    source: bytes | str = text.utf8 if text.encoding == "utf-8" else text.utf8.decode("utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return text, ast.parse(source, type_comments=wanted), wanted
        except SyntaxError as error:
            if wanted:
                return parse(data)  # a type comment in a place of its own must not cost the file
            raise Unparsable(error.lineno or 1, error.msg or "invalid syntax") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unparsable(1, f"cannot be parsed: {str(error) or type(error).__name__}") from None


def check(data: bytes, before: bytes | None = None) -> None:
    """Raise Unparsable unless `data` is a module that the compiler takes, as far as its symbol tables.

    If it takes the whole of `before`, what the file was, it has to take the whole of `data`, too.
    """
    source: Any = data  # bytes are taken as well as text, and their encoding is honoured; typeshed knows text alone
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            symtable.symtable(source, "<changed>", "exec")
        except SyntaxError as error:
            raise Unparsable(error.lineno or 1, error.msg or "invalid syntax") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unparsable(1, f"cannot be parsed: {str(error) or type(error).__name__}") from None
        fault = None if before is None else _compile_error(data)
        if fault is not None and before is not None and _compile_error(before) is None:
            raise Unparsable(fault.lineno or 1, fault.msg or "invalid syntax")


def _compile_error(data: bytes) -> SyntaxError | None:
    """What the compiler says of a module once it is parsed, such as of a `return` outside a function."""
    try:
        compile(data, "<changed>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for walking deeply nested trees; the parser's own limits keep it bounded."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
