"""Applying a part of a plan: a plan and what the user takes of it in, what `apply` is to do out, proved if need be.

What is then on the branch may simply be the beginning of the plan: that was proved with it. Any other part is proved
again. Batches keep their numbers; only where files are left out of one is it a plan of its own, with its own digest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec import structs

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
    return _numbered(chosen, batches, skip, options)


def _numbered(chosen: Selection, batches: str | None, skip: tuple[str, ...], options: ApplyOptions) -> Part:
    """The part with each batch in its place in the whole: what a message or a trailer calls batch 20 is that one."""
    whole = chosen.whole
    reduced = {batch.id: batch for batch in chosen.plan.batches}
    kept = tuple(reduced.get(batch.id, batch) for batch in whole.batches)
    plan = whole if kept == whole.batches else structs.replace(whole, batches=kept)
    out = frozenset(range(1, len(whole.batches) + 1)) - _positions(select(whole, None, skip))
    only = _positions(select(whole, batches)) if batches is not None else None
    return Part(plan, replace(options, only=only, out=out, whole=None if plan is whole else whole), chosen.notes)


def _positions(chosen: Selection) -> frozenset[int]:
    kept = {batch.id for batch in chosen.plan.batches}
    return frozenset(position for position, batch in enumerate(chosen.whole.batches, start=1) if batch.id in kept)


def _is_beginning(positions: frozenset[int]) -> bool:
    return max(positions) == len(positions)
