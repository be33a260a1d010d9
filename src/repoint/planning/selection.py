"""A part of a plan: a plan and what the user takes of it or leaves in, the effective plan out. Groups stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from repoint.errors import UsageError
from repoint.manifest.globs import matches
from repoint.model import Batch, FileChange, Frozen, Plan
from repoint.names import module_of
from repoint.planning.assemble import WHOLE_FILE, recounted

_SPAN = re.compile(r"(?=.*[0-9])([0-9]{0,9})(-?)([0-9]{0,9})")  # 3  3-5  -3  7-
_SHOWN = 6


class Selection(Frozen, frozen=True):
    """What is to be applied of `whole`: `plan`, which is the same value where nothing is left out.

    `notes` are lines for the user: which files are left out for the sake of others.
    """

    whole: Plan
    plan: Plan
    notes: tuple[str, ...] = ()


def select(plan: Plan, batches: str | None = None, skip: tuple[str, ...] = ()) -> Selection:
    """The part of `plan` that is in `batches` (positions, spans of them, or ids) and not in any of `skip`.

    An item of `skip` may also be a glob of files; what is in one group with such a file is left out with it.
    Raises UsageError for a batch that there is none of, a glob that no file of the plan fits, and if nothing is left.
    """
    taken = frozenset(range(1, len(plan.batches) + 1))
    if batches is not None:
        taken = named(batches, plan)
    paths: set[str] = set()
    for item in skip:
        positions = _positions(item, plan, "--skip")
        if positions is None:
            paths |= _fitting(item, plan)
        else:
            taken -= positions
    notes: list[str] = []
    kept = [_without(batch, paths, notes) for at, batch in enumerate(plan.batches, 1) if at in taken]
    left = tuple(batch for batch in kept if batch.files)
    if left == plan.batches:
        return Selection(plan, plan)
    if not left:
        raise UsageError("leave nothing of the plan", where="--batch and --skip", mend=_existing(plan))
    return Selection(plan, _reduced(plan, left), tuple(notes))


def named(text: str, plan: Plan) -> frozenset[int]:
    """The positions of the batches that are named, by positions, spans of them, or ids. Raises UsageError."""
    found = _positions(text, plan, "--batch")
    if found is None:
        raise UsageError(f"{text!r} is no batch of the plan", where="--batch", mend=_existing(plan))
    return found


def _positions(text: str, plan: Plan, option: str) -> frozenset[int] | None:
    """The positions, from 1, that `3`, `3-5`, `1,4-6`, `-3`, `7-` or an id means; None where it is none of these."""
    total = len(plan.batches)
    ids = {batch.id: at for at, batch in enumerate(plan.batches, 1)}
    found: set[int] = set()
    for part in map(str.strip, text.split(",")):
        if part in ids:
            found.add(ids[part])
            continue
        span = _SPAN.fullmatch(part)
        if span is None:
            return None
        first = int(span[1] or 1)
        last = int(span[3] or total) if span[2] else first
        if not 1 <= first <= last <= total:
            raise UsageError(f"{part!r} is no batch of the plan", where=option, mend=_existing(plan))
        found.update(range(first, last + 1))
    return frozenset(found)


def _fitting(glob: str, plan: Plan) -> set[str]:
    """The files of the plan that a glob fits."""
    found = {change.path for batch in plan.batches for change in batch.files if matches(change.path, (glob,))}
    if not found:
        raise UsageError(f"{glob!r} is no batch, and fits no file of the plan", where="--skip", mend=_existing(plan))
    return found


def _existing(plan: Plan) -> str:
    ids = [batch.id for batch in plan.batches]
    if not ids:
        return "the plan has no batches"
    shown = ids if len(ids) <= _SHOWN else [*ids[: _SHOWN - 1], "...", ids[-1]]
    return f"there are 1 to {len(ids)}: {', '.join(shown)}"


def _without(batch: Batch, paths: set[str], notes: list[str]) -> Batch:
    """The batch without these files and those in one group with them, which is noted."""
    out = {change.path for change in batch.files} & paths
    for group in batch.groups:
        along = sorted(set(group) - paths)
        if along and len(along) < len(group):
            verb = "is" if len(along) == 1 else "are"
            named = sorted(set(group) & paths)
            notes.append(f"{_listed(along)} {verb} left out with {_listed(named)}: they only make sense together")
            out |= set(along)
    files = tuple(change for change in batch.files if change.path not in out)
    return replace(batch, files=files, groups=tuple(group for group in batch.groups if out.isdisjoint(group)))


def _listed(paths: list[str]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _reduced(plan: Plan, batches: tuple[Batch, ...]) -> Plan:
    """The plan with these batches, and what can be told of them alone.

    How many imports move, and how many are left, only the whole plan knows: those figures stay as they are.
    """
    kept = {change.path for batch in batches for change in batch.files}
    left_out = [change for batch in plan.batches for change in batch.files if change.path not in kept]
    stays = {module_of(change.path, plan.ground.roots) for change in left_out if is_whole(change)}
    modules = tuple(
        replace(item, after=item.before, lines_after=item.lines_before) if item.module in stays else item
        for item in plan.modules
    )
    lines = plan.after.stub_lines + sum(_lines_saved(left_out))
    return replace(
        plan,
        batches=batches,
        counts=recounted(plan.counts, batches),
        after=replace(plan.after, stub_lines=lines),
        modules=modules,
    )


def is_whole(change: FileChange) -> bool:
    """Whether a file is replaced as a whole, by a stub, or deleted."""
    return change.after is None or any(edit.kind in WHOLE_FILE for edit in change.edits)


def _lines_saved(changes: Iterable[FileChange]) -> Iterable[int]:
    """The lines that each stub would have had fewer than its implementation."""
    edits = (edit for change in changes for edit in change.edits if edit.kind in WHOLE_FILE)
    return (edit.before.count("\n") - edit.after.count("\n") for edit in edits)
