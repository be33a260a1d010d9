"""The record of a working tree that is to follow its branch: takes an `Intent`, keeps it."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Annotated

import msgspec

from repoint.errors import Refused
from repoint.execution.repository.git import Repository
from repoint.execution.repository.lock import shared_folder

MAX_BYTES = 16 * 1024 * 1024  # 70 for each batch

# What is read from the record becomes arguments of git: nothing may pass for an option.
_Ref = Annotated[str, msgspec.Meta(pattern=r"\Arefs/heads/[^\x00-\x20]+\Z")]
_Commit = Annotated[str, msgspec.Meta(pattern=r"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")]
_Token = Annotated[str, msgspec.Meta(pattern=r"\Arepoint [0-9a-f]{32}\Z")]


class Intent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The working tree stands at `old`; the branch `ref` is to move to each of `targets` in turn.

    Until `started`, every difference in the working tree is the user's. `token` marks our lock of the index.
    """

    ref: _Ref
    old: _Commit
    targets: Annotated[tuple[_Commit, ...], msgspec.Meta(min_length=1)]
    started: bool
    token: _Token

    def begun(self) -> Intent:
        """The same, from the moment on that files are written."""
        return msgspec.structs.replace(self, started=True)


def home(repo: Repository) -> Path:
    """Our folder in the git directory of the working tree."""
    return repo.git_dir / "repoint"


def is_pending(repo: Repository) -> bool:
    """True where a record stands."""
    return _record(repo).exists()


def announce(repo: Repository, ref: str, old: str, target: str) -> None:
    """Record durably that the working tree is to follow the branch from `old` to `target`, before it moves there.

    Where it has not followed yet to where it was to go before, it still stands where it stood then.
    """
    earlier = read(repo)
    old, targets = (earlier.old, (*earlier.targets, target)) if earlier else (old, (target,))
    write(repo, Intent(ref, old, targets, started=False, token=f"repoint {uuid.uuid4().hex}"))


def read(repo: Repository) -> Intent | None:
    """The record, or None. Raises Refused where it cannot be read."""
    record = _record(repo)
    try:
        with record.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_BYTES), type=Intent)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, ValueError, OSError) as error:
        raise Refused(
            "is no readable record of an interrupted run",
            where=str(record),
            mend="look at `git status`, then remove it",
        ) from error


def write(repo: Repository, intent: Intent) -> None:
    """Whole or not at all, and on the disk before anything that relies on it."""
    record = _record(repo)
    shared_folder(record.parent)
    draft = record.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(intent))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(record)
    if os.name == "posix":  # Windows cannot open a folder
        folder = os.open(record.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def forget(repo: Repository) -> None:
    """Remove the record and what a killed follow may have left beside it."""
    _record(repo).unlink(missing_ok=True)
    for name in ("index", "index.lock", "follow.new"):
        (home(repo) / name).unlink(missing_ok=True)


def _record(repo: Repository) -> Path:
    return home(repo) / "follow.json"
