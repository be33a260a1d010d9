"""Two steps of edits in, the second on the output of the first; one step over the original out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from repoint.model import Edit, splice

_LINE_END = re.compile(rb"\r\n?|\n")


class _Span(NamedTuple):
    """Where an edit stands in the text between the steps; `at` is its position in its own step."""

    start: int
    end: int
    at: int
    second: bool

    def meets(self, other: _Span) -> bool:
        """Whether the two share text, or one of them has none and stands at the other's edge."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


def compose(data: bytes, first: tuple[Edit, ...], second: tuple[Edit, ...], encoding: str) -> tuple[Edit, ...]:
    """Edits of `data` that do what `first` and then `second` do, whose offsets are into what `first` makes of it.

    Edits that touch no other stay as they are, moved where needed. Those that meet become one, of the second's kind
    and with the rules of all. Raises ValueError where edits do not fit.
    """
    if not second:
        return first
    between = splice(data, first, encoding)
    shifts = list(accumulate((_grown(edit, encoding) for edit in first), initial=0))
    firsts = [
        _Span(edit.start + shift, edit.end + shifts[at + 1], at, False)
        for at, (edit, shift) in enumerate(zip(first, shifts, strict=False))
    ]
    seconds = [_Span(edit.start, edit.end, at, True) for at, edit in enumerate(second)]
    found: list[Edit] = []
    for group in _groups(firsts, seconds):
        inside = sorted(span.at for span in group if not span.second)
        if len(inside) == len(group):
            found.append(first[inside[0]])
            continue
        start, end = min(span.start for span in group), max(span.end for span in group)
        passed = inside[0] if inside else bisect_right(firsts, start, key=lambda span: span.end)
        place = start - shifts[passed], end - shifts[passed + len(inside)]
        chosen = [second[at] for at in sorted(span.at for span in group if span.second)]
        before = data[slice(*place)].decode(encoding)
        after = splice(between[start:end], tuple(_moved(edit, -start) for edit in chosen), encoding).decode(encoding)
        if before != after:
            rules = joined_rules(edit.rule for edit in [*(first[at] for at in inside), *chosen])
            found.append(Edit(*place, before, after, chosen[0].kind, rules))
    return tuple(found)


def overlaps(first: tuple[Edit, ...], second: tuple[Edit, ...], encoding: str) -> list[tuple[int, int]]:
    """Pairs of positions, in `first` and in `second`, of edits of which the second rewrites what the first wrote.

    The offsets of `second` are into what `first` makes. What only stands beside it is no overlap.
    """
    spans = written(first, encoding)
    found = []
    for at, edit in enumerate(second):
        for near in range(bisect_right(spans, edit.start, key=lambda span: span[1]), len(spans)):
            start, end = spans[near]
            if start >= edit.end:
                break
            if start < edit.end and edit.start < end:
                found.append((near, at))
    return found


def written(edits: tuple[Edit, ...], encoding: str) -> list[tuple[int, int]]:
    """Where the text stands that each edit put in."""
    found, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        end = start + len(edit.after.encode(encoding))
        found.append((start, end))
        shift = end - edit.end
    return found


def joined_rules(rules: Iterable[str]) -> str:
    """The rules of edits that became one: `move+pattern:id`."""
    return "+".join(dict.fromkeys(part for rule in rules for part in rule.split("+")))


def origin(edits: tuple[Edit, ...], offset: int, encoding: str) -> int:
    """Where the text stood that is at `offset` after `edits`; the start of the edit that put it there, if one did."""
    shift = 0
    for edit in edits:
        if offset < edit.start + shift:
            break
        grown = _grown(edit, encoding)
        if offset < edit.end + shift + grown:
            return edit.start
        shift += grown
    return offset - shift


def line_at(data: bytes, offset: int) -> int:
    """The 1-based line of an offset, as Python counts lines: LF, CR or both end one. It is never past the last."""
    offset = max(0, min(offset, len(data) - 1))
    if b"\r" not in data:
        return data.count(b"\n", 0, offset) + 1
    return len(_LINE_END.findall(data, 0, offset - (data[offset - 1 : offset + 1] == b"\r\n"))) + 1


def start_of_line(data: bytes, line: int) -> int:
    """Where a 1-based line starts, and the last line if there are not so many."""
    lines = data.splitlines(keepends=True)
    return sum(map(len, lines[: max(1, min(line, len(lines))) - 1]))


def _groups(firsts: list[_Span], seconds: list[_Span]) -> list[list[_Span]]:
    """Spans that meet each other through one of the second step, in the order of the text."""
    done: list[list[_Span]] = []
    near: list[list[_Span]] = []  # what the next span may meet
    for span in sorted([*firsts, *seconds]):
        done += [group for group in near if all(known.end < span.start for known in group)]
        near = [group for group in near if any(known.end >= span.start for known in group)]
        met = [group for group in near if any(_meet(span, known) for known in group)]
        near = [group for group in near if group not in met]
        near.append([*(known for group in met for known in group), span])
    return sorted(sorted(group) for group in (*done, *near))


def _meet(one: _Span, other: _Span) -> bool:
    return (one.second or other.second) and one.meets(other)


def _grown(edit: Edit, encoding: str) -> int:
    return len(edit.after.encode(encoding)) - (edit.end - edit.start)


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.before, edit.after, edit.kind, edit.rule)
