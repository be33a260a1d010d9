"""Faults planted between `plan` and `apply`: each is refused with the name of what is no longer right."""

from __future__ import annotations

from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.migrated import BRANCH, FILES, MANIFEST, commit, repository, run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def repo(make_repo: MakeRepo, capsys: Captured) -> Path:
    """A repository with its plan beside it, and HEAD on a branch that may be written."""
    made = repository(make_repo)
    assert run(made, "plan", "--out", "p.json") == Exit.DONE
    git(made, "switch", "-q", "-c", "work")
    capsys.readouterr()
    return made


def applied(repo: Path, *args: str) -> int:
    return main(["apply", str(repo.parent / "p.json"), "--repo", str(repo), *args])


FAULTS = [
    # the plan's own files
    ("app/a.py", ("Old(Thing)", "Old()"), "1 file differs from the plan: app/a.py"),
    ("pkg/old.py", ("class Old", "class Older"), "1 file differs from the plan: pkg/old.py"),
    # homes
    ("pkg/new.py", ("class New", "class Newer"), "pkg/new.py, a home of the plan, has no New any longer"),
    ("pkg/new.py", ("class Thing: ...\n", ""), "pkg/new.py, a home of the plan, has no Thing any longer"),
    ("pkg/new.py", ("class New: ...", "class New:"), "pkg/new.py, a home of the plan, does not parse"),
    # late users
    ("app/late.py", ("x = 1\nfrom pkg.old import Old\n",), "come into use since: app/late.py:2 (pkg.old.Old)"),
    ("app/late.py", ("from pkg.old import dump\n",), "come into use since: app/late.py:1 (pkg.old.dump)"),
    ("app/late.py", ("import pkg\npkg.old.Old()\n",), "come into use since: app/late.py:2 (pkg.old.Old)"),
    ("pkg/late.py", ("def f():\n    from . import old\n",), "come into use since: pkg/late.py:2 (pkg.old)"),
    ("pkg/other.py", ("class New", "from .old import *\nclass New"), "come into use since: pkg/other.py:1 (pkg.old.*)"),
    ("tests/t.py", ("import mock\nmock.patch('pkg.old.Old')\n",), "come into use since: tests/t.py:2 (pkg.old.Old)"),
]


@pytest.mark.parametrize(("path", "change", "said"), FAULTS)
def test_on_the_branch_that_is_written(
    repo: Path, capsys: Captured, path: str, change: tuple[str, ...], said: str
) -> None:
    tip = commit(repo, path, *change)
    assert applied(repo, "--branch", "work") == Exit.REFUSED
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("repoint: error: work: stale: ") and said in error
    assert error.endswith(("; plan again on this branch", "; plan again on work"))
    assert git(repo, "rev-parse", "work").decode().strip() == tip


@pytest.mark.parametrize(("path", "change", "said"), FAULTS)
def test_on_head_where_the_branch_is_new(
    repo: Path, capsys: Captured, path: str, change: tuple[str, ...], said: str
) -> None:
    commit(repo, path, *change)
    assert applied(repo, "--dry-run") == applied(repo) == Exit.REFUSED
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("repoint: error: HEAD: stale: ") and said in error
    assert error.endswith(("; plan again on HEAD", "; plan again on this branch"))
    assert not git(repo, "branch", "--list", BRANCH)


def test_a_home_that_was_deleted(repo: Path, capsys: Captured) -> None:
    git(repo, "rm", "-q", "pkg/new.py")
    git(repo, "commit", "-q", "-m", "less")
    assert applied(repo) == Exit.REFUSED
    assert "HEAD: stale: pkg/new.py, a home of the plan, is gone; plan again on HEAD" in capsys.readouterr().err


def test_the_mend_mends(repo: Path) -> None:
    commit(repo, "app/late.py", "from pkg.old import Old\n")
    assert applied(repo) == Exit.REFUSED
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    assert applied(repo) == Exit.DONE
    assert git(repo, "show", f"{BRANCH}:app/late.py") == b"from pkg.new import New\n"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("pkg/new.py", ("class New: ...", "class Base: ...\n\n\nclass New(Base): ...")),
        ("pkg/new.py", ("class New: ...", "from pkg.other import New")),
        ("pkg/other.py", ("class New", "class Old")),
        ("app/late.py", ("from pkg.new import New\nx = 'see pkg.old for more'\n",)),
        ("app/older.py", ("from pkg.older import Old\n",)),
        ("README.md", ("pkg.old was here\n",)),
    ],
)
def test_other_work_may_go_on(repo: Path, path: str, change: tuple[str, ...]) -> None:
    commit(repo, path, *change)
    assert applied(repo, "--branch", "work") == Exit.DONE


def test_what_used_an_old_path_before_is_known_to_the_plan(make_repo: MakeRepo) -> None:
    kept = "from pkg.old import Old  # repoint: keep\n"
    repo = repository(make_repo, {"app/kept.py": kept})
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    commit(repo, "app/kept.py", f"{kept}x = 1\n")
    assert applied(repo) == Exit.DONE


def test_a_finished_branch_may_grow(repo: Path) -> None:
    assert applied(repo) == Exit.DONE
    git(repo, "switch", "-q", BRANCH)
    commit(repo, "pkg/new.py", "class Thing: ...\n", "")
    assert applied(repo) == Exit.DONE


def test_an_old_plan_on_another_line_of_history(repo: Path) -> None:
    git(repo, "switch", "-q", "--orphan", "elsewhere")
    commit(repo, "app/late.py", "from pkg.old import Old\n")
    assert applied(repo) == Exit.DONE  # the plan was not made for what HEAD is


def test_submodules_of_a_stub_are_no_old_paths(make_repo: MakeRepo) -> None:
    files = {"old/__init__.py": "class A: ...\n", "old/tool.py": "x = 1\n", "new.py": "class A: ...\n"}
    manifest = 'name = "case"\n[[move]]\nold = "old:A"\nnew = "new:A"\n[[stub]]\nmodule = "old"\n'
    repo = repository(make_repo, files, manifest)
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    commit(repo, "app/late.py", "from old.tool import x\n")
    assert applied(repo) == Exit.DONE


def test_late_users_of_a_pruned_stub(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = repository(make_repo, {"pkg/old.py": "from pkg.new import New as Old\n", "app/a.py": "", "app/b.py": ""})
    assert run(repo, "prune", "--out", "p.json") == Exit.DONE
    commit(repo, "app/late.py", "from pkg.old import Old\n")
    assert applied(repo) == Exit.REFUSED
    assert "app/late.py:1 (pkg.old.Old)" in capsys.readouterr().err


def test_a_move_of_a_symbol_alone_leaves_the_others(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, manifest=MANIFEST.partition("[[stub]]")[0])
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    commit(repo, "app/late.py", "from pkg.old import dump\n")
    assert applied(repo) == Exit.DONE
    assert FILES["pkg/old.py"].encode() == git(repo, "show", f"{BRANCH}:pkg/old.py")
