"""Takes a number of files and a seed, gives a git repository with a monorepo of that many Python files.

Modelled on a real one of 8,822 files and 163 MB: file sizes are log-normal around 10 KB, folders hold a few files each
and now and then hundreds, 2.6% of the files name an old path in one of the usual forms, and twice as many hold a
look-alike of one. The same arguments give the same bytes and the same commit.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MEDIAN_BYTES = 10_000
SIGMA = 1.107  # gives the real mean, 18.4 KB
LARGEST_BYTES = 500_000
NAMING = 0.026
LOOK_ALIKE = 0.05
BLOCKS = 2000
DATE = "1700000000 +0000"

# Share of the files, package root, and how deep its folders go (weights of 0, 1, 2… levels below the root).
ROOTS = (
    (0.45, "backend", (2, 8, 40, 30, 3)),
    (0.35, "tests", (10, 30, 40, 10, 1)),
    (0.11, "scripts", (90, 10, 2)),
    (0.04, "test_framework", (10, 60, 20)),
    (0.03, "auth", (10, 40, 50)),
    (0.02, "shared", (60, 40, 5)),
)
FOLDERS = ("agents", "api", "core", "db", "events", "health", "llm", "mcp", "monitor", "quota", "routes", "services")
WORDS = (
    "account", "agent", "batch", "budget", "cache", "channel", "client", "config", "context", "cursor",
    "digest", "event", "flag", "handler", "index", "job", "key", "ledger", "limit", "message", "metric",
    "order", "owner", "payload", "policy", "queue", "record", "report", "request", "result", "role", "route",
    "schema", "session", "signal", "socket", "state", "status", "stream", "task", "tenant", "timer", "token",
    "trace", "user", "vector", "window", "worker",
)  # fmt: skip

OLD = "backend.app.engines.execution_engine"
OLD_FACTORY = "backend.app.engines.unified_factory"
OLD_TOOLS = "backend.app.engines.engine_tools"
NEW = "backend.app.engines.user_engine"
NEW_FACTORY = "backend.app.engines.execution_engine_factory"
NEW_TOOLS = "backend.app.engines.toolbox"

MANIFEST = f'''name = "one-engine"
description = "One engine, one factory."

[[move]]
old = "{OLD}:ExecutionEngine"
new = "{NEW}:UserExecutionEngine"

[[move]]
old = "{OLD}:create_engine"
new = "{NEW_FACTORY}:create_engine"

[[move]]
old = "{OLD}:EngineError"
new = "{NEW}:UserEngineError"

[[move]]
old = "{OLD_FACTORY}:UnifiedFactory"
new = "{NEW_FACTORY}:ExecutionEngineFactory"

[[move]]
old = "{OLD_TOOLS}"
new = "{NEW_TOOLS}"

[batches]
depth = 3
order = ["tests/**", "**"]
'''

ENGINES = {
    OLD: """class ExecutionEngine:
    def run(self, job):
        return job


class EngineError(Exception):
    pass


def create_engine(context):
    return ExecutionEngine()


def engine_stats():
    return {}
