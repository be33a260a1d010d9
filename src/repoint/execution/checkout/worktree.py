"""The user's working tree: takes paths, tells which of them hold something that must not be overwritten.

Every look goes through a copy of the index, so that git's own notion of a change (filters, line ends, sparse
checkouts) decides, and the user's index is not touched by looking.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from repoint.errors import Refused
from repoint.execution.checkout import obstacles
from repoint.execution.repository.commits import Entry, set_entries
from repoint.execution.repository.git import GitFailed, Repository, listed, names
from repoint.model import FileChange

_IN_PROGRESS = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "sequencer": "a cherry-pick or a revert of several commits",
    "rebase-merge": "a rebase",
    "rebase-apply/applying": "git am",
    "rebase-apply": "a rebase",
}
_PATIENCE = 2.0  # seconds; an editor that runs `git status` now and then holds the lock for less
# A path may hold any character, line ends among them.
_WORKTREE = re.compile(r"^worktree (.*?)\n(?:HEAD [0-9a-f]+|bare)$(.*?)(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)


class _Worktree(NamedTuple):
    """One of the repository's working trees: what git tells of it beside its path, line by line."""

    place: Path
    told: frozenset[str]
    is_main: bool


def is_checked_out(repo: Repository, ref: str) -> bool:
    """True where the working tree of `repo` stands on the branch."""
    return not repo.bare and repo.git.ask("symbolic-ref", "-q", "HEAD") == ref


def refuse_in_use(repo: Repository, ref: str) -> None:
    """Raises Refused where another worktree stands on the branch, or where a rebase is rewriting it."""
    for other in _worktrees(repo):
        if f"branch {ref}" in other.told and not _is_own(repo, other):
            what, mend = _held(other)
            raise Refused(f"the branch is checked out in another worktree, {what}", where=ref, mend=mend)
    for record in _rebases(repo):
        lines = record.read_text(encoding="utf-8", errors="replace").splitlines()
        if ref in lines:
            raise Refused("a rebase of the branch is going on", where=str(record.parent), mend="finish it first")


def _worktrees(repo: Repository) -> Iterator[_Worktree]:
    listed = os.fsdecode(repo.git.run("worktree", "list", "--porcelain"))
    for number, found in enumerate(_WORKTREE.finditer(listed)):
        yield _Worktree(Path(found[1]), frozenset(found[2].splitlines()), is_main=not number)


def _is_own(repo: Repository, other: _Worktree) -> bool:
    """git names the main one by the git directory where that lies elsewhere, as a submodule's does."""
    if other.is_main:
        return repo.git_dir == repo.common_dir
    return repo.top is not None and other.place.exists() and other.place.samefile(repo.top)


def _held(other: _Worktree) -> tuple[str, str]:
    if other.place.exists():
        return str(other.place), f"say --repo {other.place}, or switch it to another branch"
    if any(line.partition(" ")[0] == "locked" for line in other.told):
        return f"{other.place}, which is locked and away", f"bring it back, or `git worktree unlock {other.place}`"
    return f"{other.place}, which is gone", "`git worktree prune`"


def _rebases(repo: Repository) -> Iterator[Path]:
    """The records of rebases under way: the branch that is rewritten, and those that are to follow it."""
    for git_dir in (repo.common_dir, *repo.common_dir.glob("worktrees/*")):
        yield from git_dir.glob("rebase-*/head-name")
        yield from git_dir.glob("rebase-merge/update-refs")


def refuse_dirty(repo: Repository, tip: str, changes: Sequence[FileChange]) -> None:
    """Raises Refused where working tree or index hold something of the user's that the plan writes.

    So does work that is under way in the working tree, and a filter that fails, which would stop git half-way.
    """
    for name, what in _IN_PROGRESS.items():
        if _is_there(repo, name):
            raise Refused(f"{what} is going on", where=str(repo.top), mend="finish or abort it first")
    _wait_for(lock_of(repo))
    paths = {change.path for change in changes}
    staged = names(repo.git.run("diff-index", "--cached", "--name-only", "--no-renames", "-z", tip))
    differing_now = changed(repo)
    if unmerged := {path for path, state in differing_now.items() if state == "U"}:
        raise Refused(
            f"files that are not merged: {listed(unmerged)}",
            where=str(repo.top),
            mend="resolve them and `git add` them, or work on a branch that is not checked out",
        )
    if dirty := paths & {*staged, *differing_now}:
        raise Refused(
            f"uncommitted changes where repoint writes: {listed(dirty)}",
            where=str(repo.top),
            mend="commit or stash them, or work on a branch that is not checked out",
        )
    obstacles.refuse(repo, changes)
    _refuse_broken_filters(repo, [change.path for change in changes if change.before is not None])


