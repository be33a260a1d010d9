"""`[batches] by = "owner"` through the command line: batches follow the CODEOWNERS file of the commit planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.migrated import BRANCH, MANIFEST, commit, migrated, repository, run

OWNED = f'{MANIFEST}[batches]\nby = "owner"\n'
MORE = {"tests/test_a.py": "from pkg.old import Old\nOld()\n"}

Captured = pytest.CaptureFixture[str]


def batches(repo: Path) -> list[tuple[str, list[str]]]:
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    made = json.loads((repo.parent / "p.json").read_bytes())
    return [(batch["title"], [file["path"] for file in batch["files"]]) for batch in made["batches"]]


def test_each_owner_gets_a_commit(make_repo: MakeRepo, capsys: Captured) -> None:
    owners = "* @org/all\n/app/a.py @org/a\n/tests/ @org/a\n/app/b.py\n"
    repo = repository(make_repo, {**MORE, ".github/CODEOWNERS": owners, "CODEOWNERS": "* @nobody\n"}, OWNED)
    assert batches(repo) == [
        ("@org/a", ["app/a.py", "tests/test_a.py"]),
        ("no owner", ["app/b.py"]),
        ("redirect pkg.old", ["pkg/old.py"]),
    ]
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    log = git(repo, "log", "--reverse", "--format=%s", f"trunk..{BRANCH}").decode().splitlines()
    assert log == [
        "refactor(imports): @org/a",
        "refactor(imports): no owner",
        "refactor(imports): redirect pkg.old",
    ]


def test_the_file_of_the_commit_counts_and_not_the_one_on_disk(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, {"docs/CODEOWNERS": "* @committed\n"}, OWNED)
    (repo / "docs/CODEOWNERS").write_text("* @edited\n")
    (repo / "CODEOWNERS").write_text("* @untracked\n")
    assert batches(repo)[0][0] == "@committed"


def test_a_line_that_is_none_is_a_warning_at_its_place(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = repository(make_repo, {"CODEOWNERS": "* @all\n*.py team-a\n"}, OWNED)
    assert batches(repo)[0][0] == "@all"
    assert "CODEOWNERS:2" in capsys.readouterr().out


def test_no_file_is_an_error_in_one_line(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = repository(make_repo, manifest=OWNED)
    assert run(repo, "plan", "--out", "p.json") == Exit.USAGE
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and not (repo.parent / "p.json").exists()
    head = git(repo, "rev-parse", "--short=12", "HEAD").decode().strip()
    assert f'{repo.name}: [batches] by = "owner", and commit {head} has no CODEOWNERS file; add one' in told


def test_commands_that_look_at_no_batches_need_no_owners(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = migrated(make_repo, {"CODEOWNERS": "* @all\n"}, OWNED)
    git(repo, "rm", "-q", "CODEOWNERS")
    commit(repo, "README.md", "no owners\n")
    assert run(repo, "verify") == Exit.DONE
    assert run(repo, "prune", "--out", "prune.json") == Exit.DONE
