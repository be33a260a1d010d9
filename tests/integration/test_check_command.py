"""`audit`, `check` and `history` through the command line, on real repositories."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from repoint.cli import main
from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.migrated import MANIFEST, commit, edit, migrated, repository

TARGETS = MANIFEST + '[targets]\ndeprecated_imports = "== 0"\n'
ADDED = "from pkg.old import Old\n"


class Said(NamedTuple):
    """What a command ended with and printed."""

    code: int
    out: str
    error: str


class Desk:
    """Commands with a manifest beside the repository; files that they write lie there, too."""

    def __init__(self, repo: Path, captured: pytest.CaptureFixture[bytes]) -> None:
        self.repo = repo
        self.captured = captured
        self.baseline = repo.parent / "migration.baseline.json"

    def __call__(self, command: str, *args: str, repo: Path | None = None, quiet: bool = False) -> Said:
        self.captured.readouterr()
        asked = [*(["--quiet"] if quiet else []), command, str(self.repo.parent / "migration.toml")]
        code = main([*asked, "--repo", str(repo or self.repo), *args])
        out, error = self.captured.readouterr()
        return Said(code, out.decode(), error.decode())

    def refused(self, command: str, *args: str, repo: Path | None = None) -> str:
        """The one line of an error of use."""
        said = self(command, *args, repo=repo)
        assert (said.code, said.out, said.error.count("\n")) == (Exit.USAGE, "", 1), said
        return said.error


@pytest.fixture
def desk(make_repo: MakeRepo, capfdbinary: pytest.CaptureFixture[bytes]) -> Desk:
    return Desk(repository(make_repo), capfdbinary)


@pytest.fixture
def held(make_repo: MakeRepo, capfdbinary: pytest.CaptureFixture[bytes]) -> Desk:
    """A repository that misses a target."""
    return Desk(repository(make_repo, manifest=TARGETS), capfdbinary)


FORMATS = ["table", "json", "markdown", "sarif", "github"]
SHOWN = [("audit", "html"), *((command, format) for command in ("audit", "check") for format in FORMATS)]


@pytest.mark.parametrize(("command", "format"), SHOWN)
def test_every_format_goes_to_stdout_and_into_a_file(desk: Desk, command: str, format: str, tmp_path: Path) -> None:
    said = desk(command, "--format", format)
    written = desk(command, "--format", format, "--out", str(tmp_path / "out"))
    assert (said.code, said.error) == (written.code, "")
    assert written.out == "" and (tmp_path / "out").read_text() == said.out
    assert "pkg.old" in said.out or "app/a.py" in said.out
    if format in ("json", "sarif"):
        json.loads(said.out)


def test_each_format_of_a_check_says_what_is_against_the_commit(held: Desk) -> None:
    """A missed target, and what is gone, are no places: who reads the log has to see them all the same."""
    held("check", "--update-baseline")
    commit(held.repo, "app/a.py", "x = 1\n")
    told = {format: held("check", "--format", format) for format in FORMATS}
    assert {said.code for said in told.values()} == {Exit.PENDING}
    found = json.loads(told["json"].out)
    assert (found["passed"], found["whole"], found["new"]) == (False, True, [])
    assert [item["metric"] for item in found["missed"]] == ["deprecated_imports"]
    assert [item["path"] for item in found["gone"]] == ["app/a.py", "app/a.py"]
    lines = told["github"].out.splitlines()
    assert [line[:8] for line in lines] == 3 * ["::error "]
    for format in ("table", "markdown", "github"):
        assert "deprecated imports" in told[format].out and "app/a.py" in told[format].out, format
        assert "--update-baseline" in told[format].out


def test_a_check_of_changes_tells_no_figures_of_the_whole(held: Desk) -> None:
    base = git(held.repo, "rev-parse", "HEAD").strip()
    commit(held.repo, "app/new.py", ADDED)
    said = held("check", "--diff", base, "--format", "markdown")
    assert said.code == Exit.PENDING and "only changed files" in said.out and "target" not in said.out
    found = json.loads(held("check", "--diff", base, "--format", "json").out)
    assert (found["whole"], found["missed"], len(found["new"])) == (False, [], 1)


@pytest.mark.parametrize("command", ["audit", "check", "history"])
def test_a_file_that_cannot_be_written(desk: Desk, command: str, tmp_path: Path) -> None:
    assert "cannot be written" in desk.refused(command, "--format", "json", "--out", str(tmp_path / "no" / "out"))


def test_an_audit_is_no_judgement(held: Desk) -> None:
    assert held("audit").code == Exit.DONE


def test_quiet_prints_no_table(held: Desk) -> None:
    for command in ("audit", "check", "history"):
        said = held(command, quiet=True)
        assert (said.out, said.error) == ("", "")
    assert held("check", quiet=True).code == Exit.PENDING


def test_one_symbol(desk: Desk) -> None:
    found = json.loads(desk("audit", "--symbol", "New", "--format", "json").out)
    assert {item["symbol"] for item in found["occurrences"]} == {"pkg.new:New"}
    assert desk("audit", "--symbol", "pkg.new.New").out == desk("audit", "--symbol", "pkg.new:New").out
    assert "did you mean New?" in desk.refused("audit", "--symbol", "Neww")


def test_a_code_is_explained(desk: Desk, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["audit", "--explain", "deprecated-import"]) == Exit.DONE
    assert b"deprecated" in capfdbinary.readouterr().out
    assert main(["audit", "--explain", "nonsense"]) == Exit.USAGE
    assert capfdbinary.readouterr().err.count(b"\n") == 1
    assert main(["audit"]) == Exit.USAGE
    assert b"no manifest is named" in capfdbinary.readouterr().err


def test_a_missed_target_speaks_against_the_commit(held: Desk) -> None:
    assert held("check").code == Exit.PENDING
    held("check", "--update-baseline")
    said = held("check")
    assert (said.code, "deprecated_imports" in said.out or "deprecated imports" in said.out) == (Exit.PENDING, True)


def test_a_finished_migration_passes(make_repo: MakeRepo, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    files = {"pkg/other.py": "x = 1\n"}
    desk = Desk(migrated(make_repo, files, TARGETS), capfdbinary)
    assert desk("check").code == Exit.DONE
    assert desk("check", "--diff", "trunk").code == Exit.DONE


def test_the_life_of_a_baseline(desk: Desk) -> None:
    assert desk("check").code == Exit.PENDING
    said = desk("check", "--update-baseline")
    assert (said.code, desk.baseline.exists(), "violations" in said.error) == (Exit.DONE, True, True)
    first = desk.baseline.read_bytes()
    assert desk("check").code == Exit.DONE
    commit(desk.repo, "app/a.py", "import os\n\n\nfrom pkg.old import Old, Thing\nOld(Thing)\n")
    assert desk("check").code == Exit.DONE
    assert desk("check", "--update-baseline").code == Exit.DONE
    assert desk.baseline.read_bytes() == first

    commit(desk.repo, "app/c.py", ADDED)
    said = desk("check")
    assert (said.code, "app/c.py" in said.out, "app/a.py" in said.out) == (Exit.PENDING, True, False)
    assert desk("check", "--update-baseline").code == Exit.PENDING
    assert desk.baseline.read_bytes() == first
    assert desk("check", "--update-baseline", "--accept-new").code == Exit.DONE
    assert b"app/c.py" in desk.baseline.read_bytes()
    assert desk("check").code == Exit.DONE

    commit(desk.repo, "app/c.py", "")
    said = desk("check")
    assert (said.code, "app/c.py" in said.out) == (Exit.PENDING, True)
    assert desk("check", "--update-baseline").code == Exit.DONE
    assert (desk.baseline.read_bytes(), desk("check").code) == (first, Exit.DONE)


def test_a_baseline_that_cannot_be_used(desk: Desk) -> None:
    assert "no such baseline" in desk.refused("check", "--baseline", "nowhere.json")
    assert "cannot be read" in desk.refused("check", "--baseline", str(desk.repo))
    desk.baseline.write_text("nonsense")
    assert "is no baseline" in desk.refused("check")
    assert "is no baseline" in desk.refused("check", "--update-baseline", "--accept-new")


@pytest.mark.parametrize(
    "args",
    [
        ("check", "--rev", "HEAD", "--staged"),
        ("check", "--worktree", "--staged"),
        ("audit", "--rev", "HEAD", "--worktree"),
        ("check", "--accept-new"),
        ("check", "--diff", "HEAD", "--update-baseline"),
        ("check", "--diff", "nowhere"),
        ("check", "--diff", "-x"),
        ("check", "--diff", ""),
        ("check", "--rev", "nowhere"),
        ("history", "--since", "nowhere"),
        ("history", "--rev", "nowhere"),
        ("history", "--since", "HEAD"),
    ],
)
def test_contradictions_and_names_of_nothing(desk: Desk, args: tuple[str, ...]) -> None:
    desk.refused(*args)


def test_the_index_and_the_files_on_disk(desk: Desk) -> None:
    desk("check", "--update-baseline")
    edit(desk.repo, "app/c.py", ADDED)
    assert [desk("check", option).code for option in ("--staged", "--worktree")] == [Exit.DONE, Exit.PENDING]
    git(desk.repo, "add", "app/c.py")
    edit(desk.repo, "app/c.py", "")
    assert [desk("check", option).code for option in ("--staged", "--worktree")] == [Exit.PENDING, Exit.DONE]
    assert desk("check", "--staged", "--diff", "HEAD").code == Exit.PENDING
    assert desk("check", "--worktree", "--diff", "HEAD").code == Exit.DONE
    assert desk("check").code == Exit.DONE


def test_a_diff_tells_only_what_a_branch_brings(desk: Desk) -> None:
    git(desk.repo, "switch", "-q", "-c", "topic")
    commit(desk.repo, "app/b.py", "import pkg.old\npkg.old.Old()\nx = 1\n")
    assert desk("check", "--diff", "trunk").code == Exit.DONE
    commit(desk.repo, "app/c.py", ADDED)
    said = desk("check", "--diff", "trunk")
    assert (said.code, "app/c.py" in said.out, "app/b.py" in said.out) == (Exit.PENDING, True, False)
    git(desk.repo, "switch", "-q", "trunk")
    commit(desk.repo, "app/d.py", ADDED)
    assert "app/d.py" not in desk("check", "--rev", "topic", "--diff", "trunk").out
    desk("check", "--rev", "topic", "--update-baseline")
    assert desk("check", "--rev", "topic", "--diff", "trunk").code == Exit.DONE


def test_a_bare_repository(desk: Desk, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(desk.repo, "clone", "-q", "--bare", str(desk.repo), str(bare))
    for command in ("audit", "check", "history"):
        assert desk(command, repo=bare).out == desk(command).out
    for option in ("--staged", "--worktree"):
        assert "has no working tree" in desk.refused("check", option, repo=bare)


def test_a_repository_without_a_commit(desk: Desk, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    for command in ("audit", "check", "history"):
        assert "has no commit yet" in desk.refused(command, repo=empty)
    assert "no such folder" in desk.refused("check", repo=tmp_path / "nowhere")
    (empty / "c.py").write_text(ADDED)
    assert desk("check", "--worktree", repo=empty).code == Exit.PENDING
    git(empty, "add", "-A")
    assert desk("check", "--staged", repo=empty).code == Exit.PENDING


def test_a_shallow_clone_without_the_merge_base(desk: Desk, tmp_path: Path) -> None:
    git(desk.repo, "switch", "-q", "-c", "topic")
    commit(desk.repo, "app/c.py", ADDED)
    git(desk.repo, "switch", "-q", "trunk")
    commit(desk.repo, "app/d.py", ADDED)
    shallow = tmp_path / "shallow"
    git(desk.repo, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{desk.repo}", str(shallow))
    said = desk.refused("check", "--rev", "origin/topic", "--diff", "origin/trunk", repo=shallow)
    assert "shares no history" in said and "shallow" in said
    assert desk("audit", repo=shallow).code == Exit.DONE
    assert desk("history", repo=shallow).code == Exit.DONE


def test_an_unmerged_index_is_refused(desk: Desk) -> None:
    git(desk.repo, "switch", "-q", "-c", "topic")
    commit(desk.repo, "app/a.py", "x = 1\n")
    git(desk.repo, "switch", "-q", "trunk")
    commit(desk.repo, "app/a.py", "x = 2\n")
    subprocess.run(["git", "merge", "-q", "topic"], cwd=desk.repo, capture_output=True, check=False)
    assert "app/a.py" in (said := desk.refused("check", "--staged")) or "unmerged" in said


def test_history_in_every_format(desk: Desk, tmp_path: Path) -> None:
    commit(desk.repo, "app/c.py", ADDED)
    found = json.loads(desk("history", "--format", "json").out)
    assert [point["figures"]["deprecated_imports"] for point in found["points"]] == [3, 4]
    rows = desk("history", "--format", "csv").out.splitlines()
    assert len(rows) == 3
    assert len(desk("history", "--format", "csv", "--since", "HEAD~1").out.splitlines()) == 2
    for format in ("table", "csv", "json"):
        assert desk("history", "--format", format, "--out", str(tmp_path / "out")).out == ""
        assert (tmp_path / "out").read_bytes() == desk("history", "--format", format).out.encode()


def test_a_manifest_without_anything_to_look_for(desk: Desk) -> None:
    (desk.repo.parent / "migration.toml").write_text('name = "case"\n')
    for command in ("audit", "check", "history"):
        assert desk(command).code == Exit.DONE


def test_what_is_no_commit_is_called_by_its_name(desk: Desk) -> None:
    assert " at index: " in desk("check", "--staged").out
    assert " at working-tree: " in desk("audit", "--worktree").out
    assert json.loads(desk("audit", "--worktree", "--format", "json").out)["commit"] == "working-tree"
