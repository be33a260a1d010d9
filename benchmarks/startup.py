"""Takes nothing, gives what a start and small commands cost over a bare interpreter (budget of `--help`: 150 ms)."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET_MS = 150.0
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "repoint --version": [sys.executable, "-m", "repoint", "--version"],
    "repoint --help": [sys.executable, "-m", "repoint", "--help"],
    "repoint plan": [sys.executable, "-m", "repoint", "plan", "migration.toml"],
    "repoint audit": [sys.executable, "-m", "repoint", "audit", "migration.toml"],
}
FILES = {
    "old.py": "from new import Engine\n",
    "new.py": "class Engine: ...\n",
    "use.py": "from old import Engine\n",
    "migration.toml": 'name = "small"\n[[move]]\nold = "old:Engine"\nnew = "new:Engine"\n',
}


def make_repository(folder: Path) -> None:
    """A repository of one commit with `FILES`."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    nobody = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    for words in (("init", "-q"), ("add", "-A"), (*nobody, "commit", "-q", "-m", "base")):
        subprocess.run(["git", *words], cwd=folder, check=True)


def milliseconds(command: list[str], runs: int, folder: Path) -> float:
    """The median wall time of a command; one run before the measured ones fills the caches."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="runs of each command (default: 20)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_repository(folder)
        measured = {name: milliseconds(command, runs, folder) for name, command in COMMANDS.items()}
    bare = measured["python -c pass"]
    print(f"median of {runs} runs      ms    over bare   ratio")
    for name, taken in measured.items():
        print(f"{name:<18} {taken:>8.1f} {taken - bare:>9.1f} ms  {taken / bare:>5.1f}x")
    over = measured["repoint --help"] - bare
    print(f"budget: {BUDGET_MS:.0f} ms over bare; {'kept' if over <= BUDGET_MS else 'MISSED'}")
    return 0 if over <= BUDGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
