"""`rollback`: takes a branch that holds batches, gives it without the last ones: by revert commits, or moved back.

The branch moves once, by compare-and-swap, when all else is done; a checked-out working tree follows it as after
`apply`. So a kill leaves the old state or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from repoint.errors import Refused, RepointError, UsageError, noted
from repoint.execution import leftovers
from repoint.execution.checkout import follow, intents, worktree
from repoint.execution.journal.choosing import Chosen, choose
from repoint.execution.journal.history import Journal
from repoint.execution.journal.targets import resolve
from repoint.execution.journal.trailers import revert_message
from repoint.execution.moving_back import way_back
from repoint.execution.repository import branch as branches
from repoint.execution.repository import commits, moving
from repoint.execution.repository.branch import Branch
from repoint.execution.repository.git import Repository, is_shallow, listed, open_repository
from repoint.execution.repository.lock import held
from repoint.execution.repository.pin import pinned
from repoint.execution.reverting import Delta, Reversal, changes, changes_of, reverse, write_blobs, write_trees
from repoint.model import FileChange
from repoint.records import Rollback, TakenBack

Watch = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""

Ask = Callable[[str], bool]
"""Asked whether the branch is to be moved, told as `BRANCH back to COMMIT`."""


@dataclass(frozen=True)
class RollbackOptions:
    """What the user says: `target` as for `log`; `to` is the batch that stays, all after it go.

    `how` is None where nothing was said: reverts, unless the one who is asked prefers the ref moved back.
    """

    repo: Path
    target: str | None = None
    branch: str | None = None
    to: str | None = None
    every: bool = False
    how: Literal["hard", "revert"] | None = None
    dry_run: bool = False
    allow_protected: bool = False


@dataclass(frozen=True)
class _Job:
    """Everything that was looked up, and found in order, before anything is written."""

    repo: Repository
    branch: Branch
    tip: str
    journal: Journal
    chosen: Chosen
    checked_out: bool


def rollback(options: RollbackOptions, ask: Ask | None, watch: Watch) -> Rollback:
    """Take back the last batch that stands, or more. `ask` is None where nobody can be asked.

    All or nothing is taken back. Raises UsageError or Refused, and has written nothing then.
    """
    if options.every and options.to is not None:
        raise UsageError("--all and --to say two things", mend="leave one of them out")
    repo = open_repository(options.repo)
    if options.dry_run:
        if intents.is_pending(repo):
            where = str(options.repo)
            raise Refused("an earlier command was interrupted", where=where, mend="run it again without --dry-run")
        return _run(_prepare(repo, options), options, None, watch)
    with held(repo.common_dir):
        leftovers.clear(repo)
        said = follow.settle(repo)
        recovered = (said,) if said else ()
        with noted(recovered):
            job = _prepare(repo, options)
            done = _run(job, options, ask, watch)
    left = tuple(_left(job, done)) if options.every else ()
    return msgspec.structs.replace(done, notes=(*recovered, *done.notes, *left))


def _prepare(repo: Repository, options: RollbackOptions) -> _Job:
    target = resolve(repo, options.target, options.branch)
    if not target.branch:
        raise UsageError("is no branch", where=options.target or target.name, mend="name one with --branch")
    branch = branches.find(repo.git, target.branch, allow_protected=options.allow_protected)
    chosen = choose(target, to=options.to, every=options.every)
    cut = [commit for commit in chosen.commits if not commit.parents]
    if cut and is_shallow(repo.git):  # against nothing, the commit would have made every file of the repository
        what = "what the commit changed is not known here: this is a shallow clone, and ends with it"
        raise Refused(what, where=cut[0].short, mend="git fetch --unshallow, then run the same command again")
    if chosen.items and branch.tip != target.tip:
        raise Refused("the branch was moved by someone else", where=branch.ref, mend="run the same command again")
    checked_out = worktree.is_checked_out(repo, branch.ref)
    job = _Job(repo, branch, target.tip, target.journal, chosen, checked_out)
    if chosen.items:
        worktree.refuse_in_use(repo, branch.ref)
    return job


def _run(job: _Job, options: RollbackOptions, ask: Ask | None, watch: Watch) -> Rollback:
    if not job.chosen.items:
        return Rollback(job.branch.name, job.tip, job.tip, moved_back=False, taken=())
    if options.how != "revert" and (to := _way(job, options, ask)):
        return _move_back(job, to, options)
    return _revert(job, options, watch)


def _way(job: _Job, options: RollbackOptions, ask: Ask | None) -> str | None:
    """The commit to move the branch back to, if that is what the user wants. Raises Refused where it may not be."""
    if options.how is None and ask is None:
        return None
    chosen = job.chosen
    way = way_back(job.repo.git, job.journal, job.branch.ref, chosen.commits, chosen.batches, chosen.migration)
    if options.how == "hard":
        if way.problem:
            raise Refused(way.problem, where=job.branch.name, mend="leave out --hard: commits that revert are safe")
        return way.to
    where = f"{job.branch.name} back to {way.to[:10]}"
    return None if way.problem or not ask or not ask(where) else way.to


def _move_back(job: _Job, to: str, options: RollbackOptions) -> Rollback:
    _refuse_dirty(job, changes(job.repo.git, job.tip, to))
    return _finish(job, to, [""] * len(job.chosen.items), options, moved_back=True)


def _revert(job: _Job, options: RollbackOptions, watch: Watch) -> Rollback:
    git, chosen = job.repo.git, job.chosen
    commits.refuse_nameless(git)
    tree = commits.read_tree(git, job.tip)
    reversal = reverse(git, job.tip, tree, chosen.commits)
    final = {path: entry for step in reversal.steps for path, entry in step.entries.items()}
    _refuse_dirty(job, [Delta(path, tree.get(path), entry) for path, entry in final.items()])
    reverts = [""] * len(chosen.items) if options.dry_run else _write_reverts(job, reversal, watch)
    done = _finish(job, reverts[-1] or job.tip, reverts, options, moved_back=False)
    return msgspec.structs.replace(done, notes=tuple(_notes(reversal)))


def _refuse_dirty(job: _Job, deltas: Sequence[Delta]) -> None:
    """Raises Refused where a checked-out working tree holds something of the user's that is to be written."""
    if job.checked_out:
        written = [
            FileChange(d.path, "", "", d.old.blob if d.old else None, d.new.blob if d.new else None, ()) for d in deltas
        ]
        worktree.refuse_dirty(job.repo, job.tip, written)


