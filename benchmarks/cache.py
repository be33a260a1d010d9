"""Takes a checkout and a manifest (or generates a monorepo), gives a table of a plan with, without and from a cache.

The runs take turns, each in a fresh process: without a cache, with an empty one that is filled, and with the one that
the run before it filled. All plans must be equal byte for byte. The checkout's own cache is set aside meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import corpus
import tables
from measure import Run, environment, run, spread

FILES = 10_000
WAYS = ("without a cache", "filling it", "from it")


def measured(root: Path, manifest: Path, repeats: int, scratch: Path) -> dict[str, Any]:
    """The runs of each way, and how large the cache is, as plain values."""
    folder = _cache_of(root)
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    plans: set[str] = set()
    with _set_aside(folder):
        _planned(root, manifest, scratch, "--no-cache")  # fills the caches of the operating system
        for turn in range(repeats):
            print(f"turn {turn + 1} of {repeats}", file=sys.stderr)
            _remove(folder)
            for way in WAYS:
                taken, plan = _planned(root, manifest, scratch, *(["--no-cache"] if way == WAYS[0] else []))
                runs[way].append(taken)
                plans.add(plan)
        size = sum(file.stat().st_size for file in folder.iterdir())
        _remove(folder)
    if len(plans) > 1:
        raise SystemExit("the plans differ")
    rows = [_row(way, runs[way]) for way in WAYS]
    return {"environment": environment({}), "cache_bytes": size, "rows": rows}


def _row(way: str, runs: list[Run]) -> dict[str, Any]:
    cpus = [taken.cpu for taken in runs if taken.cpu is not None]
    wall = asdict(spread([taken.wall for taken in runs]))
    return {"way": way, "wall": wall, "cpu": asdict(spread(cpus)) if cpus else None}


def _planned(root: Path, manifest: Path, scratch: Path, *options: str) -> tuple[Run, str]:
    plan = scratch / "plan.json"
    command = [sys.executable, "-m", "repoint", "plan", str(manifest), "--repo", ".", "--out", str(plan), *options]
    taken = run(command, cwd=root)
    if taken.exit not in (0, 3):  # a plan with blocking findings is a plan
        raise SystemExit(f"repoint ended with {taken.exit}")
    return taken, hashlib.sha256(plan.read_bytes()).hexdigest()


def _cache_of(root: Path) -> Path:
    asked = ("git", "rev-parse", "--path-format=absolute", "--git-common-dir")
    told = subprocess.run(asked, cwd=root, capture_output=True, check=True, text=True).stdout
    return Path(told.removesuffix("\n"), "repoint", "cache")


@contextmanager
def _set_aside(folder: Path) -> Iterator[None]:
    """For the block, the cache that is there lies beside its place."""
    aside = folder.with_name("cache.aside")
    if folder.exists():
        folder.rename(aside)
    try:
        yield
    finally:
        if aside.exists():
            _remove(folder)
            aside.rename(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def table(figures: dict[str, Any]) -> tables.Table:
    around = figures["environment"]
    where = f"{around['cores']} cores, {around['system']}, Python {around['python']}"
    caption = f"{figures['label']}: repoint plan, {figures['cache_bytes'] / 1e6:.1f} MB of cache. {where}."
    first = figures["rows"][0]["wall"]["median"]
    head = ("plan", "wall s, median", "min-max", "CPU s", "of the time without")
    return tables.Table(caption, head, [_cells(row, first) for row in figures["rows"]])


def _cells(row: dict[str, Any], first: float) -> tuple[str, ...]:
    wall = row["wall"]
    return (
        row["way"],
        tables.seconds(wall["median"]),
        f"{tables.seconds(wall['least'])}-{tables.seconds(wall['greatest'])}",
        tables.seconds(row["cpu"]["median"]) if row["cpu"] else "?",
        f"{wall['median'] / first:.0%}",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", nargs="?", type=Path, help="a checkout (default: a generated monorepo)")
    parser.add_argument("manifest", nargs="?", type=Path, help="the migration")
    parser.add_argument("--label", default="a generated monorepo", help="what the checkout is, for the caption")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each way (default: 5)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="repoint-bench-") as folder:
        scratch = Path(folder)
        root, manifest = args.repo, args.manifest
        if manifest is None:
            root = scratch / "corpus"
            corpus.generate(root, FILES)
            manifest = root / "migration.toml"
        figures = {"label": args.label, **measured(root.resolve(), manifest.resolve(), args.repeats, scratch)}
    shown = table(figures)
    print(shown.plain())
    tables.write("cache", figures, shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
