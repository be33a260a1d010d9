"""`repoint plan`: what it writes where, and how it exits."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from repoint.cli import main, output
from repoint.cli import plan as plan_command  # the module
from repoint.cli.progress import silent
from repoint.errors import Exit
from repoint.model import Severity
from repoint.planning.plan_file import dump
from tests.builders import batch, finding, plan, replaced
from tests.conftest import MakeRepo, git
from tests.unit.cli.pipelines import FakePipeline

DATA = b"from old import A\n"
PENDING = plan(batch(1, replaced("pkg/a.py", DATA, ("old", "new"))))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_request_is_what_the_arguments_say(pipeline: FakePipeline) -> None:
    assert main(["plan", "m.toml", "--repo", "there", "--rev", "v1", "--jobs", "3"]) == Exit.DONE
    (asked,) = pipeline.asked
    assert (asked.repo, asked.manifest, asked.rev, asked.jobs) == (Path("there"), Path("m.toml"), "v1", 3)


def test_the_plan_is_written_beside_you_under_its_name(
    pipeline: FakePipeline, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.gives = PENDING
    assert main(["plan", "m.toml"]) == Exit.DONE
    assert (folder / "case.plan.json").read_bytes() == dump(PENDING)
    assert "repoint apply case.plan.json --manifest m.toml" in capsys.readouterr().out


def test_json_is_all_that_stands_on_stdout(pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.gives = PENDING
    assert main(["plan", "m.toml", "--json", "--out", "p.json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["plan"] == "p.json"


def test_quiet_prints_nothing(pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.gives = PENDING
    assert main(["--quiet", "plan", "m.toml"]) == Exit.DONE
    assert capsys.readouterr() == ("", "")


def test_verbose_shows_every_place(pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.gives = plan(findings=tuple(finding(line=line) for line in range(1, 20)))
    main(["plan", "m.toml"])
    assert "+14 more" in capsys.readouterr().out
    main(["--verbose", "plan", "m.toml"])
    assert "pkg/a.py:19:" in capsys.readouterr().out


def test_check_tells_pending_from_done(pipeline: FakePipeline, folder: Path) -> None:
    assert main(["plan", "m.toml", "--check"]) == Exit.DONE
    pipeline.gives = PENDING
    assert main(["plan", "m.toml", "--check", "--out", "p.json"]) == Exit.PENDING
    assert (folder / "p.json").exists()


def test_errors_refuse_the_plan_but_it_is_written(
    pipeline: FakePipeline, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = finding("pkg/a.py", 3, code="orphan", severity=Severity.ERROR, message="`A` is lost", mend="move it")
    pipeline.gives = plan(findings=(finding(), lost))
    assert main(["plan", "m.toml", "--check"]) == Exit.NOT_PROVED
    assert capsys.readouterr().err == "pkg/a.py:3: error[orphan]: `A` is lost; move it\n"
    assert (folder / "case.plan.json").exists()


def test_errors_are_told_once_where_both_streams_are_one_terminal(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.gives = plan(findings=(finding(severity=Severity.ERROR),))
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setattr(plan_command, "progress", lambda *, quiet: nullcontext(silent))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["plan", "m.toml"]) == Exit.NOT_PROVED
    said = capsys.readouterr()
    assert said.out.count("`New` is taken") == 1
    assert said.err == ""
    assert main(["plan", "m.toml", "--json"]) == Exit.NOT_PROVED
    assert capsys.readouterr().err.count("`New` is taken") == 1


def test_a_plan_that_cannot_be_written_is_said_with_its_name(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "m.toml", "--out", "no/such/folder/p.json"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.startswith("repoint: error: ")
    assert "p.json: cannot be written: " in said


def test_the_patch_is_one_that_git_takes(pipeline: FakePipeline, folder: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"pkg/a.py": DATA})
    pipeline.gives = PENDING
    assert main(["plan", "m.toml", "--repo", str(repo), "--patch", "p.patch"]) == Exit.DONE
    git(repo, "apply", "--check", data=(folder / "p.patch").read_bytes())
