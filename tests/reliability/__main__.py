"""Disturbs `apply` in every way that docs/reliability.md tells of, and prints its tables.

    python -m tests.reliability [--points N] [--jobs N] [--mount DIR]

`--points` runs of each kind are killed; `--mount` names an empty folder where a tmpfs may be mounted (as root).
Exits with 1 if anything was found wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.reliability import kills, writes
from tests.reliability.scene import KINDS, Scene, make


def main() -> int:
    """Run all of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--mount", type=Path)
    asked = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        scenes = [make(kind, Path(folder, str(number))) for number, kind in enumerate(KINDS)]
        print("| apply | killed | before the first commit | between two | after the last | wrong |")
        print("|---|---:|---:|---:|---:|---:|")
        for scene in scenes:
            wrong += _kills(scene, asked.points, asked.jobs)
        print("\n| apply | fault | runs | stopped by it | wrong |\n|---|---|---:|---:|---:|")
        for scene in scenes:
            wrong += _writes(scene, asked.mount)
    return 1 if wrong else 0


def _kills(scene: Scene, points: int, jobs: int) -> int:
    done = kills.kill_everywhere(scene, points, jobs)
    first = sum(item.batches == 0 for item in done)
    last = sum(item.batches == len(scene.trees) for item in done)
    bad = [item for item in done if item.wrong]
    print(f"| {scene.kind.name} | {points} | {first} | {points - first - last} | {last} | {len(bad)} |", flush=True)
    for item in bad:
        print(f"{item.whom} after {item.after:.3f} s: {item.wrong}", file=sys.stderr)
    return len(bad)


def _writes(scene: Scene, mount: Path | None) -> int:
    wrong = 0
    suites = {
        "a lock file left behind": writes.locks_left(scene),
        "no file may grow beyond a limit": writes.small_files_only(scene),
        "a folder of git's that cannot be written": writes.read_only(scene),
    }
    if mount is not None:
        suites["a full disk"] = writes.full_disk(scene, mount)
    for name, runs in suites.items():
        done = list(runs)
        bad = [item for item in done if item.wrong]
        stopped = sum(item.stopped for item in done)
        print(f"| {scene.kind.name} | {name} | {len(done)} | {stopped} | {len(bad)} |", flush=True)
        for item in bad:
            print(f"{item.fault}: {item.wrong}", file=sys.stderr)
        wrong += len(bad)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
