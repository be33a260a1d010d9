"""The one door out of the program: exit codes, and what stands on stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repoint import __version__
from repoint.cli import main
from repoint.errors import Exit, ManifestErrors, Problem, Refused
from tests.conftest import MakeRepo
from tests.unit.cli.pipelines import FakePipeline

HEAVY = {"ast_grep_py", "libcst", "git", "rich", "msgspec", "asyncio", "multiprocessing"}


def process(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "repoint", *args]
    return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == Exit.DONE
    assert capsys.readouterr().out == f"repoint {__version__}\n"


COMMANDS = (
    *("init", "plan", "diff", "apply", "log", "rollback", "verify", "prune"),
    *("audit", "check", "history", "registry", "why", "codemod"),
)


@pytest.mark.parametrize("args", [["--help"], *([command, "-h"] for command in COMMANDS)])
def test_help_fits_eighty_columns(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == Exit.DONE
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: repoint")
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_help_says_of_each_command_what_it_does_in_a_whole_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == Exit.DONE
    rows = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert [row.split()[0] for row in rows] == list(COMMANDS)
    assert all(row.endswith(".") and not row.endswith("...") for row in rows)


@pytest.mark.parametrize("args", [["plan"], ["plan", "m.toml", "--no-such-option"], ["no-such-command"]])
def test_usage_errors_exit_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == Exit.USAGE
    assert "Error: " in capsys.readouterr().err


def test_each_problem_is_one_line(pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.fails = ManifestErrors((Problem("is unknown", "m.toml:3", "drop it"), Problem("is missing")))
    assert main(["plan", "m.toml", "--repo", str(tmp_path)]) == Exit.USAGE
    assert capsys.readouterr().err == ("repoint: error: m.toml:3: is unknown; drop it\nrepoint: error: is missing\n")


@pytest.mark.parametrize(("fault", "code"), [(Refused("stale"), Exit.REFUSED), (KeyboardInterrupt(), Exit.INTERRUPTED)])
def test_failures_have_their_exit_codes(
    pipeline: FakePipeline, tmp_path: Path, fault: BaseException, code: Exit
) -> None:
    pipeline.fails = fault
    assert main(["plan", "m.toml", "--repo", str(tmp_path)]) == code


def test_an_internal_fault_is_one_line(
    pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.fails = ZeroDivisionError("by\nzero")
    assert main(["plan", "m.toml", "--repo", str(tmp_path)]) == Exit.INTERNAL
    said = capsys.readouterr().err
    assert said.startswith("repoint: internal error: ZeroDivisionError: by zero; ")
    assert "REPOINT_TRACEBACK=1" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("name", "code"), [("griffe", Exit.USAGE), ("repoint.gone", Exit.INTERNAL)])
def test_a_package_that_is_not_installed_is_no_fault_of_the_code(
    name: str, code: Exit, pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.fails = ModuleNotFoundError(f"No module named {name!r}", name=name)
    assert main(["plan", "m.toml", "--repo", str(tmp_path)]) == code
    said = capsys.readouterr().err
    assert ("the package griffe is not installed; install repoint again" in said) is (code is Exit.USAGE)
    assert said.count("\n") == 1


@pytest.mark.parametrize("how", ["option", "environment"])
def test_tracebacks_are_there_for_those_who_ask(
    how: str,
    pipeline: FakePipeline,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipeline.fails = ZeroDivisionError("by zero")
    if how == "environment":
        monkeypatch.setenv("REPOINT_TRACEBACK", "1")
    options = ["--verbose"] if how == "option" else []
    assert main([*options, "plan", "m.toml", "--repo", str(tmp_path)]) == Exit.INTERNAL
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def imported(*args: str, cwd: Path | None = None) -> set[str]:
    """The modules that a command imports."""
    code = (
        "import sys; before = set(sys.modules); from repoint.cli import main; main(sys.argv[1:]);"
        " print(*set(sys.modules) - before, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *args]
    return {*subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stderr.split()}


def test_help_imports_nothing_heavy() -> None:
    found = imported("--help")
    assert "repoint.cli.app" in found
    assert not HEAVY & found


@pytest.mark.parametrize(
    ("command", "at_work", "others"),
    [
        ("plan", "repoint.planning.run", {"repoint.compat.files", "repoint.execution.leftovers"}),
        ("audit", "repoint.auditing.audit", {"repoint.planning.run", "repoint.transforms.rewrite"}),
    ],
)
def test_little_work_imports_nothing_heavy(
    command: str, at_work: str, others: set[str], make_repo: MakeRepo, tmp_path: Path
) -> None:
    repo = make_repo({"old.py": b"from new import A\n", "new.py": b"A = 1\n", "use.py": b"from old import A\n"})
    (tmp_path / "m.toml").write_text('name = "small"\n[[move]]\nold = "old:A"\nnew = "new:A"\n')
    found = imported(command, "m.toml", "--repo", str(repo), cwd=tmp_path)
    assert at_work in found
    assert not (HEAVY - {"msgspec"} | {"concurrent.futures", "griffe", "logging"} | others) & found


def test_a_mistyped_command_is_told_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plna"]) == Exit.USAGE
    assert "No such command 'plna'. Did you mean 'plan'?" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "offered"), [("repoint re", "registry"), ("repoint plan --no-c", "--no-cache")])
def test_the_shell_is_told_commands_and_their_options(typed: str, offered: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_REPOINT_COMPLETE": "complete_bash"}
    assert process(env={**os.environ, **words}).stdout.split() == [offered]


def test_a_reader_that_goes_away_is_no_failure() -> None:
    command = [sys.executable, "-m", "repoint", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()
    assert (running.returncode, said) == (Exit.DONE, b"")


def test_the_module_runs_as_a_program() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout) == (0, f"repoint {__version__}\n")
