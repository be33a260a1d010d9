"""`rollback` on real repositories: what it takes back, how, and what it refuses."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from repoint.errors import Refused, UsageError
from repoint.execution.repository import commits
from repoint.execution.repository.lock import held
from repoint.model import Plan
from repoint.planning.plan_file import digest, dump
from tests.builders import added, batch, plan
from tests.conftest import git
from tests.integration.apply_cases import (
    BEFORE,
    BRANCH,
    EDITED,
    after,
    files,
    head,
    in_sha256,
    is_sound,
    run,
    status,
    three_batches,
)
from tests.integration.rollback_cases import applied, back, mergeable, tree, work

STUB = "pkg/new/deep/stub.py"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return applied(tmp_path_factory.mktemp("template"))


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "repo", symlinks=True)


@pytest.fixture
def made(repo: Path) -> Plan:
    return three_batches(head(repo, "trunk"))


def state(repo: Path) -> tuple[object, ...]:
    return head(repo, BRANCH), files(repo), status(repo), git(repo, "for-each-ref")


def is_clean(repo: Path) -> bool:
    """True where files, index and branch agree, and nothing is left of the way there."""
    return (files(repo), status(repo), (repo / ".git/repoint/follow.json").exists()) == (tree(repo), "", False)


def test_the_last_batch_by_a_revert_commit(repo: Path, made: Plan) -> None:
    old = head(repo)
    done = back(repo)
    assert git(repo, "cat-file", "commit", "HEAD").decode().partition("\n\n")[2] == (
        f'Revert "refactor(imports): stubs"\n\nThis reverts commit {old}.\n\n'
        f"Repoint-Migration: case\nRepoint-Plan: {digest(made)}\nRepoint-Reverts: 3/3\n"
    )
    assert git(repo, "log", "-1", "--format=%an|%cn|%P") == f"author|committer|{old}\n".encode()
    assert head(repo, "HEAD^{tree}") == head(repo, "HEAD~2^{tree}")
    assert is_clean(repo)
    assert (done.branch, done.old, done.new, done.moved_back, done.followed) == (BRANCH, old, head(repo), False, True)
    assert [(item.commit, item.batches, item.revert) for item in done.taken] == [(old, ("3/3",), head(repo))]


def test_one_more_each_time_until_nothing_stands(repo: Path) -> None:
    taken = [[item.batches for item in back(repo).taken] for _ in range(4)]
    assert taken == [[("3/3",)], [("2/3",)], [("1/3",)], []]
    assert tree(repo) == BEFORE
    assert is_clean(repo)


@pytest.mark.parametrize("how", ["revert", "hard"])
def test_down_to_a_batch_and_all_and_on_again(repo: Path, made: Plan, how: str) -> None:
    ids = [head(repo, f"{BRANCH}~{n}^{{tree}}") for n in (3, 2, 1, 0)]
    for to, stands in (("2/3", 2), (None, 0)):
        done = back(repo, to=to, every=to is None, how=how)
        assert [item.batches for item in done.taken] == [(f"{n}/3",) for n in range(3, stands, -1)]
        assert head(repo, "HEAD^{tree}") == ids[stands]
        assert is_clean(repo)
        again = run(repo, made)
        assert (again.already, len(again.commits)) == (stands, 3 - stands)
        assert head(repo, "HEAD^{tree}") == ids[3]
        assert is_clean(repo)
    assert git(repo, "rev-list", "--count", "trunk..") == (b"11\n" if how == "revert" else b"3\n")
    assert is_sound(repo)


def test_every_commit_on_the_way_down_is_a_state_of_the_way_up(repo: Path) -> None:
    back(repo, every=True)
    ids = git(repo, "log", "--format=%T").decode().split()
    assert ids == ids[::-1]


def test_all_by_moving_back_keeps_the_branch_at_the_base(repo: Path) -> None:
    old = head(repo)
    done = back(repo, every=True, how="hard")
    assert (done.old, done.new, done.moved_back) == (old, head(repo, "trunk"), True)
    assert head(repo, BRANCH) == head(repo, "trunk")
    assert files(repo) == BEFORE
    assert is_clean(repo)


def test_a_dry_run_writes_nothing(repo: Path) -> None:
    def written() -> list[tuple[Path, int]]:
        return sorted((path, path.stat().st_mtime_ns) for path in repo.rglob("*") if path.is_file())

    before = written()
    for how in (None, "revert", "hard"):
        done = back(repo, to="1", how=how, dry_run=True)
        assert ([item.batches for item in done.taken], done.planned) == ([("3/3",), ("2/3",)], True)
        assert (done.moved_back, done.old) == (how == "hard", head(repo))
    assert written() == before


def test_a_branch_that_is_not_checked_out(repo: Path) -> None:
    git(repo, "switch", "-q", "trunk")
    (repo / "old.py").write_bytes(b"mine\n")
    found = files(repo)
    assert not back(repo, target="case").followed
    assert (files(repo), status(repo)) == (found, " M old.py\n")
    assert head(repo, f"{BRANCH}^{{tree}}") == head(repo, f"{BRANCH}~2^{{tree}}")


@pytest.mark.parametrize(("answer", "moved"), [(True, True), (False, False)])
def test_who_can_be_asked_is_asked_once(repo: Path, answer: bool, moved: bool) -> None:
    asked: list[str] = []

    def ask(where: str) -> bool:
        asked.append(where)
        return answer

    to = head(repo, f"{BRANCH}~2")
    assert back(repo, ask, to="1").moved_back == moved
    assert asked == [f"{BRANCH} back to {to[:10]}"]
    assert tree(repo) == tree(repo, to)
    assert is_clean(repo)


def _others(repo: Path) -> str:
    return f"commits of others would be lost: {work(repo)} work"


def _a_revert_by_hand(repo: Path) -> str:
    git(repo, "revert", "--no-edit", "HEAD")
    git(repo, "revert", "--no-edit", "HEAD")
    return "commits of others would be lost: "


def _pushed(repo: Path) -> str:
    git(repo, "update-ref", "refs/remotes/origin/elsewhere", "HEAD")
    return "the commits were pushed: origin/elsewhere has them"


def _merged(repo: Path) -> str:
    git(repo, "switch", "-q", "-c", "side", "trunk")
    git(repo, "merge", "-q", "--no-ff", "-m", "all of it", BRANCH)
    git(repo, "branch", "-q", "-f", BRANCH, "side")
    git(repo, "switch", "-q", BRANCH)
    return f"commits came in by a merge: {head(repo)[:10]} all of it"


@pytest.mark.parametrize("disturb", [_others, _a_revert_by_hand, _pushed, _merged])
def test_the_branch_is_not_moved_back_over(repo: Path, disturb: Callable[[Path], str]) -> None:
    what = disturb(repo)
    before = state(repo)
    with pytest.raises(Refused) as told:
        back(repo, how="hard")
    assert str(told.value).startswith(f"{BRANCH}: {what}")
    assert "leave out --hard" in str(told.value)
    assert state(repo) == before
    done = back(repo, lambda where: pytest.fail("asked for what is refused"))
    assert (done.moved_back, [item.batches for item in done.taken]) == (False, [("3/3",)])
    assert is_clean(repo)


def test_the_branch_is_not_moved_back_where_that_brings_a_batch_back(repo: Path, made: Plan) -> None:
    """1, 2 and 3 stand, 2 is taken back, 3 is to go: without 3 and all above it, 2 would stand again."""
    third = git(repo, "cat-file", "commit", "HEAD").decode()
    taken = third.partition("\n\n")[2].replace("Repoint-Batch: 3/3", "Repoint-Reverts: 2/3")
    git(repo, "commit", "-q", "--allow-empty", "-F", "-", data=taken.encode())
    with pytest.raises(Refused, match="batches that were taken back would stand again: 2/3"):
        back(repo, how="hard")
    assert [item.batches for item in back(repo).taken] == [("3/3",)]


def test_a_batch_and_its_way_back_go_together(repo: Path, made: Plan) -> None:
    back(repo)
    run(repo, made)
    assert [item.batches for item in back(repo, to="1", how="hard").taken] == [("3/3",), ("2/3",)]
    assert head(repo, "HEAD~") == head(repo, "trunk")
    assert is_clean(repo)


def test_later_changes_are_merged_and_told(repo: Path) -> None:
    merged = mergeable(repo)
    done = back(repo)
    assert tree(repo) == after() | merged
    assert done.notes == ("merged with later changes, look at them: long.py",)
    assert is_clean(repo)


def test_conflicts_are_all_told_and_nothing_is_done(repo: Path) -> None:
    mine = work(repo, EDITED, b"from new import New as Mine\n\nNew()\n", "mine \x1b[31m")
    (repo / STUB).write_bytes(b"mine\n")
    (repo / "empty.py").unlink()  # is gone afterwards, one way or the other
    gone = work(repo, "old.py", b"from new import New as Old, Other\n", "more of mine")
    objects, before = git(repo, "count-objects"), state(repo)
    for dry in (True, False):
        with pytest.raises(Refused) as told:
            back(repo, every=True, dry_run=dry)
        oldest = head(repo, f"{BRANCH}~4")[:10]
        assert [str(problem) for problem in told.value.problems] == [
            f"old.py: was changed since, by {gone} more of mine",
            f"{EDITED}: was changed since, by {mine} mine <1b>[31m",
            f"{STUB}: was changed since, by {gone} more of mine",
            "nothing was taken back: 3 files cannot be merged with later changes;"
            f" revert those commits first, or do it by hand: git revert {oldest}",
        ]
    assert (git(repo, "count-objects"), state(repo)) == (objects, before)


def _take_the_place_of_a_deleted_file(repo: Path) -> None:
    (repo / "dead").write_bytes(b"a file now\n")


def _make_it_a_folder(repo: Path) -> None:
    (repo / "dead/gone.py").mkdir(parents=True)
    (repo / "dead/gone.py/inner.py").write_bytes(b"")


def _another_in_its_place(repo: Path) -> None:
    (repo / "dead").mkdir()
    (repo / "dead/gone.py").write_bytes(b"another\n")


def _binary(repo: Path) -> None:
    (repo / "old.py").write_bytes(b"\0\1\2")


@pytest.mark.parametrize(
    "change", [_take_the_place_of_a_deleted_file, _make_it_a_folder, _another_in_its_place, _binary]
)
def test_what_stands_in_the_way_is_a_conflict(repo: Path, change: Callable[[Path], None]) -> None:
    change(repo)
    work(repo)
    before = state(repo)
    with pytest.raises(Refused, match=r"was changed since, by .* work"):
        back(repo)
    assert state(repo) == before


def test_what_is_done_already_needs_no_doing(repo: Path) -> None:
    git(repo, "checkout", "trunk", "--", "old.py", "dead")
    git(repo, "commit", "-q", "-m", "by hand")
    name = head(repo, f"{BRANCH}~")[:10]
    done = back(repo)
    assert done.notes == (f"was undone already, its revert changes nothing: {name} refactor(imports): stubs",)
    assert head(repo, "HEAD^{tree}") == head(repo, "HEAD~^{tree}")
    assert [item.batches for item in back(repo).taken] == [("2/3",)]


def test_a_mode_that_was_changed_later_stays(repo: Path) -> None:
    (repo / "tools/run.py").chmod(0o755)
    git(repo, "update-index", "--chmod=+x", "tools/run.py")
    git(repo, "commit", "-q", "-m", "executable")
    back(repo, every=True)
    assert tree(repo) == BEFORE
    assert git(repo, "ls-tree", "HEAD", "tools/run.py").startswith(b"100755 ")
    assert status(repo) == ""


def squashed(repo: Path, *batches: int, subject: str = "squashed") -> str:
    """The last commits of the branch as one, with all their messages."""
    texts = git(repo, "log", "--reverse", f"-{len(batches)}", "--format=%B").decode()
    git(repo, "reset", "-q", "--soft", f"HEAD~{len(batches)}")
    git(repo, "commit", "-q", "-F", "-", data=f"{subject}\n\n{texts}".encode())
    return head(repo)


def test_a_squashed_commit_goes_whole_or_not_at_all(repo: Path, made: Plan) -> None:
    name = squashed(repo, 2, 3)
    for options in ({}, {"to": "2"}):
        with pytest.raises(Refused) as told:
            back(repo, **options)
        assert str(told.value) == (
            f"{name[:10]}: one commit holds batch 3/3, which is to go, and 2/3, which is to stay;"
            " say --all, or name by --to a batch of another commit"
        )
    done = back(repo, to="1")
    assert [(item.commit, item.batches) for item in done.taken] == [(name, ("2/3", "3/3"))]
    assert tree(repo) == tree(repo, "HEAD~2")
    assert run(repo, made).already == 1
    assert tree(repo) == after()


def test_a_commit_that_takes_and_brings_is_left_to_the_user(repo: Path) -> None:
    third = git(repo, "log", "-1", "--format=%B").decode()
    taken = third.replace("Repoint-Batch: 3/3", "Repoint-Reverts: 2/3")
    another = re.sub("Repoint-Plan: .*", f"Repoint-Plan: {'f' * 64}", third)
    git(repo, "commit", "-q", "--allow-empty", "-F", "-", data=f"both\n\n{taken}\n{another}".encode())
    with pytest.raises(Refused) as told:
        back(repo)
    assert str(told.value) == (
        f"{head(repo)[:10]}: one commit brings batch 3/3, which is to go, and takes 2/3 back, which would stand again;"
        " revert it by hand, then run the same command again"
    )


def test_a_batch_that_was_brought_back_by_hand_is_taken_back_again(repo: Path) -> None:
    git(repo, "revert", "--no-edit", "HEAD")
    git(repo, "revert", "--no-edit", "HEAD")
    name = head(repo)
    assert [(item.commit, item.batches) for item in back(repo).taken] == [(name, ("3/3",))]
    assert [item.batches for item in back(repo).taken] == [("2/3",)]
    assert is_clean(repo)


def test_batches_that_came_in_by_a_merge(repo: Path, made: Plan) -> None:
    git(repo, "switch", "-q", "-c", "release", "trunk")
    work(repo)
    git(repo, "merge", "-q", "--no-ff", "--no-edit", BRANCH)
    assert [item.batches for item in back(repo, every=True).taken] == [("3/3",), ("2/3",), ("1/3",)]
    assert tree(repo, "release") == BEFORE | {"untouched.py": b"y = 2\n"}
    assert len(run(repo, made, branch="release").commits) == 3


def test_a_merge_that_is_a_batch_itself(repo: Path) -> None:
    """Some hosts write the squashed messages into the merge commit."""
    text = git(repo, "log", "-1", "--format=%B")
    git(repo, "switch", "-q", "-c", "release", f"{BRANCH}~")
    work(repo)
    onto = head(repo)
    git(repo, "merge", "-q", "--no-ff", "-m", text.decode(), BRANCH)
    merge = head(repo)
    back(repo)
    said = git(repo, "log", "-1", "--format=%B").decode()
    assert f"This reverts commit {merge}, reversing\nchanges made to {onto}." in said
    assert head(repo, "HEAD^{tree}") == head(repo, f"{onto}^{{tree}}")
    assert [item.batches for item in back(repo).taken] == [("2/3",)]


def test_named_by_its_commit(repo: Path) -> None:
    assert [item.batches for item in back(repo, to=head(repo, f"{BRANCH}~")[:7]).taken] == [("3/3",)]


@pytest.mark.parametrize("to", ["4", "3/4", "0", "deadbeef", "three"])
def test_a_batch_that_does_not_stand(repo: Path, to: str) -> None:
    with pytest.raises(UsageError, match=f"no batch '{to}' stands; name one that `repoint log` shows"):
        back(repo, to=to)


def two_plans(repo: Path, name: str = "case") -> Plan:
    """One more plan, of a single batch, applied on top."""
    more = msgspec.structs.replace(plan(batch(1, added("more.py", "x = 1\n")), base=head(repo)), name=name)
    run(repo, more, branch=BRANCH)
    return more


def test_a_number_that_two_plans_have(repo: Path) -> None:
    two_plans(repo)
    first, last = head(repo, f"{BRANCH}~3")[:10], head(repo)[:10]
    with pytest.raises(UsageError, match=f"1 may be 1/3 in {first}, 1/1 in {last}; name the batch by its commit"):
        back(repo, to="1")
    assert [item.batches for item in back(repo, to="1/3").taken] == [("1/1",), ("3/3",), ("2/3",)]
    assert is_clean(repo)


def test_of_several_migrations_the_branch_s_own_is_meant(repo: Path, tmp_path: Path) -> None:
    other = two_plans(repo, "other")
    assert [item.batches for item in back(repo).taken] == [("3/3",)]
    with pytest.raises(Refused, match="commits of others would be lost"):
        back(repo, how="hard")
    git(repo, "branch", "-m", "work")
    with pytest.raises(UsageError, match="work: holds batches of several migrations: case, other; name one of them"):
        back(repo)
    (tmp_path / "plan.json").write_bytes(dump(other))
    done = back(repo, target=str(tmp_path / "plan.json"), branch="work")
    assert [item.batches for item in done.taken] == [("1/1",)]
    assert [item.batches for item in back(repo, target="case", branch="work").taken] == [("2/3",)]


def test_both_at_once(repo: Path) -> None:
    with pytest.raises(UsageError, match="--all and --to say two things"):
        back(repo, to="1", every=True)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"target": "nothing"}, "'nothing' is no plan file, no branch, no migration"),
        ({"target": "HEAD~0"}, "HEAD~0: is no branch; name one with --branch"),
        ({"target": "trunk~0"}, "'trunk~0' is no name for a branch"),
        ({"branch": "nowhere"}, "there is no branch 'nowhere'"),
        ({"target": "-x"}, "'-x' is no plan file"),
    ],
)
def test_targets_that_are_none(repo: Path, options: dict[str, str], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        back(repo, **options)


def test_a_protected_branch(repo: Path) -> None:
    git(repo, "branch", "-m", "main")
    with pytest.raises(Refused, match="the branch is protected"):
        back(repo)
    assert back(repo, allow_protected=True).followed


def test_dirty_is_refused_by_name(repo: Path) -> None:
    (repo / "old.py").write_bytes(b"mine\n")
    (repo / "dead").mkdir()
    before = state(repo)
    for how in ("revert", "hard"):
        for dry in (True, False):
            with pytest.raises(Refused, match=r"uncommitted changes where .*: old\.py"):
                back(repo, how=how, dry_run=dry)
    git(repo, "checkout", "-q", "old.py")
    (repo / "dead/gone.py").write_bytes(b"mine\n")
    with pytest.raises(Refused, match=r"untracked files where .*: dead/gone\.py"):
        back(repo)
    assert head(repo) == before[0]


def test_other_work_in_the_working_tree_stays(repo: Path) -> None:
    (repo / "untouched.py").write_bytes(b"mine\n")
    (repo / "staged.py").write_bytes(b"mine\n")
    git(repo, "add", "staged.py")
    for how in ("revert", "hard"):
        back(repo, how=how)
        assert status(repo) == "A  staged.py\n M untouched.py\n"
    assert files(repo) == tree(repo) | {"untouched.py": b"mine\n", "staged.py": b"mine\n"}


def test_an_ongoing_merge_is_refused(repo: Path) -> None:
    git(repo, "switch", "-q", "-c", "side", "trunk")
    work(repo)
    git(repo, "switch", "-q", BRANCH)
    git(repo, "merge", "-q", "--no-ff", "--no-commit", "side")
    with pytest.raises(Refused, match="a merge is going on; finish or abort it first"):
        back(repo)


def test_a_branch_of_another_worktree_is_refused(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "-q", str(tmp_path / "side"), "trunk")
    with pytest.raises(Refused, match=r"checked out in another worktree, .*repo; say --repo"):
        back(tmp_path / "side", target="case")


def test_another_repoint_at_work(repo: Path) -> None:
    with held(repo / ".git"), pytest.raises(Refused, match="another repoint"):
        back(repo)


def test_reverts_need_an_identity(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    git(repo, "config", "user.useConfigOnly", "true")
    before = state(repo)
    with pytest.raises(Refused, match="git does not know who you are"):
        back(repo)
    assert state(repo) == before


def test_somebody_moves_the_branch_meanwhile(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = git(repo, "commit-tree", "-m", "other", "HEAD^{tree}", "-p", "HEAD").decode().strip()
    write_commit = commits.write_commit

    def overtaken(*args: object, **options: object) -> str:
        git(repo, "update-ref", f"refs/heads/{BRANCH}", other)
        return write_commit(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(commits, "write_commit", overtaken)
    with pytest.raises(Refused, match=f"was moved by someone else, to {other[:12]}; run the same command again"):
        back(repo)
    monkeypatch.undo()
    assert head(repo) == other
    assert (files(repo), status(repo)) == (after(), "")
    back(repo)
    assert is_clean(repo)


def test_bare_repository(repo: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(repo), str(bare))
    merged = mergeable(repo)
    git(repo, "push", "-q", str(bare), BRANCH)
    assert not back(bare, every=True).followed
    assert tree(bare, BRANCH) == BEFORE | merged
    assert is_sound(bare)


def test_sha256_repository(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "sha256"
    shutil.copytree(repo, other, ignore=shutil.ignore_patterns(".git"))
    git(other, "init", "-q", "-b", "trunk", "--object-format=sha256")
    for path in files(other).keys() - BEFORE.keys():
        (other / path).unlink()
    for path, data in BEFORE.items():
        (other / path).parent.mkdir(exist_ok=True)
        (other / path).write_bytes(data)
    git(other, "add", "-A")
    git(other, "commit", "-q", "-m", "base")
    git(other, "switch", "-q", "-c", BRANCH)
    run(other, in_sha256(three_batches(head(repo, "trunk")), head(other)))
    merged = mergeable(other)
    back(other, every=True)
    assert tree(other) == BEFORE | merged
    assert is_clean(other)


@pytest.mark.skipif(os.name == "nt", reason="needs a program that can stand in for gpg")
def test_signing_is_honoured(repo: Path, tmp_path: Path) -> None:
    gpg = tmp_path / "gpg"
    gpg.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNATURE\n")
    gpg.chmod(0o755)
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "gpg.program", str(gpg))
    back(repo)
    assert b"gpgsig SIGNATURE" in git(repo, "cat-file", "commit", "HEAD")
