"""Takes what a check found, gives it as blocks of text: what speaks against the commit, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from repoint.measures import Checked, KnownViolation
from repoint.reporting.audits import texts
from repoint.reporting.audits.table import place_blocks
from repoint.reporting.layout import Block, Grid, Line, Tone, counted, number

PLACES = 20


def verdict(done: Checked, baseline: str, places: int | None) -> Iterator[Block]:
    """The blocks, nothing but one line where all is well; of each code at most `places` places (all if None)."""
    audit = done.audit
    known = f"; {counted(done.known, 'known violation')}" if done.known else ""
    told = f"{audit.name} at {audit.commit[:12]}: {against(done)}{known}."
    yield Line(told, Tone.GOOD if done.passed else Tone.BAD)
    if done.passed:
        return
    if done.missed:
        yield Line()
        rows = tuple(
            (texts.words(item.metric), texts.shown(item.metric, item.value), item.wanted, texts.verdict(item))
            for item in done.missed
        )
        yield Grid(("target", "value", "wanted", ""), rows, frozenset({1}))
    yield from place_blocks(done.new, places)
    yield from _gone(done.gone, baseline, places)


def against(done: Checked) -> str:
    """What speaks against the commit, in a few words."""
    parts = [] if not done.passed else ["nothing new"]
    if done.missed:
        parts.append(f"{counted(len(done.missed), 'target')} missed")
    if done.new:
        parts.append(counted(len(done.new), "new violation"))
    if done.gone:
        parts.append(f"{counted(sum(item.count for item in done.gone), 'known violation')} gone")
    return ", ".join(parts)


def _gone(gone: tuple[KnownViolation, ...], baseline: str, places: int | None) -> Iterator[Block]:
    """What must be taken off the baseline, so that it cannot come back unseen."""
    if not gone:
        return
    yield Line()
    yield Line("No longer there, but still in the baseline:", Tone.CAUTION)
    for item in gone[:places]:
        times = f" ({number(item.count)} times)" if item.count > 1 else ""
        yield Line(f"{item.path}: [{item.code}] {item.subject}{times}", indent=2, exact=True)
    if places is not None and len(gone) > places:
        yield Line(f"+{number(len(gone) - places)} more", Tone.QUIET, indent=2)
    yield Line(f"mend: take them off {baseline} with --update-baseline", Tone.QUIET, indent=2, exact=True)
