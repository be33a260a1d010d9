"""`apply`: takes a plan and a repository, gives one commit for each batch on the plan's branch."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from repoint.errors import NotProved, Refused, UsageError, noted
from repoint.execution import leftovers
from repoint.execution.checkout import follow, intents, worktree
from repoint.execution.committing import Committed, Job, commit_all, foretell
from repoint.execution.gates import hooks
from repoint.execution.gates.running import Orders, orders_of
from repoint.execution.journal import ground
from repoint.execution.journal.standing import Kin, standing
from repoint.execution.repository import branch as branches
from repoint.execution.repository import commits
from repoint.execution.repository.git import GitFailed, Repository, open_repository
from repoint.execution.repository.lock import held
from repoint.execution.repository.quarantine import quarantine
from repoint.execution.repository.trees import Watch
from repoint.manifest import Migration, decode
from repoint.model import Plan, Severity
from repoint.planning.plan_file import digest

_DEFAULT_SECONDS = 900.0


@dataclass(frozen=True)
class ApplyOptions:
    """What the user says beside the plan.

    `plan_file` is named in refusals; `date` is in a form that git reads. Positions count from 1: those of the batches
    that are left `out`, and `only` the batches to commit now, those that stand already aside. `whole` is the plan
    before files were left out of some of its batches.
    """

    repo: Path
    branch: str | None = None
    plan_file: Path | None = None
    manifest: Path | None = None
    no_gates: bool = False
    allow_protected: bool = False
    dry_run: bool = False
    run_hooks: bool = False
    date: str | None = None
    only: frozenset[int] | None = None
    out: frozenset[int] = frozenset()
    whole: Plan | None = None


@dataclass(frozen=True)
class Pending:
    """A batch that a dry run would commit; `commit` is the id that it would get, where that can be told."""

    batch: str
    commit: str | None


@dataclass(frozen=True)
class Applied:
    """What was done: (batch id, commit id) in order, how many batches stood there before, what is left to do.

    `parent` is the commit that they go on; `pending` is what a dry run would have committed; `notes` are lines that
    the user should read.
    """

    branch: str
    parent: str
    commits: tuple[tuple[str, str], ...]
    already: int
    followed: bool
    pending: tuple[Pending, ...] = ()
    notes: tuple[str, ...] = ()


def apply(plan: Plan, options: ApplyOptions, watch: Watch, told: Committed = lambda batch, commit: None) -> Applied:
    """Commit every batch that is not on the branch yet, then let a checked-out working tree follow.

    A batch is a commit or it never happened; calling again goes on where a call was cut off.
    Raises NotProved, UsageError, Refused or GateFailed; the last two may leave some commits in place.
    """
    _refuse_unproved(plan, options)
    migration = _manifest(plan, options)
    repo = open_repository(options.repo)
    if options.dry_run:
        return _rehearse(repo, plan, migration, options, watch)
    with held(repo.common_dir):
        leftovers.clear(repo)
        said = follow.settle(repo)
        recovered = (said,) if said else ()
        with noted(recovered):
            job, notes = _prepare(repo, plan, migration, options)
            done = _outcome(job, (*recovered, *notes))
            if not job.batches:
                return done
            passed_over = () if options.run_hooks else hooks.unused(repo)
            with noted(notes):
                made = commit_all(job, watch, told)
    return replace(done, commits=made, followed=job.checked_out, notes=(*done.notes, *_about_hooks(passed_over)))


def _outcome(job: Job, notes: tuple[str, ...]) -> Applied:
    return Applied(job.branch.name, job.parent, (), job.already, followed=False, notes=notes)


def _about_hooks(found: tuple[str, ...]) -> tuple[str, ...]:
    return (f"apply runs no commit hooks; here are {', '.join(found)}: --run-hooks runs them",) if found else ()


def _rehearse(
    repo: Repository, plan: Plan, migration: Migration | None, options: ApplyOptions, watch: Watch
) -> Applied:
    """All that is done before the branch moves, with objects that nobody keeps."""
    if intents.is_pending(repo):
        with held(repo.common_dir):  # whoever left the record may be at work still
            what = "an earlier command was interrupted"
            raise Refused(what, where=str(options.repo), mend="run it again without --dry-run")
    job, notes = _prepare(repo, plan, migration, options)
    if not job.batches:
        return _outcome(job, notes)
    with quarantine(repo) as aside:
        ids = list(foretell(replace(job, repo=aside), watch))
    unknown = _unforetold(job)
    told = bool(job.dates) and not unknown
    pending = (Pending(batch.id, commit if told else None) for (_, batch), commit in zip(job.batches, ids, strict=True))
    return replace(_outcome(job, (*notes, *unknown)), pending=tuple(pending))


def _unforetold(job: Job) -> tuple[str, ...]:
    """Why the ids of the commits cannot be told beforehand, though their dates are given."""
    if not job.dates:
        return ()
    reasons = (
        (job.sign, "the ids of the commits depend on their signatures"),
        (job.hooks, "the ids of the commits depend on what the hooks do"),
        (bool(job.orders and job.orders.after), "the ids of the commits depend on what the commands of [after] do"),
    )
    return tuple(reason for applies, reason in reasons if applies)[:1]


def _refuse_unproved(plan: Plan, options: ApplyOptions) -> None:
    errors = sum(finding.severity is Severity.ERROR for finding in plan.findings)
    if not plan.applicable or errors:
        what = f"is blocked by {errors} finding{'s' if errors != 1 else ''}" if errors else "is not proved"
        raise NotProved(what, where=_named(options.plan_file, plan), mend="settle what `repoint plan` reports")


def _manifest(plan: Plan, options: ApplyOptions) -> Migration | None:
    """The manifest that the user names, which must be the plan's own. A plan with gates needs a word about them."""
    where = _named(options.plan_file, plan)
    if options.manifest is None:
        if plan.gated and not options.no_gates:
            what = "the plan's manifest has gates or formatters"
            raise Refused(what, where=where, mend="name it by --manifest, or say --no-gates")
        return None
    try:
        data = options.manifest.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(options.manifest), mend="name the plan's manifest"
        ) from error
    if hashlib.sha256(data).hexdigest() != plan.manifest_digest:
        raise Refused(
            f"the manifest {options.manifest} is not the one that the plan was made of", where=where, mend="plan again"
        )
    return decode(data, str(options.manifest))


