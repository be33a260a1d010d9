"""Where a run leaves word of what it does: the git directory that all worktrees share in, paths in it out.

Apart from those who read and write there, so that every command can look cheaply whether a killed run left anything.
"""

from __future__ import annotations

from pathlib import Path

PINNED = "refs/repoint/pending"  # the ref that keeps objects which are on no branch yet


def gates(common_dir: Path) -> Path:
    """The record of a linked worktree."""
    return common_dir / "repoint" / "gates.json"


def moving(common_dir: Path) -> Path:
    """The record of a branch that is being moved."""
    return common_dir / "repoint" / "moving.json"


def draft(common_dir: Path) -> Path:
    """Where the ref `PINNED` is written before it is put in its place."""
    return common_dir / "repoint" / "pending.new"


def are_left(common_dir: Path) -> bool:
    """True where a killed run, or a living one, has left word of what it did."""
    records = (gates(common_dir), moving(common_dir), draft(common_dir), common_dir / PINNED)
    return any(record.exists() for record in records)
