"""Runs one command of the user's, without a shell: words and a folder in, how it ended out.

It gets no input, its output goes to a log, and it dies with everything that it started when its time is over, or
when this process dies (see `guard`).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from repoint.execution.gates import guard

_GRACE = 5.0  # seconds between asking a command to end and making it end
_TAIL_BYTES = 16_384
_TAIL_LINES = 20
_TAIL_COLUMNS = 400
_NOT_TEXT = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\t\x20-\x7e\xa0-\U0010ffff]")


@dataclass(frozen=True)
class Ended:
    """How a command ended: `failure` says why it failed, None where it did not; its output is in `log`."""

    words: tuple[str, ...]
    failure: str | None
    seconds: float
    log: Path

    def tail(self) -> tuple[str, ...]:
        """The last lines of its output, without what would move the cursor or change colours."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
        lines = (_NOT_TEXT.sub("", line).rstrip() for line in text.splitlines()[-_TAIL_LINES:])
        return tuple(line if len(line) <= _TAIL_COLUMNS else f"{line[:_TAIL_COLUMNS]}..." for line in lines)


def shown(words: tuple[str, ...]) -> str:
    """The command as one would type it, cut where it is long."""
    text = shlex.join(words)
    return text if len(text) <= 100 else f"{text[:97]}..."


def run(
    words: tuple[str, ...], folder: Path, environment: Mapping[str, str], log: Path, *, seconds: float | None
) -> Ended:
    """Run a command in `folder` for at most so many seconds; its output is appended to `log`.

    Raises whatever interrupts the wait, KeyboardInterrupt for one, after the command and all its children are ended.
    """
    since = time.monotonic()
    with log.open("ab") as output:
        output.write(f"$ {shlex.join(words)}\n".encode("utf-8", "replace"))
        output.flush()
        program = _program(words[0], folder, environment)
        if program is None:
            return Ended(words, f"was not run: there is no program {words[0]!r}", 0.0, log)
        try:
            process = _started((program, *words[1:]), folder, environment, output.fileno())
        except OSError as error:
            return Ended(words, f"was not run: {error.strerror}", 0.0, log)
        with process:
            try:
                status = process.wait(seconds)
                _kill_rest(process)
            except subprocess.TimeoutExpired:
                _end(process)
                return Ended(words, f"did not end within {seconds:g} s", time.monotonic() - since, log)
            except BaseException:
                _end(process)
                raise
    return Ended(words, _reason(status), time.monotonic() - since, log)


def _program(name: str, folder: Path, environment: Mapping[str, str]) -> str | None:
    """The program's file: a name is looked for on PATH, a path is taken from `folder`."""
    if Path(name).name == name:
        return shutil.which(name, path=environment.get("PATH"))
    return shutil.which(str(folder / name))


def _started(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str], output: int
) -> subprocess.Popen[bytes]:
    """In a group of its own, so that it can be ended as a whole, and no Ctrl-C reaches it before us.

    The pipe to its guard is never written to, and closed by the system should we be killed.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        (sys.executable, "-I", "-S", guard.__file__, *command),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=sys.platform != "win32",
        creationflags=flags,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: asked first, then made to."""
    if sys.platform == "win32":
        command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        process.wait()
        return
    try:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    finally:  # a second Ctrl-C ends the wait
        _kill_rest(process)
        process.wait()


def _kill_rest(process: subprocess.Popen[bytes]) -> None:
    """What a command left running in its group would go on in a worktree that is another commit's, or gone."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids it where only zombies are left
            os.killpg(process.pid, signal.SIGKILL)


def _reason(status: int) -> str | None:
    if status == 0:
        return None
    if status > 0:
        return f"failed with exit code {status}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-status).name}"
    return f"was killed by signal {-status}"
