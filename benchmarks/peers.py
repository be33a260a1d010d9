"""Takes a checkout and a manifest, gives a table of how long `repoint` and its peers take over it, run side by side.

repoint plans every move of the manifest, and checks what it wrote. Of the others, ruff and ast-grep only report,
LibCST, Bowler and rope rewrite for one single move (dry, on a copy of a sample of the files), and `git grep` finds the
old names as text. The runs take turns (A B C A B C …), each in a fresh process; a first turn, not timed, fills the
caches of the operating system and samples memory. No tool has a cache of its own: every run is cold.

Nothing is written to the checkout. Tools that are not installed are named as such.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import corpus
import tables
from measure import Run, environment, run, spread

REFACTORINGS = Path(__file__).parent / "refactorings.py"
BASELINES = ("ruff", "repoint")
SAMPLED = ("LibCST", "Bowler", "rope")
RUFF = (
    *("ruff", "check", "--isolated", "--no-cache", "--exit-zero", "--select", "TID251"),
    *("--output-format", "concise"),
)
AST_GREP = ("ast-grep", "run", "--lang", "python", "--json=stream")


@dataclass(frozen=True)
class Checkout:
    """A repository's working tree, its Python files with their sizes, the moves, and the one move for some peers."""

    root: Path
    manifest: Path
    sizes: dict[str, int]
    old_paths: tuple[str, ...]
    old: str
    new: str

    @property
    def old_modules(self) -> list[str]:
        return sorted({path.partition(":")[0] for path in self.old_paths})


@dataclass(frozen=True)
class Sample:
    """A copy of some of the files, and what has to be multiplied by to speak of all of them."""

    root: Path
    files: tuple[str, ...]
    factor: float


@dataclass
class Tool:
    """One peer: what it does, its command, how to count what it found, and whether it gets a sample."""

    name: str
    task: str
    command: list[str] | None
    found: Callable[[str], str] = lambda out: ""
    sample: Sample | None = None
    idle: list[str] | None = None
    runs: list[Run] = field(default_factory=list)
    warm: Run | None = None
    start: Run | None = None
    result: str = ""

    @property
    def slow(self) -> bool:
        return self.sample is not None

    def scaled(self, run: Run) -> tuple[float, float | None]:
        """Wall and CPU seconds of a run for all files: start-up counted once, the rest by bytes."""
        factor = self.sample.factor if self.sample else 1.0
        wall0, cpu0 = (self.start.wall, self.start.cpu or 0.0) if self.start and factor > 1 else (0.0, 0.0)
        cpu = None if run.cpu is None else cpu0 + max(run.cpu - cpu0, 0) * factor
        return wall0 + max(run.wall - wall0, 0) * factor, cpu


def open_checkout(root: Path, manifest: Path) -> Checkout:
    listed = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=root, capture_output=True, check=True).stdout
    sizes = {path: (root / path).stat().st_size for path in listed.decode().split("\0") if (root / path).is_file()}
    if subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout:
        print("note: the working tree is not clean; repoint reads HEAD, the others read files", file=sys.stderr)
    moves = [(move["old"], move["new"]) for move in tomllib.loads(manifest.read_text("utf-8"))["move"]]
    there = [move for move in moves if ":" in move[0] and _file_of(move[0]) in sizes and _file_of(move[1]) in sizes]
    old, new = (there or moves)[0]
    return Checkout(root, manifest, sizes, tuple(move[0] for move in moves), old, new)


def _file_of(path: str) -> str:
    return path.partition(":")[0].replace(".", "/") + ".py"


def sample_of(checkout: Checkout, limit: int | None, target: Path) -> Sample:
    """Copy `limit` random files (all if None), with the two modules of the move and every package on their way."""
    homes = {_file_of(checkout.old), _file_of(checkout.new)}
    needed = {path for path in checkout.sizes if path in homes or _is_package_of(path, homes)}
    rest = sorted(set(checkout.sizes) - needed)
    chosen = sorted(needed | set(rest if limit is None else random.Random(1).sample(rest, min(limit, len(rest)))))
    for path in chosen:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout.root / path, target / path)
    size = sum(checkout.sizes[path] for path in chosen)
    return Sample(target, tuple(chosen), sum(checkout.sizes.values()) / max(size, 1))


def _is_package_of(path: str, homes: set[str]) -> bool:
    folder = path.removesuffix("__init__.py")
    return folder != path and any(home.startswith(folder) for home in homes)