def _named(path: Path | None, plan: Plan) -> str:
    return str(path) if path else plan.name


def positions_standing(plan: Plan, options: ApplyOptions) -> frozenset[int]:
    """The positions, from 1, of the batches that are on the branch. Raises UsageError and Refused as `apply` does."""
    repo = open_repository(options.repo)
    branch = branches.find(repo.git, _branch_name(plan, options), allow_protected=options.allow_protected)
    if branch.tip is None or branches.tip_of(repo.git, plan.base) != plan.base:
        return frozenset()
    tree = commits.read_tree(repo.git, branch.tip)
    return standing(repo.git, plan, _kin(plan, digest(plan), options), branch.name, branch.tip, tree).positions


def _kin(plan: Plan, name: str, options: ApplyOptions) -> Kin:
    """The plan by its digest; of the whole that it is a part of, the batches that are the same here."""
    every = frozenset(range(1, len(plan.batches) + 1))
    if options.whole is None:
        return {name: every}
    same = {n for n in every if plan.batches[n - 1] == options.whole.batches[n - 1]}
    return {name: every, digest(options.whole): same}


def _branch_name(plan: Plan, options: ApplyOptions) -> str:
    return options.branch or f"repoint/{plan.name}"


def _prepare(
    repo: Repository, plan: Plan, migration: Migration | None, options: ApplyOptions
) -> tuple[Job, tuple[str, ...]]:
    """Look everything up and raise for whatever would stop the work half-way. Writes nothing."""
    git = repo.git
    branch = branches.find(git, _branch_name(plan, options), allow_protected=options.allow_protected)
    if branches.tip_of(git, plan.base) != plan.base:
        raise Refused(
            f"the plan's base commit {plan.base[:12]} is not in this repository",
            where=str(options.repo),
            mend="fetch it, or plan again",
        )
    checked_out = worktree.is_checked_out(repo, branch.ref)
    if checked_out and branch.tip is None:
        raise Refused("is checked out and has no commit", where=branch.name, mend="switch to a branch that has one")
    parent = branch.tip or plan.base
    tree = commits.read_tree(git, parent)
    leaving = frozenset(n for n in range(1, len(plan.batches) + 1) if not _is_wanted(n, options))
    name = digest(plan)
    found = standing(git, plan, _kin(plan, name, options), branch.name, parent, tree, leaving)
    left = tuple((n, batch) for n, batch in enumerate(plan.batches, start=1) if n not in found.positions | options.out)
    wanted = tuple(item for item in left if item[0] not in leaving)
    job = Job(repo, plan, name, branch, parent, tree, wanted, checked_out, already=len(found.positions))
    if not wanted:
        return job, found.notes
    dates = _dates(repo, options.date)
    with noted(found.notes):
        _refuse_conflicts(job, options, dates)
    orders = _orders(job, migration, options, completes=wanted == left)
    folder = hooks.folder_of(repo) if options.run_hooks else None
    return replace(job, orders=orders, sign=commits.is_signing(git), hooks=folder, dates=dates), found.notes


