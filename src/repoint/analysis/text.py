"""A source file's bytes as text with exact offsets: decoding by PEP 263, lines as the tokenizer counts them.

Positions inside are byte offsets into `utf8`, the text without its byte order mark, re-encoded as UTF-8, which
is how `ast` counts columns; `raw` turns such an offset into one in the file's own bytes.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate

_LINE_END = re.compile(rb"\r\n|\r|\n")


class Undecodable(Exception):
    """The bytes are no text in the encoding that the file declares; carries the line and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


class Text:
    """Decoded source. `utf8` holds its bytes in UTF-8, `encoding` the codec that the file itself is in."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.encoding, body = _detect(data)
        self.bom = len(data) - len(body)
        self.utf8 = body if self.encoding == "utf-8" else _recode(body, self.encoding)

    @cached_property
    def line_starts(self) -> list[int]:
        lengths = map(len, self.utf8.splitlines(keepends=True))
        starts = list(accumulate(lengths, initial=0))
        if not self.utf8.endswith((b"\n", b"\r")):
            starts.pop()
        return starts or [0]

    def lines_of(self, offsets: Iterable[int]) -> set[int]:
        """The lines that hold any of `offsets`."""
        starts = self.line_starts
        return {bisect_right(starts, offset) for offset in offsets}

    def offset(self, line: int, column: int) -> int:
        """The offset of an `ast` position: 1-based line, 0-based column in UTF-8 bytes."""
        return self.line_starts[line - 1] + column

    def line(self, offset: int) -> int:
        """The 1-based line that holds `offset`."""
        return bisect_right(self.line_starts, offset)

    def column(self, offset: int) -> int:
        """The 1-based column of `offset`, in characters."""
        start = self.line_starts[self.line(offset) - 1]
        return len(self.utf8[start:offset].decode("utf-8", "replace")) + 1

    def line_span(self, offset: int) -> tuple[int, int]:
        """Start of the line that holds `offset`, and its end before the line ending."""
        line = self.line(offset)
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.utf8)
        return start, start + len(self.utf8[start:end].rstrip(b"\r\n"))

    def newline_at(self, offset: int) -> str:
        """The line ending after the line that holds `offset`; the file's first one where that line has none."""
        match = _LINE_END.match(self.utf8, self.line_span(offset)[1]) or _LINE_END.search(self.utf8)
        return match.group().decode() if match else "\n"

    def slice(self, start: int, end: int) -> str:
        return self.utf8[start:end].decode("utf-8")

    def raw(self, offset: int) -> int:
        """The offset in the file's own bytes of an offset into `utf8`."""
        if self.encoding == "utf-8":
            return offset + self.bom
        return self.bom + len(self.utf8[:offset].decode("utf-8").encode(self.encoding))


def _detect(data: bytes) -> tuple[str, bytes]:
    """The codec's name, and the bytes after a byte order mark."""
    if b"\0" in data:
        raise Undecodable(data.count(b"\n", 0, data.index(b"\0")) + 1, "holds a NUL byte")
    try:
        head = data[:4096].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        name, _ = tokenize.detect_encoding(io.BytesIO(head).readline)
    except SyntaxError as error:
        raise Undecodable(1, str(error)) from None
    body = data.removeprefix(codecs.BOM_UTF8)
    if name in ("utf-8", "utf-8-sig"):
        _check_utf8(body)
        return "utf-8", body
    return name, body


def _check_utf8(body: bytes) -> None:
    if body.isascii():
        return
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Undecodable(line, "is not UTF-8 and declares no other encoding") from None


def _recode(body: bytes, encoding: str) -> bytes:
    try:
        text = body.decode(encoding)
        if text.encode(encoding) != body:
            raise Undecodable(1, f"does not survive decoding as {encoding}")
    except (UnicodeError, LookupError) as error:
        raise Undecodable(1, f"is not {encoding}: {error}") from None
    return text.encode("utf-8")
