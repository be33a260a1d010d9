"""`rollback` where people rewrote what `apply` made: nobody's work is lost unsaid, and what stays is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from repoint.errors import Refused
from tests.conftest import git
from tests.integration.apply_cases import BEFORE, BRANCH, files, head, run, three_batches
from tests.integration.rollback_cases import applied, back, tree, work


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return applied(tmp_path_factory.mktemp("template"))


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "repo", symlinks=True)


def amend(repo: Path) -> None:
    (repo / "old.py").write_bytes(b"from new import New as Old  # mine\n")
    git(repo, "commit", "-q", "-a", "--amend", "--no-edit")


def fix_up(repo: Path) -> None:
    """Somebody's work in a batch's commit, of which the message tells nothing."""
    work(repo)
    text = git(repo, "log", "-1", "--format=%B", "HEAD~")
    git(repo, "reset", "-q", "--soft", "HEAD~2")
    git(repo, "commit", "-q", "-F", "-", data=text)


def squash_all(repo: Path) -> None:
    work(repo)
    text = git(repo, "log", "--reverse", "--format=%B", "trunk..")
    git(repo, "reset", "-q", "--soft", "trunk")
    git(repo, "commit", "-q", "-F", "-", data=text)


@pytest.mark.parametrize("rewrite", [amend, fix_up, squash_all])
def test_work_in_a_batch_s_commit_is_not_lost_by_moving_back(repo: Path, rewrite: Callable[[Path], None]) -> None:
    rewrite(repo)
    tip = head(repo)
    with pytest.raises(Refused, match=rf"`apply` did not make would be lost: {tip[:10]} .*leave out --hard"):
        back(repo, every=True, how="hard")
    assert head(repo) == tip
    assert not back(repo, lambda where: True, every=True).moved_back  # nor is anybody asked


def reword(repo: Path) -> None:
    git(repo, "commit", "-q", "--amend", "--no-edit", "--trailer", "Reviewed-by: somebody")


def rebase(repo: Path) -> None:
    git(repo, "switch", "-q", "trunk")
    work(repo)
    git(repo, "switch", "-q", BRANCH)
    git(repo, "rebase", "-q", "trunk")


def squash(repo: Path) -> None:
    text = git(repo, "log", "--reverse", "--format=%B", "-2")
    git(repo, "reset", "-q", "--soft", "HEAD~2")
    git(repo, "commit", "-q", "-F", "-", data=text)


def apply_again(repo: Path) -> None:
    back(repo, to="1")
    run(repo, three_batches(head(repo, "trunk")))
    git(repo, "rebase", "-q", "-f", "trunk")


def forget(repo: Path) -> None:
    amend(repo)
    git(repo, "reflog", "expire", "--expire=all", "--all")


@pytest.mark.parametrize("rewrite", [reword, rebase, squash, apply_again, forget])
def test_what_was_rewritten_without_more_may_go(repo: Path, rewrite: Callable[[Path], None]) -> None:
    rewrite(repo)
    assert back(repo, every=True, how="hard").new == head(repo, "trunk")


def test_a_batch_that_no_commit_tells_of_is_told(repo: Path) -> None:
    back(repo)
    git(repo, "revert", "--no-commit", "HEAD")
    git(repo, "commit", "-q", "-m", "again")
    left = "dead/gone.py, old.py: changed by others as well, or by a batch that no commit tells of"
    told = f"not as before the migration: {left}"
    assert back(repo, every=True, dry_run=True).notes == ()
    for labels in ([("2/3",), ("1/3",)], []):
        done = back(repo, every=True)
        assert ([item.batches for item in done.taken], done.notes) == (labels, (told,))


def test_what_a_shallow_clone_does_not_know_is_not_taken_back(repo: Path, tmp_path: Path) -> None:
    """Against nothing, its first commit made every file there is, and to revert it would delete them all."""
    cut = tmp_path / "cut"
    git(repo, "clone", "-q", "--depth", "2", repo.as_uri(), str(cut))
    before = tree(cut, BRANCH)
    for how in ("revert", "hard"):
        with pytest.raises(Refused, match="this is a shallow clone, and ends with it; git fetch --unshallow"):
            back(cut, every=True, how=how)
    assert (tree(cut), files(cut)) == (before, before)
    assert back(cut).taken[0].batches == ("3/3",)
    assert tree(cut) == tree(repo, "HEAD~")
    git(cut, "fetch", "-q", "--unshallow")
    assert back(cut, every=True).notes == ()
    assert tree(cut) == BEFORE


def test_all_is_as_before(repo: Path) -> None:
    work(repo)
    assert back(repo, every=True).notes == ()
    assert {**tree(repo), "untouched.py": b""} == {**BEFORE, "untouched.py": b""}
