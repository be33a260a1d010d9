"""Counts the imports of a repository's own modules that lead nowhere, commit by commit; knows nothing of repoint.

Used by tests on the example, and by hand on any repository:

    python tests/unresolved.py REPO BASE BRANCH

It reads git's objects only, and parses each version of a file once. An import is resolved when its module is a file or
a folder of the tree, and each name is a submodule or bound at the module's top level (or that module cannot be read,
has a `__getattr__`, or imports `*` from somewhere else).
"""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """What one version of a file imports (level, module, names, line), and what it binds; `open`: perhaps more."""

    imports: tuple[tuple[int, str, tuple[str, ...], int], ...]
    names: frozenset[str]
    open: bool


class Checker:
    """Reads commits of one repository; versions of files are remembered by blob id."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        self._known: dict[str, Module] = {}

    def _git(self, *args: str, data: bytes = b"") -> bytes:
        return subprocess.run(["git", *args], cwd=self.repo, input=data, capture_output=True, check=True).stdout

    def commits(self, base: str, branch: str) -> list[str]:
        """The commits after `base`, the oldest first."""
        return self._git("rev-list", "--reverse", f"{base}..{branch}").decode().split()

    def unresolved(self, commit: str) -> set[tuple[str, str]]:
        """The imports of `commit` that lead nowhere: path and what is imported."""
        files = self._files(commit)
        self._read(set(files.values()))
        modules = {_module(path): (path, self._known[blob]) for path, blob in files.items()}
        folders = {
            ".".join(module.split(".")[:count]) for module in modules for count in range(1, module.count(".") + 1)
        }
        return {
            (path, told)
            for module, (path, facts) in modules.items()
            for told in _missing(module, path, facts, modules, folders)
        }

    def _files(self, commit: str) -> dict[str, str]:
        rows = self._git("ls-tree", "-r", "-z", commit).decode("utf-8", "surrogateescape").split("\0")
        entries = (row.split("\t", 1) for row in rows if row)
        return {path: meta.split()[2] for meta, path in entries if path.endswith(".py") and meta.startswith("100")}

    def _read(self, blobs: set[str]) -> None:
        wanted = sorted(blobs - self._known.keys())
        output = self._git("cat-file", "--batch", data="".join(f"{blob}\n" for blob in wanted).encode())
        at = 0
        for blob in wanted:
            end = output.index(b"\n", at)
            size = int(output[at:end].split()[2])
            self._known[blob] = _parse(output[end + 1 : end + 1 + size])
            at = end + size + 2


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _parse(data: bytes) -> Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError):
            return Module((), frozenset(), True)
    imports, names, stars = [], set(), False
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name, (), node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.level, node.module or "", tuple(alias.name for alias in node.names), node.lineno))
    for node in _top(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            stars = stars or node.name == "__getattr__"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            stars = stars or any(alias.name == "*" for alias in node.names)
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        else:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return Module(tuple(imports), frozenset(names), stars)


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run at the top level, inside `if`, `try` and the like, too."""
    for node in body:
        yield node
        for part in (node, *getattr(node, "handlers", ())):
            for name in ("body", "orelse", "finalbody"):
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    yield from _top(getattr(part, name, []) or [])


def _missing(
    module: str, path: str, facts: Module, modules: dict[str, tuple[str, Module]], folders: set[str]
) -> Iterator[str]:
    for level, target, names, _ in facts.imports:
        whole = target
        if level:
            package = module.split(".") if path.endswith("__init__.py") else module.split(".")[:-1]
            above = package[: len(package) - level + 1]
            whole = ".".join([*above, *([target] if target else [])])
        top = whole.partition(".")[0]
        if top not in folders and top not in modules:
            continue  # not the repository's own
        if whole not in modules and whole not in folders:
            yield whole
            continue
        for name in names:
            inside = modules.get(whole)
            below = f"{whole}.{name}" in modules or f"{whole}.{name}" in folders
            if name != "*" and not below and not (inside and (inside[1].open or name in inside[1].names)):
                yield f"{whole}.{name}"


def main() -> int:
    repo, base, branch = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    checker = Checker(repo)
    before = checker.unresolved(base)
    print(f"{len(before)} before")
    worst = 0
    for commit in checker.commits(base, branch):
        after = checker.unresolved(commit)
        fresh = {told for _, told in after} - {told for _, told in before}
        worst = max(worst, len(after))
        print(f"{commit[:10]} {len(after)} {sorted(fresh)[:3] if fresh else ''}")
    return int(worst > len(before))


if __name__ == "__main__":
    sys.exit(main())
