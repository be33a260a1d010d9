"""`repoint log` and `repoint rollback` as a user types them: what they print, and the code they end with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repoint.cli import main
from repoint.cli.app import app
from repoint.cli.settings import Settings
from repoint.errors import Exit, UsageError
from repoint.execution.log import read_log
from repoint.planning.plan_file import digest, dump
from tests.conftest import git
from tests.integration.apply_cases import BRANCH, head, three_batches
from tests.integration.rollback_cases import applied, back, work


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return applied(tmp_path_factory.mktemp("template"))


@pytest.fixture
def repo(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = shutil.copytree(template, tmp_path / "repo", symlinks=True)
    monkeypatch.chdir(made)
    return made


def said(*args: str, answer: str | None = None) -> list[str]:
    runner = CliRunner()
    result = runner.invoke(app, args, obj=Settings(), catch_exceptions=False, input=answer)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def rows(lines: list[str]) -> list[tuple[str, str]]:
    """Batch and state of each row of the table."""
    return [(line.split()[0], line.split("refactor(imports): ")[1].split(maxsplit=1)[1].strip()) for line in lines]


def test_log(repo: Path) -> None:
    lines = said("log")
    plan = digest(three_batches(head(repo, "trunk")))
    assert lines[0] == f"case on {BRANCH}: 3 batches of 3 applied, plan {plan[:12]}"
    assert lines[1].split() == ["batch", "commit", "date", "author", "subject", "state"]
    assert rows(lines[2:]) == [("1/3", "applied"), ("2/3", "applied"), ("3/3", "applied")]
    day = git(repo, "log", "-1", "--format=%as").decode().strip()
    assert lines[4].split()[:4] == ["3/3", head(repo)[:10], day, "author"]


def test_log_tells_what_was_taken_back_and_brought_again(repo: Path) -> None:
    back(repo, to="1")
    by = git(repo, "log", "-2", "--format=%h", "--abbrev=10").decode().split()
    git(repo, "revert", "--no-edit", "HEAD")
    lines = said("log")
    assert "2 batches of 3 applied" in lines[0]
    assert rows(lines[2:]) == [
        ("1/3", "applied"),
        ("2/3", f"applied again by {head(repo)[:10]}"),
        ("3/3", f"taken back by {by[1]}"),
    ]


def test_each_plan_has_one_table_and_each_batch_counts_once(repo: Path) -> None:
    text = git(repo, "log", "-1", "--format=%B", "HEAD~").decode()
    other = text.replace("Repoint-Plan: ", f"Repoint-Plan: {'f' * 64}\nX: ")
    for message in (other, text):
        git(repo, "commit", "-q", "--allow-empty", "-F", "-", data=message.encode())
    lines = said("log")
    assert "3 batches of 3 applied" in lines[0] and "1 batch of 3 applied, plan ffffffffffff" in lines[7]
    assert [line.split()[0] for line in (*lines[2:6], *lines[9:])] == ["1/3", "2/3", "3/3", "2/3", "2/3"]


def test_what_acts_on_a_terminal_is_shown(repo: Path) -> None:
    text = git(repo, "log", "-1", "--format=%b").decode()
    message = f"one\x1b[2Jtwo\u202ethree\n\n{text}"
    git(repo, "commit", "-q", "--allow-empty", "-F", "-", data=message.encode())
    assert "one<1b>[2Jtwo<202e>three" in said("log")[-1]
    assert "one<1b>[2Jtwo<202e>three" in said("rollback")[2]


def test_a_shallow_clone_says_that_it_is_one(repo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    git(repo, "clone", "-q", "--depth", "2", repo.as_uri(), str(tmp_path / "cut"))
    assert main(["log", "--repo", str(tmp_path / "cut")]) == Exit.DONE
    out, error = capfd.readouterr()
    assert "2 batches of 3 applied" in out
    assert error == "repoint: this is a shallow clone: what was applied before its first commits is not told\n"


def test_log_as_json(repo: Path) -> None:
    back(repo)
    found = json.loads("\n".join(said("log", "--json")))
    assert list(found) == ["schema_version", "branch", "tip", "batches"]
    assert (found["branch"], found["tip"]) == (BRANCH, head(repo))
    last = found["batches"][2]
    assert (last["position"], last["total"], last["state"], last["by"]) == (3, 3, "taken back", head(repo))
    assert last["commit"] == head(repo, "HEAD~")


def test_lines_for_blame(repo: Path) -> None:
    """git takes them, and then blames the author of the code for it."""
    back(repo)
    (repo / ".git-blame-ignore-revs").write_text("\n".join(said("log", "--ignore-revs")) + "\n")
    ids = git(repo, "log", "--reverse", "--format=%H", "trunk..").decode().split()
    assert [line for line in said("log", "--ignore-revs") if not line.startswith("#")] == ids
    assert said("log", "--ignore-revs")[-2:] == ['# Revert "refactor(imports): stubs"', head(repo)]
    blamed = git(repo, "blame", "-l", "-s", "--ignore-revs-file", ".git-blame-ignore-revs", "old.py")
    assert blamed.lstrip(b"^").startswith(head(repo, "trunk")[:38].encode())


def test_two_forms_at_once(repo: Path) -> None:
    with pytest.raises(UsageError, match="--json and --ignore-revs are two forms"):
        said("log", "--json", "--ignore-revs")


def test_targets_of_log(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(dump(three_batches(head(repo, "trunk"))))
    for target in (BRANCH, f"refs/heads/{BRANCH}", "case", "../plan.json"):
        assert read_log(repo, target).branch == BRANCH
    assert len(read_log(repo, "HEAD~").batches) == 2
    assert read_log(repo, head(repo)).branch == head(repo)[:12]
    git(repo, "switch", "-q", "trunk")
    assert read_log(repo, None).branch == BRANCH  # the only one of its kind
    git(repo, "switch", "-q", "-c", "release", BRANCH)
    assert read_log(repo, None).branch == "release"  # it holds the batches
    git(repo, "branch", "-q", "-D", BRANCH)
    assert read_log(repo, "../plan.json").branch == "release"
    git(repo, "branch", "repoint/one")
    git(repo, "branch", "repoint/two")
    git(repo, "switch", "-q", "trunk")
    with pytest.raises(UsageError, match="several branches of migrations: repoint/one, repoint/two; name one"):
        read_log(repo, None)


def test_only_the_migration_that_was_named(repo: Path) -> None:
    text = git(repo, "log", "-1", "--format=%B").decode().replace("Migration: case", "Migration: other")
    git(repo, "commit", "-q", "--allow-empty", "-F", "-", data=text.encode())
    assert [item.migration for item in read_log(repo, BRANCH).batches] == ["case", "case", "case", "other"]
    assert [item.migration for item in read_log(repo, "case").batches] == ["case", "case", "case"]
    assert len(read_log(repo, "case").revisions) == 3
    assert len([line for line in said("log") if " batches of " in line or " batch of " in line]) == 2


def test_nothing_was_applied(repo: Path) -> None:
    assert said("log", "trunk") == ["Nothing was applied on trunk."]
    assert said("log", "trunk", "--ignore-revs") == []
    git(repo, "switch", "-q", "--detach", "trunk")
    git(repo, "branch", "-q", "-D", BRANCH)
    assert said("log") == [f"Nothing was applied on {head(repo)[:12]}."]


def test_rollback(repo: Path) -> None:
    old = head(repo)
    lines = said("rollback")
    assert lines == [
        f"Took back 1 batch on {BRANCH}, by commits that revert:",
        "  batch  commit      subject                   reverted by",
        f"  3/3    {old[:10]}  refactor(imports): stubs  {head(repo)[:10]}",
        "",
        "To keep the state before that, under a name of your own:",
        f"  git branch NAME {old}",
    ]
    assert said("--quiet", "rollback", "--all") == []
    assert said("rollback") == [f"Nothing to take back: no batch stands on {BRANCH}."]


def test_what_to_type_from_elsewhere(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = head(repo)
    monkeypatch.chdir(tmp_path)
    assert said("rollback", "--repo", "repo")[-1] == f"  git -C repo branch NAME {old}"


def test_rollback_by_moving_back(repo: Path) -> None:
    to = head(repo, "HEAD~2")
    assert said("rollback", "--to", "1", "--hard", "--dry-run")[0] == (
        f"Would take back 2 batches on {BRANCH}, by moving it back to {to[:10]}:"
    )
    lines = said("rollback", "--to", "1", "--hard")
    assert lines[0] == f"Took back 2 batches on {BRANCH}, by moving it back to {to[:10]}:"
    assert lines[1].split() == ["batch", "commit", "subject"]
    assert head(repo) == to


def test_rollback_as_json(repo: Path) -> None:
    old = head(repo)
    found = json.loads("\n".join(said("rollback", "--json")))
    assert (found["branch"], found["old"], found["new"], found["moved_back"]) == (BRANCH, old, head(repo), False)
    assert found["taken"][0]["revert"] == head(repo)


def test_notes_of_a_rollback_go_to_stderr(repo: Path) -> None:
    git(repo, "revert", "--no-edit", "--no-commit", "HEAD")
    git(repo, "commit", "-q", "-m", "by hand")
    result = CliRunner().invoke(app, ["rollback"], obj=Settings(), catch_exceptions=False)
    assert "repoint: was undone already, its revert changes nothing" in result.stderr


def test_two_ways_at_once(repo: Path) -> None:
    with pytest.raises(UsageError, match="--hard and --revert say two things"):
        said("rollback", "--hard", "--revert")


@pytest.mark.parametrize(("answer", "moved"), [("y\n", True), ("\n", False)])
def test_on_a_terminal_it_asks(repo: Path, monkeypatch: pytest.MonkeyPatch, answer: str, moved: bool) -> None:
    to = head(repo, "HEAD~")
    monkeypatch.setattr("repoint.cli.rollback._is_interactive", lambda: True)
    result = CliRunner().invoke(app, ["--quiet", "rollback", "--dry-run"], obj=Settings(), input=answer)
    assert "Move" not in result.stderr
    result = CliRunner().invoke(app, ["rollback"], obj=Settings(), input=answer, catch_exceptions=False)
    assert f"Move {BRANCH} back to {to[:10]}, and make no reverts? [y/N]:" in result.stderr
    assert (head(repo) == to) == moved
    work(repo)
    assert "Move" not in CliRunner().invoke(app, ["rollback"], obj=Settings(), input=answer).stderr


def test_nobody_is_asked_in_a_pipe(repo: Path) -> None:
    assert not sys.stdin.isatty() or not sys.stderr.isatty()
    assert "by commits that revert" in said("rollback", answer="y\n")[0]
