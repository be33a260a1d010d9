"""Where to go on: takes a plan and a branch, gives the batches that stand there, and lines that say what is seen.

The trailers tell, and the files have the last word: a batch whose files are all as the plan gives them stands, whoever
put them there; one whose files are all as before does not, whatever the trailers say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from repoint.execution.journal.history import Brought, Commit, Journal, read
from repoint.execution.repository.commits import Tree
from repoint.execution.repository.git import Git, listed
from repoint.model import Batch, Plan

_LISTED = 3

Kin = Mapping[str, Collection[int]]
"""Plans by their digests, each with the positions where a batch of that plan is the same as here."""


class _Files(Enum):
    """How the files of a batch are at the tip."""

    BEFORE = "all as before the batch"
    AFTER = "all as the plan gives them"
    OTHER = "neither"


@dataclass(frozen=True)
class Standing:
    """The positions (from 1) of the batches that need not be committed; `notes` are for the user to read."""

    positions: frozenset[int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Seen:
    """All that the notes are made of. `plans` are the digests of this plan and its kin, `leaving` the batches that are
    not to be committed now. `stamped` holds the batches that stand by their trailers, `taken` those that do not any
    longer, each with the commit that made it so."""

    plan: Plan
    plans: Kin
    leaving: Collection[int]
    branch: str
    journal: Journal
    files: Mapping[int, _Files]
    stamped: Mapping[int, str]
    taken: Mapping[int, str]

    @property
    def undone(self) -> set[int]:
        return {n for n in self.stamped if self.files[n] is _Files.BEFORE}

    @property
    def unstamped(self) -> set[int]:
        return {n for n, found in self.files.items() if found is _Files.AFTER and n not in self.stamped}

    @property
    def positions(self) -> frozenset[int]:
        return frozenset((self.stamped.keys() - self.undone) | self.unstamped)


def standing(
    git: Git, plan: Plan, plans: Kin, branch: str, tip: str, tree: Tree, leaving: Collection[int] = ()
) -> Standing:
    """What of the plan stands at commit `tip` of the branch, whose tree is `tree`. Nothing is refused here.

    What is not as the plan knows it is told in the notes, but for the batches that are `leaving`; whether the rest can
    be committed on top of it is for the comparison of its files to decide.
    """
    if tip == plan.base:
        return Standing(frozenset(), ())
    seen = _look(plan, plans, leaving, branch, read(git, plan.base, tip), tree)
    notes = (
        *_ground_notes(git, seen, tip),
        *_foreign_notes(seen),
        *_other_plan_notes(seen),
        *_batch_notes(seen),
        *_amended_notes(git, seen),
    )
    return Standing(seen.positions, notes)


def _look(plan: Plan, plans: Kin, leaving: Collection[int], branch: str, journal: Journal, tree: Tree) -> _Seen:
    files = {n: _state(batch, tree) for n, batch in enumerate(plan.batches, start=1)}
    stamped = _by_position(journal.standing, plans)
    taken = _by_position(journal.taken, plans)
    left = {n: by for n, by in taken.items() if n not in stamped and files[n] is not _Files.AFTER}
    return _Seen(plan, plans, leaving, branch, journal, files, stamped, left)


def _by_position(found: Mapping[Brought, str], plans: Kin) -> dict[int, str]:
    return {
        brought.stamp.position: by
        for brought, by in found.items()
        if brought.stamp.position in plans.get(brought.stamp.plan, ())
    }


def _state(batch: Batch, tree: Tree) -> _Files:
    blobs = {change.path: _blob(tree, change.path) for change in batch.files}
    if all(blobs[change.path] == (change.after or "") for change in batch.files):
        return _Files.AFTER
    if all(blobs[change.path] == (change.before or "") for change in batch.files):
        return _Files.BEFORE
    return _Files.OTHER


def _blob(tree: Tree, path: str) -> str | None:
    """The blob of a regular file, empty where there is nothing, None for anything else."""
    found = tree.get(path)
    if found is None:
        return ""
    return found.blob if found.mode.startswith("100") else None


def _ground_notes(git: Git, seen: _Seen, tip: str) -> Iterator[str]:
    if git.ask("merge-base", "--is-ancestor", seen.plan.base, tip) is None:
        base = seen.plan.base[:12]
        yield f"{seen.branch} does not hold {base}, the plan's commit: it was rebased, or began elsewhere"


def _foreign_notes(seen: _Seen) -> Iterator[str]:
    """Commits of others, on the branch's own line: those below the first batch, and those above it."""
    below: list[Commit] = []
    above: list[Commit] = []
    batch = since = 0
    for commit, positions in _own_line(seen):
        if positions is None:
            (above if batch else below).append(commit)
            since = since or batch
        elif positions:
            batch = max(positions)
    if below and batch:  # before the first batch, they are nothing but the branch's own work
        yield f"{_commits(below)} on {seen.branch} since the plan's commit, {seen.plan.base[:12]}: {_few(below)}"
    if above:
        yield f"{_commits(above)} on {seen.branch} since batch {since}: {_few(above)}"


