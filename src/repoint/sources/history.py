"""What git's log says of files and of a migration: commits and names in, dates and commits out; nothing is written."""

from __future__ import annotations

import re
from typing import NamedTuple

from repoint.errors import UsageError
from repoint.sources.git import Git

_PLAIN = ("--no-show-signature", "--no-color", "--encoding=UTF-8")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Since(NamedTuple):
    """A point in time: a day (`YYYY-MM-DD`), or a commit that is named by `text`. One of both is empty."""

    text: str
    day: str
    commit: str


def since(git: Git, text: str) -> Since:
    """The point in time that `text` names. What looks like a day is one. Raises UsageError for what is neither."""
    if _DATE.fullmatch(text):
        return Since(text, text, "")
    found = (
        b"" if text.startswith("-") else git.run("rev-parse", "-q", "--verify", f"{text}^{{commit}}", ok=(0, 1, 128))
    )
    if not found.strip():
        raise UsageError(f"{text} is no day and names no commit", mend="give YYYY-MM-DD, a tag or a commit")
    return Since(text, "", found.decode().strip())


def changed_after(git: Git, commit: str, path: str, point: Since) -> bool:
    """Whether the file's last change, in the history of `commit`, came after `point`."""
    spec = f":(top,literal){path}"
    if point.commit:
        return bool(git.run("rev-list", "-1", f"{point.commit}..{commit}", "--", spec).strip())
    return git.run("log", *_PLAIN, "-1", "--format=%cs", commit, "--", spec).decode().strip() > point.day


def before_migration(git: Git, commit: str, name: str) -> str | None:
    """The parent of the first commit that `apply` made of the migration, in the history of `commit`; None without.

    Raises UsageError where a shallow clone has cut off what that would be.
    """
    trailer = f"Repoint-Migration: {name}"
    log = git.run(*("log", "-z", *_PLAIN, "-F", f"--grep={trailer}", "--format=%P%n%B", "--topo-order", commit, "--"))
    for entry in reversed(log.decode("utf-8", "replace").split("\0")):
        parents, _, text = entry.partition("\n")
        if trailer not in text.splitlines():
            continue
        if parents:
            return parents.split()[0]
        if git.run("rev-parse", "--is-shallow-repository").strip() == b"true":
            raise UsageError(
                f"the history of this shallow clone begins amid the migration {name}",
                mend="`git fetch --unshallow`, or say with --base what it was before",
            )
    return None
