"""A proposal in, its summary out: blocks of text for people, or one stable JSON object for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from repoint.proposing.groups import by_home
from repoint.proposing.text import MEANING
from repoint.proposing.values import Certainty, Proposal, ProposedMove
from repoint.reporting.layout import Block, Grid, Line, Tone, counted, number
from repoint.reporting.summary import NextSteps

HOMES = 10


def summary(proposal: Proposal, steps: NextSteps, *, homes: int | None = HOMES) -> Iterator[Block]:
    """The blocks of the summary, with the first `homes` of its homes (all if None)."""
    headline = f"{counted(len(proposal.moves), 'move')} proposed from {counted(proposal.files, 'Python file')}"
    yield Line(headline, Tone.STRONG)
    if proposal.unreadable:
        yield Line(f"{counted(len(proposal.unreadable), 'file')} did not parse (named in the manifest).", Tone.CAUTION)
    yield Line()
    yield from _certainties(proposal.moves)
    groups = by_home(proposal.moves)
    if groups:
        rows = [_row(home, group) for home, group in groups[:homes]]
        yield Grid(("home", "imports", "moving there", "surest"), tuple(rows), frozenset({1, 2}))
        if homes is not None and len(groups) > homes:
            yield Line(f"+{counted(len(groups) - homes, 'more home')} (--verbose shows them)", Tone.QUIET, 2)
        yield Line()
    if proposal.left_out:
        yield Line(f"{counted(proposal.left_out, 'move')} left out: raise --limit, or look --under a package.")
        yield Line()
    yield Line(f"Written to {steps.manifest}. Read it; then:")
    yield Line(steps.command("plan", steps.manifest), indent=2, exact=True)


def summary_json(proposal: Proposal) -> bytes:
    """The proposal as one JSON object with a stable order of keys; ends with a newline."""
    return msgspec.json.format(msgspec.json.encode(proposal), indent=2) + b"\n"


def _certainties(moves: tuple[ProposedMove, ...]) -> Iterator[Block]:
    told = Counter(move.certainty for move in moves if not move.refused)
    rows = [(certainty.value, number(told[certainty]), MEANING[certainty]) for certainty in Certainty]
    refused = sum(bool(move.refused) for move in moves)
    rows += [("refused", number(refused), "the planner says why, in a comment beside each")] if refused else []
    for name, count, meaning in rows:
        yield Line(f"{name:8} {count:>5}  {meaning}", indent=2)
    yield Line()


def _row(home: str, group: list[ProposedMove]) -> tuple[str, str, str, str]:
    return home, number(group[0].home_imports), number(sum(move.imports for move in group)), group[0].certainty.value
