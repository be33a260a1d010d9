"""Commits as `git commit` makes them, for the sake of the commit hooks: a worktree and a tree in, a commit out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from repoint.errors import Refused
from repoint.execution.gates import running
from repoint.execution.gates.formatting import refuse_lost
from repoint.execution.gates.linked import Linked
from repoint.execution.gates.running import Orders, Step
from repoint.execution.repository.commits import Tree, read_tree
from repoint.execution.repository.git import Git, Repository, listed, names

Settings = tuple[tuple[str, str], ...]
_MEND = "mend it or the hook, or leave out --run-hooks; then run apply again"
_PLAIN = ("--no-color", "--no-show-signature", "--encoding=UTF-8")
HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")


def unused(repo: Repository) -> tuple[str, ...]:
    """The commit hooks that are there, and are not run unless asked for."""
    folder = folder_of(repo)
    return tuple(name for name in HOOKS if os.access(folder / name, os.X_OK))


def folder_of(repo: Repository) -> Path:
    """Where the hooks lie. A relative core.hooksPath counts from the user's own working tree, tracked or not."""
    return repo.git.folder / (repo.git.ask("rev-parse", "--git-path", "hooks") or "hooks")


def commit(
    place: Linked, folder: Path, orders: Orders, step: Step, message: bytes, tree: Tree, dates: Settings
) -> tuple[str, Tree]:
    """Commit what the index of the worktree holds, with the hooks in `folder`; `tree` holds the batch's entries in it.

    Gives the commit, and the files that the hooks changed in it. Raises GateFailed where a hook says no, Refused where
    one takes more than the batch, or what the branch is read by.
    """
    text = place.folder / "message"
    text.write_bytes(message)
    tip, planned = (place.git.run(*words).decode("ascii").strip() for words in (("rev-parse", "HEAD"), ("write-tree",)))
    settings = (*step.environment, *dates, ("GIT_EDITOR", ":"), ("GIT_TERMINAL_PROMPT", "0"))
    found = ("-c", f"core.hooksPath={folder}") if folder.is_dir() else ()
    words = ("git", *found, "-c", "i18n.commitEncoding=UTF-8", "commit", "-q", "--cleanup=verbatim", "-F", str(text))
    ended = running.run(words, orders, place, replace(step, environment=settings), 1)
    if ended.failure is not None:
        raise running.failed(ended, "the commit with its hooks", step, _MEND)
    made = place.git.ask("rev-parse", "--verify", "--quiet", "HEAD") or tip
    _refuse_other(place.git, made, tip, message, step)
    return made, _changed(place.git, planned, made, tree, step)


def _refuse_other(git: Git, made: str, tip: str, message: bytes, step: Step) -> None:
    """A hook may change the message; but not the trailers, nor the history."""
    mend = f"{step.state}: {_MEND}"
    parents, _, text = git.run("log", "-1", *_PLAIN, "--format=%P%n%B", made).partition(b"\n")
    lines = text.splitlines()
    if parents.decode("ascii") != tip:
        raise Refused(f"a hook moved HEAD while {step.about} was committed", mend=mend)
    if lost := [line for line in message.splitlines() if line.startswith(b"Repoint-") and line not in lines]:
        raise Refused(f"a hook took {lost[0].decode('utf-8')!r} from the message of {step.about}", mend=mend)


def _changed(git: Git, planned: str, made: str, tree: Tree, step: Step) -> Tree:
    paths = names(git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", planned, made))
    if not paths:
        return {}
    after = read_tree(git, made)
    if beyond := {path for path in paths if path not in tree or path not in after}:
        what = f"a hook touched files beyond {step.about}, or removed them: {listed(beyond)}"
        raise Refused(what, mend=f"{step.state}: {_MEND}")
    found = {path: after[path] for path in paths}
    refuse_lost(git, tree, found, "a hook", f"{step.state}: {_MEND}")
    return found
