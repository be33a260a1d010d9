"""Keeps what is written, and not yet on any branch, from being collected: takes objects, holds a ref to them a while.

`git gc --prune=now` removes at once whatever nothing points to; by default git gives it two weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from repoint.errors import Refused
from repoint.execution.git import Git, GitFailed

REF = "refs/repoint/pending"


@contextmanager
def pinned(git: Git, item: str, known: str) -> Iterator[None]:
    """For the block, a ref leads to the object `item`, and everything that it takes beyond the commit `known` is there.

    The repository's lock is held. Raises Refused where some of it was collected before.
    """
    with suppress(GitFailed):  # a hook forbids refs of this kind: then nothing holds it, and git's two weeks must do
        git.run("update-ref", "--no-deref", REF, item)
    try:
        try:
            git.run("rev-list", "--objects", "--quiet", item, f"^{known}")
        except GitFailed as error:
            raise Refused(
                f"what was just written is gone: {error.problems[0].what}",
                where=str(git.folder),
                mend="let `git gc` or `git prune` end, then run the same command again",
            ) from error
        yield
    finally:
        release(git)


def release(git: Git) -> None:
    """Let go of what is held, or of what a killed process held."""
    with suppress(GitFailed):  # it is in nobody's way, and the next one takes its place
        git.run("update-ref", "--no-deref", "-d", REF)


def tree_of(git: Git, trees: Sequence[str]) -> str:
    """A tree that holds all these trees."""
    rows = "".join(f"040000 tree {tree}\t{number:06}\n" for number, tree in enumerate(trees))
    return git.run("mktree", stdin=rows.encode("ascii")).decode("ascii").strip()
