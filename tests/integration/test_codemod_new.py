"""`repoint codemod new`: two files that work, the table that makes them a step, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit


def new(name: str, *options: str) -> int:
    return main(["codemod", "new", name, *options])


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_rename_helper.py"]
    env = {**os.environ, "PYTEST_ADDOPTS": ""}
    return subprocess.run(pytest_, cwd=folder, capture_output=True, text=True, env=env)


@pytest.mark.parametrize("kind", ["libcst", "bowler"])
def test_its_test_passes(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("rename_helper", "--kind", kind, "--dir", str(tmp_path)) == Exit.DONE
    out, err = capsys.readouterr()
    assert listed(tmp_path) == ["rename_helper.py", "test_rename_helper.py"]
    [table] = tomllib.loads(out[out.index("[[codemod]]") :])["codemod"]
    assert (table["kind"], table["ref"].partition(":")[0], err) == (kind, "rename_helper", "")
    command = next(line for line in out.splitlines() if "-m pytest" in line)
    assert command == f"    python -m pytest {tmp_path / 'test_rename_helper.py'}"
    done = run_tests(tmp_path)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_its_test_fails_where_the_codemod_is_wrong(tmp_path: Path) -> None:
    assert new("rename_helper", "--dir", str(tmp_path)) == Exit.DONE
    module = tmp_path / "rename_helper.py"
    module.write_text(module.read_text().replace('value="warning"', 'value="warned"'))
    done = run_tests(tmp_path)
    assert 'log.warned("%s is full", disk)' in done.stdout
    assert done.returncode == 1


def test_quiet_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quiet", "codemod", "new", "mine", "--dir", str(tmp_path)]) == Exit.DONE
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("there", ["mine.py", "test_mine.py"])
def test_what_is_there_stays_unless_forced(there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / there).write_text("kept")
    assert new("mine", "--dir", str(tmp_path)) == Exit.REFUSED
    told = f"repoint: error: {tmp_path / there}: is there already; give another name, or --force\n"
    assert (capsys.readouterr(), listed(tmp_path)) == (("", told), [there])
    assert new("mine", "--dir", str(tmp_path), "--force") == Exit.DONE
    assert listed(tmp_path) == ["mine.py", "test_mine.py"]
    assert (tmp_path / there).read_text() != "kept"


def test_a_folder_in_the_way_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test_mine.py").mkdir()
    assert new("mine", "--dir", str(tmp_path), "--force") == Exit.REFUSED
    assert "is a folder; give another name" in capsys.readouterr().err
    assert listed(tmp_path) == ["test_mine.py"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1st", "'1st' cannot be a module's name; use letters, digits"),
        ("class", "'class' cannot be a module's name; "),
        ("a.b", "'a.b' cannot be a module's name; "),
        ("a/b", "'a/b' cannot be a module's name; "),
        ("ast", "a module called ast would hide that of the standard library from whatever imports that; "),
        ("libcst", "a module called libcst would hide "),
        ("bowler", "a module called bowler would hide "),
        ("repoint", "a module called repoint would hide "),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    name: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(name, "--dir", str(tmp_path)) == Exit.USAGE
    assert capsys.readouterr().err.startswith(f"repoint: error: {told}")
    assert listed(tmp_path) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("mine", "--dir", str(tmp_path / "no")) == Exit.USAGE
    assert f"{tmp_path / 'no'}: is no folder; make it, or name another one with --dir" in capsys.readouterr().err
