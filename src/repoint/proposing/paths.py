"""Paths in, what they are for out: tests, vendored folders, and the folders that imports start from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

VENDORED = frozenset({"vendor", "vendored", "_vendor", "third_party", "site-packages", "node_modules", "venv", ".venv"})
_TESTS = frozenset({"test", "tests", "testing", "fixtures", "testdata"})
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.pyi?$")
_CONVENTIONAL = ("src", "lib")


def is_test(path: str) -> bool:
    """Whether a file is there for tests alone: what it defines is no home, and no duplicate."""
    return _TEST_FILE.search(path) is not None or not _TESTS.isdisjoint(path.split("/")[:-1])


def vendored(paths: Iterable[str]) -> tuple[str, ...]:
    """The names of folders with other people's code among `paths`, sorted."""
    return tuple(sorted({part for path in paths for part in path.split("/")[:-1] if part in VENDORED}))


def is_vendored(path: str) -> bool:
    return not VENDORED.isdisjoint(path.split("/")[:-1])


def candidates(paths: Iterable[str]) -> dict[str, frozenset[str]]:
    """Folders that imports may start from, below the repository's own, with the packages and modules in each.

    Such a folder holds a package, is none itself, and lies in no package, test or vendored folder.
    """
    files = frozenset(path for path in paths if not (is_test(path) or is_vendored(path)))
    packages = {path.rpartition("/")[0] for path in files if path.endswith("/__init__.py")}
    inside: dict[str, set[str]] = {}
    for package in packages:
        folder, _, name = package.rpartition("/")
        above = folder
        while above and above not in packages:
            above = above.rpartition("/")[0]
        if folder and not above:
            inside.setdefault(folder, set()).add(name)
    for path in files:
        folder, _, name = path.rpartition("/")
        if folder in inside or (folder in _CONVENTIONAL and folder not in packages):
            inside.setdefault(folder, set()).add(name.partition(".")[0])
    return {folder: frozenset(names) for folder, names in inside.items()}


def conventional_roots(paths: Iterable[str]) -> tuple[str, ...]:
    """The roots that their names alone tell of: the repository's own, and every `src` and `lib` that is no package."""
    return (".", *(folder for folder in sorted(candidates(paths)) if folder.rpartition("/")[2] in _CONVENTIONAL))


def roots(paths: Iterable[str], imported: Counter[str]) -> tuple[str, ...]:
    """The roots of imports; `imported` counts the first two parts of what files import absolutely.

    A folder is one where more imports start from it than name it as their own first part.
    """
    known = list(paths)
    top = {path.split("/")[0].partition(".")[0] for path in known}
    tops: Counter[str] = Counter()
    for module, count in imported.items():
        tops[module.partition(".")[0]] += count
    found = []
    for folder, names in sorted(candidates(known).items()):
        through = tops[folder] if "/" not in folder else imported[".".join(folder.split("/")[:2])]
        votes = sum(tops[name] for name in names - top)
        if votes > through or (folder.rpartition("/")[2] in _CONVENTIONAL and not through):
            found.append(folder)
    elsewhere = [path for path in known if not any(path.startswith(f"{folder}/") for folder in found)]
    return (*(["."] if elsewhere or not found else []), *found)
