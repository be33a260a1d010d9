"""The branch that is written: takes its name, gives its tip; moves it by compare-and-swap."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from repoint.errors import Refused, UsageError
from repoint.execution.repository.git import Git, GitFailed, names

_LOCK = re.compile(r"Unable to create '(.*\.lock)': File exists")
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
    try:
        target = git.ask("symbolic-ref", "-q", ref)
    except GitFailed as error:
        raise _broken(ref) from error
    if target:
        raise Refused(f"is a symbolic ref to {target}", where=ref, mend="name that branch with --branch")
    tip = tip_of(git, ref)
    if tip is None:
        _refuse_taken(git, ref)
    return Branch(name, ref, tip)


def _broken(ref: str) -> Refused:
    return Refused("stands at no commit", where=ref, mend="remove it, or name another one with --branch")


def _refuse_taken(git: Git, ref: str) -> None:
    """Raises Refused where git cannot make the branch for another ref that is in its way."""
    top = ref.removeprefix("refs/heads/").partition("/")[0]
    near = (f"refs/heads/{top}", f"refs/heads/{top}/**")
    listed = git.run("for-each-ref", "--ignore-case", "--format=%(refname)", *near)
    folded = ref.casefold()
    for found in os.fsdecode(listed).splitlines():
        if found == ref:
            raise _broken(ref)
        other = found.casefold()
        if not (other == folded or other.startswith(f"{folded}/") or folded.startswith(f"{other}/")):
            continue
        length = min(len(found), len(ref))
        if found[:length] == ref[:length] or git.ask("config", "--type=bool", "--get", "core.ignoreCase") == "true":
            raise Refused(
                f"the branch {found.removeprefix('refs/heads/')} is in its way",
                where=ref,
                mend="name another one with --branch, or rename that branch",
            )


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
            raise _not_moved(error, ref) from error
        raise Refused(
            f"the branch was moved by someone else, to {(found or 'nothing')[:12]}",
            where=ref,
            mend="run the same command again: it goes on from there",
        ) from error


def _not_moved(error: GitFailed, ref: str) -> Refused:
    """git's own reason, with what to do about it."""
    (problem,) = error.problems
    what = problem.what
    lock = _LOCK.search(what)
    if lock:
        mend = "let the other git finish (or remove the file, if it crashed), then run the same command again"
        return Refused("another git process is at work on the branch", where=lock[1], mend=mend)
    what = what.removeprefix("git update-ref: ").removeprefix(f"update_ref failed for ref '{ref}': ")
    mend = problem.mend or "mend that, then run the same command again"
    return Refused(f"git cannot move the branch: {what}", where=ref, mend=mend)


def _protection(git: Git, name: str) -> str | None:
    """The pattern that protects the branch; letter case is ignored, as file systems may ignore it in refs."""
    configured = names(git.run("config", "-z", "--get-all", "repoint.protected", ok=(0, 1)))
    patterns = (*PROTECTED, *configured)
    return next((p for p in patterns if fnmatchcase(name.casefold(), p.casefold())), None)
