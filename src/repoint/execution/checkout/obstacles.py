"""What keeps a plan's files from the working tree: takes changes and a repository, gives a refusal that names it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from repoint.errors import Refused
from repoint.execution.repository.git import Repository, listed
from repoint.model import FileChange
from repoint.planning.paths import folders_of


def refuse(repo: Repository, changes: Sequence[FileChange]) -> None:
    """Raises Refused where something that git does not track is in the way of a new file, or a folder is read-only."""
    added = [change.path for change in changes if change.before is None]
    if untracked := set(_untracked(repo, added)):
        raise Refused(
            f"untracked files where repoint writes: {listed(untracked)}",
            where=str(repo.top),
            mend="move them away",
        )
    if nested := set(_nested(repo, added)):
        raise Refused(
            f"another repository where repoint writes: {listed(nested)}",
            where=str(repo.top),
            mend="move it away",
        )
    if closed := {str(place) for change in changes if not _may_write(place := _home(repo, change.path))}:
        raise Refused(f"folders that may not be written: {listed(closed)}", mend="mend their permissions")


def _untracked(repo: Repository, added: Sequence[str]) -> Iterator[str]:
    """The path itself, or a file or link in place of a folder."""
    assert repo.top
    for path in added:
        if os.path.lexists(repo.top / path):
            yield path
        for folder in folders_of(path):
            place = repo.top / folder
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                yield folder


def _nested(repo: Repository, added: Sequence[str]) -> Iterator[str]:
    """Folders that are repositories of their own: git would write into them."""
    assert repo.top
    for path in added:
        yield from (folder for folder in folders_of(path) if os.path.lexists(repo.top / folder / ".git"))


def _home(repo: Repository, path: str) -> Path:
    """The folder that the file lies in, or is to be made in."""
    assert repo.top
    return next(folder for folder in (repo.top / path).parents if folder.is_dir())


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)
