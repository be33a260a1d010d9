"""`apply` killed at points spread over its run: a scene and a number in, what was found wrong out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.scene import ENVIRONMENT, Scene, resumed, trees_of

WHOM = ("itself", "itself and every git that it runs", "the git that it runs")


@dataclass(frozen=True)
class Killed:
    """One run: who was killed, how many seconds after its start, what stood then, and what was found wrong."""

    whom: str
    after: float
    ended_before: bool
    batches: int
    wrong: tuple[str, ...]


def kill_everywhere(scene: Scene, points: int, jobs: int = 1) -> list[Killed]:
    """Kill as many runs, each a little later than the one before; then go on with each."""
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda point: _kill_at(scene, point, points), range(points)))


def _kill_at(scene: Scene, point: int, points: int) -> Killed:
    slow = point % 2 == 1
    repo = scene.copy(f"killed-{point}", slow=slow)
    whom = WHOM[point % len(WHOM)] if sys.platform == "linux" else WHOM[0]
    after = (scene.slow_seconds if slow else scene.seconds) * (point + 0.5) / points
    process = subprocess.Popen(
        (*scene.command, "--repo", str(repo)),
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
    )
    with process:
        time.sleep(after)
        ended = process.poll() is not None
        _kill(process.pid, whom)
        if whom == WHOM[2]:  # it sees its git die, says so and ends
            process.wait(60)
    batches = len(trees_of(repo, scene.base))
    wrong = resumed(scene, repo)
    shutil.rmtree(repo)
    return Killed(whom, after, ended, batches, tuple(wrong))


def _kill(process: int, whom: str) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if whom == WHOM[0]:
            os.kill(process, signal.SIGKILL)
        elif whom == WHOM[1]:
            os.killpg(process, signal.SIGKILL)
        else:
            for child in _children(process):
                os.kill(child, signal.SIGKILL)


def _children(process: int) -> Iterator[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            yield from map(int, (task / "children").read_text().split())