def tools_of(checkout: Checkout, samples: dict[str, Sample], scratch: Path) -> list[Tool]:
    dotted_old, dotted_new = (path.replace(":", ".") for path in (checkout.old, checkout.new))
    old_module = checkout.old.partition(":")[0]
    plan = scratch / "plan.json"
    banned = f"lint.flake8-tidy-imports.banned-api = {{{', '.join(_banned(checkout))}}}"
    empty = scratch / "empty"
    empty.mkdir()
    (empty / "empty.py").write_text("pass\n")
    rename = ("codemod", "rename.RenameCommand")
    renamed = ("--no-format", "--hide-progress", "-u1", "--old_name", dotted_old, "--new_name", dotted_new)
    refactor = {name: (str(REFACTORINGS), name, checkout.old, checkout.new) for name in ("Bowler", "rope")}
    return [
        Tool(
            "git grep",
            "finds the old names as text",
            _program("git", "grep", "-l", "-F", *_patterns(checkout), "--", "*.py"),
            lambda out: f"{len(out.splitlines())} files",
        ),
        Tool(
            "ruff",
            "reports imports of every old module (TID251)",
            _program(*RUFF, "--config", banned, "."),
            lambda out: f"{out.count('TID251')} places",
        ),
        Tool(
            "repoint",
            "plans every move, checks the result",
            _module(
                *("repoint", "-m", "repoint", "plan", "--no-cache", str(checkout.manifest)),
                *("--repo", ".", "--out", str(plan)),
            ),
            lambda out: _planned(plan),
        ),
        Tool(
            "ast-grep",
            "reports imports of one old module",
            _program(*AST_GREP, "--pattern", f"from {old_module} import $$$NAMES", "."),
            lambda out: f"{len(out.splitlines())} places",
        ),
        Tool(
            "LibCST",
            "RenameCommand, one move",
            _module("libcst", "-m", "libcst.tool", *rename, ".", *renamed),
            lambda out: f"{sum(line.startswith('+++ ') for line in out.splitlines())} files",
            samples["LibCST"],
            _module("libcst", "-m", "libcst.tool", *rename, str(empty), *renamed),
        ),
        Tool(
            "Bowler",
            "renames one module",
            _module("bowler", *refactor["Bowler"], "."),
            lambda out: f"{out.split()[-1]} files",
            samples["Bowler"],
            _module("bowler", *refactor["Bowler"], str(empty)),
        ),
        Tool(
            "rope",
            "moves one symbol",
            _module("rope", *refactor["rope"], "."),
            lambda out: f"{out.split()[-1]} files",
            samples["rope"],
        ),
    ]


def _patterns(checkout: Checkout) -> list[str]:
    return [part for module in checkout.old_modules for part in ("-e", module)]


def _banned(checkout: Checkout) -> list[str]:
    return [f'"{module}" = {{msg = "moved"}}' for module in checkout.old_modules]


def _program(name: str, *args: str) -> list[str] | None:
    """The command of a program, the one beside this interpreter first; None where there is none."""
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    return None if found is None else [found, *args]


def _module(name: str, *args: str) -> list[str] | None:
    """The command of a Python package; None where it is not installed."""
    return None if importlib.util.find_spec(name) is None else [sys.executable, *args]


def _planned(plan: Path) -> str:
    batches = json.loads(plan.read_bytes())["batches"]
    files = [change for batch in batches for change in batch["files"]]
    return f"{sum(len(change['edits']) for change in files)} edits, {len(files)} files"


def run_all(tools: list[Tool], checkout: Checkout, args: argparse.Namespace, scratch: Path) -> None:
    """Warm up, then take turns; slow tools take part in the first `slow_repeats` turns only."""
    out = scratch / "out.txt"
    for tool in tools:
        if tool.command is None:
            continue
        where = tool.sample.root if tool.sample else checkout.root
        if tool.idle:
            run(tool.idle, cwd=where)
            tool.start = run(tool.idle, cwd=where)
        if not tool.slow:
            print(f"warming: {tool.name}", file=sys.stderr)
            tool.warm = run(tool.command, cwd=where, out=out, bound=args.bound, sample=True)
            tool.result = tool.found(out.read_text("utf-8", "replace"))
    for turn in range(args.repeats):
        for tool in tools:
            if tool.command is None or (tool.slow and turn >= args.slow_repeats):
                continue
            print(f"turn {turn + 1} of {args.repeats}: {tool.name}", file=sys.stderr)
            where = tool.sample.root if tool.sample else checkout.root
            taken = run(tool.command, cwd=where, out=out, bound=args.bound, sample=tool.slow)
            tool.runs.append(taken)
            if tool.slow and taken.exit is not None:
                tool.result = tool.found(out.read_text("utf-8", "replace"))


def record(tools: list[Tool], checkout: Checkout, label: str) -> dict[str, Any]:
    """All figures, as plain values; seconds are for the whole checkout, extrapolated where `sampled_files` is given."""
    rows = [_row(tool) for tool in tools]
    medians = {row["tool"]: row["wall"]["median"] for row in rows if "wall" in row}
    for row in rows:
        for baseline in BASELINES:
            if "wall" in row and baseline in medians:
                row[f"times_{baseline}"] = row["wall"]["median"] / medians[baseline]
    return {
        "corpus": {
            "label": label,
            "python_files": len(checkout.sizes),
            "bytes": sum(checkout.sizes.values()),
            "moves": len(checkout.old_paths),
        },
        "environment": environment({tool.name: _version(tool.name) for tool in tools if tool.command}),
        "rows": rows,
    }


