"""Takes large bodies of real code, gives what breaks when names drawn from the code itself are migrated and taken back.

Every folder given (by default the standard library) becomes a repository. Names that its files import are drawn at
random, spread over migrations of a few moves each to fresh paths, and for each migration:

- every file, after it, equals itself before but for the moved names (the comparer of tests/property);
- planning again on the result finds nothing;
- the inverse migration gives the bytes back, but for files where imports were merged or split, a name was kept by `as`,
  or a finding says that something stays.

What the tool refuses to plan is counted and told, and no defect.
"""

from __future__ import annotations

import argparse
import ast
import random
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the comparer lives with the tests

from repoint.model import Finding, Severity
from tests.property.equivalence import Moves, differences
from tests.property.repository import Planned, Workshop

SDISTS = ("sqlalchemy==2.0.36", "networkx==3.4.2")
SKIPPED = {"site-packages", "__pycache__", "lib2to3", "idlelib"}


@dataclass
class Tally:
    """What was done, and what went wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        self.problems.append(text)
        print(f"  DEFECT: {text}")


def read(root: Path) -> dict[str, bytes]:
    """The Python files below a folder that Python can parse."""
    files = {}
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if SKIPPED.isdisjoint(relative.parts) and _parse(path.read_bytes()) is not None:
            files[relative.as_posix()] = path.read_bytes()
    return files


def _parse(data: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError):
            return None


def imported(files: Mapping[str, bytes]) -> Counter[tuple[str, str]]:
    """(module, name) pairs of absolute from-imports, and (module, "") of plain imports; how many files have them."""
    found: Counter[tuple[str, str]] = Counter()
    for data in files.values():
        tree = _parse(data)
        assert tree is not None
        here: set[tuple[str, str]] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level and node.module and node.module != "__future__":
                here |= {(node.module, alias.name) for alias in node.names if alias.name != "*"}
            elif isinstance(node, ast.Import):
                here |= {(alias.name, "") for alias in node.names}
        found.update(here)
    return found


def migrations(files: Mapping[str, bytes], number: int, size: int, seed: int) -> Iterator[dict[str, str]]:
    """Moves of names that the code imports to paths that nothing has; no old path lies within another."""
    rng = random.Random(seed)
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in files}
    pairs = sorted((module, name) for module, name in imported(files) if f"{module}.{name}" not in modules)
    for at in range(number):
        moves: dict[str, str] = {}
        for place, (module, name) in enumerate(rng.sample(pairs, min(size, len(pairs)))):
            near = any(_is_near(module, old.partition(":")[0]) for old in moves)
            if near or (not name and module in sys.builtin_module_names):
                continue
            if name:
                moves[f"{module}:{name}"] = f"fresh_{at}_{place}.home:Fresh{at}{place}{name}"
            else:
                moves[module] = f"fresh_{at}_{place}.{module.rpartition('.')[2]}_fresh"
        yield moves


def _is_near(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def manifest(moves: Mapping[str, str]) -> str:
    entries = "".join(f'[[move]]\nold = "{old}"\nnew = "{new}"\n\n' for old, new in moves.items())
    return f'name = "roundtrip"\n\n{entries}[rewrite]\nrelative = "keep"\n'


def check(workshop: Workshop, files: dict[str, bytes], moves: dict[str, str], tally: Tally) -> None:
    """Run one migration there and back."""
    planned = workshop.plan(files, manifest(moves), jobs=None)
    tally.counts["migrations"] += 1
    if not planned.plan.applicable:
        tally.counts["refused"] += 1
        print("  refused:", *sorted({f"{item.code} ({item.path}:{item.line})" for item in _errors(planned)})[:5])
        return
    tally.counts["files changed"] += len(planned.changed)
    compare(files, planned, moves, tally)
    again = workshop.plan(planned.files, manifest(moves), jobs=None)
    for path in again.changed:
        tally.problem(f"{path}: changes again: {_first(planned.files, again, path)}")
    back = workshop.plan(planned.files, manifest({new: old for old, new in moves.items()}), jobs=None)
    for path in planned.changed:
        if back.files[path] != files[path]:
            shapes = {str(_shape(data)) for data in (files[path], planned.files[path], back.files[path])}
            excused = len(shapes) > 1 or path in _told(planned) | _told(back)
            tally.counts["not given back, with reason" if excused else "not given back"] += 1
            if not excused:
                tally.problem(f"{path}: the inverse does not give the bytes back: {_first(files, back, path)}")
        else:
            tally.counts["given back"] += 1


def compare(files: dict[str, bytes], planned: Planned, moves: dict[str, str], tally: Tally) -> None:
    dotted = Moves({old.replace(":", "."): new.replace(":", ".") for old, new in moves.items()})
    for path in planned.changed:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        package = f"{module}.x" if path.endswith("__init__.py") else module
        try:
            before, after = (ast.unparse(ast.parse(data)) for data in (files[path], planned.files[path]))
        except (SyntaxError, ValueError) as error:
            tally.problem(f"{path}: does not parse any more: {error}")
            continue
        some_stay = path in _told(planned)
        for difference in differences(before, after, package, dotted, some_stay=some_stay)[:3]:
            tally.problem(f"{path}: {difference} (line of the unparsed text)")


def _first(files: Mapping[str, bytes], back: Planned, path: str) -> str:
    """The first line that differs."""
    pairs = zip(files[path].splitlines(), back.files[path].splitlines(), strict=False)
    number, pair = next(((at, pair) for at, pair in enumerate(pairs, 1) if pair[0] != pair[1]), (0, (b"", b"")))
    was, is_now = (line.decode("utf-8", "replace").strip() for line in pair)
    return f"line {number}: {was} | {is_now}"


def _errors(planned: Planned) -> list[Finding]:
    return [finding for finding in planned.plan.findings if finding.severity is Severity.ERROR]


def _told(planned: Planned) -> set[str]:
    return {finding.path for finding in planned.plan.findings}


def _shape(data: bytes) -> list[tuple[int, int, list[str | None]]]:
    """Lines, dots and `as` of the import statements: what merging, splitting and keeping a name change."""
    nodes = [node for node in ast.walk(ast.parse(data)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return [(node.lineno, getattr(node, "level", 0), [alias.asname for alias in node.names]) for node in nodes]


def sdist(pinned: str, target: Path) -> Path:
    target.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps", pinned]
    subprocess.run([*command, "--dest", str(target)], check=True)
    (found,) = target.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        archive.extractall(target, filter="data")
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="code to try (default: the standard library)")
    parser.add_argument("--sdists", action="store_true", help=f"also {' and '.join(SDISTS)}")
    parser.add_argument("--migrations", type=int, default=10, help="migrations for each folder (default: 10)")
    parser.add_argument("--moves", type=int, default=20, help="moves of each migration (default: 20)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    total = Tally()
    with tempfile.TemporaryDirectory(prefix="repoint-bench-") as scratch:
        folders = {path.name: path for path in args.folders} or {"stdlib": Path(sysconfig.get_path("stdlib"))}
        if args.sdists:
            folders |= {pinned: sdist(pinned, Path(scratch) / pinned) for pinned in SDISTS}
        for name, folder in folders.items():
            files, tally, start = read(folder), Tally(), time.perf_counter()
            print(f"{name}: {len(files):,} files, {sum(map(len, files.values())) / 1e6:.1f} MB")
            workshop = Workshop(Path(scratch) / f"repository-{name}")
            for moves in migrations(files, args.migrations, args.moves, args.seed):
                check(workshop, files, moves, tally)
            figures = ", ".join(f"{count:,} {what}" for what, count in tally.counts.items())
            print(f"  {figures}; {len(tally.problems)} defects; {time.perf_counter() - start:.0f} s")
            total.problems += tally.problems
    return 1 if total.problems else 0


if __name__ == "__main__":
    sys.exit(main())
