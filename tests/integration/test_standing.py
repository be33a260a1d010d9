"""Where `apply` would go on: what is found to stand on a branch after people were at it, and what is said of that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from repoint.execution.journal.standing import Standing, standing
from repoint.execution.repository.commits import read_tree
from repoint.execution.repository.git import Git
from repoint.model import Plan
from repoint.planning.plan_file import digest
from tests.conftest import git
from tests.integration.apply_cases import BRANCH, EDITED, after, head, run, three_batches
from tests.integration.rollback_cases import applied, tree, work


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return applied(tmp_path_factory.mktemp("template"))


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "repo", symlinks=True)


@pytest.fixture
def made(repo: Path) -> Plan:
    return three_batches(head(repo, "trunk"))


def seen(repo: Path, made: Plan, rev: str = "HEAD") -> Standing:
    tip = head(repo, rev)
    return standing(Git(repo), made, {digest(made): range(1, 4)}, BRANCH, tip, read_tree(Git(repo), tip))


def rebased(repo: Path, upstream: str, todo: str, *, onto: str | None = None) -> None:
    """An interactive rebase, with `todo` as the text of a function from lines to lines."""
    script = f"import sys, pathlib; p = pathlib.Path(sys.argv[1]); lines = p.read_text().splitlines(); {todo};"
    editor = f'"{sys.executable}" -c "{script} p.write_text(chr(10).join(lines) + chr(10))"'
    env = os.environ | {"GIT_SEQUENCE_EDITOR": editor, "GIT_EDITOR": "true"}
    command = ["git", "rebase", "-q", "-i", *(("--onto", onto) if onto else ()), upstream]
    subprocess.run(command, cwd=repo, env=env, check=True, capture_output=True)


def test_nothing_on_a_new_branch(repo: Path, made: Plan) -> None:
    assert seen(repo, made, "trunk") == Standing(frozenset(), ())


def test_all_that_was_applied(repo: Path, made: Plan) -> None:
    assert seen(repo, made) == Standing(frozenset({1, 2, 3}), ())


def test_commits_of_others_on_top(repo: Path, made: Plan) -> None:
    git(repo, "reset", "-q", "--hard", "HEAD~")
    ids = [work(repo, data=b"y = %d\n" % n, subject=f"work {n}") for n in range(5)]
    found = seen(repo, made)
    assert found.positions == {1, 2}
    few = ", ".join(f"{name} work {n}" for n, name in enumerate(ids[:3]))
    assert found.notes == (f"5 commits of others stand on {BRANCH} since batch 2: {few} and 2 more",)
    run(repo, made)
    assert seen(repo, made).positions == {1, 2, 3}


def test_a_branch_that_began_later(repo: Path, made: Plan) -> None:
    git(repo, "reset", "-q", "--hard", "trunk")
    name = work(repo)
    run(repo, made)
    found = seen(repo, made)
    assert found.positions == {1, 2, 3}
    assert found.notes == (
        f"1 commit of others stands on {BRANCH} since the plan's commit, {made.base[:12]}: {name} work",
    )


def test_merged_from_the_main_line(repo: Path, made: Plan) -> None:
    git(repo, "switch", "-q", "trunk")
    for n in range(4):
        work(repo, data=b"y = %d\n" % n)
    git(repo, "switch", "-q", BRANCH)
    git(repo, "merge", "-q", "--no-edit", "trunk")
    found = seen(repo, made)
    assert found.positions == {1, 2, 3}
    assert [note.partition(":")[0] for note in found.notes] == [f"1 commit of others stands on {BRANCH} since batch 3"]
    assert "Merge branch 'trunk'" in found.notes[0]


def test_rebased_on_the_main_line(repo: Path, made: Plan) -> None:
    git(repo, "switch", "-q", "trunk")
    work(repo)
    git(repo, "switch", "-q", BRANCH)
    git(repo, "rebase", "-q", "trunk")
    found = seen(repo, made)
    assert found.positions == {1, 2, 3}
    assert [note.partition(":")[0] for note in found.notes] == [
        f"1 commit of others stands on {BRANCH} since the plan's commit, {made.base[:12]}"
    ]


def test_rebased_on_another_root(repo: Path, made: Plan) -> None:
    root = git(repo, "commit-tree", "-m", "another base", f"{made.base}^{{tree}}").decode().strip()
    git(repo, "rebase", "-q", "--onto", root, made.base)
    found = seen(repo, made)
    assert found.positions == {1, 2, 3}
    assert (
        found.notes[0]
        == f"{BRANCH} does not hold {made.base[:12]}, the plan's commit: it was rebased, or began elsewhere"
    )


def test_amended(repo: Path, made: Plan) -> None:
    (repo / "old.py").write_bytes(b"from new import New as Old  # mine\n")
    git(repo, "commit", "-q", "-a", "--amend", "--no-edit")
    found = seen(repo, made)
    assert found == Standing(frozenset({1, 2, 3}), ("batch 3 was amended: old.py differs from the plan",))


def test_amended_by_a_formatter_is_no_news(repo: Path, made: Plan) -> None:
    (repo / "old.py").write_bytes(b"from new import New as Old  # formatted\n")
    git(repo, "commit", "-q", "-a", "--amend", "--no-edit", "--trailer", "Repoint-Formatted: 1")
    assert seen(repo, made) == Standing(frozenset({1, 2, 3}), ())


def test_a_file_that_others_changed_after_its_batch_is_not_called_amended(repo: Path, made: Plan) -> None:
    work(repo, EDITED, b"mine\n")
    found = seen(repo, made)
    assert found.positions == {1, 2, 3}
    assert len(found.notes) == 1 and "since batch 3" in found.notes[0]


def test_a_batch_that_was_dropped_below_others(repo: Path, made: Plan) -> None:
    rebased(repo, made.base, "del lines[1]")
    found = seen(repo, made)
    assert found == Standing(frozenset({1, 3}), (f"batch 2 is missing on {BRANCH} below batch 3; committed on top",))
    run(repo, made)
    assert tree(repo) == after()


def test_squashed_with_their_trailers(repo: Path, made: Plan) -> None:
    rebased(repo, made.base, "lines[1] = lines[1].replace('pick', 'squash', 1)")
    assert git(repo, "rev-list", "--count", f"{made.base}..") == b"2\n"
    assert seen(repo, made) == Standing(frozenset({1, 2, 3}), ())


@pytest.mark.parametrize("how", ["squash", "cherry-pick"])
def test_files_tell_where_no_trailer_does(repo: Path, made: Plan, how: str) -> None:
    git(repo, "switch", "-q", "-c", "other", made.base)
    if how == "squash":  # quotes the trailers, indented
        git(repo, "merge", "-q", "--squash", f"{BRANCH}~")
        git(repo, "commit", "-q", "--no-edit")
    else:
        git(repo, "cherry-pick", "-n", f"{made.base}..{BRANCH}~")
        git(repo, "commit", "-q", "-m", "picked")
    found = seen(repo, made)
    assert found.positions == {1, 2}
    assert any(
        note == f"batches 1-2 are without a commit of the plan's own on {BRANCH}: the files are as it gives them"
        for note in found.notes
    )


def test_batches_that_were_merged_in_are_no_commits_of_others(repo: Path, made: Plan) -> None:
    git(repo, "switch", "-q", "-c", "other", made.base)
    git(repo, "merge", "-q", "--no-ff", "--no-edit", BRANCH)
    assert seen(repo, made) == Standing(frozenset({1, 2, 3}), ())


def test_reverted_with_git(repo: Path, made: Plan) -> None:
    git(repo, "revert", "--no-edit", "HEAD~")
    found = seen(repo, made)
    by = head(repo)[:10]
    assert found == Standing(frozenset({1, 3}), (f"batch 2 is taken back on {BRANCH} (by {by}); committed again",))


def test_undone_by_hand_without_a_word(repo: Path, made: Plan) -> None:
    git(repo, "checkout", made.base, "--", "old.py", "dead")
    git(repo, "commit", "-q", "-m", "work")
    found = seen(repo, made)
    assert found.positions == {1, 2}
    assert found.notes[1] == f"batch 3 is on {BRANCH}, but the files are all as before; committed again"


def test_partly_undone_by_hand_stands(repo: Path, made: Plan) -> None:
    """It is neither committed again over what somebody meant, nor is it hidden that somebody did something."""
    git(repo, "checkout", made.base, "--", "old.py")
    git(repo, "commit", "-q", "-m", "work")
    found = seen(repo, made)
    assert found.positions == {1, 2, 3}
    assert "1 commit of others" in found.notes[0]


def test_another_plan_of_the_migration(repo: Path, made: Plan) -> None:
    git(repo, "reset", "-q", "--hard", "trunk")
    run(repo, msgspec.structs.replace(made, batches=made.batches[:1]))
    rest = msgspec.structs.replace(made, batches=made.batches[1:])
    found = seen(repo, rest)
    assert found.positions == set()
    assert found.notes == (
        f"1 commit of another plan of case, or of a part of this one, on {BRANCH};"
        f" if this plan is stale there, plan again with --rev {BRANCH}",
    )


def test_trailers_of_batches_that_the_plan_has_not_do_no_harm(repo: Path, made: Plan) -> None:
    git(repo, "reset", "-q", "--hard", "trunk")
    text = f"forged\n\nRepoint-Migration: case\nRepoint-Plan: {digest(made)}\nRepoint-Batch: 99/3\n"
    git(repo, "commit", "-q", "--allow-empty", "-F", "-", data=text.encode())
    assert seen(repo, made).positions == set()
