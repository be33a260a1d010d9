"""Whether a branch may be moved back: takes the commits that would go, gives the reason against it, or the new tip.

A ref that moves back loses what lies above it. That is only right for commits that are of the migration, that nobody
else has, and whose loss takes back the batches that are meant and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from repoint.execution.journal.history import Brought, Commit, Journal, fold, history
from repoint.execution.journal.trailers import Undoes
from repoint.execution.repository.git import Git

_LISTED = 3


@dataclass(frozen=True)
class Way:
    """The commit to move to, and why not; `problem` is empty where nothing is against it."""

    to: str
    problem: str = ""


def way_back(
    git: Git, journal: Journal, tip: str, commits: Sequence[Commit], going: Collection[Brought], migration: str
) -> Way:
    """Where the branch would stand without `commits`, newest first, by which the `going` batches stand."""
    earliest = commits[-1]
    if not earliest.parents:
        return Way("", "there is nothing before the first commit")
    to = earliest.parents[0]
    lost = history(git, tip, f"^{to}")
    return Way(to, _problem(git, journal, lost, going, migration))


def _problem(git: Git, journal: Journal, lost: Sequence[Commit], going: Collection[Brought], migration: str) -> str:
    if merges := [commit for commit in lost if len(commit.parents) > 1]:
        return f"commits came in by a merge: {_few(merges)}"
    if others := [commit for commit in lost if not _is_own(commit, migration)]:
        return f"commits of others would be lost: {_few(others)}"
    if remotes := _remotes_with(git, lost[0].id):
        return f"the commits were pushed: {remotes} has them"
    gone = {commit.id for commit in lost}
    left = fold(commit for commit in journal.commits if commit.id not in gone).standing.keys()
    back = left - (journal.standing.keys() - set(going))
    if back:
        labels = ", ".join(sorted(brought.stamp.label for brought in back)[:_LISTED])
        return f"batches that were taken back would stand again: {labels}"
    return ""


def _is_own(commit: Commit, migration: str) -> bool:
    """True for what `apply` and `rollback` made of the migration; a revert by hand is somebody's work."""
    stamps = [mark.stamp for mark in commit.marks if not isinstance(mark, Undoes)]
    return bool(stamps) and all(stamp.migration == migration for stamp in stamps)


def _remotes_with(git: Git, commit: str) -> str:
    out = git.run("for-each-ref", "--count=1", "--format=%(refname)", f"--contains={commit}", "refs/remotes/")
    return out.decode("utf-8", "replace").strip().removeprefix("refs/remotes/")


def _few(found: Sequence[Commit]) -> str:
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return ", ".join(commit.short for commit in found[:_LISTED]) + more
