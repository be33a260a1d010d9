"""Applying a part of a plan: a plan and what the user takes of it in, what `apply` is to do out, proved if need be.

What is then on the branch may simply be the beginning of the plan: that was proved with it. Any other part is a plan of
its own, with a digest of its own, and what was proved of the whole need not hold for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from repoint.errors import UsageError
from repoint.execution.apply import ApplyOptions, positions_standing
from repoint.model import Plan
from repoint.pipeline import Watch, read_manifest
from repoint.planning.selection import Selection, select
from repoint.proving_again import require_proof
from repoint.sources.snapshot import open_snapshot


@dataclass(frozen=True)
class Part:
    """What to give to `apply`; `notes` are for the user to read."""

    plan: Plan
    options: ApplyOptions
    notes: tuple[str, ...] = ()


def part_of(plan: Plan, batches: str | None, skip: tuple[str, ...], options: ApplyOptions, watch: Watch) -> Part:
    """The part of a plan that is in `batches` and not in `skip` (see `select`).

    Raises UsageError for a selection that names nothing, NotProved where the part does not stand on its own.
    """
    chosen = select(plan, batches, skip)
    if chosen.plan is chosen.whole:
        return Part(plan, options)
    there = positions_standing(plan, options)
    if not skip and _is_beginning(wanted := _positions(chosen) | there):
        return Part(plan, replace(options, only=wanted), chosen.notes)
    if options.manifest is None:
        raise UsageError(
            "a part that is not the beginning of the plan is proved again",
            where=str(options.plan_file or plan.name),
            mend="name the plan's manifest by --manifest",
        )
    found = tuple(batch for position, batch in enumerate(plan.batches, start=1) if position in there)
    migration = read_manifest(options.manifest)
    require_proof(chosen, migration, open_snapshot(options.repo, plan.base), watch, standing=found)
    return Part(chosen.plan, replace(options, is_part=batches is not None), chosen.notes)


def _positions(chosen: Selection) -> frozenset[int]:
    kept = {batch.id for batch in chosen.plan.batches}
    return frozenset(position for position, batch in enumerate(chosen.whole.batches, start=1) if batch.id in kept)


def _is_beginning(positions: frozenset[int]) -> bool:
    return max(positions) == len(positions)
