"""Takes numbers of files, gives a table of the time and memory that a plan takes over generated monorepos of that size.

Every size is generated, warmed and measured on its own; runs are cold but for the operating system's caches. If time
and memory grow with the candidates, the last columns stay about the same from row to row.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import corpus
import tables
from measure import Run, environment, run, spread

SIZES = (1_000, 10_000, 50_000)


def measured(files: int, repeats: int, scratch: Path) -> dict[str, Any]:
    """One row, as plain values."""
    root, plan = scratch / f"corpus-{files}", scratch / f"{files}.plan.json"
    print(f"generating {files:,} files", file=sys.stderr)
    shape = corpus.generate(root, files)
    command = [sys.executable, "-m", "repoint", "plan", "--no-cache", "migration.toml", "--out", str(plan)]
    search = ["git", "grep", "-l", "-F", "-e", corpus.OLD, "-e", corpus.OLD_FACTORY, "-e", corpus.OLD_TOOLS]
    warm = run(command, cwd=root, sample=True)
    if warm.exit != 0:
        raise SystemExit(f"repoint ended with {warm.exit}")
    runs: list[Run] = []
    floor: list[float] = []
    for turn in range(repeats):
        print(f"{files:,} files: turn {turn + 1} of {repeats}", file=sys.stderr)
        floor.append(run(search, cwd=root).wall)
        runs.append(run(command, cwd=root))
    counts = json.loads(plan.read_bytes())["counts"]
    shutil.rmtree(root)
    cpus = [taken.cpu for taken in runs if taken.cpu is not None]
    return {
        "files": shape.files,
        "bytes": shape.size,
        "naming_an_old_path": shape.naming,
        "counts": counts,
        "wall": asdict(spread([taken.wall for taken in runs])),
        "cpu": asdict(spread(cpus)) if cpus else None,
        "git_grep_wall": asdict(spread(floor)),
        "largest_process_bytes": max((taken.largest for taken in [*runs, warm] if taken.largest), default=None),
        "tree_bytes": warm.tree,
    }


def table(figures: dict[str, Any]) -> tables.Table:
    around = figures["environment"]
    where = f"{around['cores']} cores, {around['system']}, Python {around['python']}"
    caption = f"repoint plan over generated monorepos. {where}."
    head = (
        *("files", "MB", "candidates", "changed", "wall s, median", "min-max", "CPU s", "git grep s"),
        *("MiB, largest process", "MiB, all processes", "ms for each candidate", "us for each file"),
    )
    return tables.Table(caption, head, [_cells(row) for row in figures["rows"]])


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    wall, counts = row["wall"], row["counts"]
    return (
        f"{row['files']:,}",
        f"{row['bytes'] / 1e6:,.0f}",
        f"{counts['candidates']:,}",
        f"{counts['changed']:,}",
        tables.seconds(wall["median"]),
        f"{tables.seconds(wall['least'])}-{tables.seconds(wall['greatest'])}",
        tables.seconds(row["cpu"]["median"]) if row["cpu"] else "?",
        tables.seconds(row["git_grep_wall"]["median"]),
        tables.mebibytes(row["largest_process_bytes"]),
        tables.mebibytes(row["tree_bytes"]),
        f"{wall['median'] / max(counts['candidates'], 1) * 1e3:.2f}",
        f"{wall['median'] / row['files'] * 1e6:.0f}",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "sizes", nargs="*", type=int, default=SIZES, help="numbers of files (default: 1000 10000 50000)"
    )
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each size (default: 3)")
    parser.add_argument("--name", default="scaling", help="name of the files written (default: scaling)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="repoint-bench-") as folder:
        rows = [measured(files, args.repeats, Path(folder)) for files in args.sizes]
    figures = {"environment": environment({}), "rows": rows}
    shown = table(figures)
    print(shown.plain())
    tables.write(args.name, figures, shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
