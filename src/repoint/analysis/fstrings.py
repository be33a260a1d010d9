"""Where the expressions of an f-string stand, for Pythons whose `ast` misplaces them (before 3.12, PEP 701).

Source bytes of one literal (or of several, implicitly joined) in; spans of the replacement fields' expressions
out, those nested in format specifications included.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(rb"(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*)*")
_OPEN = re.compile(rb"([A-Za-z]{0,3})('''|\"\"\"|'|\")")
_DEBUG = re.compile(rb"=[ \t]*[}!:]")


def fields(source: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Spans (byte offsets into `source`) of the expressions of the f-strings in `start:end`."""
    found: list[tuple[int, int]] = []
    at = start
    while at < end:
        between = _BETWEEN.match(source, at, end)
        at = between.end() if between else at
        opening = _OPEN.match(source, at, end)
        if opening is None:
            break
        close = _closing(source, opening.end(), end, opening[2])
        if b"f" in opening[1].lower():
            _scan_text(source, opening.end(), close, found, nested=False)
        at = close + len(opening[2])
    return found


def _closing(source: bytes, at: int, end: int, quote: bytes) -> int:
    while at < end:
        if source[at : at + 1] == b"\\":
            at += 2
        elif source.startswith(quote, at):
            return at
        else:
            at += 1
    return end


def _scan_text(source: bytes, at: int, end: int, found: list[tuple[int, int]], *, nested: bool) -> int:
    """Scan literal text up to `end`, or up to the brace that ends a format specification."""
    while at < end:
        char = source[at : at + 1]
        if char == b"{" and source[at + 1 : at + 2] == b"{" and not nested:
            at += 2
        elif char == b"{":
            at = _scan_field(source, at + 1, end, found)
        elif char == b"}" and nested:
            return at
        else:
            at += 1
    return at


def _scan_field(source: bytes, start: int, end: int, found: list[tuple[int, int]]) -> int:
    """Scan one replacement field from behind its opening brace; returns the offset behind the closing one."""
    at, depth = start, 0
    while at < end:
        char = source[at : at + 1]
        if char in (b"'", b'"'):
            quote = source[at : at + 3] if source[at : at + 3] == char * 3 else char
            at = _closing(source, at + len(quote), end, quote) + len(quote)
            continue
        if depth == 0 and _ends_expression(source, at):
            break
        depth += (char in b"([{") - (char in b")]}")
        at += 1
    found.append((start, at))
    while at < end and source[at : at + 1] not in (b":", b"}"):
        at += 1
    if source[at : at + 1] == b":":
        at = _scan_text(source, at + 1, end, found, nested=True)
    return at + 1


def _ends_expression(source: bytes, at: int) -> bool:
    char = source[at : at + 1]
    if char in (b"}", b":"):
        return True
    if char == b"!":
        return source[at + 1 : at + 2] != b"="
    return char == b"=" and source[at - 1 : at] not in b"=!<>" and _DEBUG.match(source, at) is not None
