"""Edits of whole statements in a file's text: replaced, followed by others, or taken out with their lines."""

from __future__ import annotations

import re
from collections import defaultdict

from repoint.analysis.facts import ImportStatement
from repoint.analysis.text import Text
from repoint.transforms.outcomes import Replacement

MODULE_BLOCK = 1  # the walk numbers blocks from the module's own, which alone may be empty
_AFTER = re.compile(rb"[ \t]*;[ \t]*")


class StatementLines:
    """Collects replacements. It knows lines, indentation, semicolons and line ends, and nothing of imports' names."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.replacements: list[Replacement] = []
        self._removed: dict[int, int] = defaultdict(int)

    def source(self, statement: ImportStatement) -> str:
        return self.text.slice(statement.start, statement.end)

    def with_line_ends(self, text: str, statement: ImportStatement) -> str:
        """`text` with the line ends of the file."""
        return text.replace("\n", self.text.newline_at(statement.start))

    def indent(self, statement: ImportStatement) -> str:
        start = self.text.line_span(statement.start)[0]
        lead = self.text.slice(start, statement.start)
        return lead if not lead.strip(" \t\f") else lead[: len(lead) - len(lead.lstrip(" \t\f"))]

    def shares_line(self, statement: ImportStatement) -> bool:
        """Whether other code stands on the statement's first or last line."""
        start = self.text.line_span(statement.start)[0]
        end = self.text.line_span(statement.end)[1]
        after = self.text.slice(statement.end, end).strip()
        return bool(self.text.slice(start, statement.start).strip(" \t\f")) or bool(after and not after.startswith("#"))

    def follow(self, statement: ImportStatement, following: list[str]) -> None:
        """Put new statements behind this one: on lines of their own, or on its line where it shares that."""
        if not following:
            return
        if self.shares_line(statement):
            self.insert(statement.end, "".join(f"; {_one_line(text)}" for text in following))
            return
        newline, indent = self.text.newline_at(statement.start), self.indent(statement).lstrip("\f")
        end = self.text.line_span(statement.end)[1]
        self.insert(end, "".join(newline + indent + self.with_line_ends(text, statement) for text in following))

    def remove(self, statement: ImportStatement) -> None:
        """Take the statement out, with its line where it has one to itself; an emptied block gets `pass`."""
        self._removed[statement.block] += 1
        start, _ = self.text.line_span(statement.start)
        _, end = self.text.line_span(statement.end)
        shares = self.shares_line(statement)
        if self._removed[statement.block] == statement.block_size and statement.block != MODULE_BLOCK:
            self.replace(statement.start, statement.end if shares else end, "pass")
        elif shares:
            self._remove_from_line(statement, end)
        else:
            newline = (
                len(self.text.utf8[end : end + 2].splitlines(keepends=True)[0]) if end < len(self.text.utf8) else 0
            )
            if not newline and start:
                start -= 2 if self.text.utf8[start - 2 : start] == b"\r\n" else 1
            self.replace(start, end + newline, "")

    def _remove_from_line(self, statement: ImportStatement, end: int) -> None:
        after = _AFTER.match(self.text.utf8, statement.end, end)
        if after is not None and self.text.utf8[after.end() : after.end() + 1] not in (b"", b"#"):
            self.replace(statement.start, after.end(), "")
            return
        before = self.text.utf8.rfind(b";", 0, statement.start)
        if any(item.end > before and item.start <= before for item in self.replacements):
            self.replace(statement.start, statement.end, "pass")  # what stood before it on the line has gone, too
            return
        self.replace(before, statement.end, "")

    def replace(self, start: int, end: int, after: str) -> None:
        if self.text.slice(start, end) != after:
            self.replacements.append(Replacement(start, end, after))

    def insert(self, at: int, after: str) -> None:
        self.replacements.append(Replacement(at, at, after))


def _one_line(text: str) -> str:
    """A statement that is to share a line cannot keep its brackets' lines."""
    if "\n" not in text:
        return text
    head, _, names = text.partition("(")
    listed = (line.partition("#")[0].strip().rstrip(",") for line in names.rstrip(")").split("\n"))
    return head + ", ".join(name for name in listed if name)