""",
    OLD_FACTORY: "class UnifiedFactory:\n    def make(self):\n        return None\n",
    OLD_TOOLS: "def trace(job):\n    return job\n\n\nLIMIT = 10\n",
    NEW: "class UserExecutionEngine:\n    def run(self, job):\n        return job\n\n\n"
    "class UserEngineError(Exception):\n    pass\n",
    NEW_FACTORY: "class ExecutionEngineFactory:\n    def make(self):\n        return None\n\n\n"
    "def create_engine(context):\n    return context\n",
    NEW_TOOLS: "def trace(job):\n    return job\n\n\nLIMIT = 10\n",
}

# How files name an old path: weight, what stands among the imports, what stands in a function of its own.
NAMINGS = (
    (
        40,
        f"from {OLD} import ExecutionEngine",
        "engine = ExecutionEngine()\nreturn isinstance(engine, ExecutionEngine)",
    ),
    (10, f"from {OLD} import ExecutionEngine as Engine", "return Engine().run(1)"),
    (8, f"from {OLD} import (\n    EngineError,  # told apart below\n    ExecutionEngine,\n)", "raise EngineError(1)"),
    (6, f"from {OLD} import create_engine, engine_stats", "return create_engine(engine_stats())"),
    (10, f"from {OLD_FACTORY} import UnifiedFactory", "return UnifiedFactory().make()"),
    (6, "", f"from {OLD} import ExecutionEngine\nreturn ExecutionEngine().run(2)"),
    (4, f"if TYPE_CHECKING:\n    from {OLD} import ExecutionEngine", 'engine: "ExecutionEngine"\nreturn None'),
    (4, f"try:\n    from {OLD} import EngineError\nexcept ImportError:\n    EngineError = None", "return EngineError"),
    (3, f"import {OLD}", f"return {OLD}.ExecutionEngine()"),
    (3, "from backend.app.engines import engine_tools", "return engine_tools.trace(engine_tools.LIMIT)"),
    (3, f"from {OLD_TOOLS} import trace", "return trace(3)"),
    (3, "from unittest.mock import patch", f'with patch("{OLD}.ExecutionEngine") as engine:\n    return engine'),
)
LOOK_ALIKES = (
    f"from {NEW_FACTORY} import ExecutionEngineFactory",
    "execution_engine = None  # not ExecutionEngine: a neighbour's name",
    'LOGGER_NAME = "tool.execution_engine"',
    "from backend.app.engines import execution_engine_factory",
)


@dataclass(frozen=True)
class Shape:
    """What was generated: numbers of files, of those that name an old path, and bytes."""

    files: int
    naming: int
    size: int


def generate(target: Path, files: int, seed: int = 1) -> Shape:
    """Write the repository to `target`, which must not exist, and its manifest to `migration.toml` in it."""
    target.mkdir(parents=True)
    _git(target, "init", "-q", "-b", "trunk")
    _git(target, "config", "core.autocrlf", "false")
    stream = subprocess.Popen(
        ["git", "fast-import", "--quiet", "--depth=0", "--date-format=raw"], cwd=target, stdin=subprocess.PIPE
    )
    assert stream.stdin is not None
    count = naming = size = 0
    who = f"corpus <corpus@localhost> {DATE}\n"
    stream.stdin.write(f"commit refs/heads/trunk\ncommitter {who}data 4\nbase\n".encode())
    for path, data, names_old in _tree(files, random.Random(seed)):
        stream.stdin.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        if path.endswith(".py"):
            count, naming, size = count + 1, naming + names_old, size + len(data)
    stream.stdin.close()
    if stream.wait():
        raise SystemExit("git fast-import failed")
    _git(target, "reset", "-q", "--hard")
    return Shape(count, naming, size)


def _git(repo: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=repo, check=True)


def _tree(files: int, rng: random.Random) -> Iterator[tuple[str, bytes, bool]]:
    """Path, bytes, and whether it names an old path; the manifest comes first."""
    yield "migration.toml", MANIFEST.encode(), False
    paths = _paths(files, rng)
    for module, text in ENGINES.items():
        yield module.replace(".", "/") + ".py", text.encode(), False
    blocks = [_block(rng) for _ in range(BLOCKS)]
    plain = [path for path in paths if not path.endswith("__init__.py")]
    named = frozenset(rng.sample(plain, min(len(plain), round(NAMING * files))))
    for path in paths:
        if path.endswith("__init__.py"):
            yield path, b"" if rng.random() < 0.3 else b'"""A package."""\n', False
        else:
            wanted = min(int(rng.lognormvariate(math.log(MEDIAN_BYTES), SIGMA)), LARGEST_BYTES)
            yield path, _module(wanted, path in named, blocks, rng).encode(), path in named


def _paths(files: int, rng: random.Random) -> list[str]:
    """As many paths as wanted, the engines' own not counted; every folder is a package."""
    fixed = {module.replace(".", "/") + ".py" for module in ENGINES}
    paths: dict[str, None] = {}
    folders: dict[str, list[str]] = {root: [] for _, root, _ in ROOTS}  # distinct ones
    homes: dict[str, list[str]] = {root: [] for _, root, _ in ROOTS}  # one entry for each file: full folders fill up
    _add(paths, "backend/app/engines")
    while len(paths) + len(fixed) < files:
        _, root, depths = rng.choices(ROOTS, [share for share, _, _ in ROOTS])[0]
        if folders[root] and rng.random() < 0.86:
            folder = rng.choice((homes if rng.random() < 0.5 else folders)[root])
        else:
            depth = rng.choices(range(len(depths)), depths)[0]
            middle = ["app"] * (root == "backend")
            folder = "/".join([root, *middle, *(rng.choice(FOLDERS) for _ in range(depth))])
            folders[root] += [folder] * (f"{folder}/__init__.py" not in paths)
            _add(paths, folder)
        homes[root].append(folder)
        prefix = "test_" if root == "tests" else ""
        stem = f"{prefix}{rng.choice(WORDS)}_{rng.choice(WORDS)}"
        path = f"{folder}/{stem}.py"
        paths.setdefault(path if path not in paths else f"{folder}/{stem}_{len(paths)}.py")
    return list(paths)[: max(files - len(fixed), 0)]


