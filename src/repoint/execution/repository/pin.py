"""Keeps what is written, and not yet on any branch, from being collected: takes objects, holds a ref to them a while.

`git gc --prune=now` removes at once whatever nothing points to; by default git gives it two weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from repoint.errors import Refused
from repoint.execution import places
from repoint.execution.repository.git import Git, GitFailed, Repository
from repoint.execution.repository.lock import shared_folder


@contextmanager
def pinned(repo: Repository, item: str, known: str) -> Iterator[None]:
    """For the block, a ref leads to the object `item`, and everything that it takes beyond the commit `known` is there.

    The repository's lock is held. Raises Refused where some of it was collected before.
    """
    _hold(repo, item)
    try:
        try:
            repo.git.run("rev-list", "--objects", "--quiet", item, f"^{known}")
        except GitFailed as error:
            raise Refused(
                f"what was just written is gone: {error.problems[0].what}",
                where=str(repo.git.folder),
                mend="let `git gc` or `git prune` end, then run the same command again",
            ) from error
        yield
    finally:
        release(repo)


def _hold(repo: Repository, item: str) -> None:
    """Without git where refs are files: a git that is killed while it writes one leaves locks behind."""
    place = repo.common_dir / places.PINNED
    with suppress(GitFailed, OSError):  # refs that cannot be written: then git's two weeks must do
        if _is_reftable(repo):
            repo.git.run("update-ref", "--no-deref", places.PINNED, item)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = places.draft(repo.common_dir)
        shared_folder(draft.parent)
        draft.write_text(f"{item}\n", encoding="ascii")
        draft.replace(place)


def release(repo: Repository) -> None:
    """Let go of what is held, or of what a killed process held."""
    place = repo.common_dir / places.PINNED
    with suppress(GitFailed, OSError):  # if not now, the next one lets go of it
        places.draft(repo.common_dir).unlink(missing_ok=True)
        place.unlink(missing_ok=True)
        if _is_kept_elsewhere(repo):
            repo.git.run("update-ref", "--no-deref", "-d", places.PINNED)
        place.parent.rmdir()


def _is_reftable(repo: Repository) -> bool:
    return (repo.common_dir / "reftable").is_dir()


def _is_kept_elsewhere(repo: Repository) -> bool:
    """Whether git has the ref in another place than a file of its own, as after `git gc`."""
    if _is_reftable(repo):
        return repo.git.ask("rev-parse", "--verify", "--quiet", places.PINNED) is not None
    packed = repo.common_dir / "packed-refs"
    return packed.exists() and f" {places.PINNED}\n".encode("ascii") in packed.read_bytes()


def tree_of(git: Git, trees: Sequence[str]) -> str:
    """A tree that holds all these trees."""
    rows = "".join(f"040000 tree {tree}\t{number:06}\n" for number, tree in enumerate(trees))
    return git.run("mktree", stdin=rows.encode("ascii")).decode("ascii").strip()
