"""Takes a `Pruning`, gives it as blocks of text for people, or as one stable JSON object for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from repoint.model import KeptStub, Pruning
from repoint.reporting.layout import Block, Grid, Line, Tone, counted, number
from repoint.reporting.summary import PLACES, NextSteps, finding_blocks


def pruning(made: Pruning, steps: NextSteps, *, places: int | None = PLACES) -> Iterator[Block]:
    """What goes and what stays; of the uses of each stub at most `places` (all of them if None)."""
    total = len(made.pruned) + len(made.kept)
    figure = f"{len(made.pruned)} of {counted(total, 'stub')} can be pruned"
    yield Line(f"{made.plan.name} at {made.plan.base[:12]}: {figure}", Tone.STRONG)
    if made.pruned:
        yield Line()
        rows = tuple((item.module, item.state.value, number(item.lines)) for item in made.pruned)
        yield Grid(("unused", "state", "lines"), rows, frozenset({2}))
    for item in made.kept:
        yield from _kept(item, places)
    yield from finding_blocks(made.plan.findings, places)
    yield Line()
    if not made.plan.applicable:
        yield Line("This plan cannot be applied because of the errors above.", Tone.BAD)
    elif not made.pruned:
        yield Line("Nothing to prune.", Tone.GOOD)
    else:
        yield Line(f"Written to {steps.plan}. Next:", Tone.GOOD)
        yield Line(steps.command("diff", steps.plan), indent=2, exact=True)
        yield Line(steps.command("apply", steps.plan, "--manifest", steps.manifest), indent=2, exact=True)


def _kept(item: KeptStub, places: int | None) -> Iterator[Block]:
    uses = f", {counted(len(item.uses), 'use')}" if item.uses else ""
    yield Line()
    yield Line(f"{item.module} stays: {item.reason}{uses}", Tone.CAUTION)
    shown = item.uses[:places]
    for use in shown:
        yield Line(f"{use.path}:{use.line}: {use.what}", indent=2, exact=True)
    if len(item.uses) > len(shown):
        yield Line(f"+{number(len(item.uses) - len(shown))} more (--verbose shows them)", Tone.QUIET, indent=2)


def pruning_json(made: Pruning, plan_path: str) -> bytes:
    """The same as one JSON object with a stable order of keys; ends with a newline."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": made.plan.name,
        "plan": plan_path,
        "base": made.plan.base,
        "applicable": made.plan.applicable,
        "pruned": made.pruned,
        "kept": made.kept,
        "proof": made.plan.proof,
        "findings": made.plan.findings,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