def _add(paths: dict[str, None], folder: str) -> None:
    """Make the folder and those above it packages."""
    parts = folder.split("/")
    for end in range(1, len(parts) + 1):
        paths.setdefault("/".join([*parts[:end], "__init__.py"]))


def _module(wanted: int, names_old: bool, blocks: list[str], rng: random.Random) -> str:
    """A module of about `wanted` bytes."""
    imports, body = "", ""
    if names_old:
        _, imports, body = rng.choices(NAMINGS, [weight for weight, _, _ in NAMINGS])[0]
    elif rng.random() < LOOK_ALIKE / (1 - NAMING):
        imports = rng.choice(LOOK_ALIKES)
    head = (
        f'"""{_sentence(rng)}"""\n\nimport json\nimport logging\nimport os\n'
        "from typing import TYPE_CHECKING, Any, Dict, List, Optional\n\n"
        f"{imports}\n\nlogger = logging.getLogger(__name__)\n\n\n"
    )
    parts = [head]
    size = len(head)
    if body:
        parts.append("def engine_of(job=None):\n" + "".join(f"    {line}\n" for line in body.splitlines()) + "\n\n")
    while size < wanted:
        block = rng.choice(blocks).replace("@", str(len(parts)))
        parts.append(block)
        size += len(block)
    return "".join(parts).rstrip("\n") + "\n"


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(4, 12))).capitalize() + "."


def _block(rng: random.Random) -> str:
    """A class or a function; `@` stands where it is numbered."""
    if rng.random() < 0.4:
        return _function(rng, "", "") + "\n\n"
    name = "".join(word.capitalize() for word in rng.choices(WORDS, k=2))
    methods = "\n".join(_function(rng, "    ", "self, ") for _ in range(rng.randint(1, 6)))
    return f'class {name}@:\n    """{_sentence(rng)}"""\n\n    limit: int = {rng.randint(1, 99)}\n\n{methods}\n\n'


def _function(rng: random.Random, indent: str, first: str) -> str:
    one, two, three = rng.sample(WORDS, 3)
    lines = [
        f"{rng.choice(('def', 'async def'))} {one}_{two}_@({first}{one}: str, {two}: Optional[int] = None) -> Any:",
        f'    """{_sentence(rng)}\n\n{indent}    Gives the {three} of the {one}.\n{indent}    """',
        f"    {three}: Dict[str, List[int]] = {{}}",
    ]
    for _ in range(rng.randint(1, 8)):
        lines += _statement(rng, one, two, three)
    lines.append(f"    return {three}")
    return "".join(f"{indent}{line}\n" for line in lines)


def _statement(rng: random.Random, one: str, two: str, three: str) -> list[str]:
    number = rng.randint(1, 9999)
    return rng.choice(
        (
            [f"    # {_sentence(rng)}"],
            [f"    if {two} is None:", f"        {two} = len({one}) + {number}"],
            [f"    for item in range({number} % 7):", f"        {three}.setdefault({one}, []).append(item * {number})"],
            [
                "    try:",
                f"        {three}[json.dumps({one})] = [int(part) for part in {one}.split('-') if part.isdigit()]",
                "    except (KeyError, ValueError) as error:",
                f'        logger.warning(f"no {three} for {{{one}}}: {{error}}")',
            ],
            [f"    with open(os.devnull) as {two}_file:", f"        {three}['lines'] = [len({two}_file.read())]"],
            [f'    logger.debug("%s: %s", {one}, sorted({three}, key=lambda key: (len(key), key)))'],
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path, help="the folder to make; it must not exist")
    parser.add_argument("--files", type=int, default=8822, help="Python files (default: 8822)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives another corpus (default: 1)")
    parser.add_argument("--replace", action="store_true", help="delete what this script made there before")
    args = parser.parse_args()
    if args.target.exists():
        if not (args.replace and (args.target / "migration.toml").is_file()):
            parser.error(f"{args.target} exists")
        shutil.rmtree(args.target)
    shape = generate(args.target, args.files, args.seed)
    print(f"{shape.files:,} files, {shape.size / 1e6:,.1f} MB, {shape.naming:,} name an old path")
    return 0


if __name__ == "__main__":
    sys.exit(main())
