"""Takes a migration and checkouts, gives a table of how long a plan takes with one of its moves, some, and all.

One move is the one that most imports of the checkout use; some are all that its imports use at all: against these, the
whole migration differs in nothing but the number of its moves. The runs take turns, each in a fresh process, without a
cache and from the one that the run before filled.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tables
from measure import Run, environment, run, spread

WAYS = ("--no-cache", "")
PARTS = ("one move", "those in use", "all")


def imported(root: Path) -> Iterator[tuple[str, str]]:
    """The module and the name of every from-import in the checkout's tracked Python files."""
    listed = subprocess.run(("git", "ls-files", "-z", "*.py"), cwd=root, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        try:
            tree = ast.parse((root / name).read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                yield from ((node.module or "", alias.name) for alias in node.names)


def used(moves: list[dict[str, str]], root: Path) -> Counter[str]:
    """The old paths that imports of the checkout use, with the number of the imports."""
    olds = {move["old"] for move in moves}
    found: Counter[str] = Counter()
    for module, name in imported(root):
        found.update(olds & {f"{module}:{name}"} or olds & {module, f"{module}.{name}"})
    return found


def parts(manifest: Path, root: Path, folder: Path) -> dict[str, tuple[int, Path]]:
    """Manifests with one move, those in use, and all: how many moves each has, and where it was written."""
    text = manifest.read_text("utf-8")
    moves = tomllib.loads(text)["move"]
    head = text.partition("[[move]]")[0]
    uses = used(moves, root) or Counter([moves[0]["old"]])  # a checkout that uses nothing of it is a fair one, too
    most = min(uses, key=lambda old: (-uses[old], old))
    found = {}
    for part, olds in zip(PARTS, ({most}, set(uses), {move["old"] for move in moves}), strict=True):
        chosen = [move for move in moves if move["old"] in olds]
        found[part] = len(chosen), folder / f"{part.replace(' ', '-')}.toml"
        tables_ = (f'[[move]]\nold = "{move["old"]}"\nnew = "{move["new"]}"\n' for move in chosen)
        found[part][1].write_text(head + "\n".join(tables_), "utf-8")
    return found


def measured(manifest: Path, root: Path, repeats: int) -> list[dict[str, Any]]:
    """A row of plain values for each part of the migration on one checkout."""
    with tempfile.TemporaryDirectory(prefix="repoint-bench-") as name:
        folder = Path(name)
        manifests = parts(manifest, root, folder)
        runs: dict[tuple[str, str], list[Run]] = {(part, way): [] for part in PARTS for way in WAYS}
        for turn in range(repeats + 1):
            print(f"{root.name}: turn {turn} of {repeats}", file=sys.stderr)
            for part, way in runs:
                taken = _planned(root, manifests[part][1], folder / f"{part}.json", way)
                if turn:  # the first one fills the caches
                    runs[part, way].append(taken)
        return [_row(root.name, part, manifests[part][0], folder, runs) for part in PARTS]


def _planned(root: Path, manifest: Path, plan: Path, way: str) -> Run:
    command = [sys.executable, "-m", "repoint", "plan", str(manifest), "--repo", ".", "--out", str(plan)]
    taken = run([*command, *filter(None, [way])], cwd=root)
    if taken.exit not in (0, 3):  # a plan with blocking findings is a plan
        raise SystemExit(f"repoint ended with {taken.exit}")
    return taken


def _row(name: str, part: str, moves: int, folder: Path, runs: dict[tuple[str, str], list[Run]]) -> dict[str, Any]:
    plan = json.loads((folder / f"{part}.json").read_bytes())
    times = [asdict(spread([taken.wall for taken in runs[part, way]])) for way in WAYS]
    counts = {key: plan["counts"][key] for key in ("files", "changed")}
    edits = sum(len(file["edits"]) for batch in plan["batches"] for file in batch["files"])
    return {"tree": name, "part": part, "moves": moves, **counts, "edits": edits, "cold": times[0], "cached": times[1]}


def table(figures: dict[str, Any]) -> tables.Table:
    """One line for each part of the migration on each checkout, with how many times as long as one move it takes."""
    around = figures["environment"]
    where = f"{around['cores']} cores, {around['system']}, Python {around['python']}"
    head = (
        "tree",
        "files",
        "moves",
        "changed",
        "edits",
        "wall s, median",
        "min-max",
        "times one",
        "cached s",
        "times one",
    )
    first: dict[str, Any] = {}
    rows = []
    for row in figures["rows"]:
        base = first.setdefault(row["tree"], row)
        cold, cached = row["cold"], row["cached"]
        rows.append(
            (
                row["tree"],
                *(f"{row[key]:,}" for key in ("files", "moves", "changed", "edits")),
                tables.seconds(cold["median"]),
                f"{tables.seconds(cold['least'])}-{tables.seconds(cold['greatest'])}",
                tables.seconds(cold["median"] / base["cold"]["median"]),
                tables.seconds(cached["median"]),
                tables.seconds(cached["median"] / base["cached"]["median"]),
            )
        )
    return tables.Table(f"{figures['label']}: repoint plan with one move, those in use, and all. {where}.", head, rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path, help="the migration")
    parser.add_argument("repos", nargs="+", type=Path, help="checkouts")
    parser.add_argument("--label", default="a migration", help="what the migration is, for the caption")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each way (default: 5)")
    args = parser.parse_args()
    rows = [row for repo in args.repos for row in measured(args.manifest.resolve(), repo.resolve(), args.repeats)]
    figures = {"label": args.label, "environment": environment({}), "rows": rows}
    shown = table(figures)
    print(shown.plain())
    tables.write("moves", figures, shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
