"""Codemods that mean harm, or do it by mistake, from the command line: each costs its own file, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import MakeRepo, git
from tests.integration.test_hostile_plans import everything

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="most of what is tried is POSIX")
HOSTILE = Path(__file__).parents[1] / "fixtures" / "codemods" / "hostile.py"
LIMIT = 120  # seconds for a plan, on a machine that has much else to do

# What `test_codemods_example` plants (plain loops, much memory, an exit at once) is not tried here once more.
LOST = {
    "loop_in_c": ("codemod-timeout", "it did not end within 1 s"),
    "stop_itself": ("codemod-timeout", "it did not end within 1 s"),
}
DEAD = {
    "forge_an_answer": ("codemod-died", "it gave an answer that was not asked for"),
    "nest": ("codemod-", "leaves the file as it was"),  # LibCST's parser may get better at it
    "write_garbage_to_every_descriptor": ("codemod-died", "it gave an answer of 1734439522 bytes"),
}
LINUX = {
    "kill_parent_by_descriptor": ("codemod-failed", "a codemod may not do that: signal.pidfd_send_signal"),
}
MAY_NOT = {
    "connect": "socket.getaddrinfo",
    "fetch": "socket.getaddrinfo",
    "kill_parent": "os.kill",
    "raise_limits": "resource.setrlimit",
    "start_by_c": "ctypes.dlopen",
    "start_fork": "os.fork",
    "start_fork_exec": "_posixsubprocess.fork_exec",
    "start_popen": "subprocess.Popen",
    "start_spawn": "os.posix_spawn",
    "start_system": "os.system",
    "write_after_searching": "gc.get_objects",
    "write_chmod": "os.chmod",
    "write_copy": "shutil.copyfile",
    "write_link": "os.link",
    "write_makedirs": "os.mkdir",
    "write_mkdtemp": "tempfile.mkdtemp",
    "write_mkfifo": "os.mkfifo",
    "write_mknod": "os.mknod",
    "write_posix_mkfifo": "posix.mkfifo",
    "write_remove": "os.remove",
    "write_rename": "os.rename",
    "write_replace": "os.rename",
    "write_rmtree": "shutil.rmtree",
    "write_sqlite": "sqlite3.connect",
    "write_symlink": "os.symlink",
    "write_truncate": "os.truncate",
    "write_unlink": "os.remove",
    "write_utime": "os.utime",
}
OPENS = (
    *("write_after_patching", "write_append", "write_as_a_number", "write_as_another_path", "write_logging"),
    *("write_open", "write_os_open", "write_pathlib", "write_pickle", "write_raw", "write_tempfile", "write_update"),
)
OTHERS = {
    "exit_politely": ("codemod-exited", "SystemExit: bye (hostile.py:"),
    "give_a_hundred_megabytes": ("codemod-failed", "its result has 102000000 characters, where 1000060 are allowed"),
    "give_a_long_sum": ("codemod-not-proved", "the result is no Python: cannot be parsed"),
    "give_bytes": ("codemod-failed", "its result is bytes, where text is due"),
    "give_depth": ("codemod-not-proved", "the result is no Python: cannot be parsed"),
    "give_no_module": ("codemod-failed", "it gives back str"),
    "give_surrogates": ("codemod-failed", "its result has '\\ud800' in it, which is no character"),
    "interrupt": ("codemod-exited", "KeyboardInterrupt"),
    "raise_controls": ("codemod-failed", "ValueError: [2J acting lines"),
    "raise_megabytes": ("codemod-failed", "ValueError: long long"),
    "raise_odd_type": ("codemod-failed", "Odd [2J: odd"),
    "raise_surrogates": ("codemod-failed", "ValueError: \\ud800 lone"),
    "raise_untellable": ("codemod-failed", "what it raised or warned of cannot be told: SystemExit"),
    "read_input": ("codemod-failed", "EOFError"),
    "recurse": ("codemod-failed", "RecursionError"),
    "warn_untellably": ("codemod-failed", "what it raised or warned of cannot be told: KeyError"),
    "write_in_another_interpreter": ("codemod-failed", "a codemod may not import _"),
    "write_mmap": ("codemod-failed", "PermissionError"),
    "write_readline": ("codemod-failed", "a codemod may not import readline"),
}
WELL = {  # files that are changed, and how much is told of each
    "rest/give_a_text_of_its_own": 0,
    "rest/leave_a_thread": 0,
    "rest/print_megabytes": 1,
    "rest/warn_of_long": 1,
    "rest/warn_of_much": 1_001,
    "rest/z": 0,
    "untidy/close_output": 0,
    "untidy/leave_a_mess": 0,
    "untidy/z": 0,
}
CAUGHT = {
    **{name: ("codemod-failed", f"a codemod may not do that: {event}") for name, event in MAY_NOT.items()},
    **dict.fromkeys(OPENS, ("codemod-failed", "PermissionError: a codemod may not write files: ")),
    **OTHERS,
}
HURT = {
    **{f"lost/{name}": said for name, said in LOST.items()},
    **{f"dead/{name}": said for name, said in (DEAD | (LINUX if sys.platform == "linux" else {})).items()},
    **{f"rest/{name}": said for name, said in CAUGHT.items()},
}


class Planned(NamedTuple):
    """What came of one plan: its findings by file, the files that it changes; what else is left of the run."""

    code: int
    stderr: str
    findings: dict[str, list[dict[str, Any]]]
    changed: frozenset[str]
    damage: frozenset[str]
    left: tuple[str, ...]
    size: int


def manifest(folder: Path, steps: dict[str, str], args: str = "{}", ref: str = "hostile:Change") -> Path:
    tables = [
        f'[[codemod]]\nid = "{name}"\nkind = "libcst"\nref = "{ref}"\nargs = {args}\nfiles = ["{name}/**"]\n'
        f'idempotent = false\nmemory = "1GiB"\ntimeout = "{timeout}"\n'
        for name, timeout in steps.items()
    ]
    path = folder / "hostile.toml"
    path.write_text('name = "hostile"\n[[move]]\nold = "a.b"\nnew = "c.d"\n' + "".join(tables), encoding="utf-8")
    return path


def command(path: Path, repo: Path) -> tuple[list[str], dict[str, str]]:
    """A plan, and its environment: with a temporary folder of its own."""
    temporary = path.parent / "temporary"
    temporary.mkdir()
    out = str(path.parent / "plan.json")
    called = [sys.executable, "-m", "repoint", "plan", str(path), "--repo", str(repo), "--out", out, "--no-cache"]
    return [*called, "--jobs", "2"], {**os.environ, "TMPDIR": str(temporary)}


def left_in(temporary: Path) -> tuple[str, ...]:
    """What lies there, and the processes that stand there: those of codemods have a folder below it."""
    found = [str(path) for path in temporary.iterdir()]
    for process in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        try:
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        found += [str(process)] if place.startswith(str(temporary)) else []
    return tuple(found)


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    folder = tmp_path / "hostile"
    folder.mkdir()
    repo = folder / "repo"
    for name in ("victim", *HURT, *WELL):
        (repo / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (repo / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
    git(repo, "init", "-q", "-b", "trunk")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "base")
    shutil.copy(HOSTILE, folder)
    path = manifest(folder, {"lost": "1s", "dead": "60s", "rest": "60s", "untidy": "60s"}, f"{{repo = '{repo}'}}")
    called, environment = command(path, repo)
    before = everything(repo)
    done = subprocess.run(called, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    written = (folder / "plan.json").read_text("utf-8")
    plan, after = json.loads(written), everything(repo)
    findings: dict[str, list[dict[str, Any]]] = {}
    for finding in plan["findings"]:
        findings.setdefault(finding["path"].removesuffix(".py"), []).append(finding)
    return Planned(
        done.returncode,
        done.stderr,
        findings,
        frozenset(file["path"].removesuffix(".py") for batch in plan["batches"] for file in batch["files"]),
        frozenset(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)),
        left_in(folder / "temporary"),
        len(written),
    )


def unlike(name: str, planned: Planned) -> str:
    """What is not as it should be of a file that a codemod does harm at; empty where all is."""
    code, what = HURT[name]
    match planned.findings.get(name, []):
        case [{"code": str(told), "message": str(message)}] if told.startswith(code) and what in message:
            short, whole = len(message) < 1_000, name not in planned.changed
            return "" if short and whole else f"{name}: {len(message)} characters, or changed"
        case other:
            return f"{name}: {other}"


@pytest.mark.slow
def test_each_costs_its_own_file_and_nothing_else(planned: Planned) -> None:
    """One test, so that one process of a parallel run makes the plan, which starts a process for each that is lost."""
    assert [told for name in HURT if (told := unlike(name, planned))] == []
    assert {name: len(planned.findings.get(name, [])) for name in WELL} == WELL
    assert planned.changed >= WELL.keys()
    assert planned.damage == frozenset()
    assert planned.left == ()
    assert planned.code == 3
    assert "Traceback" not in planned.stderr
    assert planned.size < 2_000_000
    assert planned.findings.keys() <= HURT.keys() | WELL.keys()


LOOP = """
from libcst.codemod import Codemod

