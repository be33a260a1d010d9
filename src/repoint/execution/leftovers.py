"""What a killed run leaves in the git directory, a half-done follow aside: takes a repository, removes it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from repoint.execution.gates import linked
from repoint.execution.repository import moving, pin
from repoint.execution.repository.git import Repository, open_repository
from repoint.execution.repository.lock import Busy, held


def clear(repo: Repository) -> None:
    """Remove a worktree of gates, locks of a cut-off move, and the ref that pins objects. The lock is held."""
    linked.clear(repo)
    moving.free(repo)
    pin.release(repo)


def clear_unless_busy(place: Path) -> None:
    """The same in the repository that holds `place`, unless a living process is at work there."""
    repo = open_repository(place)
    with suppress(Busy), held(repo.common_dir):
        clear(repo)
