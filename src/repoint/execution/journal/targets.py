"""What `log` and `rollback` are about: takes what the user named, gives a branch or a commit, and its journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repoint.errors import UsageError
from repoint.execution.journal import history
from repoint.execution.journal.history import Journal
from repoint.execution.repository.branch import tip_of
from repoint.execution.repository.git import Git, Repository, listed
from repoint.planning import plan_file

_OURS = "refs/heads/repoint/"


@dataclass(frozen=True)
class Target:
    """A commit and its journal; `branch` is empty for a commit that was not named by its branch.

    `migration` is the only one that is meant, None where all are.
    """

    branch: str
    tip: str
    migration: str | None
    journal: Journal

    @property
    def name(self) -> str:
        return self.branch or self.tip[:12]


def resolve(repo: Repository, target: str | None, branch: str | None = None) -> Target:
    """What is meant by a plan file, a branch, a migration or a commit; by nothing, the branch that is worked on.

    A `branch` is taken in the place of the one that the target would name. Raises UsageError for what is nothing of
    these, or too many.
    """
    git = repo.git
    if branch is not None:
        return _on_branch(git, branch.removeprefix("refs/heads/"), _migration_of(git, target))
    if target is None:
        return _default(repo)
    if Path(target).is_file():
        name = plan_file.read(Path(target)).name
        if tip_of(git, f"{_OURS}{name}"):
            return _on_branch(git, f"repoint/{name}", name)
        return _on_head(repo, name)
    short = target.removeprefix("refs/heads/")
    if tip_of(git, f"refs/heads/{short}"):
        return _on_branch(git, short, None)
    if tip_of(git, f"{_OURS}{target}"):
        return _on_branch(git, f"repoint/{target}", target)
    if tip := tip_of(git, target) if not target.startswith("-") else None:
        return Target("", tip, None, history.read_all(git, tip))
    raise UsageError(
        f"{target!r} is no plan file, no branch, no migration with a branch repoint/{target}, and no commit",
        where=str(git.folder),
        mend="name one of them",
    )


def _migration_of(git: Git, target: str | None) -> str | None:
    """The migration that a target names beside a branch."""
    if target is None:
        return None
    return plan_file.read(Path(target)).name if Path(target).is_file() else target


def _on_branch(git: Git, name: str, migration: str | None) -> Target:
    tip = tip_of(git, f"refs/heads/{name}")
    if tip is None:
        raise UsageError(f"there is no branch {name!r}", where=str(git.folder), mend="name another one")
    return Target(name, tip, migration, history.read_all(git, tip))


def _on_head(repo: Repository, migration: str | None) -> Target:
    name = _checked_out(repo)
    if name and tip_of(repo.git, f"refs/heads/{name}"):
        return _on_branch(repo.git, name, migration)
    tip = tip_of(repo.git, "HEAD")
    if tip is None:
        raise UsageError("the repository has no commit yet", where=str(repo.git.folder), mend="name a branch")
    return Target("", tip, migration, history.read_all(repo.git, tip))


def _checked_out(repo: Repository) -> str | None:
    ref = repo.git.ask("symbolic-ref", "-q", "HEAD")
    return ref.removeprefix("refs/heads/") if ref else None


def _default(repo: Repository) -> Target:
    """The branch that is checked out, if it holds batches; else the one that `apply` made."""
    found = _on_head(repo, None) if tip_of(repo.git, "HEAD") else None
    if found and found.journal.effects:
        return found
    refs = repo.git.run("for-each-ref", "--format=%(refname)", _OURS).decode("utf-8", "replace").splitlines()
    names = [ref.removeprefix("refs/heads/") for ref in refs]
    if len(names) > 1:
        raise UsageError(
            f"there are several branches of migrations: {listed(names)}",
            where=str(repo.git.folder),
            mend="name one of them",
        )
    if names:
        return _on_branch(repo.git, names[0], None)
    return found or _on_head(repo, None)
