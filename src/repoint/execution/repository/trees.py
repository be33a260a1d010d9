"""Trees of commits that are to be: takes batches and a tip, gives the id of each tree; no ref moves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from repoint.execution.repository.commits import Entry, Tree, set_entries, write_blobs
from repoint.execution.repository.git import Git
from repoint.model import Batch, FileChange

_AT_ONCE = 500  # files, which lie in the temporary folder meanwhile

Watch = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""


def planned(git: Git, tip: str, tree: Tree, batches: Sequence[Batch], watch: Watch) -> list[str]:
    """The tree after each batch. Modes stay as they are in `tree`, the one of `tip`.

    Raises Refused, and writes nothing, where edits do not give what the plan promises: all are tried before the first
    blob is written, and every blob is written before the first tree is.
    """
    changes = [change for batch in batches for change in batch.files]
    for stage, dry in (("checking edits", True), ("writing blobs", False)):
        for start in range(0, len(changes), _AT_ONCE):
            watch(stage, start, len(changes))
            write_blobs(git, tuple(changes[start : start + _AT_ONCE]), dry=dry)
    return list(_built(git, tip, tree, batches, watch))


def _built(git: Git, tip: str, tree: Tree, batches: Sequence[Batch], watch: Watch) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = Path(folder, "index")
        git.run("read-tree", "--no-sparse-checkout", tip, index=index)
        for step, batch in enumerate(batches):
            watch("writing trees", step, len(batches))
            set_entries(git, index, entries(batch.files, tree), id_length=len(tip))
            yield git.run("write-tree", index=index).decode("ascii").strip()


def entries(changes: Sequence[FileChange], tree: Tree) -> dict[str, Entry | None]:
    """What a tree is to hold for each change; None for a deleted file."""
    return {change.path: _entry(change, tree) for change in changes}


def _entry(change: FileChange, tree: Tree) -> Entry | None:
    if change.after is None:
        return None
    found = tree.get(change.path)
    return Entry(found.mode if found else change.mode, change.after)


def replaced(git: Git, tree: str, others: Tree) -> str:
    """The same tree with other entries for some paths."""
    if not others:
        return tree
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = Path(folder, "index")
        git.run("read-tree", "--no-sparse-checkout", tree, index=index)
        set_entries(git, index, dict(others), id_length=len(tree))
        return git.run("write-tree", "--missing-ok", index=index).decode("ascii").strip()
