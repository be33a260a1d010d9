"""`apply`: takes a plan and a repository, gives one commit for each batch on the plan's branch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from repoint.errors import NotProved, Refused, RepointError, UsageError
from repoint.execution import branch as branches
from repoint.execution import commits, follow, ground, intents, journal, worktree
from repoint.execution.branch import Branch
from repoint.execution.commits import Tree
from repoint.execution.git import Repository, open_repository
from repoint.execution.journal import Stamp
from repoint.execution.lock import held
from repoint.model import Batch, Plan, Severity
from repoint.planning.plan_file import digest

Watch = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""

_COMMIT_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")


@dataclass(frozen=True)
class ApplyOptions:
    """What the user says beside the plan. `plan_file` and `manifest` are named in refusals."""

    repo: Path
    branch: str | None = None
    plan_file: Path | None = None
    manifest: Path | None = None
    no_gates: bool = False
    allow_protected: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Applied:
    """What was done: (batch id, commit id) in order, how many batches stood there before, what is left to do.

    `pending` is what a dry run would have committed; `notes` are lines that the user should read.
    """

    branch: str
    commits: tuple[tuple[str, str], ...]
    already: int
    followed: bool
    pending: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Job:
    """Everything that was looked up, and found in order, before anything is written."""

    repo: Repository
    plan: Plan
    digest: str
    branch: Branch
    parent: str
    tree: Tree
    batches: tuple[tuple[int, Batch], ...]
    checked_out: bool

    @property
    def already(self) -> int:
        return len(self.plan.batches) - len(self.batches)


def apply(plan: Plan, options: ApplyOptions, watch: Watch) -> Applied:
    """Commit every batch that is not on the branch yet, then let a checked-out working tree follow.

    A batch is a commit or it never happened; calling again goes on where a call was cut off.
    Raises NotProved, UsageError or Refused; a refusal after some commits leaves those in place.
    """
    _refuse_unproved(plan, options)
    _refuse_gates(plan, options)
    repo = open_repository(options.repo)
    if options.dry_run:
        return _rehearse(repo, plan, options, watch)
    with held(repo.common_dir):
        recovered = follow.settle(repo)
        job = _prepare(repo, plan, options)
        done = _commit_all(job, watch) if job.batches else _nothing_left(job)
    return replace(done, notes=(*((recovered,) if recovered else ()), *done.notes))


def _nothing_left(job: _Job) -> Applied:
    return Applied(job.branch.name, (), job.already, followed=False)


def _rehearse(repo: Repository, plan: Plan, options: ApplyOptions, watch: Watch) -> Applied:
    if intents.is_pending(repo):
        raise Refused(
            "an earlier apply was interrupted", where=str(options.repo), mend="run it again without --dry-run"
        )
    job = _prepare(repo, plan, options)
    for step, (_, batch) in enumerate(job.batches):
        watch("checking edits", step, len(job.batches))
        commits.write_blobs(repo.git, batch.files, dry=True)
    return replace(_nothing_left(job), pending=tuple(batch.id for _, batch in job.batches))


def _refuse_unproved(plan: Plan, options: ApplyOptions) -> None:
    errors = sum(finding.severity is Severity.ERROR for finding in plan.findings)
    if not plan.applicable or errors:
        what = f"is blocked by {errors} finding{'s' if errors != 1 else ''}" if errors else "is not proved"
        raise NotProved(what, where=_named(options.plan_file, plan), mend="settle what `repoint plan` reports")


def _refuse_gates(plan: Plan, options: ApplyOptions) -> None:
    """A manifest must be the plan's own; a plan with gates needs an explicit word about them."""
    where = _named(options.plan_file, plan)
    if options.manifest is not None:
        try:
            found = hashlib.sha256(options.manifest.read_bytes()).hexdigest()
        except OSError as error:
            raise UsageError(
                f"cannot be read: {error.strerror}",
                where=str(options.manifest),
                mend="name the plan's manifest",
            ) from error
        if found != plan.manifest_digest:
            raise Refused(
                f"the manifest {options.manifest} is not the one that the plan was made of",
                where=where,
                mend="plan again",
            )
    if not plan.gated or options.no_gates:
        return
    if options.manifest is None:
        raise Refused("the plan's manifest has gates", where=where, mend="name it by --manifest, or say --no-gates")
    raise Refused(
        "this version of repoint does not run gates yet",
        where=where,
        mend="say --no-gates and run them yourself",
    )


