"""Runs git for reading: arguments in, bytes out. No shell, no user's configuration that would change the output."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from repoint.errors import UsageError

_PLAIN = ("-c", "core.quotePath=false", "-c", "submodule.recurse=false", "-c", "color.ui=false")


class Git:
    """git in one folder, with further variables in its environment. Every call is a process of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = dict(environment or {})

    def start(self, *args: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start git; the caller reads its output."""
        try:
            return subprocess.Popen(
                ["git", *_PLAIN, *args],
                cwd=self.folder,
                env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", **self.environment},
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

    def run(self, *args: str, input: bytes = b"", ok: tuple[int, ...] = (0,)) -> bytes:
        """What git prints. Raises UsageError with git's own last line where it exits otherwise than `ok`."""
        process = self.start(*args, stdin=subprocess.PIPE)
        output, errors = process.communicate(input)
        return self.checked(process.returncode, output, errors, args, ok)

    def finish(self, process: subprocess.Popen[bytes], *args: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """The output of a process that was started before."""
        output, errors = process.communicate()
        return self.checked(process.returncode, output, errors, args, ok)

    def checked(self, code: int, output: bytes, errors: bytes, args: tuple[str, ...], ok: tuple[int, ...]) -> bytes:
        if code not in ok:
            lines = errors.decode("utf-8", "replace").strip().splitlines()
            what = lines[-1].removeprefix("fatal: ") if lines else f"exit {code}"
            raise UsageError(f"git {args[0]}: {what}", where=str(self.folder), mend="see git's message")
        return output

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
            if len(head) != 3:
                raise UsageError(
                    f"object {blob} is missing",
                    where=str(self.folder),
                    mend="run git fsck; fetch what is missing",
                )
            size = int(head[2])
            found[blob] = output[end + 1 : end + 1 + size]
            at = end + size + 2
        return found
