"""Takes a `Verification`, gives it as blocks of text for people, or as one stable JSON object for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from repoint.model import Severity, Verification
from repoint.reporting.layout import Block, Grid, Line, Tone, counted, number
from repoint.reporting.summary import PLACES, finding_blocks


def verification(made: Verification, *, places: int | None = PLACES) -> Iterator[Block]:
    """One line for each check, the stubs, the findings (of each kind at most `places`), and the verdict."""
    after = made.after[:12] or "the working tree"
    yield Line(f"{made.name}: {after} against {made.base[:12]}", Tone.STRONG)
    yield Line()
    rows = tuple((item.name, number(item.looked_at), number(item.failed)) for item in made.checks)
    yield Grid(("check", "looked at", "not proved"), rows, frozenset({1, 2}))
    if made.modules:
        yield Line()
        states = tuple((item.module, item.before.value, item.after.value) for item in made.modules)
        yield Grid(("stub", "before", "after"), states)
    yield from finding_blocks(made.findings, places)
    yield Line()
    warnings = sum(finding.severity is Severity.WARNING for finding in made.findings)
    if made.proved and warnings:
        yield Line(f"Verified, but for {counted(warnings, 'warning')}.", Tone.CAUTION)
    elif made.proved:
        yield Line("Verified.", Tone.GOOD)
    else:
        failed = "; ".join(item.name for item in made.checks if item.failed)
        yield Line(f"Not proved: {failed}.", Tone.BAD)


def verification_json(made: Verification) -> bytes:
    """The same as one JSON object with a stable order of keys; ends with a newline."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": made.name,
        "base": made.base,
        "after": made.after or None,
        "proved": made.proved,
        "checks": made.checks,
        "modules": made.modules,
        "findings": made.findings,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
