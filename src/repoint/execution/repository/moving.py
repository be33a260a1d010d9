"""The locks that git leaves when it is killed while it moves our branch: a record of the move tells them from others'.

git names a lock of a ref `REF.lock`, and writes the new id into it (gitrepository-layout(5), lockfile API).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repoint.execution import places
from repoint.execution.repository.git import Repository
from repoint.execution.repository.lock import shared_folder

_PATIENCE = 0.2  # seconds; a living git writes the id at once


@contextmanager
def recorded(repo: Repository, ref: str, new: str) -> Iterator[None]:
    """For the block, a record says that `ref` is being moved to `new`. The repository's lock is held."""
    record(repo, ref, new)
    try:
        yield
    finally:
        free(repo)


def record(repo: Repository, ref: str, new: str) -> None:
    """Say that `ref` is about to be moved to `new`."""
    there = places.moving(repo.common_dir)
    shared_folder(there.parent)
    others = [str(lock) for lock in _locks(repo, ref) if lock.exists()]  # git will not get past these
    there.write_text(json.dumps([ref, new, others]), encoding="utf-8")


def free(repo: Repository) -> None:
    """Remove the locks of a move that was recorded and cut off, and the record. The repository's lock is held."""
    there = places.moving(repo.common_dir)
    try:
        ref, new, others = json.loads(there.read_bytes())
    except FileNotFoundError:
        return
    except (ValueError, TypeError):
        ref, new, others = "", "", ()  # cut off while it was written: nothing was moved yet
    if isinstance(ref, str) and ref.startswith("refs/heads/") and ".." not in ref:
        for lock in _locks(repo, ref):
            if str(lock) not in others and _is_left(lock, str(new)):
                lock.unlink(missing_ok=True)
    there.unlink(missing_ok=True)


def _locks(repo: Repository, ref: str) -> tuple[Path, Path]:
    """Those that git takes to move a branch: its own, and that of HEAD if that stands on it."""
    return repo.common_dir / f"{ref}.lock", repo.git_dir / "HEAD.lock"


def _is_left(lock: Path, new: str) -> bool:
    """True for a lock that holds our new id, and for one that holds nothing, and goes on to hold nothing."""
    try:
        before = (lock.read_bytes().strip(), lock.stat().st_ino)
        if before[0] == b"":
            time.sleep(_PATIENCE)
        after = (lock.read_bytes().strip(), lock.stat().st_ino)
    except FileNotFoundError:
        return False
    return before == after and before[0] in (b"", new.encode("ascii", "replace"))
