"""Runs git, through GitPython: takes arguments and bytes, gives bytes, or one line of refusal.

GitPython's own index and object readers are not used: they fail on index version 4 and on SHA-256.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from repoint.errors import Refused, UsageError
from repoint.sources.git import UNALTERED, reason

_ENVIRONMENT = {**UNALTERED, "GIT_LITERAL_PATHSPECS": "1"}
_PLAIN = ("-c", "submodule.recurse=false")
# An index of our own must stand alone, and must not trust what a file-system monitor said about another one.
_OWN_INDEX = ("-c", "core.splitIndex=false", "-c", "core.fsmonitor=false")

# A file-system monitor is a program that inherits the input that is meant for git.
_FED = ("-c", "core.fsmonitor=false")


class GitFailed(Refused):
    """git said no: its own line, exit 4."""


@dataclass(frozen=True)
class Git:
    """git at work in one folder, with settings of the environment (name and value) beside the process's own."""

    folder: Path
    settings: tuple[tuple[str, str], ...] = ()

    def with_settings(self, *settings: tuple[str, str]) -> Git:
        """The same, with more settings."""
        return Git(self.folder, (*self.settings, *settings))

    def run(
        self, *args: str, stdin: bytes | None = None, index: Path | None = None, ok: tuple[int, ...] = (0,)
    ) -> bytes:
        """What git writes to stdout. `index` stands in for the repository's own index.

        Raises GitFailed with git's error line for an exit code that is not in `ok`.
        """
        status, out, err = self._execute(args, stdin, index)
        if status not in ok:
            raise self._failed(args, status, err)
        return out

    def ask(self, *args: str) -> str | None:
        """The one line that git answers, None where it has no answer (exit code 1). Raises GitFailed."""
        status, out, err = self._execute(args, None, None)
        if status == 1:
            return None
        if status:
            raise self._failed(args, status, err)
        return os.fsdecode(out.removesuffix(b"\n").removesuffix(b"\r"))

    def _failed(self, args: tuple[str, ...], status: int, err: str) -> GitFailed:
        what, mend = reason(err, status)
        return GitFailed(f"git {_verb(args)}: {what}", where=str(self.folder), mend=mend)

    def _execute(self, args: tuple[str, ...], stdin: bytes | None, index: Path | None) -> tuple[int, bytes, str]:
        try:
            from git.cmd import Git as GitPython
            from git.exc import GitCommandNotFound
        except ModuleNotFoundError:
            raise
        except ImportError as error:  # GitPython looks for git when it is imported
            raise _no_git() from error
        if not os.access(self.folder, os.X_OK):  # GitPython would run git in the current folder instead
            raise UsageError("may not be entered", where=str(self.folder), mend="mend its permissions")

        own = (*(_OWN_INDEX if index else ()), *(_FED if stdin is not None else ()))
        env = _ENVIRONMENT | dict(self.settings) | ({"GIT_INDEX_FILE": str(index)} if index else {})
        with tempfile.TemporaryFile() as given:
            given.write(stdin or b"")
            given.seek(0)
            try:
                running = GitPython(self.folder).execute(
                    [GitPython.GIT_PYTHON_GIT_EXECUTABLE or "git", *_PLAIN, *own, *args],
                    istream=given,
                    env=env,
                    as_process=True,
                )
            except GitCommandNotFound as error:
                raise _no_git() from error
            process, running.proc = running.proc, None  # else its destructor would swallow a Ctrl-C
            assert process
            try:
                out, err = process.communicate()
            except BaseException:  # whoever looks next at what git has done must not find it still at work
                process.terminate()
                process.wait()
                raise
        return process.returncode, out, os.fsdecode(err)


@dataclass(frozen=True)
class Repository:
    """Where things are: `git_dir` is this worktree's own, `common_dir` the one that all worktrees share."""

    git: Git
    git_dir: Path
    common_dir: Path
    top: Path | None

    @property
    def bare(self) -> bool:
        return self.top is None


def open_repository(path: Path) -> Repository:
    """The repository that holds `path`. Raises UsageError where there is none."""
    if not path.is_dir():
        raise UsageError("is not a folder", where=str(path), mend="name a git repository with --repo")
    git = Git(path.absolute())
    try:
        bare, _, place = _answer(git, "--is-bare-repository", "--git-dir").partition("\n")
        git_dir = Path(place)
        common_dir = Path(_answer(git, "--git-common-dir"))
        top = None if bare == "true" else Path(_answer(git, "--show-toplevel"))
    except GitFailed as error:
        (problem,) = error.problems
        mend = problem.mend or "name the working tree of a git repository with --repo"
        raise UsageError(problem.what, where=str(path), mend=mend) from error
    return Repository(Git(top or git_dir), git_dir, common_dir, top)


def _answer(git: Git, *questions: str) -> str:
    answer = git.ask("rev-parse", "--path-format=absolute", *questions)
    if not answer:
        raise GitFailed(f"git rev-parse {questions[-1]} has no answer", where=str(git.folder))
    return answer


def is_shallow(git: Git) -> bool:
    """True where the history was cut when it was fetched: its first commits have lost their parents."""
    return git.ask("rev-parse", "--is-shallow-repository") == "true"


def names(out: bytes) -> list[str]:
    """The items of an output that ends each with NUL; what is not UTF-8 is kept as surrogates."""
    return [name.decode("utf-8", "surrogateescape") for name in out.split(b"\0") if name]


def listed(paths: list[str] | set[str], limit: int = 10) -> str:
    """For messages: the first ten paths, and how many more there are."""
    shown = [path.encode("utf-8", "replace").decode("utf-8") for path in sorted(paths)[:limit]]
    more = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _verb(args: tuple[str, ...]) -> str:
    skip = False
    for arg in args:
        if skip or arg == "-c":
            skip = not skip
            continue
        return arg
    return ""


def _no_git() -> UsageError:
    return UsageError("the git program was not found", mend="install git, or put it on PATH")
