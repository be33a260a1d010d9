"""`apply` to the branch that is checked out: the working tree follows, or nothing is written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repoint.errors import Refused
from repoint.execution.checkout import follow
from repoint.execution.repository import branch
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import (
    BEFORE,
    BRANCH,
    EDITED,
    NEW,
    after,
    files,
    head,
    plan_of,
    run,
    status,
    tree,
)

STUB = "pkg/new/deep/stub.py"


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    made = make_repo(BEFORE)
    git(made, "switch", "-q", "-c", BRANCH)
    return made


def test_files_and_index_follow(repo: Path) -> None:
    done = run(repo)
    assert done.followed
    assert (files(repo), status(repo), head(repo)) == (after(), "", done.commits[-1][1])
    assert not (repo / ".git/repoint/follow.json").exists()


def test_other_work_in_the_working_tree_stays(repo: Path) -> None:
    (repo / "untouched.py").write_bytes(b"y = 2\n")
    (repo / "staged.py").write_bytes(b"z = 1\n")
    (repo / "pkg/new").mkdir()
    (repo / "pkg/new/notes.txt").write_bytes(b"mine\n")
    git(repo, "add", "staged.py")
    run(repo)
    mine = {"untouched.py": b"y = 2\n", "staged.py": b"z = 1\n", "pkg/new/notes.txt": b"mine\n"}
    assert files(repo) == after() | mine
    assert status(repo).splitlines() == ["A  staged.py", " M untouched.py", "?? pkg/new/notes.txt"]


def test_a_touched_file_is_not_dirty(repo: Path) -> None:
    for path in BEFORE:
        os.utime(repo / path, (1, 1))
    assert run(repo).followed
    assert status(repo) == ""


def _edit(repo: Path) -> None:
    (repo / "old.py").write_bytes(b"mine\n")


def _edit_of_the_same_size(repo: Path) -> None:
    (repo / "old.py").write_bytes(BEFORE["old.py"][::-1])


def _stage(repo: Path) -> None:
    _edit(repo)
    git(repo, "add", "old.py")
    (repo / "old.py").write_bytes(BEFORE["old.py"])


def _remove(repo: Path) -> None:
    (repo / "old.py").unlink()


def _untracked(repo: Path) -> None:
    (repo / "empty.py").write_bytes(b"")


def _ignored(repo: Path) -> None:
    (repo / ".git/info/exclude").write_text("*.py\n")
    _untracked(repo)


def _file_for_folder(repo: Path) -> None:
    (repo / "pkg/new").write_bytes(b"")


def _folder_for_file(repo: Path) -> None:
    (repo / "empty.py").mkdir()


def _link_for_folder(repo: Path) -> None:
    (repo / "pkg/new").symlink_to(repo.parent, target_is_directory=True)


@pytest.mark.parametrize(
    ("disturb", "what"),
    [
        (_edit, "uncommitted changes where repoint writes: old.py; commit or stash them"),
        (_edit_of_the_same_size, "uncommitted changes where repoint writes: old.py"),
        (_stage, "uncommitted changes where repoint writes: old.py"),
        (_remove, "uncommitted changes where repoint writes: old.py"),
        (_untracked, "untracked files where repoint writes: empty.py; move them away"),
        (_ignored, "untracked files where repoint writes: empty.py"),
        (_file_for_folder, "untracked files where repoint writes: pkg/new"),
        (_folder_for_file, "untracked files where repoint writes: empty.py"),
        pytest.param(
            _link_for_folder,
            "untracked files where repoint writes: pkg/new",
            marks=pytest.mark.skipif(os.name == "nt", reason="links need a privilege"),
        ),
    ],
)
def test_dirty_is_refused_and_nothing_written(repo: Path, disturb: Callable[[Path], None], what: str) -> None:
    disturb(repo)
    tip, found = head(repo), files(repo)
    for dry in (True, False):
        with pytest.raises(Refused, match=what):
            run(repo, dry_run=dry)
    assert (head(repo), files(repo)) == (tip, found)


def test_what_git_itself_would_refuse_is_found_before_the_first_commit(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "old.py")
    _edit(repo)
    tip = head(repo)
    with pytest.raises(Refused, match=r"the working tree cannot follow: .*'old\.py' not uptodate"):
        run(repo)
    assert head(repo) == tip


@pytest.mark.parametrize("work", ["merge", "cherry-pick"])
def test_an_ongoing_operation_is_refused(repo: Path, work: str) -> None:
    made = plan_of(repo)
    git(repo, "switch", "-q", "-c", "side")
    (repo / "untouched.py").write_bytes(b"y = 2\n")
    git(repo, "commit", "-q", "-a", "-m", "side")
    git(repo, "switch", "-q", BRANCH)
    git(repo, work, *{"merge": ("--no-ff", "--no-commit"), "cherry-pick": ("--no-commit",)}[work], "side")
    if work == "cherry-pick":  # left there by git only where the pick stops at a conflict
        (repo / ".git/CHERRY_PICK_HEAD").write_text(head(repo, "side") + "\n")
    with pytest.raises(Refused, match=f"a {work} is going on; finish or abort it first"):
        run(repo, made)


def test_a_rebase_of_the_branch_is_refused(repo: Path) -> None:
    made = plan_of(repo)
    git(repo, "commit", "-q", "--allow-empty", "-m", "work")
    editor = f'"{sys.executable}" -c "import sys, pathlib; p = pathlib.Path(sys.argv[1]);'
    editor += " p.write_text('break\\n' + p.read_text())\""
    env = os.environ | {"GIT_SEQUENCE_EDITOR": editor}
    subprocess.run(["git", "rebase", "-q", "-i", "HEAD~"], cwd=repo, env=env, check=True, capture_output=True)
    with pytest.raises(Refused, match="a rebase of the branch is going on"):
        run(repo, made)


def test_a_branch_of_another_worktree_is_refused(repo: Path, tmp_path: Path) -> None:
    made = plan_of(repo)
    git(repo, "worktree", "add", "-q", str(tmp_path / "side"), "trunk")
    with pytest.raises(Refused, match=r"checked out in another worktree, .*repo; say --repo"):
        run(tmp_path / "side", made)
    assert len(run(tmp_path / "side", made, branch="third").commits) == 3


def test_a_linked_worktree_follows(repo: Path, tmp_path: Path) -> None:
    made = plan_of(repo)
    side = tmp_path / "side"
    git(repo, "worktree", "add", "-q", str(side), "-b", "side")
    assert run(side, made, branch="side").followed
    assert (files(side).items() >= after().items(), status(side), status(repo)) == (True, "", "")
    assert files(repo) == BEFORE


def test_line_ends_of_the_checkout_are_kept(repo: Path, tmp_path: Path) -> None:
    made = plan_of(repo)
    clone = tmp_path / "clone"
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "-q", "-b", BRANCH, str(repo), str(clone))
    git(clone, "config", "core.autocrlf", "true")
    assert b"\r\n" in (clone / EDITED).read_bytes()
    assert run(clone, made).followed
    want = {path: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path, data in after().items()}
    assert (files(clone), status(clone), tree(clone)) == (want, "", after())


def test_a_sparse_checkout_stays_sparse(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--cone", "pkg")
    assert run(repo).followed
    assert status(repo) == ""
    assert "tools/run.py" not in files(repo)
    assert files(repo)[EDITED] == after()[EDITED]
    assert files(repo)[STUB] == NEW[STUB].encode()
    assert tree(repo) == after()


def test_index_locked_by_another_git(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan_of(repo)
    monkeypatch.setattr("repoint.execution.checkout.worktree._PATIENCE", 0.05)
    (repo / ".git/index.lock").touch()
    for dry in (True, False):
        with pytest.raises(Refused, match=r"index\.lock: another git process is at work .*; let it finish"):
            run(repo, made, dry_run=dry)
    assert (head(repo), files(repo)) == (made.base, BEFORE)
    (repo / ".git/index.lock").unlink()
    assert run(repo, made).followed
    assert (files(repo), status(repo)) == (after(), "")


@pytest.mark.skipif(os.name == "nt", reason="the hook speaks POSIX shell")
def test_index_locked_while_the_branch_moves(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan_of(repo)
    monkeypatch.setattr("repoint.execution.checkout.worktree._PATIENCE", 0.05)
    hook = repo / ".git/hooks/reference-transaction"
    hook.write_text('#!/bin/sh\n: > "$(git rev-parse --git-dir)/index.lock"\n')
    hook.chmod(0o755)
    with pytest.raises(Refused, match="another git process is at work"):
        run(repo, made)
    hook.unlink()
    (repo / ".git/index.lock").unlink()
    assert follow.recover(repo) is not None
    assert (files(repo), status(repo)) == (after(), "")


def test_a_failure_between_commits_leaves_a_clean_working_tree(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan_of(repo)
    move = branch.move

    def failing(git_: object, ref: str, new: str, *rest: object) -> None:
        if b"Repoint-Batch: 3/3" in git(repo, "cat-file", "commit", new):
            raise KeyboardInterrupt
        move(git_, ref, new, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(branch, "move", failing)
    with pytest.raises(KeyboardInterrupt):
        run(repo, made)
    assert git(repo, "log", "--format=%s", "-1") == b"refactor(imports): pkg\n"
    assert (status(repo), files(repo)) == ("", tree(repo))
    monkeypatch.undo()
    assert run(repo, made).already == 2
    assert (status(repo), files(repo)) == ("", after())


def test_one_apply_at_a_time(repo: Path) -> None:
    from repoint.execution.repository.lock import held

    with held(repo / ".git"), pytest.raises(Refused, match="another repoint is at work"):
        run(repo)
    assert run(repo).followed
