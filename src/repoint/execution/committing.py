"""From batches to commits on a branch: takes a job that was found in order, gives the commits that it made.

Each batch passes one line: its tree, the formatters, the commit, the gates, and only then the branch moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from repoint.errors import RepointError
from repoint.execution.checkout import follow, intents, worktree
from repoint.execution.gates import formatting, hooks, running
from repoint.execution.gates.linked import Linked, linked
from repoint.execution.gates.running import Orders, Step
from repoint.execution.journal import history
from repoint.execution.journal.history import Stamp
from repoint.execution.repository import branch as branches
from repoint.execution.repository import commits, moving, pin, trees
from repoint.execution.repository.branch import Branch
from repoint.execution.repository.commits import Tree
from repoint.execution.repository.git import Repository
from repoint.execution.repository.trees import Watch
from repoint.model import Batch, Plan

Committed = Callable[[Batch, str], None]
"""Told a batch and its commit, once the branch holds it."""


@dataclass(frozen=True)
class Job:
    """Everything that was looked up, and found in order, before anything is written.

    `batches` are those to commit now, with their positions, from 1; so many of the plan are there `already`. Where
    `hooks` are to run, it is their folder. `dates` go to git's environment for commits.
    """

    repo: Repository
    plan: Plan
    digest: str
    branch: Branch
    parent: str
    tree: Tree
    batches: tuple[tuple[int, Batch], ...]
    checked_out: bool
    already: int = 0
    orders: Orders | None = None
    sign: bool = False
    hooks: Path | None = None
    dates: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        return len(self.plan.batches)


class _Next(NamedTuple):
    """A batch that is up: its position, its planned tree, the commit it goes on, and what was formatted before."""

    position: int
    batch: Batch
    tree: str
    tip: str
    formatted: Tree

    @property
    def present(self) -> list[str]:
        """The files that are there after the batch."""
        return [change.path for change in self.batch.files if change.after is not None]


def foretell(job: Job, watch: Watch) -> Iterator[str]:
    """The ids that the commits would get now, formatters and hooks aside. Their objects are written; no ref moves.

    Raises Refused for what would stop `commit_all` before its first commit, gates aside.
    """
    tip = job.parent
    planned = trees.planned(job.repo.git, job.parent, job.tree, [batch for _, batch in job.batches], watch)
    if job.checked_out:
        worktree.refuse_unfollowable(job.repo, job.parent, planned[-1])
    for (position, batch), tree in zip(job.batches, planned, strict=True):
        text = history.message(batch, _stamp(job, position))
        tip = commits.write_commit(job.repo.git.with_settings(*job.dates), tree, tip, text, sign=False)
        yield tip


def commit_all(job: Job, watch: Watch, told: Committed) -> tuple[tuple[str, str], ...]:
    """Commit every batch of the job, and let a checked-out working tree follow. Gives (batch id, commit id) in order.

    Raises Refused and GateFailed; the batches before the one that it is about are committed then.
    """
    planned = trees.planned(job.repo.git, job.parent, job.tree, [batch for _, batch in job.batches], watch)
    if job.checked_out:
        worktree.refuse_unfollowable(job.repo, job.parent, planned[-1])
    made: list[tuple[str, str]] = []
    with ExitStack() as stack:
        stack.enter_context(pin.pinned(job.repo, pin.tree_of(job.repo.git, planned), job.parent))
        if job.orders:
            watch("laying out a worktree", job.already, job.total)
        place = stack.enter_context(linked(job.repo, job.parent)) if job.orders else None
        if job.orders and place:
            _check_base(job, job.orders, place, watch)
        stack.enter_context(_settled_on_error(job.repo))
        tip, formatted = job.parent, Tree()
        for (position, batch), tree in zip(job.batches, planned, strict=True):
            watch("committing", job.already + len(made), job.total)
            item = _Next(position, batch, tree, tip, formatted)
            new, formatted = _commit(job, item, place, watch)
            _move(job, item, new, gated=place is not None)
            tip = new
            made.append((batch.id, new))
            told(batch, new)
            if place:
                follow.settle(job.repo)  # whoever works there meanwhile must not see the branch ahead of the files
        watch("updating the working tree", 0, 0)
        follow.settle(job.repo)
    return tuple(made)


def _check_base(job: Job, orders: Orders, place: Linked, watch: Watch) -> None:
    """A gate that fails before anything was changed could not tell a good batch from a bad one."""
    running.begin(orders)
    about = f"the commit that it starts from, {job.parent[:12]}"
    step = Step("base", about, "the base", _state(job, job.already), (("REPOINT_STAGE", "base"), *_on(job.parent)))
    mend = "make it pass there first, or say --no-gates"
    for number, words in enumerate(orders.gates, start=1):
        place.show(job.parent)
        running.run_gate(words, number, orders, place, step, lambda about: watch(about, job.already, job.total), mend)


def _commit(job: Job, item: _Next, place: Linked | None, watch: Watch) -> tuple[str, Tree]:
    """The commit of a batch, which nothing points to yet, and all that was formatted so far."""
    git = job.repo.git.with_settings(*job.dates)
    stamp = _stamp(job, item.position)
    if place is None or job.orders is None:
        return commits.write_commit(git, item.tree, item.tip, history.message(item.batch, stamp), sign=job.sign), {}

    def told(about: str) -> None:
        watch(about, job.already + job.batches.index((item.position, item.batch)), job.total)

    orders, step = job.orders, _step(job, item, place)
    tree = trees.replaced(job.repo.git, item.tree, item.formatted)
    files = {path: entry for path, entry in trees.entries(item.batch.files, job.tree).items() if entry}
    changed: Tree = {}
    if orders.after:
        place.show_tree(item.tip, tree, item.present)
        changed = formatting.formatted(orders, place, step("after"), files, item.batch.files, told)
        tree = trees.replaced(job.repo.git, tree, changed)
    text = history.message(item.batch, stamp, len(changed))
    if job.hooks:
        told(f"{step('hooks').brief}: the commit and its hooks")
        place.show_tree(item.tip, tree, item.present)
        new, hooked = hooks.commit(place, job.hooks, orders, step("hooks"), text, files | changed, job.dates)
        changed |= hooked
    else:
        new = commits.write_commit(git, tree, item.tip, text, sign=job.sign)
    final = orders.final if item.position == job.batches[-1][0] else ()
    for stage, wanted in (("each", orders.each), ("final", [words for words in final if words not in orders.each])):
        for number, words in enumerate(wanted, start=1):
            place.show(new, item.present)
            running.run_gate(words, number, orders, place, step(stage, new), told, running.MEND)
    return new, item.formatted | changed


def _state(job: Job, standing: int) -> str:
    return f"{standing} of {job.total} batches are on {job.branch.name}" if standing else "nothing was committed"


def _step(job: Job, item: _Next, place: Linked) -> Callable[..., Step]:
    """What the commands of a batch are told: a function of the stage, and of the commit if there is one."""
    paths = place.folder / "files"
    paths.write_text("".join(f"{change.path}\n" for change in item.batch.files), encoding="utf-8", newline="\n")
    brief = f"batch {item.position}/{job.total}"
    about = f"{brief} ({item.batch.title})"
    state = _state(job, job.already + job.batches.index((item.position, item.batch)))
    environment = (
        ("REPOINT_BATCH", item.batch.id),
        ("REPOINT_POSITION", f"{item.position}/{job.total}"),
        ("REPOINT_FILES", str(paths)),
    )

    def step(stage: str, commit: str = item.tip) -> Step:
        log = f"{item.position:0{len(str(job.total))}d}-{stage}"
        return Step(log, about, brief, state, (*environment, ("REPOINT_STAGE", stage), *_on(commit)))

    return step


def _on(commit: str) -> tuple[tuple[str, str], ...]:
    return (("REPOINT_COMMIT", commit),)


def _move(job: Job, item: _Next, new: str, *, gated: bool) -> None:
    """The branch goes on by one commit.

    Since the job was found in order, hours of gates may have passed, in which somebody has switched to the branch, or
    edited what it writes.
    """
    old = item.tip if item.tip != job.parent else job.branch.tip
    checked_out = worktree.is_checked_out(job.repo, job.branch.ref)
    if gated:
        worktree.refuse_in_use(job.repo, job.branch.ref)
    if checked_out and (gated or not job.checked_out):
        worktree.refuse_dirty(job.repo, item.tip, item.batch.files)
    if checked_out:
        intents.announce(job.repo, job.branch.ref, item.tip, new)
    why = f"{history.BY_APPLY}{item.position}/{job.total} of {job.plan.name}"
    with moving.recorded(job.repo, job.branch.ref, new):
        branches.move(job.repo.git, job.branch.ref, new, old, why)


def _stamp(job: Job, position: int) -> Stamp:
    return Stamp(job.plan.name, job.digest, position, job.total)


@contextmanager
def _settled_on_error(repo: Repository) -> Iterator[None]:
    """Whatever stops the commits, Ctrl-C included, the working tree follows those that were made."""
    try:
        yield
    except BaseException:
        with suppress(RepointError, OSError):  # the reason that stopped it is the one to tell; the record stays
            follow.settle(repo)
        raise
