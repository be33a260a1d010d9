"""Path patterns as the manifest uses them: `*` within one component, `**` across components."""

from __future__ import annotations

import re
from functools import lru_cache

_ANY = re.compile(r"\*\*/\*[\w.]+")


def matches(path: str, globs: tuple[str, ...]) -> bool:
    """Whether `path` (with `/`) matches any of `globs`; a pattern without `/` is anchored at the root too."""
    endings, patterns = _split(globs)
    return path.endswith(endings) or any(pattern.fullmatch(path) is not None for pattern in patterns)


def first_match(path: str, globs: tuple[str, ...]) -> int:
    """The position of the first of `globs` that matches `path`; their number where none does."""
    return next((at for at, glob in enumerate(globs) if _compiled(glob).fullmatch(path)), len(globs))


@lru_cache(maxsize=64)
def _split(globs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    """The endings that patterns such as `**/*.py` ask for, which are told at once; and the other patterns, compiled."""
    endings = [glob[4:] for glob in globs if _ANY.fullmatch(glob)]
    return tuple(endings), tuple(_compiled(glob) for glob in globs if not _ANY.fullmatch(glob))


@lru_cache(maxsize=512)
def _compiled(glob: str) -> re.Pattern[str]:
    pattern, at = "", 0
    while at < len(glob):
        if glob.startswith("**/", at):
            pattern, at = pattern + r"(?:[^/]+/)*", at + 3
        elif glob.startswith("**", at):
            pattern, at = pattern + r".*", at + 2
        elif glob[at] == "*":
            pattern, at = pattern + r"[^/]*", at + 1
        elif glob[at] == "?":
            pattern, at = pattern + r"[^/]", at + 1
        elif glob[at] == "[" and "]" in glob[at + 2 :]:
            end = glob.index("]", at + 2)
            inside = glob[at + 1 : end].replace("\\", r"\\")
            pattern += f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"
            at = end + 1
        else:
            pattern, at = pattern + re.escape(glob[at]), at + 1
    return re.compile(pattern)
