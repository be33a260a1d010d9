"""Keeps what is written, and not yet on any branch, from being collected: takes trees, holds a ref to them for a while.

`git gc --prune=now` removes at once whatever nothing points to; by default git gives it two weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from repoint.execution.git import Git, GitFailed

REF = "refs/repoint/pending"


@contextmanager
def pinned(git: Git, trees: Sequence[str]) -> Iterator[None]:
    """For the block, a ref leads to a tree of all these trees. The repository's lock is held."""
    rows = "".join(f"040000 tree {tree}\t{number:06}\n" for number, tree in enumerate(trees))
    both = git.run("mktree", stdin=rows.encode("ascii")).decode("ascii").strip()
    git.run("update-ref", "--no-deref", REF, both)
    try:
        yield
    finally:
        release(git)


def release(git: Git) -> None:
    """Let go of what a killed process held, if anything."""
    with suppress(GitFailed):  # it is in nobody's way, and the next one takes its place
        git.run("update-ref", "--no-deref", "-d", REF)