def _commits(found: list[Commit]) -> str:
    return "1 commit of others stands" if len(found) == 1 else f"{len(found)} commits of others stand"


def _few(found: list[Commit]) -> str:
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return ", ".join(commit.short for commit in found[:_LISTED]) + more


def _own_line(seen: _Seen) -> Iterator[tuple[Commit, set[int] | None]]:
    """The first-parent line, oldest first, each with the batches that it holds; None for a commit of others.

    A merge stands for what it brought in: it is none of others where that holds something of this migration.
    """
    known = {commit.id: commit for commit in seen.journal.commits}
    line = [seen.journal.commits[-1]] if known else []
    while line and line[-1].parents and (parent := known.get(line[-1].parents[0])):
        line.append(parent)
    counted = {commit.id for commit in line}
    for commit in reversed(line):
        left = [commit.id]
        effects = []
        while left:
            name = left.pop()
            effects.append(seen.journal.effects.get(name))
            fresh = [parent for parent in known[name].parents if parent in known and parent not in counted]
            counted.update(fresh)
            left += fresh
        stamps = {b.stamp for effect in effects if effect for b in (*effect.brings, *effect.takes)}
        ours = [stamp for stamp in stamps if stamp.migration == seen.plan.name]
        yield commit, {stamp.position for stamp in ours if stamp.plan in seen.plans} if ours else None


def _other_plan_notes(seen: _Seen) -> Iterator[str]:
    others = {
        brought.commit
        for brought in seen.journal.standing
        if brought.stamp.migration == seen.plan.name and brought.stamp.plan not in seen.plans
    }
    if others:
        what = "1 commit" if len(others) == 1 else f"{len(others)} commits"
        yield (
            f"{what} of another plan of {seen.plan.name}, or of a part of this one, on {seen.branch};"
            f" if this plan is stale there, plan again with --rev {seen.branch}"
        )


def _batch_notes(seen: _Seen) -> Iterator[str]:
    if found := seen.unstamped:
        yield f"{_batches(found)} without a commit of the plan's own on {seen.branch}: the files are as it gives them"
    if found := seen.undone.difference(seen.leaving):
        yield f"{_batches(found)} on {seen.branch}, but the files are all as before; committed again"
    if taken := {n: by for n, by in seen.taken.items() if n not in seen.leaving}:
        by = listed({commit[:10] for commit in taken.values()}, 3)
        yield f"{_batches(taken)} taken back on {seen.branch} (by {by}); committed again"
    last = max(seen.stamped.keys() - seen.undone, default=0)
    missing = {n for n in seen.files if n < last} - seen.positions - seen.undone - seen.taken.keys()
    if missing := missing.difference(seen.leaving):
        yield f"{_batches(missing)} missing on {seen.branch} below batch {last}; committed on top"


def _batches(found: Iterable[int]) -> str:
    """`batch 3 is`, `batches 1-4, 7 are`."""
    numbers = sorted(found)
    if len(numbers) == 1:
        return f"batch {numbers[0]} is"
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return f"batches {', '.join(str(r[0]) if len(r) == 1 else f'{r[0]}-{r[-1]}' for r in runs)} are"


def _amended_notes(git: Git, seen: _Seen) -> Iterator[str]:
    """Batches whose own commits are not what the plan gives; what changed after them is told as others' commits."""
    formatted = {commit.id for commit in seen.journal.commits if commit.formatted}
    rows = [
        (n, change)
        for n, commit in sorted(seen.stamped.items())
        if seen.files[n] is _Files.OTHER and commit not in formatted
        for change in seen.plan.batches[n - 1].files
    ]
    if not rows:
        return
    asked = "".join(f"{seen.stamped[n]}:{change.path}\n" for n, change in rows).encode("utf-8")
    found = git.run("cat-file", "--batch-check=%(objectname)", stdin=asked).decode("utf-8", "replace").splitlines()
    differ: dict[int, list[str]] = {}
    for (n, change), blob in zip(rows, found, strict=True):
        if blob != change.after and not (change.after is None and blob.endswith(" missing")):
            differ.setdefault(n, []).append(change.path)
    for n, paths in differ.items():
        verb = "differs" if len(paths) == 1 else "differ"
        yield f"batch {n} was amended: {listed(paths)} {verb} from the plan"
