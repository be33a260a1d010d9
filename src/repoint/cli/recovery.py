"""Takes a repository, finishes what an interrupted `apply` left half done, gives a line that says so."""

from __future__ import annotations

import os
from pathlib import Path

_LONGEST = 64 * 1024  # bytes of a `.git` file: more than any path has


def recover_if_interrupted(repo: Path) -> str | None:
    """Finish or take back an interrupted follow of the working tree, and remove what else it left in the git directory.

    Gives a line to print of the former; None where there was none.

    Whether there is one is told from the file system, so that the usual case starts no git process.
    """
    from repoint.execution import places

    try:
        own = _git_dir(repo.resolve())
        shared = _common_dir(own)
        is_left = places.are_left(shared)
        if not is_left and not (own / "repoint" / "follow.json").exists():
            return None
    except (OSError, ValueError):  # a `.git` that cannot be read, or names no path: git will say so
        return None
    from repoint.execution.checkout.follow import recover

    if is_left:
        from repoint.execution import leftovers

        leftovers.clear_unless_busy(repo)
    return recover(repo)


def _common_dir(git_dir: Path) -> Path:
    """The directory that all worktrees share (gitrepository-layout(5), `commondir`)."""
    place = git_dir / "commondir"
    return git_dir / os.fsdecode(place.read_bytes()).strip() if place.is_file() else git_dir


def _git_dir(repo: Path) -> Path:
    """The git directory of this working tree: `.git`, or what that file names in a linked worktree."""
    for folder in (repo, *repo.parents):
        dot_git = folder / ".git"
        if dot_git.is_dir():
            return dot_git
        if dot_git.is_file():
            with dot_git.open("rb") as file:
                return folder / os.fsdecode(file.read(_LONGEST).removeprefix(b"gitdir:").strip(b" \r\n"))
    return repo  # bare, or no repository: git will say which
