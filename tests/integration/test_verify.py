"""`repoint verify` on real repositories: what is right passes, and each planted fault is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import files, status
from tests.integration.migrated import BRANCH, MANIFEST, commit, edit, migrated, repository, run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def repo(make_repo: MakeRepo, capsys: Captured) -> Path:
    made = migrated(make_repo)
    capsys.readouterr()
    return made


def verified(repo: Path, capsys: Captured, *args: str, code: int = Exit.DONE) -> dict[str, Any]:
    assert run(repo, "verify", "--json", *args) == code, capsys.readouterr()
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document["proved"] is (code == Exit.DONE)
    return document


def refused(repo: Path, capsys: Captured, *args: str) -> list[str]:
    """The errors, one line each, which are on stderr as well."""
    assert run(repo, "verify", *args) == Exit.NOT_PROVED
    return capsys.readouterr().err.splitlines()


def test_a_good_branch(repo: Path, capsys: Captured) -> None:
    git(repo, "switch", "-q", "trunk")  # the migration's branch is what is verified
    assert run(repo, "verify") == Exit.DONE
    shown = capsys.readouterr().out.splitlines()
    base, tip = (git(repo, "rev-parse", rev).decode()[:12] for rev in ("trunk", BRANCH))
    assert shown == [
        f"case: {tip} against {base}",
        "",
        "  check                            looked at  not proved",
        "  nothing left to move                     7           0",
        "  every changed file parses                3           0",
        "  new imports find what they name          2           0",
        "  stubs lead to the homes                  1           0",
        "  nobody uses what is gone                 2           0",
        "  no new cycle of imports                  5           0",
        "  stubs are redirects                      1           0",
        "",
        "  stub     before          after",
        "  pkg.old  implementation  redirect",
        "",
        "Verified.",
    ]


def test_json(repo: Path, capsys: Captured) -> None:
    document = verified(repo, capsys)
    assert document["after"] == git(repo, "rev-parse", BRANCH).decode().strip()
    assert document["modules"][0]["after"] == "redirect"
    assert [check["failed"] for check in document["checks"]] == [0] * 7


def test_a_branch_that_was_pruned(repo: Path, capsys: Captured) -> None:
    git(repo, "rm", "-q", "pkg/old.py")
    git(repo, "commit", "-q", "-m", "prune")
    assert verified(repo, capsys)["modules"][0]["after"] == "gone"


def test_other_work_on_the_branch_is_no_fault(repo: Path, capsys: Captured) -> None:
    commit(repo, "app/a.py", "New(Thing)", "New()")
    commit(repo, "app/new.py", "import os\nfrom app.a import New\n\ndef g():\n    from app import b\n")
    git(repo, "rm", "-q", "pkg/other.py")
    git(repo, "commit", "-q", "-m", "less")
    verified(repo, capsys)


def test_the_unmigrated_base_is_refused(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = repository(make_repo)
    assert run(repo, "verify") == Exit.USAGE
    assert capsys.readouterr().err.strip() == (
        "repoint: error: no commit of the migration case is in this history;"
        " switch to its branch, name that by --rev, or say with --base what it was before"
    )
    errors = refused(repo, capsys, "--base", "HEAD")
    assert "app/a.py:1: error[left-to-move]: `from pkg.old import Old, Thing` is still to be moved" in errors[0]
    assert any("pkg/old.py:1: error[no-redirect]: pkg.old is an implementation" in line for line in errors)


def test_another_migrations_commits_are_not_taken_for_this_one(repo: Path, capsys: Captured) -> None:
    where = repo.parent / "migration.toml"
    where.write_text(where.read_text().replace('name = "case"', 'name = "cas"'))
    assert run(repo, "verify", "--rev", BRANCH) == Exit.USAGE
    assert "no commit of the migration cas is in this history" in capsys.readouterr().err


FAULTS = [
    # a removed name, a renamed home
    ("pkg/new.py", ("class Thing: ...\n", ""), "app/a.py:1", "pkg.new.Thing", "is gone"),
    ("pkg/new.py", ("class New", "class Newer"), "pkg/old.py:", "pkg.old takes `Old` from where nothing is", ""),
    ("pkg/new.py", ("class New", "class Newer"), "app/b.py:2", "pkg.new.New", ""),
    # a late user of a dropped name, of a name in the stub, of the module
    ("app/late.py", ("from pkg.old import dump\n",), "app/late.py:1", "pkg.old.dump", "is gone"),
    ("app/late.py", ("import pkg.old\n\n\ndef f():\n    pkg.old.dump()\n",), "app/late.py:5", "pkg.old.dump", ""),
    ("app/late.py", ("from pkg.old import Old\n",), "app/late.py:1", "left-to-move", "from pkg.old import Old"),
    # an import of nothing, where there was something
    ("app/late.py", ("from pkg.old import Old, dump\n",), "app/late.py:1", "pkg.old.dump", ""),
    # a stub that leads to another object
    ("pkg/old.py", ("from pkg.new import New as Old", "from pkg.other import New as Old"), "pkg/old.py:", "`Old`", ""),
    # no Python
    ("app/a.py", ("New(Thing)", "New(Thing"), "app/a.py:2", "does not parse", "never closed"),
    # a new cycle
    (
        "pkg/new.py",
        ("class New: ...", "from app import a\n\n\nclass New: ..."),
        "app/a.py:1",
        "cycle",
        "app.a → pkg.new → app.a",
    ),
]


@pytest.mark.parametrize(("path", "change", "place", "said", "also"), FAULTS)
def test_planted_faults_are_named(
    repo: Path, capsys: Captured, path: str, change: tuple[str, ...], place: str, said: str, also: str
) -> None:
    commit(repo, path, *change)
    errors = refused(repo, capsys)
    assert [line for line in errors if line.startswith(place) and said in line and also in line], errors


def test_a_stub_that_lacks_a_used_name(repo: Path, capsys: Captured) -> None:
    commit(repo, "app/kept.py", "from pkg.old import Thing  # repoint: keep\n")
    verified(repo, capsys)
    commit(repo, "pkg/old.py", "from pkg.new import New as Old\n\n__all__ = ['Old']\n")
    errors = refused(repo, capsys)
    assert any(
        "app/kept.py:1: error[not-proved]: pkg.old.Thing (pkg.old.Thing before) is used here" in e for e in errors
    )
    assert {error.partition(":")[0] for error in errors} == {"app/kept.py"}


def test_a_stub_of_another_layout_is_a_warning(repo: Path, capsys: Captured) -> None:
    commit(repo, "pkg/old.py", (repo / "pkg/old.py").read_text() + "import os\n")
    document = verified(repo, capsys)
    assert [finding["code"] for finding in document["findings"]] == ["stub-differs"]
    assert run(repo, "verify") == Exit.DONE
    assert capsys.readouterr().out.endswith("\nVerified, but for 1 warning.\n")


def test_a_module_that_went_with_its_users_left(repo: Path, capsys: Captured) -> None:
    commit(repo, "app/kept.py", "from pkg.old import Old  # repoint: keep\n")
    git(repo, "rm", "-q", "pkg/old.py")
    git(repo, "commit", "-q", "-m", "too early")
    errors = refused(repo, capsys)
    assert any(error.startswith("app/kept.py:1: error[not-proved]: pkg.old.Old (") for error in errors)


class TestWorkingTree:
    def test_what_lies_on_disk(self, repo: Path, capsys: Captured) -> None:
        verified(repo, capsys, "--worktree")
        edit(repo, "app/late.py", "from pkg.old import dump\n")  # untracked
        edit(repo, "app/a.py", "New(Thing)", "New(")
        verified(repo, capsys)  # nothing of that is committed
        errors = refused(repo, capsys, "--worktree")
        assert {error.partition(": error")[0] for error in errors} == {"app/a.py:2", "app/late.py:1"}

    def test_left_to_move(self, repo: Path, capsys: Captured) -> None:
        edit(repo, "app/late.py", "from pkg.old import Old\n")
        (error,) = refused(repo, capsys, "--worktree")
        assert error.startswith("app/late.py:1: error[left-to-move]")

    def test_ignored_files_are_none(self, repo: Path, capsys: Captured) -> None:
        edit(repo, "app/late.py", "from pkg.old import dump\n")
        edit(repo, ".gitignore", "late.py\n")
        verified(repo, capsys, "--worktree")

    def test_the_repository_stays_as_it_is(self, repo: Path, capsys: Captured) -> None:
        edit(repo, "app/a.py", "New(Thing)", "New()")
        edit(repo, "app/b.py", "import pkg.new\n")
        git(repo, "add", "app/b.py")
        before, was = (status(repo), files(repo)), set((repo / ".git/objects").rglob("*"))
        index = (repo / ".git/index").read_bytes()
        verified(repo, capsys, "--worktree", "--runtime")
        assert ((status(repo), files(repo)), set((repo / ".git/objects").rglob("*"))) == (before, was)
        assert (repo / ".git/index").read_bytes() == index

    def test_with_a_revision_is_a_usage_error(self, repo: Path, capsys: Captured) -> None:
        assert run(repo, "verify", "--worktree", "--rev", "HEAD") == Exit.USAGE

    def test_a_bare_repository_has_none(self, repo: Path, tmp_path: Path, capsys: Captured) -> None:
        git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
        (tmp_path / "bare").mkdir()
        where = tmp_path / "bare.git"
        assert run(where, "verify", "--worktree") == Exit.USAGE
        assert "has no working tree" in capsys.readouterr().err
        verified(where, capsys, "--runtime")


class TestRunTime:
    def at_run_time(self, repo: Path, capsys: Captured, *args: str, code: int = Exit.DONE) -> list[tuple[str, str]]:
        document = verified(repo, capsys, "--runtime", *args, code=code)
        assert document["checks"][-1]["name"] == "old paths give the new objects"
        return [(item["code"], item["message"]) for item in document["findings"] if item["code"] != "stub-differs"]

    def test_one_object(self, repo: Path, capsys: Captured) -> None:
        was = files(repo)
        document = verified(repo, capsys, "--runtime")
        assert document["checks"][-1]["looked_at"] == 2
        assert files(repo) == was

    def test_a_lazy_stub(self, make_repo: MakeRepo, capsys: Captured) -> None:
        repo = migrated(make_repo, manifest=MANIFEST.replace("drop =", 'mode = "lazy"\ndrop ='))
        capsys.readouterr()
        assert self.at_run_time(repo, capsys) == []

    def test_roots(self, make_repo: MakeRepo, capsys: Captured) -> None:
        files = {"src/lib/old.py": "class A: ...\n", "src/lib/new.py": "class A: ...\n"}
        manifest = 'name = "case"\n[scope]\nroots = ["src"]\n[[move]]\nold = "lib.old:A"\nnew = "lib.new:A"\n'
        repo = migrated(make_repo, files, manifest + '[[stub]]\nmodule = "lib.old"\n')
        capsys.readouterr()
        assert self.at_run_time(repo, capsys) == []

    def test_another_object(self, repo: Path, capsys: Captured) -> None:
        # which no syntax tells: the home binds the name once more, by other means
        text = (repo / "pkg/old.py").read_text()
        commit(repo, "pkg/old.py", f"{text}globals()['Old'] = type('Old', (), {{}})\n")
        found = self.at_run_time(repo, capsys, code=Exit.NOT_PROVED)
        assert found == [("broken-redirect", "pkg.old.Old is not pkg.new.New: another object")]

    def test_a_name_that_is_not_there(self, repo: Path, capsys: Captured) -> None:
        text = (repo / "pkg/old.py").read_text()
        commit(repo, "pkg/old.py", f"{text}globals().pop('Thing')\n")
        ((code, message),) = self.at_run_time(repo, capsys, code=Exit.NOT_PROVED)
        assert code == "broken-redirect" and message.startswith("pkg.old.Thing is not pkg.new.Thing: ")

    def test_a_stub_that_cannot_be_imported(self, repo: Path, capsys: Captured) -> None:
        text = (repo / "pkg/old.py").read_text()
        commit(repo, "pkg/old.py", f"{text}1 / 0\n")
        ((code, message),) = self.at_run_time(repo, capsys, code=Exit.NOT_PROVED)
        assert code == "broken-redirect"
        assert message == "pkg.old cannot be imported after its homes: ZeroDivisionError: division by zero"

    def test_only_one_order_works(self, repo: Path, capsys: Captured) -> None:
        text = (repo / "pkg/old.py").read_text()
        commit(repo, "pkg/old.py", f"import sys\nassert 'pkg.new' in sys.modules\n{text}")
        ((code, message),) = self.at_run_time(repo, capsys, code=Exit.NOT_PROVED)
        assert (code, message) == ("broken-redirect", "pkg.old cannot be imported before its homes: AssertionError")

    def test_a_missing_package_is_not_the_redirects_fault(self, repo: Path, capsys: Captured) -> None:
        commit(repo, "pkg/new.py", f"import no_such_package\n{(repo / 'pkg/new.py').read_text()}")
        ((code, message),) = self.at_run_time(repo, capsys)
        assert code == "cannot-import"
        assert message.endswith("ModuleNotFoundError: No module named 'no_such_package'")
        assert message.startswith("pkg.new, a home of pkg.old, cannot be imported")

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            ("import time\ntime.sleep(60)\n", "it took longer than 1 seconds"),
            ("import os\nos._exit(7)\n", "the process ended with code 7"),
            ("raise SystemExit('no')\n", "SystemExit: no"),
        ],
    )
    def test_an_import_that_never_comes_back(self, repo: Path, capsys: Captured, body: str, why: str) -> None:
        commit(repo, "pkg/new.py", body + (repo / "pkg/new.py").read_text())
        ((code, message),) = self.at_run_time(repo, capsys, "--timeout", "1")
        assert code == "cannot-import" and message.endswith(why)

    def test_a_python_that_is_none(self, repo: Path, capsys: Captured) -> None:
        assert run(repo, "verify", "--runtime", "--python", "no/such/python") == Exit.USAGE
        assert "no/such/python" in capsys.readouterr().err.replace("\\", "/")
