"""Objects that nobody is to keep: takes a repository, gives it with another place for new ones, gone afterwards.

What git does itself with the objects of a push until its hooks have agreed (git-receive-pack, quarantine environment).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from repoint.execution.repository.git import Repository


@contextmanager
def quarantine(repo: Repository) -> Iterator[Repository]:
    """The repository for the block, with new objects written elsewhere; those that it has can be read."""
    objects = repo.git.folder / (repo.git.ask("rev-parse", "--git-path", "objects") or "objects")
    others = os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    known = os.pathsep.join([_quoted(str(objects)), *([others] if others else [])])
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        settings = (("GIT_OBJECT_DIRECTORY", folder), ("GIT_ALTERNATE_OBJECT_DIRECTORIES", known))
        yield replace(repo, git=repo.git.with_settings(*settings))


def _quoted(path: str) -> str:
    """As git reads a list of paths: in quotes where the separator stands in one."""
    if os.pathsep not in path and not path.startswith('"'):
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
