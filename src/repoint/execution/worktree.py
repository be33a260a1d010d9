"""The user's working tree: takes paths, tells which of them hold something that must not be overwritten.

Every look goes through a copy of the index, so that git's own notion of a change (filters, line ends, sparse
checkouts) decides, and the user's index is not touched by looking.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from repoint.errors import Refused
from repoint.execution.commits import Entry, set_entries
from repoint.execution.git import GitFailed, Repository, listed, names
from repoint.model import FileChange
from repoint.planning.plan_file import folders_of

_IN_PROGRESS = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}
_PATIENCE = 2.0  # seconds; an editor that runs `git status` now and then holds the lock for less


def is_checked_out(repo: Repository, ref: str) -> bool:
    """True where the working tree of `repo` stands on the branch."""
    return not repo.bare and repo.git.ask("symbolic-ref", "-q", "HEAD") == ref


def refuse_in_use(repo: Repository, ref: str) -> None:
    """Raises Refused where another worktree stands on the branch, or where a rebase is rewriting it."""
    place = Path()
    for line in os.fsdecode(repo.git.run("worktree", "list", "--porcelain")).splitlines():
        if line.startswith("worktree "):
            place = Path(line.removeprefix("worktree "))
        elif line == f"branch {ref}" and not _is_same(place, repo.top):
            raise Refused(
                f"the branch is checked out in another worktree, {place}",
                where=ref,
                mend=f"say --repo {place}, or switch it to another branch",
            )
    for head_name in _rebases(repo):
        if head_name.read_text(encoding="utf-8", errors="replace").strip() == ref:
            raise Refused("a rebase of the branch is going on", where=str(head_name.parent), mend="finish it first")


def _is_same(place: Path, top: Path | None) -> bool:
    return top is not None and place.exists() and place.samefile(top)


def _rebases(repo: Repository) -> Iterator[Path]:
    for git_dir in (repo.common_dir, *repo.common_dir.glob("worktrees/*")):
        yield from git_dir.glob("rebase-*/head-name")


def refuse_dirty(repo: Repository, tip: str, changes: Sequence[FileChange]) -> None:
    """Raises Refused where working tree or index hold something of the user's that the plan writes."""
    for name, what in _IN_PROGRESS.items():
        if (repo.git_dir / name).exists():
            raise Refused(f"a {what} is going on", where=str(repo.top), mend="finish or abort it first")
    paths = {change.path for change in changes}
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = copy_index(repo, Path(folder))
        refresh(repo, index)
        staged = names(repo.git.run("diff-index", "--cached", "--name-only", "--no-renames", "-z", tip, index=index))
        changed = names(repo.git.run("diff-files", "--name-only", "-z", index=index))
    if dirty := paths & {*staged, *changed}:
        raise Refused(
            f"uncommitted changes where the plan writes: {listed(dirty)}",
            where=str(repo.top),
            mend="commit or stash them, or apply to a branch that is not checked out",
        )
    if obstacles := set(_obstacles(repo, changes)):
        raise Refused(
            f"untracked files where the plan writes: {listed(obstacles)}",
            where=str(repo.top),
            mend="move them away",
        )


def _obstacles(repo: Repository, changes: Sequence[FileChange]) -> Iterator[str]:
    """What stands where a new file is to come: the path itself, or a file or link in place of a folder."""
    assert repo.top
    for change in changes:
        if change.before is not None:
            continue
        if os.path.lexists(repo.top / change.path):
            yield change.path
        for folder in folders_of(change.path):
            place = repo.top / folder
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                yield folder


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
                mend="mend that, or apply to a branch that is not checked out",
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
    return repo.git.folder / (repo.git.ask("rev-parse", "--git-path", "index") or "")


def refresh(repo: Repository, index: Path) -> None:
    """Make the index look at the files again: a file that was only touched is no change."""
    repo.git.run("update-index", "-q", "--refresh", index=index, ok=(0, 1))


def differing(repo: Repository, entries: dict[str, Entry | None]) -> set[str]:
    """The paths where the working tree holds something else than these entries (None: than nothing)."""
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
    patient_until = time.monotonic() + _PATIENCE
    while lock.exists() and time.monotonic() < patient_until:
        time.sleep(0.02)
    try:
        file = lock.open("xb")
    except FileExistsError as error:
        raise Refused(
            "another git process is at work in the working tree",
            where=str(lock),
            mend="let it finish (or remove the file, if it crashed), then run the same command again",
        ) from error
    try:
        with file:
            file.write(token.encode("ascii"))
    except OSError:  # a full disk must not leave a lock that nobody knows again
        lock.unlink()
        raise
