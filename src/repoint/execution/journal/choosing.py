"""Which batches go: takes what stands on a branch and what the user said, gives commits to take back, newest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from repoint.errors import Refused, UsageError
from repoint.execution.journal.history import Brought, Commit
from repoint.execution.journal.targets import Target
from repoint.execution.repository.git import listed

_BATCH = re.compile(r"(?P<position>[1-9][0-9]{0,8})(?:/(?P<total>[0-9]{1,9}))?")
_COMMIT = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True)
class Chosen:
    """The commits by which the batches stand that go, newest first, each with its batches."""

    migration: str
    items: tuple[tuple[Commit, tuple[Brought, ...]], ...]

    @property
    def commits(self) -> tuple[Commit, ...]:
        return tuple(commit for commit, _ in self.items)

    @property
    def batches(self) -> tuple[Brought, ...]:
        return tuple(brought for _, held in self.items for brought in held)


def choose(target: Target, *, to: str | None, every: bool) -> Chosen:
    """The last batch that stands, or `every` one, or all that came to stand after the batch `to`.

    Raises UsageError where it is not clear which batches are meant, Refused where a commit holds others as well.
    """
    migration = _migration(target)
    if migration is None:
        return Chosen("", ())
    order = {commit.id: at for at, commit in enumerate(target.journal.commits)}
    commits = {commit.id: commit for commit in target.journal.commits}
    stands = sorted(target.journal.standing.items(), key=lambda item: order[item[1]])
    ours = [(brought, by) for brought, by in stands if brought.stamp.migration == migration]
    if every or not ours:
        going = ours
    elif to is None:
        going = ours[-1:]
    else:
        going = ours[_place(to, ours, target.name) + 1 :]
    names = sorted({by for _, by in going}, key=lambda name: -order[name])
    held = {name: tuple(brought for brought, by in stands if by == name) for name in names}
    _refuse_squashed(held, {brought for brought, _ in going})
    for name in names:
        _refuse_mixed(commits[name], held[name], target.journal.effects[name].takes)
    return Chosen(migration, tuple((commits[name], held[name]) for name in names))


def _migration(target: Target) -> str | None:
    """The migration that is meant: the named one, the branch's own, or the only one."""
    if target.migration is not None:
        return target.migration
    found = {brought.stamp.migration for brought in target.journal.standing}
    own = target.branch.removeprefix("repoint/")
    if own in found:
        return own
    if len(found) > 1:
        raise UsageError(
            f"holds batches of several migrations: {listed(found)}",
            where=target.name,
            mend=f"name one of them, with --branch {target.name}",
        )
    return next(iter(found), None)


def _place(to: str, ours: Sequence[tuple[Brought, str]], branch: str) -> int:
    """Where the batch that is to stay stands: named by its number, or by its commit."""
    found: list[int] = []
    if batch := _BATCH.fullmatch(to):
        position, total = int(batch["position"]), batch["total"]
        for at, (brought, _) in enumerate(ours):
            if brought.stamp.position == position and total in (None, str(brought.stamp.total)):
                found.append(at)
    if not found and _COMMIT.fullmatch(to):
        found = [at for at, (brought, by) in enumerate(ours) if by.startswith(to) or brought.commit.startswith(to)]
        found = found[-1:] if len({ours[at][1] for at in found}) == 1 else found
    match found:
        case [only]:
            return only
        case []:
            raise UsageError(
                f"no batch {to!r} stands", where=branch, mend="name one that `repoint log` shows as applied"
            )
    which = ", ".join(f"{ours[at][0].stamp.label} in {ours[at][1][:10]}" for at in found)
    raise UsageError(f"{to} may be {which}", where=branch, mend="name the batch by its commit")


def _refuse_mixed(commit: Commit, goes: Sequence[Brought], takes: Sequence[Brought]) -> None:
    if takes:
        raise Refused(
            f"one commit brings batch {_labels(goes)}, which is to go, and takes {_labels(takes)} back,"
            " which would stand again",
            where=commit.id[:10],
            mend="revert it by hand, then run the same command again",
        )


def _labels(found: Sequence[Brought]) -> str:
    return ", ".join(brought.stamp.label for brought in found)


def _refuse_squashed(held: dict[str, tuple[Brought, ...]], going: set[Brought]) -> None:
    for name, all_of_it in held.items():
        if stays := [brought for brought in all_of_it if brought not in going]:
            goes = [brought for brought in all_of_it if brought in going]
            raise Refused(
                f"one commit holds batch {_labels(goes)}, which is to go, and {_labels(stays)}, which is to stay",
                where=name[:10],
                mend="say --all, or name by --to a batch of another commit",
            )
