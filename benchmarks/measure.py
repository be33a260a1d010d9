"""Takes a command, gives its wall time, its CPU seconds and its peak memory, measured by a fresh process for each run.

Run as a script it is that process: it starts the command that it reads as JSON from stdin and prints one `Run` as JSON.
CPU seconds and the largest single process come from `getrusage`. The memory of the whole tree, with pages that its
processes share counted once (PSS), is sampled from /proc where there is one; sampling takes time, so such a run's time
is not for quoting.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.02
MIB = 1024 * 1024


@dataclass(frozen=True)
class Run:
    """One run: seconds, bytes (None where the platform does not tell), exit status (None if out of time)."""

    wall: float
    cpu: float | None
    largest: int | None
    tree: int | None
    exit: int | None


@dataclass(frozen=True)
class Task:
    """What the measuring process is to run; stdout goes to `out`, stderr beside it."""

    command: list[str]
    cwd: str
    env: dict[str, str]
    out: str
    bound: float | None
    sample: bool


@dataclass(frozen=True)
class Spread:
    """The median of several figures, with the least and the greatest."""

    median: float
    least: float
    greatest: float


def spread(figures: Sequence[float]) -> Spread:
    return Spread(statistics.median(figures), min(figures), max(figures))


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: dict[str, str] | None = None,
    out: Path | None = None,
    bound: float | None = None,
    sample: bool = False,
) -> Run:
    """Run `command` in a fresh measuring process; stdout goes to `out` or nowhere, stderr beside it.

    After `bound` seconds the command and all that it started are ended. Python may keep what it compiles, as an
    installed tool's modules are compiled.
    """
    target = os.devnull if out is None else str(out)
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    task = Task(list(command), str(cwd), {**inherited, **(env or {})}, target, bound, sample)
    child = subprocess.run(
        [sys.executable, "-I", __file__], input=json.dumps(asdict(task)), capture_output=True, text=True, check=True
    )
    return Run(**json.loads(child.stdout))


def environment(tools: dict[str, str]) -> dict[str, object]:
    """What the figures depend on; nothing that names a machine, a user or a folder."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "tools": tools,
    }


def _measure(task: Task) -> Run:
    errors = task.out if task.out == os.devnull else f"{task.out}.stderr"
    peaks: list[int] = []
    with Path(task.out).open("wb") as stdout, Path(errors).open("wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            task.command,
            cwd=task.cwd,
            env=task.env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,  # so that it can be ended with all that it started; nothing on Windows
        )
        with _sampled(process.pid, peaks) if task.sample else contextlib.nullcontext():
            status = _wait(process, task.bound)
        wall = time.perf_counter() - start
    cpu, largest = _usage()
    return Run(wall, cpu, largest, max(peaks, default=None), status)


def _wait(process: subprocess.Popen[bytes], bound: float | None) -> int | None:
    """The exit status; None if the process was ended after `bound` seconds."""
    try:
        return process.wait(bound)
    except subprocess.TimeoutExpired:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def _usage() -> tuple[float | None, int | None]:
    """CPU seconds and the peak bytes of the largest of all processes that were waited for."""
    if sys.platform == "win32":
        return None, None
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    return used.ru_utime + used.ru_stime, used.ru_maxrss * unit


@contextlib.contextmanager
def _sampled(pid: int, peaks: list[int]) -> Iterator[None]:
    """Collect the tree's memory in bytes while the block runs; nothing where /proc does not tell."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_SECONDS):
            size = sum(_proportional(member) for member in _tree(pid))
            if size:
                peaks.append(size)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [
            child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:  # it has ended since, or there is no /proc
        return
    for child in children:
        yield from _tree(int(child))


def _proportional(pid: int) -> int:
    """A process's memory in bytes, with what it shares divided among the sharers; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(Task(**json.load(sys.stdin))))))
