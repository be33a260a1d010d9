"""Every case of `cases/` through the command line, and the cases themselves against their own checks.

Starting an interpreter takes longer than a case: all run in this one but for those that test the start as well.
"""

from __future__ import annotations

import filecmp
import importlib.util
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from fnmatch import fnmatchcase
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

import pytest

from repoint.cli import main

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.case"))
SHARED = HERE.parents[2] / "shared" / "conformance"
COPIED = ("run.py", "CHOICES.md", "cases")

# Globs of cases that an open issue still keeps from passing, and why. A case that passes must leave it.
PENDING: dict[str, str] = {}

CLI = (sys.executable, "-m", "repoint")
WITH_A_PROCESS_OF_THEIR_OWN = ("imports-plain", "stub-first", "findings-other-files-mention", "manifest-cyclic-moves")


def _runner() -> ModuleType:
    """The runner that comes with the cases: a script, not a module of a package."""
    spec = importlib.util.spec_from_file_location("conformance_run", HERE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


RUN = _runner()
RUN_A_PROCESS = RUN.run


def _params() -> list[object]:
    def marks(name: str) -> list[pytest.MarkDecorator]:
        why = next((why for glob, why in PENDING.items() if fnmatchcase(name, glob)), None)
        return [] if why is None else [pytest.mark.xfail(reason=why, strict=True)]

    return [pytest.param(path, id=path.stem, marks=marks(path.stem)) for path in CASES]


@pytest.mark.parametrize("path", _params())
def test_case(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.stem not in WITH_A_PROCESS_OF_THEIR_OWN:
        monkeypatch.setattr(RUN, "run", _run_here)
    problems = RUN.conform(RUN.load(path), list(CLI))
    assert not problems, "\n".join(problems)


def test_some_cases_have_a_process_of_their_own() -> None:
    assert {path.stem for path in CASES} >= set(WITH_A_PROCESS_OF_THEIR_OWN)


def _run_here(command: list[str], cwd: Path) -> CompletedProcess[str]:
    """What the runner's `run` does, in this process where the command is ours."""
    if tuple(command[: len(CLI)]) != CLI:
        return RUN_A_PROCESS(command, cwd)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        for name, value in {"NO_COLOR": "1", "COLUMNS": "200"}.items():
            patch.setenv(name, value)
        code = main(command[len(CLI) :])
    return CompletedProcess(command, code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case_holds_by_itself(path: Path) -> None:
    problems = RUN.validate(RUN.load(path))
    assert not problems, "\n".join(problems)


def test_pending_globs_name_cases() -> None:
    idle = [glob for glob in PENDING if not any(fnmatchcase(path.stem, glob) for path in CASES)]
    assert not idle


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not beside this checkout")
def test_copy_is_that_of_the_shared_cases() -> None:
    assert _tree(HERE) == _tree(SHARED)
    differing = [name for name in _tree(HERE) if not filecmp.cmp(HERE / name, SHARED / name, shallow=False)]
    assert not differing, f"copy {', '.join(differing)} from the shared cases"


def _tree(folder: Path) -> list[str]:
    files = (path for name in COPIED for path in (folder / name, *(folder / name).rglob("*")))
    return sorted(path.relative_to(folder).as_posix() for path in files if path.is_file())