def _is_there(repo: Repository, name: str) -> bool:
    """Whether git's note of work under way stands; in a reftable, some of those are refs and no files."""
    if (repo.git_dir / name).exists():
        return True
    in_reftable = name.endswith("_HEAD") and (repo.common_dir / "reftable").is_dir()
    return in_reftable and repo.git.ask("rev-parse", "--verify", "--quiet", name) is not None


def changed(repo: Repository) -> dict[str, str]:
    """The tracked files that are not as the index has them, by git's own notion, each with git's letter for it."""
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = copy_index(repo, Path(folder))
        refresh(repo, index)
        told = names(repo.git.run("diff-files", "--name-status", "-z", index=index))
    found: dict[str, str] = {}
    for state, path in zip(told[0::2], told[1::2], strict=True):
        found.setdefault(path, state)  # of a file that is not merged, git tells that first
    return found


def _refuse_broken_filters(repo: Repository, paths: list[str]) -> None:
    """Raises Refused where a filter that these files have does not do its work, there and back, on one of them."""
    given = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
    told = names(repo.git.run("check-attr", "-z", "--stdin", "filter", stdin=given))
    samples = {name: path for path, name in zip(told[0::3], told[2::3], strict=True) if name != "unspecified"}
    if not samples:
        return
    given = "".join(f"{path}\n" for path in samples.values()).encode("utf-8", "surrogateescape")
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = copy_index(repo, Path(folder))
        try:
            repo.git.run("hash-object", "--stdin-paths", stdin=given)
            repo.git.run("checkout-index", "-q", f"--prefix={folder}/", "--stdin", stdin=given, index=index)
        except GitFailed as error:
            (problem,) = error.problems
            what = f"the working tree could not follow: {problem.what}"
            raise Refused(what, where=problem.where, mend=problem.mend) from error


def refuse_unfollowable(repo: Repository, old: str, new_tree: str) -> None:
    """Raises Refused where git itself would not bring the working tree from `old` to `new_tree`."""
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = copy_index(repo, Path(folder))
        refresh(repo, index)
        try:
            repo.git.run("read-tree", "-m", "-u", "-n", old, new_tree, index=index)
        except GitFailed as error:
            raise Refused(
                f"the working tree cannot follow: {error.problems[0].what}",
                where=str(repo.top),
                mend="mend that, or work on a branch that is not checked out",
            ) from error


def copy_index(repo: Repository, folder: Path) -> Path:
    """A copy of the user's index, of the same time: by it git knows files that changed just after it."""
    index, copy = index_of(repo), folder / "index"
    copy.unlink(missing_ok=True)
    if index.exists():
        shutil.copy2(index, copy)
    return copy


def index_of(repo: Repository) -> Path:
    """The index of the working tree."""
    return repo.git_dir / "index"


def refresh(repo: Repository, index: Path) -> None:
    """Make the index look at the files again: a file that was only touched is no change."""
    repo.git.run("update-index", "-q", "--refresh", index=index, ok=(0, 1))


def differing(repo: Repository, entries: dict[str, Entry | None]) -> set[str]:
    """The paths where the working tree holds something else than these entries (None: than nothing)."""
    if not entries:
        return set()
    assert repo.top
    present = {path: entry for path, entry in entries.items() if entry}
    away = {path for path, entry in entries.items() if not entry and os.path.lexists(repo.top / path)}
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = Path(folder, "index")
        id_length = max((len(entry.blob) for entry in present.values()), default=0)
        set_entries(repo.git, index, dict(present), id_length=id_length)
        refresh(repo, index)
        return away | set(names(repo.git.run("diff-files", "--name-only", "-z", index=index)))


@contextmanager
def index_held(repo: Repository, token: str) -> Iterator[None]:
    """Keep every other git away from the index for the block, as git does itself: by `index.lock`.

    The lock holds `token`, so that one left by a kill is known again. Raises Refused where it is taken.
    """
    lock = lock_of(repo)
    _take(lock, token)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def lock_of(repo: Repository) -> Path:
    """git's own lock of the index."""
    index = index_of(repo)
    return index.with_name(f"{index.name}.lock")


def _take(lock: Path, token: str) -> None:
    _wait_for(lock)
    try:
        file = lock.open("xb")
    except FileExistsError as error:
        raise _busy(lock) from error
    try:
        with file:
            file.write(token.encode("ascii"))
    except OSError:  # a full disk must not leave a lock that nobody knows again
        lock.unlink()
        raise


def _wait_for(lock: Path) -> None:
    """Raises Refused where another git keeps the lock."""
    patient_until = time.monotonic() + _PATIENCE
    while lock.exists():
        if time.monotonic() > patient_until:
            raise _busy(lock)
        time.sleep(0.02)


def _busy(lock: Path) -> Refused:
    return Refused(
        "another git process is at work in the working tree",
        where=str(lock),
        mend="let it finish (or remove the file, if it crashed), then run the same command again",
    )