class Change(Codemod):
    def __init__(self, context, pipe):
        super().__init__(context)
        self.pipe = pipe

    def should_allow_multiple_passes(self):
        return False

    def transform_module_impl(self, tree):
        open(self.pipe).close()  # the test opens the other end
        while True:
            pass
"""


@pytest.fixture
def looping(make_repo: MakeRepo, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A plan whose codemod runs, and would for an hour."""
    repo = make_repo({"lost/a.py": b"x = 1\n"})
    (tmp_path / "looping.py").write_text(LOOP, encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    path = manifest(tmp_path, {"lost": "1h"}, f"{{pipe = '{tmp_path / 'pipe'}'}}", "looping:Change")
    called, environment = command(path, repo)
    output = subprocess.PIPE
    process = subprocess.Popen(called, env=environment, stdout=output, stderr=output, text=True, start_new_session=True)
    try:
        (tmp_path / "pipe").open("w").close()
        yield process
    finally:
        process.kill()
        process.communicate()


def test_an_interrupt_ends_a_codemod_that_loops(looping: subprocess.Popen[str], tmp_path: Path) -> None:
    os.killpg(looping.pid, signal.SIGINT)  # as a terminal does
    _, errors = looping.communicate(timeout=LIMIT)
    assert looping.returncode == 130
    assert "Traceback" not in errors
    assert left_in(tmp_path / "temporary") == ()
    assert not (tmp_path / "plan.json").exists()
    assert git(tmp_path / "repo", "status", "--porcelain", "--ignored") == b""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
def test_a_codemod_that_loops_does_not_outlive_a_plan_that_is_killed(
    looping: subprocess.Popen[str], tmp_path: Path
) -> None:
    looping.kill()
    looping.communicate(timeout=LIMIT)
    until = time.monotonic() + LIMIT
    while (left := [path for path in left_in(tmp_path / "temporary") if path.startswith("/proc")]) != []:
        assert time.monotonic() < until, left
        time.sleep(0.1)
