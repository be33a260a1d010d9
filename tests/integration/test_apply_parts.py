"""`apply --batch` and `--skip`: the beginning of a plan, or a part that is proved again; and going on afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.migrated import BRANCH, MANIFEST, repository, run
from tests.integration.migrated import FILES as BEFORE

Captured = pytest.CaptureFixture[str]
FILES = {"pkg/__init__.py": "", "one/a.py": "from pkg.old import Old\n", "two/b.py": "from pkg.old import Thing\n"}
TITLES = ["one", "two", "app", "redirect pkg.old"]


@pytest.fixture
def repo(make_repo: MakeRepo, capsys: Captured) -> Path:
    """With a plan of four batches beside it: one, two, app, and the stub."""
    made = repository(make_repo, FILES, MANIFEST + '[batches]\norder = ["one/**", "two/**", "**"]\n')
    assert run(made, "plan", "--out", "p.json") == Exit.DONE
    capsys.readouterr()
    return made


def applied(repo: Path, *args: str) -> int:
    return main(["apply", str(repo.parent / "p.json"), "--repo", str(repo), *args])


def proved(repo: Path, *args: str) -> int:
    return applied(repo, "--manifest", str(repo.parent / "migration.toml"), *args)


def subjects(repo: Path) -> list[str]:
    log = git(repo, "log", "--reverse", "--format=%s", f"HEAD..{BRANCH}").decode().splitlines()
    return [line.removeprefix("refactor(imports): ") for line in log]


def places(repo: Path) -> list[str]:
    form = "--format=%(trailers:key=Repoint-Batch,valueonly,separator=)"
    return git(repo, "log", "--reverse", form, f"HEAD..{BRANCH}").decode().split()


def test_the_beginning_is_the_same_plan_and_needs_no_manifest(repo: Path, capsys: Captured) -> None:
    assert applied(repo, "--batch", "-2") == Exit.DONE
    assert (subjects(repo), places(repo)) == (TITLES[:2], ["1/4", "2/4"])
    assert applied(repo, "--batch", "1,3") == Exit.DONE
    assert places(repo) == ["1/4", "2/4", "3/4"]
    assert "1 commit on repoint/case (2 of 4 batches were there already). Next:" in capsys.readouterr().out
    assert applied(repo, "--batch", "2-3") == Exit.DONE
    assert "Nothing to do: these batches are on repoint/case; 3 of 4 are." in capsys.readouterr().out
    assert applied(repo) == Exit.DONE
    assert places(repo) == ["1/4", "2/4", "3/4", "4/4"]


def test_another_part_is_proved_again_and_keeps_its_numbers(repo: Path, capsys: Captured) -> None:
    assert applied(repo, "--batch", "2-3") == Exit.USAGE
    error = capsys.readouterr().err
    assert error.endswith("is proved again; name the plan's manifest by --manifest\n") and error.count("\n") == 1
    assert proved(repo, "--batch", "2-3") == Exit.DONE
    assert (subjects(repo), places(repo)) == (TITLES[1:3], ["2/4", "3/4"])
    assert proved(repo, "--batch", "2-3") == Exit.DONE
    assert len(subjects(repo)) == 2
    capsys.readouterr()
    assert proved(repo) == Exit.DONE
    assert places(repo) == ["2/4", "3/4", "1/4", "4/4"]
    assert capsys.readouterr().err == f"repoint: batch 1 is missing on {BRANCH} below batch 3; committed on top\n"
    assert run(repo, "plan", "--rev", BRANCH, "--check", "--out", "again.json") == Exit.DONE


def test_skipped_files_stay(repo: Path) -> None:
    assert proved(repo, "--skip", "two/**", "--skip", "1") == Exit.DONE
    assert subjects(repo) == TITLES[2:]
    assert git(repo, "show", f"{BRANCH}:two/b.py").decode() == FILES["two/b.py"]
    assert proved(repo, "--skip", "two/**", "--skip", "1") == Exit.DONE
    assert len(subjects(repo)) == 2


@pytest.fixture
def gated(repo: Path) -> Path:
    """The same with a formatter, and a gate that fails at the batches which the file `red` names."""
    after = "import sys, pathlib; [pathlib.Path(p).open('a').write('# tidy\\n') for p in sys.argv[1:]]"
    gate = f"import os, pathlib; red = pathlib.Path({str(repo.parent / 'red')!r}).read_text().split()"
    gate += "; raise SystemExit(os.environ.get('REPOINT_POSITION') in red)"
    tables = f"[after]\nrun = {json.dumps([[sys.executable, '-c', after]])}\n"
    tables += f"[gates]\neach = {json.dumps([[sys.executable, '-c', gate]])}\n"
    manifest = repo.parent / "migration.toml"
    manifest.write_text(manifest.read_text() + tables)
    (repo.parent / "red").write_text("")
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    return repo


def test_a_batch_whose_gate_fails_is_left_out_and_taken_in_later(gated: Path, capsys: Captured) -> None:
    (gated.parent / "red").write_text("2/4 3/4")
    assert proved(gated) == Exit.GATE_FAILED
    assert "for batch 2/4 (two); 1 of 4 batches are on" in capsys.readouterr().err
    assert proved(gated, "--skip", "2") == Exit.GATE_FAILED
    assert "for batch 3/4 (app); 1 of 4 batches are on" in capsys.readouterr().err
    assert proved(gated, "--skip", "2", "--skip", "3") == Exit.DONE
    assert capsys.readouterr().err == ""
    (gated.parent / "red").write_text("")
    assert proved(gated) == Exit.DONE
    assert places(gated) == ["1/4", "4/4", "2/4", "3/4"]
    assert "batches 2-3 are missing on repoint/case below batch 4; committed on top" in capsys.readouterr().err


def test_a_file_is_left_out_after_some_batches_were_formatted(gated: Path, capsys: Captured) -> None:
    assert proved(gated, "--batch", "-2") == Exit.DONE
    assert proved(gated, "--skip", "app/b.py") == Exit.DONE
    assert places(gated) == ["1/4", "2/4", "3/4", "4/4"]
    assert git(gated, "show", f"{BRANCH}:app/b.py").decode() == BEFORE["app/b.py"]
    assert capsys.readouterr().err == ""


def test_a_part_that_does_not_stand_on_its_own(make_repo: MakeRepo, capsys: Captured) -> None:
    gone = MANIFEST.replace('drop = ["dump"]', 'mode = "delete"') + '[batches]\norder = ["one/**", "two/**", "**"]\n'
    repo = repository(make_repo, FILES, gone)
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    capsys.readouterr()
    assert proved(repo, "--skip", "two/b.py") == Exit.NOT_PROVED
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("repoint: error: two/b.py:1: ")
    assert error.endswith("; take in batch 2 (02-two) as well, or leave out batch 4 (04-delete-pkg-old) too")
    assert not git(repo, "branch", "--list", BRANCH)
    assert proved(repo, "--skip", "two/b.py", "--skip", "4", "--dry-run") == Exit.DONE
    assert proved(repo, "--batch", "-3") == Exit.DONE
    assert proved(repo, "--batch", "4") == Exit.DONE  # with what stands already, it is the whole


@pytest.mark.parametrize("args", [("--batch", "9"), ("--batch", "x"), ("--skip", "nowhere/**"), ("--skip", "1-")])
def test_what_names_nothing(repo: Path, capsys: Captured, args: tuple[str, str]) -> None:
    assert proved(repo, *args) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 1
    assert not git(repo, "branch", "--list", BRANCH)


def test_a_dry_run_of_a_part(repo: Path, capsys: Captured) -> None:
    assert applied(repo, "--batch", "1-2", "--dry-run") == Exit.DONE
    assert capsys.readouterr().out.splitlines()[1:] == ["  1/4  one (1 file)", "  2/4  two (1 file)"]


def test_final_gates_wait_for_the_whole(repo: Path) -> None:
    manifest = repo.parent / "migration.toml"
    manifest.write_text(manifest.read_text() + "[gates]\nfinal = ['git rev-parse --verify -q HEAD']\n")
    assert run(repo, "plan", "--out", "p.json") == Exit.DONE
    logs = repo / ".git/repoint/logs/case"
    assert proved(repo, "--batch", "1-3") == Exit.DONE
    assert not logs.exists()
    assert proved(repo) == Exit.DONE
    assert sorted(path.name for path in logs.iterdir()) == ["4-final-1.log", "base-1.log"]
