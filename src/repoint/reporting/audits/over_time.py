"""Takes a history, gives its figures as a table for people, or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from repoint.measures import Figures, History, Point
from repoint.reporting.audits import texts
from repoint.reporting.layout import Block, Grid, Line, Tone, counted

COLUMNS = 5
# The figures that a migration steers by come first; a table of 80 columns holds five of them.
_HEADS = {
    "canonical_share": "share",
    "fragmented_imports": "fragmented",
    "deprecated_imports": "deprecated",
    "direct_instantiations": "direct",
    "pattern_violations": "patterns",
    "duplicate_definitions": "duplicates",
    "implementations": "implem.",
    "unresolvable_imports": "unresolv.",
    "alias_imports": "alias",
    "reexport_imports": "re-export",
    "deprecated_strings": "strings",
}


def history_table(history: History, *, every: bool = False) -> Iterator[Block]:
    """A row for each commit that changed a figure, with the change (for every commit on request), and the sum of it."""
    points = history.points
    if not points:
        yield Line(f"{history.name}: no commit in this range.")
        return
    span = f"{points[0].date[:10]} to {points[-1].date[:10]}"
    yield Line(f"{history.name}: {counted(len(points), 'commit')}, {span}", Tone.STRONG)
    yield Line()
    shown = _columns(history)
    pairs = list(zip((points[0], *points), points, strict=False))
    ends = (0, len(pairs) - 1)
    told = [pair for at, pair in enumerate(pairs) if every or at in ends or _differ(*pair, shown)]
    rows = tuple((point.date[:10], point.commit[:8], *_cells(before, point, shown)) for before, point in told)
    heads = ("date", "commit", *(_HEADS[name] for name in shown))
    yield Grid(heads, rows, frozenset(range(2, len(heads))))
    if left := len(pairs) - len(told):
        yield Line(f"{counted(left, 'commit')} changed none of these (--verbose shows them).", Tone.QUIET, indent=2)
    if len(points) > 1:
        yield from _sum(points[0].figures, points[-1].figures)


def _columns(history: History) -> list[str]:
    """The figures that were ever anything but nothing, the share among them always."""
    seen = [
        name for name in _HEADS if name in texts.SHARES or any(getattr(point.figures, name) for point in history.points)
    ]
    return seen[:COLUMNS]


def _differ(before: Point, after: Point, names: list[str]) -> bool:
    return any(getattr(before.figures, name) != getattr(after.figures, name) for name in names)


def _cells(before: Point, after: Point, names: list[str]) -> Iterator[str]:
    for name in names:
        value = getattr(after.figures, name)
        change = _change(name, value - getattr(before.figures, name))
        yield f"{texts.shown(name, value)} {change}".rstrip()


def _change(name: str, by: float) -> str:
    if name in texts.SHARES:
        return f"{by:+.1f}" if round(by, 1) else ""
    return f"{round(by):+,}" if by else ""


def _sum(first: Figures, last: Figures) -> Iterator[Block]:
    """From where to where: each figure that is another one now."""
    changed = [name for name in first.__struct_fields__ if getattr(first, name) != getattr(last, name)]
    yield Line()
    if not changed:
        yield Line("No figure changed.", Tone.QUIET)
        return
    rows = tuple(
        (texts.words(name), texts.shown(name, getattr(first, name)), texts.shown(name, getattr(last, name)))
        for name in changed
    )
    yield Grid(("figure", "first", "last"), rows, frozenset({1, 2}))


def history_csv(history: History) -> bytes:
    """RFC 4180: a header, a record for each commit, oldest first; every figure, shares as numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = Figures.__struct_fields__
    writer.writerow(("commit", "date", "subject", *names))
    for point in history.points:
        figures = (_cell(getattr(point.figures, name)) for name in names)
        writer.writerow((point.commit, point.date, point.subject, *figures))
    return texts.encoded(out.getvalue())


def _cell(value: float) -> str:
    return str(round(value, 4))
