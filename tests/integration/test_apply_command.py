"""`repoint apply` as a user types it: what it prints and the code it ends with."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from repoint.cli.apply import apply
from repoint.cli.settings import Settings
from repoint.planning.plan_file import dump
from tests.builders import plan
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import BEFORE, BRANCH, head, plan_of

app = typer.Typer()
app.command()(apply)


@pytest.fixture
def repo(make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = make_repo(BEFORE)
    (tmp_path / "plan.json").write_bytes(dump(plan_of(made)))
    monkeypatch.chdir(made)
    return made


def said(*args: str, quiet: bool = False) -> list[str]:
    result = CliRunner().invoke(app, ["../plan.json", *args], obj=Settings(quiet=quiet), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def test_lists_the_commits_and_the_next_steps(repo: Path) -> None:
    lines = said()
    tips = git(repo, "log", "--reverse", "--format=%H", f"trunk..{BRANCH}").decode().splitlines()
    assert lines == [
        *(f"{tip[:10]}  {title}" for tip, title in zip(tips, ("1/3  tools", "2/3  pkg", "3/3  stubs"), strict=True)),
        "",
        f"3 commits on {BRANCH}. Next:",
        f"  git log --oneline {head(repo)[:10]}..{BRANCH}",
        f"  git switch {BRANCH}",
    ]
    assert said() == [f"Nothing to do: all 3 batches are on {BRANCH}."]


def test_resumed(repo: Path) -> None:
    said()
    git(repo, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    lines = said()
    assert lines[0].endswith("  stubs")
    assert lines[2] == f"1 commit on {BRANCH} (2 of 3 batches were there already). Next:"


def test_next_steps_name_the_repository(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo / "pkg")
    result = CliRunner().invoke(app, ["../../plan.json", "--repo", ".."], obj=Settings())
    assert f"  git -C .. switch {BRANCH}" in result.stdout.splitlines()


def test_checked_out_branch(repo: Path) -> None:
    git(repo, "switch", "-q", "-c", "work")
    assert not any("git switch" in line for line in said("--branch", "work"))


def test_dry_run(repo: Path) -> None:
    would = [
        f"Would commit to {BRANCH}, on {head(repo)[:10]}:",
        "  1/3  tools (2 files)",
        "  2/3  pkg (4 files)",
        "  3/3  stubs (2 files)",
    ]
    assert said("--dry-run") == would
    assert git(repo, "branch", "--list", BRANCH) == b""


def test_a_dry_run_with_a_date_tells_the_ids(repo: Path) -> None:
    date = ("--date", "2025-01-31T12:00:00+00:00")
    told = [line.split()[0] for line in said("--dry-run", *date)[1:]]
    said(*date)
    assert git(repo, "log", "--reverse", "--format=%H", f"HEAD..{BRANCH}").decode().split() == told
    assert git(repo, "log", "-1", "--format=%aI %cI", BRANCH).decode().split() == ["2025-01-31T12:00:00+00:00"] * 2


def test_quiet(repo: Path) -> None:
    assert said(quiet=True) == []


def test_plan_without_batches(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(dump(plan(base=head(repo))))
    assert said() == ["Nothing to do: the plan has no batches."]
