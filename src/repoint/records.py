"""What a branch's trailers tell of migrations: the values that `log` and `rollback` give to be shown."""

from __future__ import annotations

from typing import Literal

from repoint.model import Frozen


class Recorded(Frozen, frozen=True):
    """A batch as one commit brought it: `position` of `total` in the plan of that digest; `date` is ISO 8601.

    `by` is the commit that took it back, or that brought it back after that; empty where it is simply applied.
    """

    migration: str
    plan: str
    position: int
    total: int
    commit: str
    date: str
    author: str
    subject: str
    state: Literal["applied", "taken back", "applied again"]
    by: str = ""


class Revision(Frozen, frozen=True):
    """A commit that is only about a migration: `git blame` may look through it."""

    commit: str
    subject: str


class BranchLog(Frozen, frozen=True):
    """What was applied on a branch (or on a commit), oldest first, and every commit that did it or took it back.

    In a shallow clone the history is `cut`: there may have been more.
    """

    branch: str
    tip: str
    batches: tuple[Recorded, ...]
    revisions: tuple[Revision, ...]
    cut: bool = False


class TakenBack(Frozen, frozen=True):
    """A commit that was taken back, with its batches (`3/12`), and the commit that reverts it; empty if none does."""

    commit: str
    subject: str
    batches: tuple[str, ...]
    revert: str = ""


class Rollback(Frozen, frozen=True):
    """What `rollback` did, newest first: the branch went from commit `old` to `new`; both are one where it did nothing.

    `planned` is set by a dry run, which does nothing; `notes` are lines that the user should read.
    """

    branch: str
    old: str
    new: str
    moved_back: bool
    taken: tuple[TakenBack, ...]
    followed: bool = False
    planned: bool = False
    notes: tuple[str, ...] = ()
