"""Runs git, through GitPython: takes arguments and bytes, gives bytes, or one line of refusal.

GitPython's own index and object readers are not used: they fail on index version 4 and on SHA-256.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from repoint.errors import Refused, UsageError

# Objects are read as they are stored: a replacement would make bytes that do not hash to their id.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
}
# An index of our own must stand alone, and must not trust what a file-system monitor said about another one.
_OWN_INDEX = ("-c", "core.splitIndex=false", "-c", "core.fsmonitor=false")


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
            raise GitFailed(f"git {_verb(args)}: {_error_line(err) or f'exit code {status}'}", where=str(self.folder))
        return out

    def ask(self, *args: str) -> str | None:
        """The one line that git answers, None where it has no answer (exit code 1). Raises GitFailed."""
        status, out, err = self._execute(args, None, None)
        if status == 1:
            return None
        if status:
            raise GitFailed(f"git {_verb(args)}: {_error_line(err)}", where=str(self.folder))
        return os.fsdecode(out.removesuffix(b"\n").removesuffix(b"\r"))

    def _execute(self, args: tuple[str, ...], stdin: bytes | None, index: Path | None) -> tuple[int, bytes, str]:
        try:
            from git.cmd import Git as GitPython
            from git.exc import GitCommandNotFound
        except ImportError as error:  # GitPython looks for git when it is imported
            raise _no_git() from error

        own = _OWN_INDEX if index else ()
        env = _ENVIRONMENT | dict(self.settings) | ({"GIT_INDEX_FILE": str(index)} if index else {})
        with tempfile.TemporaryFile() as given:
            if stdin is not None:
                given.write(stdin)
                given.seek(0)
            try:
                status, out, err = GitPython(self.folder).execute(
                    [GitPython.GIT_PYTHON_GIT_EXECUTABLE or "git", *own, *args],
                    istream=given,
                    env=env,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
            except GitCommandNotFound as error:
                raise _no_git() from error
        return status, out, err


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
        bare = git.ask("rev-parse", "--is-bare-repository") == "true"
        git_dir = _absolute(git, "--git-dir")
        common_dir = _absolute(git, "--git-common-dir")
        top = None if bare else _absolute(git, "--show-toplevel")
    except GitFailed as error:
        raise UsageError(
            error.problems[0].what,
            where=str(path),
            mend="name the working tree of a git repository with --repo",
        ) from error
    return Repository(Git(top or git_dir), git_dir, common_dir, top)


def _absolute(git: Git, question: str) -> Path:
    answer = git.ask("rev-parse", "--path-format=absolute", question)
    if not answer:
        raise GitFailed(f"git rev-parse {question} has no answer", where=str(git.folder))
    return Path(answer)


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


def _error_line(err: str) -> str:
    """git's own reason: its first `fatal:` line, else its first `error:` line, else its last line."""
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    for mark in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark)
    return lines[-1] if lines else ""


def _no_git() -> UsageError:
    return UsageError("the git program was not found", mend="install git, or put it on PATH")
