"""Takes nothing, gives the time that `repoint --help` costs over a bare interpreter (budget: 150 ms)."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

BUDGET_MS = 150.0
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "repoint --version": [sys.executable, "-m", "repoint", "--version"],
    "repoint --help": [sys.executable, "-m", "repoint", "--help"],
}


def milliseconds(command: list[str], runs: int) -> float:
    """The median wall time of a command; one run before the measured ones fills the caches."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="runs of each command (default: 20)")
    runs = parser.parse_args().runs
    measured = {name: milliseconds(command, runs) for name, command in COMMANDS.items()}
    bare = measured["python -c pass"]
    print(f"median of {runs} runs      ms    over bare   ratio")
    for name, taken in measured.items():
        print(f"{name:<18} {taken:>8.1f} {taken - bare:>9.1f} ms  {taken / bare:>5.1f}x")
    over = measured["repoint --help"] - bare
    print(f"budget: {BUDGET_MS:.0f} ms over bare; {'kept' if over <= BUDGET_MS else 'MISSED'}")
    return 0 if over <= BUDGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