def _write_reverts(job: _Job, reversal: Reversal, watch: Watch) -> list[str]:
    """The revert commits, each upon the one before; no ref points to them yet."""
    git, items = job.repo.git, job.chosen.items
    sign = commits.is_signing(git)
    write_blobs(git, reversal.blobs)
    made: list[str] = []
    for (commit, batches), tree in zip(items, write_trees(git, job.tip, reversal.steps), strict=True):
        watch("reverting", len(made), len(items))
        mainline = commit.parents[0] if len(commit.parents) > 1 else ""
        text = revert_message(commit.subject, commit.id, mainline, [brought.stamp for brought in batches])
        made.append(commits.write_commit(git, tree, made[-1] if made else job.tip, text, sign=sign))
    return made


def _finish(job: _Job, new: str, reverts: Sequence[str], options: RollbackOptions, *, moved_back: bool) -> Rollback:
    """Move the branch, unless nothing is to be written, and tell what was done."""
    taken = tuple(
        TakenBack(commit.id, commit.subject, tuple(brought.stamp.label for brought in batches), revert)
        for (commit, batches), revert in zip(job.chosen.items, reverts, strict=True)
    )
    if not options.dry_run:
        with pinned(job.repo, new, job.tip):
            _move(job, new)
    return Rollback(
        job.branch.name,
        *(job.tip, new, moved_back, taken),
        followed=job.checked_out and not options.dry_run,
        planned=options.dry_run,
    )


def _move(job: _Job, new: str) -> None:
    """The branch from where it was seen to `new`, and the working tree after it."""
    repo, ref = job.repo, job.branch.ref
    count = len(job.chosen.batches)
    why = f"repoint: take back {count} batch{'es' if count > 1 else ''} of {job.chosen.migration}"
    if job.checked_out:
        worktree.refuse_unfollowable(repo, job.tip, new)
        intents.announce(repo, ref, job.tip, new)
    try:
        with moving.recorded(repo, ref, new):
            branches.move(repo.git, ref, new, job.tip, why)
    except BaseException:
        with suppress(RepointError, OSError):  # the reason that stopped it is the one to tell; the record stays
            follow.settle(repo)
        raise
    follow.settle(repo)


def _left(job: _Job, done: Rollback) -> Iterator[str]:
    """Files of the migration that are not as they were, though all that commits tell of it was taken back."""
    git, journal, name = job.repo.git, job.journal, job.chosen.migration
    brought = [
        commit
        for commit in journal.commits
        if commit.id in journal.effects
        and commit.parents
        and any(name in ("", item.stamp.migration) for item in journal.effects[commit.id].brings)
    ]
    deltas = [delta for found in changes_of(git, brought).values() for delta in found] if brought else []
    after = {(delta.path, delta.new) for delta in deltas}
    first = {delta.path: delta.old for delta in reversed(deltas)}
    before = {(delta.path, delta.old) for delta in deltas} - after | set(first.items())
    tree = commits.read_tree(git, done.new) if deltas else {}
    if left := {path for path in first if (path, tree.get(path)) not in before}:
        yield (
            f"not as before the migration: {listed(left)}:"
            " changed by others as well, or by a batch that no commit tells of"
        )


def _notes(reversal: Reversal) -> Iterator[str]:
    if reversal.merged:
        paths = listed(list(reversal.merged))
        yield f"merged with later changes, look at them: {paths}"
    if void := [step.commit.short for step in reversal.steps if not step.entries]:
        yield f"was undone already, its revert changes nothing: {', '.join(void)}"
