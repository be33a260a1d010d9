"""One version of a file, parsed by the standard library, and the ground that two versions share.

Bytes in; syntax tree, symbol table, and which lines were touched or spell a word out.
"""

from __future__ import annotations

import ast
import io
import re
import symtable
import tokenize
import unicodedata
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate

from repoint.model import Edit, Frozen

_TWO_LINES = re.compile(rb"([^\r\n]*)(?:(?:\r\n|\r|\n)([^\r\n]*))?")  # the compiler splits at a lone \r, too
_TYPE_COMMENT = re.compile(rb"#\s*type:")
_NOT_ASCII = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
BOM = b"\xef\xbb\xbf"
BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)


class Source(Frozen, frozen=True, dict=True):
    """A file's bytes, and the codec that they are in."""

    data: bytes
    encoding: str

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins, in bytes."""
        return list(accumulate(map(len, self.data.splitlines(keepends=True)), initial=0))

    def line(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def offset(self, line: int, column: int) -> int:
        """The byte in the file of an AST position, whose column counts UTF-8 bytes."""
        start = self.starts[line - 1]
        if line == 1 and self.data.startswith(BOM):
            start += len(BOM)
        if self.encoding == "utf-8":
            return start + column
        end = self.starts[line] if line < len(self.starts) else len(self.data)
        text = self.data[start:end].decode(self.encoding).encode("utf-8")[:column].decode("utf-8")
        return start + len(text.encode(self.encoding))


class Version(Source, frozen=True, dict=True, kw_only=True):
    """A file's text as the compiler understands it."""

    tree: ast.Module
    table: symtable.SymbolTable


def has_type_comments(data: bytes) -> bool:
    return _TYPE_COMMENT.search(data) is not None


def parse(data: bytes, type_comments: bool) -> Version:
    """`data` as Python, as far as its symbol tables; raises one of `BROKEN` where it is none."""
    return Version(data, encoding_of(data), tree=tree_of(data, type_comments), table=table_of(data))


def tree_of(data: bytes, type_comments: bool) -> ast.Module:
    """The syntax tree; raises one of `BROKEN`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data, type_comments=type_comments)


def table_of(data: bytes) -> symtable.SymbolTable:
    """The compiler's symbol table of the module, which finds more mistakes than the parser; raises one of `BROKEN`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return symtable.symtable(data, "<proof>", "exec")  # type: ignore[arg-type]  # bytes: the coding line counts


def encoding_of(data: bytes) -> str:
    """The codec by PEP 263, `utf-8` also for a file with a byte order mark."""
    first, second = _TWO_LINES.match(data).groups(b"")  # type: ignore[union-attr]  # it matches anything
    encoding, _ = tokenize.detect_encoding(io.BytesIO(first + b"\n" + second).readline)
    return "utf-8" if encoding == "utf-8-sig" else encoding


class Lines:
    """A set of lines, asked for ranges."""

    def __init__(self, lines: Iterable[int]) -> None:
        self.sorted = sorted(set(lines))

    def any_in(self, first: int, last: int) -> bool:
        at = bisect_left(self.sorted, first)
        return at < len(self.sorted) and self.sorted[at] <= last


class Ground:
    """Two versions of a file and the edits between them.

    `before` and `after` hold what matters; `whole` is all that stood in the file before. `hits` are the lines before
    that matter.
    """

    def __init__(
        self, before: Version, after: Version, edits: tuple[Edit, ...], hits: Lines, whole: Source, comments: bool
    ) -> None:
        self.before = before
        self.after = after
        self.edits = edits
        self.hits = hits
        self.whole = whole
        self._comments = comments
        self._starts = [edit.start for edit in edits]
        touched: set[int] = set()
        touched_after: set[int] = set()
        self._shift_lines: list[int] = []
        self._shifts: list[int] = []
        moved = 0
        for edit in edits:
            first, last = before.line(edit.start), before.line(edit.end)
            start = edit.start + moved
            moved += len(edit.after.encode(before.encoding)) - (edit.end - edit.start)
            new_last = after.line(edit.end + moved)
            touched.update(range(first, last + 1))
            touched_after.update(range(after.line(start), new_last + 1))
            self._shift_lines.append(last)
            self._shifts.append(new_last - last)
        self.touched = Lines(touched)
        self.touched_after = Lines(touched_after)

    @cached_property
    def full(self) -> ast.Module:
        """The tree of all that stood in the file before; few files need it."""
        return tree_of(self.whole.data, self._comments)

    def line_after(self, line: int) -> int:
        """Where an untouched line stands after."""
        at = bisect_left(self._shift_lines, line)
        return line + (self._shifts[at - 1] if at else 0)

    def edits_at(self, node: ast.AST) -> list[Edit]:
        """The edits that meet the text of `node`, a node of the version before."""
        start = self.before.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self.before.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        first = max(bisect_left(self._starts, start) - 1, 0)
        last = bisect_right(self._starts, end)
        return [edit for edit in self.edits[first:last] if edit.end >= start]


def touched(before: Source, edits: Iterable[Edit]) -> Lines:
    """The lines that edits touch."""
    spans = ((before.line(edit.start), before.line(edit.end)) for edit in edits)
    return Lines(line for first, last in spans for line in range(first, last + 1))


def spelling(before: Source, edits: Iterable[Edit], words: frozenset[str]) -> Lines:
    """The lines that edits touch, or that spell one of `words` in any way Python takes for the same."""
    found = list(touched(before, edits).sorted)
    encoded = (word.encode(before.encoding, "replace") for word in words)
    spelled = [before.line(at) for word in encoded for at in _places(before.data, word)]
    if words and not before.data.isascii():
        choice = "|".join(re.escape(word) for word in sorted(words))
        wide = re.compile(rf"(?<!\w)(?:{choice})(?!\w)")
        text = unicodedata.normalize("NFKC", before.data.decode(before.encoding))
        if len(wide.findall(text)) != len(spelled):  # some are spelled otherwise, as the compiler allows
            for match in _NOT_ASCII.finditer(before.data):
                if wide.search(unicodedata.normalize("NFKC", match[0].decode(before.encoding))):
                    spelled.append(before.line(match.start()))
    return Lines(found + spelled)


def spells(data: bytes, word: bytes) -> bool:
    """Whether `word` stands somewhere with no letter, digit or underscore of ASCII beside it."""
    return next(_places(data, word), None) is not None


def _places(data: bytes, word: bytes) -> Iterator[int]:
    """Where `word` (not empty) stands with no letter, digit or underscore of ASCII beside it."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and data[at - 1] in _WORD) and not (end < len(data) and data[end] in _WORD):
            yield at
        at = data.find(word, end)
