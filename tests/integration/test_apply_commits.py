"""`apply` on real repositories: what it commits, where, and what it goes on from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from repoint.errors import NotProved, Refused, UsageError
from repoint.execution.repository import branch, commits
from repoint.model import Severity
from repoint.planning.plan_file import digest, dump
from tests.builders import finding
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import (
    BEFORE,
    BRANCH,
    EDITED,
    after,
    files,
    head,
    in_sha256,
    is_sound,
    plan_of,
    run,
    status,
    tree,
)


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    made = make_repo(BEFORE)
    git(made, "update-index", "--chmod=+x", "tools/run.py")
    git(made, "commit", "-q", "--amend", "-m", "base")
    git(made, "reset", "-q", "--hard")
    return made


def test_one_commit_for_each_batch(repo: Path) -> None:
    base = head(repo)
    done = run(repo)
    log = git(repo, "log", "--reverse", "--format=%s|%an|%cn", f"{base}..{BRANCH}").decode().splitlines()
    assert log == [f"refactor(imports): {title}|author|committer" for title in ("tools", "pkg", "stubs")]
    assert [name for name, _ in done.commits] == ["01", "02", "03"]
    assert done.commits[-1][1] == head(repo, BRANCH)
    assert (done.branch, done.already, done.followed) == (BRANCH, 0, False)
    assert tree(repo) == after()
    assert is_sound(repo)


def test_each_commit_holds_its_own_batch_only(repo: Path) -> None:
    made = plan_of(repo)
    done = run(repo, made)
    for (_, commit), batch in zip(done.commits, made.batches, strict=True):
        listed = git(repo, "diff-tree", "-r", "-z", "--name-only", "--no-commit-id", commit).decode()
        assert set(listed.split("\0")[:-1]) == {change.path for change in batch.files}


def test_trailers_name_migration_plan_and_batch(repo: Path) -> None:
    made = plan_of(repo)
    run(repo, made)
    trailers = git(repo, "log", "-1", "--format=%(trailers:only,unfold)", f"{BRANCH}~").decode().split("\n")
    assert trailers[:3] == ["Repoint-Migration: case", f"Repoint-Plan: {digest(made)}", "Repoint-Batch: 2/3"]


def test_neither_head_nor_working_tree_nor_index_moves(repo: Path) -> None:
    before, index = files(repo), (repo / ".git/index").read_bytes()
    run(repo)
    assert git(repo, "symbolic-ref", "HEAD") == b"refs/heads/trunk\n"
    assert (files(repo), (repo / ".git/index").read_bytes(), status(repo)) == (before, index, "")


def test_mode_stays(repo: Path) -> None:
    run(repo)
    listed = git(repo, "ls-tree", "-r", BRANCH).decode()
    assert [line.split()[0] for line in listed.splitlines() if line.endswith("tools/run.py")] == ["100755"]
    assert listed.count("100755") == 1


def test_again_does_nothing(repo: Path) -> None:
    made = plan_of(repo)
    run(repo, made)
    tip = head(repo, BRANCH)
    again = run(repo, made)
    assert (again.commits, again.already, head(repo, BRANCH)) == ((), 3, tip)


def test_goes_on_after_the_batches_that_stand(repo: Path) -> None:
    made = plan_of(repo)
    run(repo, made)
    git(repo, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~2")
    done = run(repo, made)
    assert ([name for name, _ in done.commits], done.already) == (["02", "03"], 1)
    assert tree(repo) == after()


def test_goes_on_upon_commits_of_others(repo: Path) -> None:
    made = plan_of(repo)
    run(repo, made)
    git(repo, "switch", "-q", "-c", "work", f"{BRANCH}~1")
    (repo / "untouched.py").write_bytes(b"y = 2\n")
    git(repo, "commit", "-q", "-a", "-m", "work")
    done = run(repo, made, branch="refs/heads/work")
    assert ([name for name, _ in done.commits], done.already, done.branch) == (["03"], 2, "work")
    assert tree(repo, "work") == after() | {"untouched.py": b"y = 2\n"}


def test_a_reverted_batch_is_applied_again(repo: Path) -> None:
    made = plan_of(repo)
    run(repo, made)
    git(repo, "switch", "-q", BRANCH)
    git(repo, "revert", "--no-edit", "HEAD~1")
    done = run(repo, made)
    assert ([name for name, _ in done.commits], done.already) == (["02"], 2)
    git(repo, "revert", "--no-edit", "HEAD")
    git(repo, "revert", "--no-edit", "HEAD")
    assert run(repo, made).already == 3
    assert tree(repo) == after()


def test_a_batch_of_another_plan_counts_where_its_files_are_the_same(repo: Path) -> None:
    made = plan_of(repo)
    run(repo, msgspec.structs.replace(made, batches=made.batches[:1]))
    done = run(repo, made)
    assert (len(done.commits), done.already, tree(repo)) == (2, 1, after())
    assert any("the files are as it gives them" in note for note in done.notes)
    assert any("1 commit of another plan of case" in note for note in done.notes)


def test_stale_names_the_files(repo: Path) -> None:
    made = plan_of(repo)
    (repo / EDITED).write_bytes(b"mine\n")
    git(repo, "commit", "-q", "-a", "-m", "work")
    git(repo, "branch", BRANCH)
    with pytest.raises(Refused, match=r"stale: 1 file differs from the plan: pkg/café/edited\.py; plan again"):
        run(repo, made)
    assert head(repo, BRANCH) == head(repo)


def test_stale_where_a_new_file_is_taken(repo: Path) -> None:
    made = plan_of(repo)
    (repo / "empty.py").write_bytes(b"")
    git(repo, "add", "empty.py")
    git(repo, "commit", "-q", "-m", "work")
    git(repo, "branch", BRANCH)
    with pytest.raises(Refused, match=r"stale: 1 file differs from the plan: empty\.py"):
        run(repo, made)


@pytest.mark.parametrize("path", ["old.py", "pkg/new"])
def test_a_symlink_in_the_way_is_refused(repo: Path, path: str) -> None:
    made = plan_of(repo)
    blob = git(repo, "hash-object", "-w", "--stdin", data=b"/etc").decode().strip()
    git(repo, "update-index", "--add", "--cacheinfo", f"120000,{blob},{path}")
    git(repo, "commit", "-q", "-m", "link")
    git(repo, "branch", BRANCH)
    with pytest.raises(Refused, match="a symlink, a submodule or a file stands in the way of"):
        run(repo, made)


def test_edits_that_do_not_fit_commit_nothing(repo: Path) -> None:
    made = plan_of(repo)
    *others, stubs = made.batches
    wrong = msgspec.structs.replace(stubs.files[0], after="1" * 40)
    last = msgspec.structs.replace(stubs, files=(wrong, *stubs.files[1:]))
    lying = msgspec.structs.replace(made, batches=(*others, last))
    for dry in (True, False):
        with pytest.raises(Refused, match=r"do not give the blobs that it promises: old\.py"):
            run(repo, lying, dry_run=dry)
    assert git(repo, "branch", "--list", BRANCH) == b""


def test_dry_run_writes_nothing(repo: Path) -> None:
    def written() -> list[Path]:
        return sorted(path for path in repo.rglob("*") if path.is_file())

    before = written()
    done = run(repo, dry_run=True)
    assert done.commits == ()
    assert [(item.batch, item.commit) for item in done.pending] == [("01", None), ("02", None), ("03", None)]
    assert written() == before


def test_bare_repository(repo: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(repo), str(bare))
    assert len(run(bare).commits) == 3
    assert tree(bare) == after()


def test_bare_repository_whose_head_is_the_branch(repo: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(repo), str(bare))
    git(bare, "branch", BRANCH)
    git(bare, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    assert not run(bare).followed
    assert tree(bare) == after()


def test_sha256_repository(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "sha256"
    other.mkdir()
    git(other, "init", "-q", "-b", "trunk", "--object-format=sha256")
    for path, data in BEFORE.items():
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).write_bytes(data)
    git(other, "add", "-A")
    git(other, "commit", "-q", "-m", "base")
    git(other, "switch", "-q", "-c", BRANCH)
    done = run(other, in_sha256(plan_of(repo), head(other)))
    assert done.followed
    assert tree(other) == files(other) == after()


def test_index_version_4_and_split_index(repo: Path) -> None:
    git(repo, "switch", "-q", "-c", BRANCH)
    git(repo, "config", "core.splitIndex", "true")
    git(repo, "update-index", "--index-version", "4", "--split-index")
    assert run(repo).followed
    assert (files(repo), status(repo)) == (after(), "")


def test_from_a_folder_below_the_top(repo: Path) -> None:
    git(repo, "switch", "-q", "-c", BRANCH)
    run(repo / "pkg", plan_of(repo))
    assert (files(repo), status(repo)) == (after(), "")


def test_detached_head(repo: Path) -> None:
    git(repo, "switch", "-q", "--detach")
    assert len(run(repo).commits) == 3
    assert status(repo) == ""


def test_unborn_branch_that_is_checked_out(repo: Path) -> None:
    made = plan_of(repo)
    git(repo, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    with pytest.raises(Refused, match="is checked out and has no commit"):
        run(repo, made)


def test_base_that_the_repository_lacks(tmp_path: Path, repo: Path) -> None:
    made = plan_of(repo)
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q", "-b", "trunk")
    with pytest.raises(Refused, match=r"base commit .* is not in this repository; fetch it, or plan again"):
        run(empty, made)


@pytest.mark.parametrize(("name", "what"), [("", "not a git repository"), ("nowhere", "is not a folder")])
def test_no_repository(repo: Path, tmp_path: Path, name: str, what: str) -> None:
    made = plan_of(repo)
    with pytest.raises(UsageError, match=what):
        run(tmp_path / name, made)


@pytest.mark.parametrize("name", ["main", "master", "develop", "MAIN", "refs/heads/main", "release/1.2"])
def test_protected_branches(repo: Path, name: str) -> None:
    made = plan_of(repo)
    git(repo, "config", "--add", "repoint.protected", "trunk")
    git(repo, "config", "--add", "repoint.protected", "release/*")
    with pytest.raises(Refused, match="protected"):
        run(repo, made, branch=name)
    assert len(run(repo, made, branch=name, allow_protected=True).commits) == 3


@pytest.mark.parametrize("name", ["-x", "a..b", "HEAD", "a b", "x.lock", ""])
def test_impossible_branch_names(repo: Path, name: str) -> None:
    made = msgspec.structs.replace(plan_of(repo), name="a..b")
    with pytest.raises(UsageError, match="is no name for a branch"):
        run(repo, made, branch=name)


def test_a_symbolic_branch_is_refused(repo: Path) -> None:
    git(repo, "symbolic-ref", f"refs/heads/{BRANCH}", "refs/heads/main")
    with pytest.raises(Refused, match="is a symbolic ref to refs/heads/main"):
        run(repo)


def test_a_branch_whose_name_is_taken_by_a_folder(repo: Path) -> None:
    git(repo, "branch", "repoint")
    with pytest.raises(Refused, match="refs/heads/repoint/case: the branch repoint is in its way; name another one"):
        run(repo)


def test_a_plan_that_is_not_proved(repo: Path) -> None:
    made = plan_of(repo)
    with pytest.raises(NotProved, match="is not proved"):
        run(repo, msgspec.structs.replace(made, applicable=False))
    blocked = msgspec.structs.replace(made, findings=(finding(severity=Severity.ERROR),))
    with pytest.raises(NotProved, match="is blocked by 1 finding"):
        run(repo, blocked)


def test_identity_is_asked_for_before_anything_is_written(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    git(repo, "config", "user.useConfigOnly", "true")
    objects = git(repo, "count-objects")
    with pytest.raises(Refused, match=r"git does not know who you are; run `git config user\.name"):
        run(repo)
    assert git(repo, "count-objects") == objects


def test_the_branch_moves_only_from_where_it_was_seen(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan_of(repo)
    other = git(repo, "commit-tree", "-m", "other", "HEAD^{tree}", "-p", "HEAD").decode().strip()
    write_commit = commits.write_commit

    def overtaken(*args: object, **options: object) -> str:
        git(repo, "update-ref", f"refs/heads/{BRANCH}", other)
        return write_commit(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(commits, "write_commit", overtaken)
    with pytest.raises(Refused, match=f"was moved by someone else, to {other[:12]}; run the same command again"):
        run(repo, made)
    assert head(repo, BRANCH) == other
    monkeypatch.undo()
    assert len(run(repo, made).commits) == 3
    assert tree(repo) == after()


def test_compare_and_swap_of_a_new_branch(repo: Path) -> None:
    from repoint.execution.repository.git import Git

    branch.move(Git(repo), "refs/heads/new", head(repo), None, "first")
    with pytest.raises(Refused, match="moved by someone else"):
        branch.move(Git(repo), "refs/heads/new", head(repo), None, "second")


def test_two_at_once(repo: Path, tmp_path: Path) -> None:
    """One commits, the other is refused or finds all done; never half of each."""
    made = plan_of(repo)
    (tmp_path / "plan.json").write_bytes(dump(made))
    script = (
        "import pathlib; from repoint.execution.apply import *; from repoint.planning.plan_file import read\n"
        "apply(read(pathlib.Path('../plan.json')), ApplyOptions(pathlib.Path()), lambda *told: None)"
    )
    pair = [subprocess.Popen([sys.executable, "-c", script], cwd=repo, stderr=subprocess.PIPE) for _ in range(2)]
    complaints = [process.communicate()[1].decode() for process in pair]
    assert min(process.returncode for process in pair) == 0
    assert all("another repoint is at work" in text for text in complaints if text)
    assert git(repo, "rev-list", "--count", f"trunk..{BRANCH}") == b"3\n"
    assert tree(repo) == after()


def test_a_stale_ref_lock_is_named(repo: Path) -> None:
    run(repo)
    git(repo, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    made = plan_of(repo)
    (repo / f".git/refs/heads/{BRANCH}.lock").touch()
    with pytest.raises(Refused, match=r"case\.lock: another git process is at work on the branch; let the other git"):
        run(repo, made)


def test_hooks_of_commit_are_named_where_there_are_any(repo: Path) -> None:
    hooks = repo / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "commit-msg", "pre-push"):
        (hooks / name).write_bytes(b"#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    git(repo, "config", "core.hooksPath", "hooks")
    assert run(repo).notes == ("apply runs no commit hooks; here are pre-commit, commit-msg: --run-hooks runs them",)


@pytest.mark.skipif(os.name == "nt", reason="needs a program that can stand in for gpg")
def test_signing_is_honoured(repo: Path, tmp_path: Path) -> None:
    gpg = tmp_path / "gpg"
    gpg.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNATURE\n")
    gpg.chmod(0o755)
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "gpg.program", str(gpg))
    run(repo)
    assert b"gpgsig SIGNATURE" in git(repo, "cat-file", "commit", BRANCH)
    gpg.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(Refused, match="gpg failed to sign the data"):
        run(repo, branch="other")
    assert git(repo, "branch", "--list", "other") == b""


def test_gates_need_a_word(repo: Path, tmp_path: Path) -> None:
    gated = msgspec.structs.replace(plan_of(repo), gated=True)
    with pytest.raises(Refused, match="has gates or formatters; name it by --manifest, or say --no-gates"):
        run(repo, gated)
    assert len(run(repo, gated, no_gates=True).commits) == 3


def test_the_manifest_must_be_the_plan_s_own(repo: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "migration.toml"
    with pytest.raises(UsageError, match="cannot be read"):
        run(repo, manifest=manifest)
    manifest.write_bytes(b"name = 'other'\n")
    with pytest.raises(Refused, match=r"my\.json: the manifest .*migration\.toml is not the one"):
        run(repo, manifest=manifest, plan_file=Path("my.json"))


def test_a_plan_without_batches(repo: Path) -> None:
    done = run(repo, msgspec.structs.replace(plan_of(repo), batches=()))
    assert (done.commits, done.already) == ((), 0)
    assert git(repo, "branch", "--list", BRANCH) == b""
