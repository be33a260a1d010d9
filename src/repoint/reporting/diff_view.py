"""Takes file diffs, gives what a person reads: a `--stat` table, or text with changed words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from repoint.errors import ACTING
from repoint.reporting.diff import DiffLine, FileDiff, quoted
from repoint.reporting.layout import Block, Grid, Line, counted

BAR = 24  # the widest bar of the table


class _Ink(NamedTuple):
    """The escapes of a terminal; all empty for one without colour."""

    title: str = ""
    hunk: str = ""
    old: str = ""
    new: str = ""
    note: str = ""
    mark: str = ""
    unmark: str = ""
    reset: str = ""


_COLOURS = _Ink("\x1b[1m", "\x1b[36m", "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[7m", "\x1b[27m", "\x1b[0m")
_NO_COLOURS = _Ink()
_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
MARKABLE = 200  # words of a line beyond which it is not asked which of them changed

Span = tuple[int, int]


def stat(diffs: Sequence[FileDiff]) -> Iterator[Block]:
    """One row for each file with a bar of its added and removed lines, and the sums."""
    sizes = [(diff.path, diff.count("+"), diff.count("-")) for diff in diffs]
    largest = max((added + removed for _, added, removed in sizes), default=0)
    scale = min(1.0, BAR / largest) if largest else 1.0
    rows = tuple(
        (quoted(path), str(added + removed), "+" * _bar(added, scale) + "-" * _bar(removed, scale))
        for path, added, removed in sizes
    )
    if rows:
        yield Grid(("", "", ""), rows, frozenset({1}), indent=1)
    added_all, removed_all = sum(size[1] for size in sizes), sum(size[2] for size in sizes)
    yield Line(
        f"{counted(len(sizes), 'file')} changed, {counted(added_all, 'insertion')}(+),"
        f" {counted(removed_all, 'deletion')}(-)",
        indent=1,
    )


def view(diffs: Iterable[FileDiff], *, colour: bool) -> Iterator[str]:
    """The lines of the diffs for a terminal; bytes that a file's encoding does not know become `\ufffd`."""
    ink = _COLOURS if colour else _NO_COLOURS
    for diff in diffs:
        for line in diff.header:
            if not line.startswith(("index ", "--- ", "+++ ")):
                yield f"{ink.title}{line}{ink.reset}"
        for hunk in diff.hunks:
            yield f"{ink.hunk}{hunk.heading}{ink.reset}"
            yield from _hunk_lines(hunk.lines, diff.encoding, ink)


def _hunk_lines(lines: Sequence[DiffLine], encoding: str, ink: _Ink) -> Iterator[str]:
    for changed, run in groupby(lines, key=lambda line: line.sign != " "):
        group = list(run)
        spans = _marks(group, encoding) if changed else [()] * len(group)
        for line, marked in zip(group, spans, strict=True):
            yield _painted(line, encoding, marked, ink)


def _marks(group: Sequence[DiffLine], encoding: str) -> list[tuple[Span, ...]]:
    """The spans to mark in each line of a run: removed lines, then as many that take their place."""
    old = [_text(line, encoding) for line in group if line.sign == "-"]
    new = [_text(line, encoding) for line in group if line.sign == "+"]
    if len(old) != len(new):
        return [()] * len(group)
    pairs = [changed_words(before, after) for before, after in zip(old, new, strict=True)]
    return [*(spans for spans, _ in pairs), *(spans for _, spans in pairs)]


def changed_words(before: str, after: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The spans of the words that differ in each of the two lines; none where too little is common."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > MARKABLE:
        return (), ()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:
        return (), ()
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        tuple(_span(old, start, stop) for _, start, stop, _, _ in changed if stop > start),
        tuple(_span(new, start, stop) for _, _, _, start, stop in changed if stop > start),
    )


def _span(words: Sequence[str], start: int, stop: int) -> Span:
    first = sum(map(len, words[:start]))
    return first, first + sum(map(len, words[start:stop]))


def _painted(line: DiffLine, encoding: str, spans: Sequence[Span], ink: _Ink) -> str:
    text = _text(line, encoding)
    parts: list[str] = []
    at = 0
    for start, stop in spans:
        parts += [_visible(text[at:start]), ink.mark, _visible(text[start:stop]), ink.unmark]
        at = stop
    body = "".join([*parts, _visible(text[at:])])
    end = "" if line.data.endswith(b"\n") else f"\n{ink.note}\\ No newline at end of file{ink.reset}"
    match line.sign:
        case " ":
            return f" {body}{end}"
        case "-":
            return f"{ink.old}-{body}{ink.reset}{end}"
        case "+":
            return f"{ink.new}+{body}{ink.reset}{end}"


def _text(line: DiffLine, encoding: str) -> str:
    return line.data.decode(encoding, "replace").removesuffix("\n").removesuffix("\r")


def _visible(text: str) -> str:
    """Terminal control and bidirectional marks in a reviewed file must not act on the reviewer's terminal."""
    return ACTING.sub(lambda found: found[0] if found[0] in "\t\n" else f"<{ord(found[0]):02x}>", text)


def _bar(count: int, scale: float) -> int:
    return max(1, round(count * scale)) if count else 0
