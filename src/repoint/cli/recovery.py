"""Takes a repository, finishes what an interrupted `apply` left half done, gives a line that says so."""

from __future__ import annotations

from pathlib import Path

INTENT = Path("repoint", "follow.json")


def recover_if_interrupted(repo: Path) -> str | None:
    """Finish or take back an interrupted follow of the working tree; None where there was none.

    Whether there is one is told from the file system, so that the usual case starts no git process.
    """
    if not any((folder / INTENT).exists() for folder in _git_dirs(repo.absolute())):
        return None
    from repoint.execution.follow import recover

    return recover(repo)


def _git_dirs(repo: Path) -> tuple[Path, ...]:
    """The git directories that may hold the intent: a linked worktree has one of its own and a common one."""
    for folder in (repo, *repo.parents):
        dot_git = folder / ".git"
        if dot_git.is_dir():
            return (dot_git,)
        if dot_git.is_file():
            own = folder / dot_git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            return (own, own.parent.parent)
    return (repo,)  # bare, or no repository: which of the two is said later