def _row(tool: Tool) -> dict[str, Any]:
    if tool.command is None:
        return {"tool": tool.name, "task": tool.task, "note": "not installed"}
    done = [taken for taken in tool.runs if taken.exit is not None]
    row: dict[str, Any] = {"tool": tool.name, "task": tool.task, "found": tool.result, "runs": len(done)}
    if tool.sample and tool.sample.factor > 1.0001:
        row |= {"sampled_files": len(tool.sample.files), "sample_factor": tool.sample.factor}
    if not done:
        return row | {"note": f"not done within {max(taken.wall for taken in tool.runs):,.0f} s"}
    scaled = [tool.scaled(taken) for taken in done]
    row["wall"] = asdict(spread([wall for wall, _ in scaled]))
    cpus = [cpu for _, cpu in scaled if cpu is not None]
    if cpus:
        row["cpu"] = asdict(spread(cpus))
    row["exit"] = done[-1].exit
    looked = [*done, tool.warm] if tool.warm else done
    row["largest_process_bytes"] = max((taken.largest for taken in looked if taken.largest), default=None)
    row["tree_bytes"] = max((taken.tree for taken in looked if taken.tree), default=None)
    return row


def _version(name: str) -> str:
    if name.startswith("git"):
        return subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    try:
        return importlib.metadata.version({"ast-grep": "ast-grep-cli"}.get(name, name.lower()))
    except importlib.metadata.PackageNotFoundError:
        return "?"


def table(figures: dict[str, Any]) -> tables.Table:
    shape, around = figures["corpus"], figures["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in around["tools"].items())
    caption = (
        f"{shape['label']}: {shape['python_files']:,} Python files, {shape['bytes'] / 1e6:,.1f} MB, "
        f"{shape['moves']} moves. {around['cores']} cores, {around['system']}, Python {around['python']}; {versions}.\n"
        "Cold runs, taking turns. Figures with ~ are extrapolated from a sample of the files by their bytes."
    )
    head = ("tool", "does", "wall s, median", "min-max", "CPU s", *(f"x {name}" for name in BASELINES))
    memory = ("MiB, largest process", "MiB, all processes")
    return tables.Table(caption, (*head, *memory, "found"), [_cells(row) for row in figures["rows"]])


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if "wall" not in row:
        return (row["tool"], row["task"], row["note"], *[""] * 7)
    wall, mark = row["wall"], "~" if "sampled_files" in row else ""
    return (
        row["tool"],
        row["task"] + (f" ({row['sampled_files']} files)" if mark else ""),
        mark + tables.seconds(wall["median"]),
        f"{tables.seconds(wall['least'])}-{tables.seconds(wall['greatest'])}",
        mark + tables.seconds(row["cpu"]["median"]) if "cpu" in row else "?",
        *(tables.ratio(row.get(f"times_{baseline}")) for baseline in BASELINES),
        tables.mebibytes(row["largest_process_bytes"]),
        tables.mebibytes(row["tree_bytes"]),
        row["found"] + ("" if row["exit"] in (0, 1) else f" (exit {row['exit']})"),
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", nargs="?", type=Path, help="a clean checkout (default: a generated one)")
    parser.add_argument("manifest", nargs="?", type=Path, help="the migration (default: migration.toml in it)")
    parser.add_argument("--label", help="what the tables call the checkout (default: its folder's name)")
    parser.add_argument("--name", default="peers", help="name of the files written (default: peers)")
    parser.add_argument("--files", type=int, default=8822, help="files of the generated checkout (default: 8822)")
    parser.add_argument("--repeats", type=int, default=5, help="timed turns (default: 5)")
    parser.add_argument("--slow-repeats", type=int, default=1, help="turns of LibCST, Bowler and rope (default: 1)")
    parser.add_argument(
        "--limit", type=int, default=200, help="random files for LibCST, Bowler and rope (default: 200)"
    )
    parser.add_argument("--full", action="append", default=[], metavar="TOOL", help="give this one all files")
    parser.add_argument("--only", action="append", default=[], metavar="TOOL", help="run this tool (repeatable)")
    parser.add_argument("--bound", type=float, default=1800, help="seconds after which a run is ended (default: 1800)")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="repoint-bench-") as folder:
        scratch = Path(folder)
        root, label = args.repo, args.label
        if root is None:
            root, label = scratch / "corpus", label or "generated monorepo"
            print(f"generating {args.files:,} files", file=sys.stderr)
            corpus.generate(root, args.files)
        checkout = open_checkout(root.resolve(), (args.manifest or root / "migration.toml").resolve())
        samples = {}
        for name in SAMPLED:
            limit = None if name in args.full else args.limit
            samples[name] = sample_of(checkout, limit, scratch / f"sample-{name}")
        tools = tools_of(checkout, samples, scratch)
        tools = [tool for tool in tools if not args.only or tool.name in args.only]
        run_all(tools, checkout, args, scratch)
        figures = record(tools, checkout, label or root.resolve().name)
    shown = table(figures)
    print(shown.plain())
    tables.write(args.name, figures, shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
