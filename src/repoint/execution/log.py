"""`log`: takes a repository and what the user named, gives the batches that were applied there. Writes nothing."""

from __future__ import annotations

from pathlib import Path

from repoint.execution.journal.history import Brought, Commit, Journal
from repoint.execution.journal.targets import resolve
from repoint.execution.repository.git import is_shallow, open_repository
from repoint.records import BranchLog, Recorded, Revision


def read_log(repo: Path, target: str | None) -> BranchLog:
    """Every batch that a commit in the history brought, oldest first. Raises UsageError for a target that is none."""
    where = open_repository(repo)
    found = resolve(where, target)
    commits = {commit.id: commit for commit in found.journal.commits}
    effects = {
        name: [b for b in (*effect.brings, *effect.takes) if found.migration in (None, b.stamp.migration)]
        for name, effect in found.journal.effects.items()
    }
    batches = tuple(
        _recorded(brought, commits[name], found.journal)
        for name, about in effects.items()
        for brought in about
        if brought.commit == name
    )
    revisions = tuple(Revision(name, commits[name].subject) for name, about in effects.items() if about)
    return BranchLog(found.name, found.tip, batches, revisions, is_shallow(where.git))


def _recorded(brought: Brought, commit: Commit, journal: Journal) -> Recorded:
    stamp = brought.stamp
    by = journal.standing.get(brought)
    return Recorded(
        migration=stamp.migration,
        plan=stamp.plan,
        position=stamp.position,
        total=stamp.total,
        commit=commit.id,
        date=commit.date,
        author=commit.author,
        subject=commit.subject,
        state="taken back" if by is None else "applied" if by == commit.id else "applied again",
        by=journal.taken[brought] if by is None else "" if by == commit.id else by,
    )
