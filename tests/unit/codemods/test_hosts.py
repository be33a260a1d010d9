"""Processes that come up, or say why not; that are replaced when they are lost; and that leave when nobody is left."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from repoint.codemods import hosts
from repoint.codemods.hosts import Hosts, Unstartable, hosting
from repoint.codemods.values import Fate, Limits, Outcome, Step, Subject
from repoint.manifest.schema import CodemodKind

LIMITS = Limits(30, 1 << 30)
HEAD = """
import os, sys, threading, time
from libcst.codemod import Codemod

class Change(Codemod):
    kept = []

    def should_allow_multiple_passes(self):
        return False

    def transform_module_impl(self, tree):
        getattr(self, self.context.filename)()
        return tree
"""


def started(folder: Path, code: str, count: int = 1) -> Hosts:
    (folder / "hosted.py").write_text(HEAD + code, encoding="utf-8")
    return Hosts(str(folder), [Step(CodemodKind.LIBCST, "hosted:Change", {})], [LIMITS], count)


def outcomes(running: Hosts, names: Sequence[str]) -> list[Outcome]:
    subjects = [Subject("x = 1\n", name, name, "") for name in names]
    return running.map(lambda subject, ask: ask(0, subject), subjects)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_file_does_not_pay_for_what_others_left_behind(tmp_path: Path) -> None:
    code = """
    def leak(self):
        self.kept.append(bytearray(300 << 20))

    def spoil(self):
        self.kept.append("spoiled")

    def mind(self):
        os._exit(3 if "spoiled" in self.kept else 0)
"""
    running = started(tmp_path, code)
    try:
        made = outcomes(running, ["leak", "leak", "leak", "leak", "spoil", "mind"])
    finally:
        running.close()
    assert [outcome.fate for outcome in made] == [*[Fate.DONE] * 5, Fate.DIED]
    assert made[-1].reason == "its process ended with exit code 0", "what is told is of a new process"


def test_codemods_that_do_not_load_in_time_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "_START", 1)
    running = started(tmp_path, "\nwhile True:\n    time.sleep(1)\n")
    try:
        with pytest.raises(Unstartable, match=r"codemod hosted:Change cannot be loaded: it did not load within 1 s; "):
            running.ready()
    finally:
        running.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_too_little_memory_to_load_a_codemod_is_told(tmp_path: Path) -> None:
    step = Step(CodemodKind.LIBCST, "libcst.codemod.commands.noop:NOOPCommand", {})
    with hosting(str(tmp_path), [step], [Limits(30, 1 << 20)], 1) as running:
        (loaded,) = running.ready()
    assert loaded.what == f"{step.ref} cannot be loaded in so little memory"
    assert loaded.mend == "raise its `memory`"


def test_a_process_leaves_when_nobody_is_left_whatever_runs_in_it(tmp_path: Path) -> None:
    code = """
threading.Thread(target=time.sleep, args=(1000,)).start()
import atexit
atexit.register(time.sleep, 1000)
"""
    running = started(tmp_path, code)
    try:
        running.ready()
        process = running._hosts[0]._process
        assert process is not None
        assert process.communicate(timeout=20) == (b"", None), "its input is closed"
        assert process.returncode == 0
    finally:
        running.close()


def test_a_python_that_cannot_be_started_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    step = Step(CodemodKind.LIBCST, "hosted:Change", {})
    with (
        hosting(str(tmp_path), [step], [LIMITS], 1) as running,
        pytest.raises(Unstartable, match="the process that runs codemods cannot be started: ") as caught,
    ):
        running.ready()
    assert "\n" not in str(caught.value)


def test_so_is_a_missing_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(Unstartable, match="set TMPDIR to a folder that can be written to"):
        started(tmp_path, "")


def test_the_environment_depends_on_no_folder_and_on_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = hosts._environment({"GIT_DIR": "x", "HOME": "h", "PYTHONPATH": os.pathsep.join(["src", "", "/b"])})
    path = os.pathsep.join([str(tmp_path / "src"), os.path.abspath("/b")])  # noqa: PTH100
    assert made == {"HOME": "h", "PYTHONPATH": path, "PYTHONHASHSEED": "0"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals end no process there")
def test_how_a_process_ended_is_told() -> None:
    assert hosts._how(3) == "its process ended with exit code 3"
    assert hosts._how(-signal.SIGSEGV) == "its process was ended by SIGSEGV"
    assert hosts._how(-signal.SIGABRT).endswith("SIGABRT, as it does where memory does not suffice")
    assert hosts._how(-250) == "its process was ended by signal 250"
