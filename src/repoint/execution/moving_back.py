"""Whether a branch may be moved back: takes the commits that would go, gives the reason against it, or the new tip.

A ref that moves back loses what lies above it. That is only right for commits that are of the migration, that nobody
else has, and whose loss takes back the batches that are meant and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from repoint.execution.journal.history import Brought, Commit, Journal, fold, history, made_here
from repoint.execution.journal.trailers import Brings, Stamp, Undoes
from repoint.execution.repository.git import Git
from repoint.execution.reverting import Delta, changes_of

_LISTED = 3


@dataclass(frozen=True)
class Way:
    """The commit to move to, and why not; `problem` is empty where nothing is against it."""

    to: str
    problem: str = ""


def way_back(
    git: Git, journal: Journal, ref: str, commits: Sequence[Commit], going: Collection[Brought], migration: str
) -> Way:
    """Where the branch `ref`, of that journal, would stand without `commits`, newest first, which brought `going`."""
    earliest = commits[-1]
    if not earliest.parents:
        return Way("", "there is nothing before the first commit")
    to = earliest.parents[0]
    lost = history(git, journal.commits[-1].id, f"^{to}")
    problem = _problem(git, journal, lost, going, migration) or _amended(git, ref, lost)
    return Way(to, problem)


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


def _amended(git: Git, ref: str, lost: Sequence[Commit]) -> str:
    """The commits that hold other changes than `apply` made for their batches, where the reflog still knows those."""
    made = made_here(git, ref)
    known = {commit.id for commit in made}
    asked = [commit for commit in lost if commit.id not in known and _brings(commit)]
    if not asked:
        return ""
    deltas = changes_of(git, [*made, *asked])
    promised: dict[Stamp, set[Delta]] = {}
    for commit in made:
        for stamp in _brings(commit):
            promised.setdefault(stamp, set()).update(deltas.get(commit.id, ()))
    others = [commit for commit in asked if _holds_more(commit, deltas.get(commit.id, ()), promised)]
    return f"changes that `apply` did not make would be lost: {_few(others)}" if others else ""


def _brings(commit: Commit) -> list[Stamp]:
    return [mark.stamp for mark in commit.marks if isinstance(mark, Brings)]


def _holds_more(commit: Commit, deltas: Sequence[Delta], promised: Mapping[Stamp, set[Delta]]) -> bool:
    stamps = _brings(commit)
    own = set[Delta]().union(*(promised.get(stamp, ()) for stamp in stamps))
    return promised.keys() >= set(stamps) and not own.issuperset(deltas)


def _remotes_with(git: Git, commit: str) -> str:
    out = git.run("for-each-ref", "--count=1", "--format=%(refname)", f"--contains={commit}", "refs/remotes/")
    return out.decode("utf-8", "replace").strip().removeprefix("refs/remotes/")


def _few(found: Sequence[Commit]) -> str:
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return ", ".join(commit.short for commit in found[:_LISTED]) + more