def _is_wanted(position: int, options: ApplyOptions) -> bool:
    return position not in options.out and (options.only is None or position in options.only)


def _refuse_conflicts(job: Job, options: ApplyOptions, dates: tuple[tuple[str, str], ...]) -> None:
    changes = [change for _, batch in job.batches for change in batch.files]
    commits.refuse_stale(job.tree, changes, job.branch.name)
    kept = tuple(batch for n, batch in enumerate(job.plan.batches, start=1) if n not in options.out)
    ground.refuse_lost(job.repo.git, msgspec.structs.replace(job.plan, batches=kept), job.branch)
    commits.refuse_nameless(job.repo.git.with_settings(*dates))
    worktree.refuse_in_use(job.repo, job.branch.ref)
    if job.checked_out:
        worktree.refuse_dirty(job.repo, job.parent, changes)


def _dates(repo: Repository, date: str | None) -> tuple[tuple[str, str], ...]:
    if date is None:
        return ()
    dates = (("GIT_AUTHOR_DATE", date), ("GIT_COMMITTER_DATE", date))
    try:
        repo.git.with_settings(*dates).run("var", "GIT_COMMITTER_IDENT")
        is_date = bool(date)  # an empty one is none at all to git
    except GitFailed as error:
        is_date = commits.BAD_DATE not in str(error)  # that git does not know who commits is told elsewhere
    if not is_date:
        raise UsageError(f"--date {date!r} is no date that git reads", mend="write it as 2025-01-31T12:00:00+00:00")
    return dates


def _orders(job: Job, migration: Migration | None, options: ApplyOptions, *, completes: bool) -> Orders | None:
    """What is to be run; None where nothing is. Final gates are for what completes the plan."""
    common = {
        "REPOINT_MIGRATION": job.plan.name,
        "REPOINT_PLAN": str(options.plan_file.absolute()) if options.plan_file else "",
        "REPOINT_PLAN_DIGEST": job.digest,
        "REPOINT_REPO": str(job.repo.top or job.repo.git_dir),
        "REPOINT_BRANCH": job.branch.name,
        "REPOINT_BASE": job.plan.base,
    }
    logs = job.repo.common_dir / "repoint" / "logs" / re.sub(r"[^A-Za-z0-9_-]+", "-", job.plan.name)
    orders = Orders((), (), (), _DEFAULT_SECONDS, (), tuple(common.items()), logs)
    if migration is not None and not options.no_gates:
        orders = orders_of(migration, orders)
        orders = orders if completes else replace(orders, final=())
    return orders if orders.any or options.run_hooks else None
