"""One `apply` at a time: takes a git directory, holds a lock there that the system frees when we die."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from repoint.errors import Refused

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _free(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _free(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


def shared_folder(path: Path) -> None:
    """Make a folder in git's directory, with the permissions that this has (core.sharedRepository)."""
    if not path.is_dir():
        path.mkdir(exist_ok=True)
        path.chmod(path.parent.stat().st_mode & 0o7777)


class Busy(Refused):
    """Another repoint writes to the repository."""


@contextmanager
def held(common_dir: Path) -> Iterator[None]:
    """Hold the lock of the repository for the block. Raises Busy where another process holds it."""
    path = common_dir / "repoint" / "lock"
    try:
        shared_folder(path.parent)
        file = path.open("ab")
        if path.stat().st_mode & 0o060 != common_dir.stat().st_mode & 0o060:
            with suppress(PermissionError):  # it is another user's
                path.chmod(path.stat().st_mode | common_dir.stat().st_mode & 0o060)
    except OSError as error:
        raise Refused(f"cannot be written: {error.strerror}", where=str(path), mend="mend its permissions") from error
    with file:
        try:
            _take(file)
        except (BlockingIOError, PermissionError) as error:
            raise Busy(
                "another repoint is at work in this repository",
                where=str(common_dir),
                mend="wait for it, then run the same command again",
            ) from error
        except OSError as error:
            raise Refused(
                f"its file system gives no locks: {error.strerror}",
                where=str(path),
                mend="work on a local clone",
            ) from error
        try:
            yield
        finally:
            _free(file)
