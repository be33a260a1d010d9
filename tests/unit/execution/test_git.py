"""The git runner: bytes in, bytes out, and git's own reason in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from repoint.errors import Exit, UsageError
from repoint.execution.repository.git import Git, GitFailed, listed, open_repository
from tests.conftest import MakeRepo, git


def test_bytes_pass_unchanged(make_repo: MakeRepo) -> None:
    repo, data = make_repo({}), b"\xff\r\n\0 \n\n"
    blob = Git(repo).run("hash-object", "-w", "--stdin", stdin=data).decode().strip()
    assert Git(repo).run("cat-file", "blob", blob) == data


def test_no_answer_is_none(make_repo: MakeRepo) -> None:
    repo = Git(make_repo({}))
    assert repo.ask("config", "--get", "no.such") is None
    assert repo.ask("rev-parse", "--verify", "--quiet", "0" * 40 + "^{commit}") is None
    assert repo.ask("symbolic-ref", "HEAD") == "refs/heads/trunk"


def test_failure_is_git_s_own_line(make_repo: MakeRepo) -> None:
    with pytest.raises(GitFailed, match=r"git cat-file: Not a valid object name nowhere$") as caught:
        Git(make_repo({})).run("-c", "a.b=c", "cat-file", "blob", "nowhere")
    assert caught.value.exit_code is Exit.REFUSED


def test_arguments_never_reach_a_shell(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    assert Git(repo).run("rev-parse", "--sq-quote", "$(touch x); `touch y`").count(b"touch") == 2
    assert not (repo / "x").exists() and not (repo / "y").exists()


def test_another_index(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": b""})
    Git(repo).run("read-tree", "--empty", index=tmp_path / "index")
    assert Git(repo).run("ls-files", index=tmp_path / "index") == b""
    assert git(repo, "ls-files") == b"a.py\n"


def test_places_of_a_linked_worktree(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a/b.py": b""})
    git(repo, "worktree", "add", "-q", str(tmp_path / "side"))
    found = open_repository(tmp_path / "side" / "a")
    assert (found.top, found.bare) == (tmp_path / "side", False)
    assert (found.git_dir, found.common_dir) == (repo / ".git/worktrees/side", repo / ".git")


def test_a_git_directory_is_no_working_tree(make_repo: MakeRepo) -> None:
    with pytest.raises(UsageError, match="must be run in a work tree; name the working tree"):
        open_repository(make_repo({}) / ".git")


def test_without_git(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repo = make_repo({})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="the git program was not found; install git"):
        Git(repo).run("version")
    script = "import pathlib, sys; from repoint.execution.repository.git import Git; Git(pathlib.Path()).run('version')"
    fresh = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert b"UsageError: the git program was not found" in fresh.stderr


def test_importing_execution_does_not_import_gitpython() -> None:
    script = "import sys, repoint.execution.apply; sys.exit('git' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_listed() -> None:
    assert listed({"b", "a"}) == "a, b"
    assert listed({f"{n:02}" for n in range(12)}).endswith("08, 09 and 2 more")
    assert listed(["caf\udce9"]) == "caf?"
