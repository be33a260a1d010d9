"""What all tests share: a git that knows nothing of the developer's own settings, and small repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

# At import, not in a fixture: processes that session-wide fixtures start are to see it as well.
os.environ.update(
    {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "author",
        "GIT_AUTHOR_EMAIL": "author@localhost",
        "GIT_COMMITTER_NAME": "committer",
        "GIT_COMMITTER_EMAIL": "committer@localhost",
    }
)
for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "NO_COLOR", "FORCE_COLOR", "REPOINT_TRACEBACK"):
    os.environ.pop(name, None)  # a test run from a git hook has some of them set

MakeRepo = Callable[[dict[str, bytes]], Path]


def git(repo: Path, *args: str, data: bytes = b"") -> bytes:
    """The output of a git command in `repo`; raises where it fails."""
    return subprocess.run(["git", *args], cwd=repo, input=data, capture_output=True, check=True).stdout


@pytest.fixture
def make_repo(tmp_path: Path) -> MakeRepo:
    """A function that makes a repository of one commit on `trunk` from paths and bytes."""

    def make(files: dict[str, bytes]) -> Path:
        repo = tmp_path / "repo"
        repo.mkdir()
        git(repo, "init", "-q", "-b", "trunk")
        for path, data in files.items():
            target = repo / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        git(repo, "add", "-A", "-f")
        git(repo, "commit", "-q", "--allow-empty", "-m", "base")
        return repo

    return make
