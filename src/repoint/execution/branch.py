"""The branch that is written: takes its name, gives its tip; moves it by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from repoint.errors import Refused, UsageError
from repoint.execution.git import Git, GitFailed, names

PROTECTED = ("main", "master", "develop")


@dataclass(frozen=True)
class Branch:
    """A local branch and the commit it stood at when it was looked at; None where it does not exist yet."""

    name: str
    ref: str
    tip: str | None


def find(git: Git, name: str, *, allow_protected: bool) -> Branch:
    """The branch `name`. Raises UsageError for an impossible name, Refused for a protected one."""
    name = name.removeprefix("refs/heads/")
    ref = f"refs/heads/{name}"
    if name.startswith("-") or name == "HEAD" or git.ask("check-ref-format", ref) is None:
        raise UsageError(f"{name!r} is no name for a branch", mend="name another one with --branch")
    if not allow_protected and (pattern := _protection(git, name)):
        raise Refused(
            f"the branch is protected (by {pattern!r})",
            where=name,
            mend="name a feature branch with --branch, or say --allow-protected",
        )
    if target := git.ask("symbolic-ref", "-q", ref):
        raise Refused(f"is a symbolic ref to {target}", where=ref, mend="name that branch with --branch")
    return Branch(name, ref, tip_of(git, ref))


def tip_of(git: Git, ref: str) -> str | None:
    """The commit that `ref` stands at, or None."""
    return git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")


def move(git: Git, ref: str, new: str, old: str | None, why: str) -> None:
    """Move `ref` from `old` (None: it must not exist) to `new`. Raises Refused where it stands elsewhere."""
    try:
        git.run("update-ref", "--no-deref", "-m", why, ref, new, old or "0" * len(new))
    except GitFailed as error:
        found = tip_of(git, ref)
        if found == old:
            raise
        raise Refused(
            f"the branch was moved by someone else, to {(found or 'nothing')[:12]}",
            where=ref,
            mend="run the same command again: it goes on from there",
        ) from error


def _protection(git: Git, name: str) -> str | None:
    """The pattern that protects the branch; letter case is ignored, as file systems may ignore it in refs."""
    configured = names(git.run("config", "-z", "--get-all", "repoint.protected", ok=(0, 1)))
    patterns = (*PROTECTED, *configured)
    return next((p for p in patterns if fnmatchcase(name.casefold(), p.casefold())), None)
