"""Which paths a plan may write: takes repository paths with `/`, gives what is wrong with them.

A path must mean the same file, inside the tracked tree, on every file system that the repository may be checked out on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from repoint.errors import ACTING

MAX_PATH = 4096  # bytes; git and every file system stop well before
MAX_DEPTH = 100  # folders: what is done for each folder of each path stays linear in the size of a plan
MAX_COMPONENT = 255  # bytes; the limit of every file system in use

# HFS+ ignores these when it compares names, so `.g\u200cit` is `.git` there (git's own list, utf8.c).
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?", re.IGNORECASE
)
_SHORT_NAME = re.compile(r"~[0-9]")
_FORBIDDEN_ON_WINDOWS = re.compile(r'[<>"|?*]')


def path_problem(path: str) -> str | None:
    """Why no plan may write to a path, or None.

    Source: git's `verify_path` with core.protectHFS and core.protectNTFS.
    """
    if not path or len(path.encode("utf-8", "surrogatepass")) > MAX_PATH:
        return "is empty or too long"
    if ACTING.search(path):
        return "holds a control character"
    if "\\" in path:
        return "holds a backslash"
    if ":" in path:
        return "holds a colon (a drive or a stream on Windows)"
    if path.startswith("/"):
        return "is absolute"
    parts = path.split("/")
    if len(parts) > MAX_DEPTH:
        return f"lies more than {MAX_DEPTH} folders deep"
    return next((reason for part in parts if (reason := _part_problem(part))), None)


def _part_problem(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "has an empty component, `.` or `..`"
    if part != part.rstrip(". "):
        return "has a component that ends in a dot or a space"
    if len(part.encode("utf-8", "surrogatepass")) > MAX_COMPONENT:
        return f"has a component of more than {MAX_COMPONENT} bytes"
    if unicodedata.normalize("NFKC", _IGNORED_BY_HFS.sub("", part)).casefold() in (".git", "git~1"):
        return "lies in git's own directory"
    return None


def new_path_problem(path: str) -> str | None:
    """Why a plan may not create a file there, or None; a file that is tracked already may have such a path."""
    for part in path.split("/"):
        if _DEVICE.fullmatch(part):
            return f"has a component that names a device on Windows ({part!r})"
        if _SHORT_NAME.search(part):
            return f"has a component that may be the short name of another file on Windows ({part!r})"
        if _FORBIDDEN_ON_WINDOWS.search(part):
            return f"has a component that cannot be on Windows ({part!r})"
    return None


def folded(path: str) -> str:
    """What paths have in common that some file system takes for one: letter case, accents, ignored characters aside."""
    plain = unicodedata.normalize("NFD", _IGNORED_BY_HFS.sub("", path))
    return unicodedata.normalize("NFD", plain.casefold())


def clashes(paths: Iterable[tuple[str, str, bool]]) -> Iterator[tuple[str, str]]:
    """Pairs of paths that are in each other's way: one is the other's folder, or both are one.

    Takes (key, path, strict): keys are compared, and of each pair one must be strict. Linear after a sort: what lies
    in a folder follows it.
    """
    above: list[tuple[str, str]] = []
    strict_above: list[tuple[str, str]] = []
    for key, path, strict in sorted((f"{key}/", path, strict) for key, path, strict in paths):
        for stack in (above, strict_above):
            while stack and not key.startswith(stack[-1][0]):
                stack.pop()
        if other := (above if strict else strict_above):
            yield other[-1][1], path
        above.append((key, path))
        if strict:
            strict_above.append((key, path))


def folders_of(path: str) -> tuple[str, ...]:
    """`a/b/c.py` gives `a`, `a/b`."""
    parts = path.split("/")[:-1]
    return tuple("/".join(parts[: end + 1]) for end in range(len(parts)))