def _named(path: Path | None, plan: Plan) -> str:
    return str(path) if path else plan.name


def _prepare(repo: Repository, plan: Plan, options: ApplyOptions) -> _Job:
    """Look everything up and raise for whatever would stop the work half-way. Writes nothing."""
    git = repo.git
    branch = branches.find(git, options.branch or f"repoint/{plan.name}", allow_protected=options.allow_protected)
    if branches.tip_of(git, plan.base) is None:
        raise Refused(
            f"the plan's base commit {plan.base[:12]} is not in this repository",
            where=str(options.repo),
            mend="fetch it, or plan again",
        )
    checked_out = worktree.is_checked_out(repo, branch.ref)
    if checked_out and branch.tip is None:
        raise Refused("is checked out and has no commit", where=branch.name, mend="switch to a branch that has one")
    parent = branch.tip or plan.base
    name = digest(plan)
    standing = journal.applied(git, plan.base, parent, name)
    left = tuple((n, batch) for n, batch in enumerate(plan.batches, start=1) if n not in standing)
    tree = commits.read_tree(git, parent) if left else {}
    job = _Job(repo, plan, name, branch, parent, tree, left, checked_out)
    if left:
        _refuse_conflicts(job)
    return job


def _refuse_conflicts(job: _Job) -> None:
    changes = [change for _, batch in job.batches for change in batch.files]
    commits.refuse_stale(job.tree, changes, job.branch.name)
    ground.refuse_lost(job.repo.git, job.plan, job.branch)
    commits.refuse_nameless(job.repo.git)
    worktree.refuse_in_use(job.repo, job.branch.ref)
    if job.checked_out:
        worktree.refuse_dirty(job.repo, job.parent, changes)


def _commit_all(job: _Job, watch: Watch) -> Applied:
    trees = _write_trees(job, watch)
    if job.checked_out:
        worktree.refuse_unfollowable(job.repo, job.parent, trees[-1])
    sign = commits.is_signing(job.repo.git)
    done: list[tuple[str, str]] = []
    tip, old = job.parent, job.branch.tip
    with _settled_on_error(job.repo):
        for step, ((position, batch), tree) in enumerate(zip(job.batches, trees, strict=True)):
            watch("committing", step, len(trees))
            stamp = Stamp(job.plan.name, job.digest, position, len(job.plan.batches))
            new = commits.write_commit(job.repo.git, tree, tip, journal.message(batch, stamp), sign=sign)
            if job.checked_out:
                intents.announce(job.repo, job.branch.ref, job.parent, new)
            why = f"repoint: batch {position}/{stamp.total} of {job.plan.name}"
            branches.move(job.repo.git, job.branch.ref, new, old, why)
            tip = old = new
            done.append((batch.id, new))
    watch("updating the working tree", 0, 0)
    follow.settle(job.repo)
    return Applied(job.branch.name, tuple(done), job.already, followed=job.checked_out, notes=_unused_hooks(job.repo))


def _write_trees(job: _Job, watch: Watch) -> list[str]:
    """Every blob and tree, before the branch first moves: a plan that does not fit commits nothing."""
    batches = [batch for _, batch in job.batches]
    for step, batch in enumerate(batches):
        watch("writing blobs", step, len(batches))
        commits.write_blobs(job.repo.git, batch.files, dry=False)
    trees: list[str] = []
    for tree in commits.write_trees(job.repo.git, job.parent, job.tree, batches):
        trees.append(tree)
        watch("writing trees", len(trees), len(batches))
    return trees


@contextmanager
def _settled_on_error(repo: Repository) -> Iterator[None]:
    """Whatever stops the commits, Ctrl-C included, the working tree follows those that were made."""
    try:
        yield
    except BaseException:
        with suppress(RepointError):  # the reason that stopped it is the one to tell; the record stays
            follow.settle(repo)
        raise


def _unused_hooks(repo: Repository) -> tuple[str, ...]:
    folder = repo.git.folder / (repo.git.ask("rev-parse", "--git-path", "hooks") or "hooks")
    found = [name for name in _COMMIT_HOOKS if os.access(folder / name, os.X_OK)]
    return (f"apply runs no commit hooks; here are {', '.join(found)}",) if found else ()
