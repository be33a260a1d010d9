"""Takes `PATH:LINE[:COLUMN]` as a person or an audit writes it, gives the file of a commit that is meant."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from posixpath import normpath

from repoint.errors import UsageError
from repoint.model import Frozen

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>[0-9]{1,9})(?::(?P<column>[0-9]{1,9}))?:?", re.DOTALL)


class Place(Frozen, frozen=True):
    """A path as it was written, a line from 1, and a column from 1, 0 for the whole line."""

    path: str
    line: int
    column: int


def parse_place(text: str) -> Place:
    """The place in `text`; a path may hold a drive's colon. Raises UsageError where there is no line from 1."""
    found = _PLACE.fullmatch(text)
    if found is None or int(found["line"]) == 0:
        raise UsageError(f"{text} is no PATH:LINE", mend="write a line from 1: pkg/mod.py:12, or pkg/mod.py:12:5")
    return Place(found["path"], int(found["line"]), int(found["column"] or 0))


def find_path(written: str, tracked: Collection[str], top: Path, here: Path, commit: str) -> str:
    """The tracked path that is meant: below the repository's `top`, or below `here`, where the user is.

    Raises UsageError where no file of the commit is meant.
    """
    slashed = written.replace("\\", "/")
    from_here = [_below(top, here, item) for item in (written, slashed)]
    from_top = [normpath(written), normpath(slashed)]
    explicit = slashed.startswith(("./", "../")) or Path(written).is_absolute()
    for path in [*from_here, *from_top] if explicit else [*from_top, *from_here]:
        if path in tracked:
            return path
    ends = sorted(path for path in tracked if path.endswith("/" + normpath(slashed).lstrip("./")))
    mend = f"perhaps {' or '.join(ends[:3])}" if ends else "write the path from the repository's top or from here"
    raise UsageError(f"is no tracked file at {commit[:12]}", where=written, mend=mend)


def _below(top: Path, here: Path, written: str) -> str:
    """The path relative to `top` of what is written from `here`; empty where it lies elsewhere."""
    whole = Path(os.path.abspath(here / written))  # noqa: PTH100  # a link in the tree is a tracked path of its own
    for one, above in ((whole, top), (whole.parent.resolve() / whole.name, top.resolve())):
        if one.is_relative_to(above):
            return one.relative_to(above).as_posix()
    return ""
