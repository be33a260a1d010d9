"""Whether an interrupted apply is looked for costs nothing where there is none."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from repoint.cli.recovery import recover_if_interrupted
from tests.conftest import MakeRepo, git


@pytest.fixture
def recovered(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The repositories that were handed on to be recovered."""
    asked: list[Path] = []
    module = ModuleType("repoint.execution.checkout.follow")

    def recover(repo: Path) -> str | None:
        asked.append(repo)
        return "finished"

    module.__dict__["recover"] = recover
    monkeypatch.setitem(sys.modules, "repoint.execution.checkout.follow", module)
    return asked


def interrupt(git_dir: Path) -> None:
    (git_dir / "repoint").mkdir()
    (git_dir / "repoint" / "follow.json").write_text("{}")


def test_nothing_is_asked_of_a_clean_repository(make_repo: MakeRepo, recovered: list[Path]) -> None:
    assert recover_if_interrupted(make_repo({})) is None
    assert recovered == []


def test_nothing_is_asked_outside_of_repositories(tmp_path: Path, recovered: list[Path]) -> None:
    assert recover_if_interrupted(tmp_path) is None
    assert recovered == []


@pytest.mark.parametrize("inner", ["", "pkg/deep"])
def test_an_interrupted_follow_is_handed_on(make_repo: MakeRepo, recovered: list[Path], inner: str) -> None:
    repo = make_repo({"pkg/deep/a.py": b""})
    interrupt(repo / ".git")
    assert recover_if_interrupted(repo / inner) == "finished"
    assert recovered == [repo / inner]


def test_a_linked_worktree_has_a_record_of_its_own(make_repo: MakeRepo, recovered: list[Path], tmp_path: Path) -> None:
    repo = make_repo({})
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "--detach", str(linked))
    interrupt(repo / ".git" / "worktrees" / "linked")
    assert recover_if_interrupted(repo) is None
    assert recover_if_interrupted(linked) == "finished"


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"gitdir: \0", b"gitdir: " + b"x/" * 1_000_000, b"gitdir: ../nowhere\n", b"\n" * 100_000]
)
def test_a_git_file_that_names_nothing(tmp_path: Path, recovered: list[Path], data: bytes) -> None:
    (tmp_path / ".git").write_bytes(data)
    assert recover_if_interrupted(tmp_path) is None
    assert recovered == []
