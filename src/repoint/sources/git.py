"""Runs git for reading: arguments in, bytes out. No shell, no user's configuration that would change the output."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from repoint.errors import UsageError

_PLAIN = ("-c", "core.quotePath=false", "-c", "submodule.recurse=false", "-c", "color.ui=false")

# Objects are read as they are stored: a replacement or a graft would be another commit than the one that is named.
UNALTERED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
}

_ROOM = "make room, then run the same command again"
_SYSTEM = (
    (re.compile(r"No space left on device|File too large|Disk quota exceeded"), _ROOM),
    (re.compile(r"insufficient permission|Permission denied|Read-only file system"), "mend its permissions"),
)
_MENDS = (
    (re.compile(r"^not a git repository"), "name one by --repo, or go into one"),
    (re.compile(r"from promisor remote$"), "this is a partial clone: `git fetch` must reach its remote"),
    (re.compile(r" filter .* failed$"), "mend the filter: `git config --show-origin --get-regexp ^filter`"),
)
_SAFE = "git config --global --add safe.directory "


class Git:
    """git in one folder, with further variables in its environment. Every call is a process of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = dict(environment or {})
        self.places: dict[tuple[str, ...], Path] = {}  # answers of `place` that are known already
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        """Start git; the caller reads its output."""
        process = self._spawn(args, subprocess.DEVNULL)
        self._started.append(process)
        return process

    def abandon(self) -> None:
        """End the processes that were started and whose output nobody has read: after an error, say."""
        for process in self._started:
            if process.returncode is None:
                process.kill()
                process.communicate()
        self._started.clear()

    def _spawn(self, args: tuple[str, ...], stdin: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                ["git", *_PLAIN, *args],
                cwd=self.folder,
                env={**os.environ, **UNALTERED, "GIT_OPTIONAL_LOCKS": "0", **self.environment},
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError:
            if not self.folder.is_dir():
                raise UsageError("no such folder", where=str(self.folder), mend="name a git repository") from None
            raise UsageError("git was not found", mend="install git and put it on PATH") from None
        except NotADirectoryError:
            raise UsageError("is not a folder", where=str(self.folder), mend="name a git repository") from None
        except PermissionError as error:
            raise UsageError("may not be entered", where=str(self.folder), mend="mend its permissions") from error

    def run(self, *args: str, input: bytes = b"", ok: tuple[int, ...] = (0,)) -> bytes:
        """What git prints. Raises UsageError with git's own reason where it exits otherwise than `ok`."""
        process = self._spawn(args, subprocess.PIPE)
        output, errors = process.communicate(input)
        return self.checked(process.returncode, output, errors, args, ok)

    def finish(self, process: subprocess.Popen[bytes], *args: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """The output of a process that was started before."""
        output, errors = process.communicate()
        return self.checked(process.returncode, output, errors, args, ok)

    def checked(self, code: int, output: bytes, errors: bytes, args: tuple[str, ...], ok: tuple[int, ...]) -> bytes:
        if code not in ok:
            what, mend = reason(errors.decode("utf-8", "replace"), code)
            raise UsageError(f"git {args[0]}: {what}", where=str(self.folder), mend=mend or "see git's message")
        return output

    def place(self, *question: str, ok: tuple[int, ...] = (0,)) -> Path | None:
        """The one path that `rev-parse` answers, whatever its bytes; None without an answer."""
        if question in self.places:
            return self.places[question]
        answer = os.fsdecode(self.run("rev-parse", "--path-format=absolute", *question, ok=ok).removesuffix(b"\n"))
        return Path(answer) if answer else None

    def blobs(self, ids: list[str]) -> dict[str, bytes]:
        """The bytes of blobs by their ids."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        output = self.run("cat-file", "--batch", input="".join(f"{blob}\n" for blob in wanted).encode())
        found: dict[str, bytes] = {}
        at = 0
        for blob in wanted:
            end = output.index(b"\n", at)
            head = output[at:end].split()
            if len(head) != 3 or head[1] != b"blob":
                raise UsageError(
                    f"blob {blob} is missing",
                    where=str(self.folder),
                    mend="run git fsck; fetch what is missing",
                )
            size = int(head[2])
            found[blob] = output[end + 1 : end + 1 + size]
            at = end + size + 2
        return found


def reason(errors: str, status: int) -> tuple[str, str]:
    """Why git ended with `status`, from what it wrote to stderr, as one line; and the mend where it is known.

    What the system said comes first. The last `fatal:` line is that of the outermost process; else the first
    `error:` line tells the most, else the last line.
    """
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    others = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    for pattern, mend in _SYSTEM:
        for what in (*others, *fatal):
            if pattern.search(what):
                return what, mend
    if not (fatal or others) and status < 0:
        return f"ended by {signal.Signals(-status).name}", ""
    what = (fatal[-1:] or others[:1] or lines[-1:] or [f"exit code {status}"])[0]
    if command := next((line for line in lines if line.startswith(_SAFE)), ""):
        return what, f"`{command}`, if you trust its owner"
    return what, next((mend for pattern, mend in _MENDS if pattern.search(what)), "")
