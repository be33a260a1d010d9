"""Keeps what a codemod does in its process: limits, and what it must not ask of Python. No sandbox: see SECURITY.md.

The audit hook of PEP 578 sees what Python code asks for, on every system; code in C that goes past Python is not seen.
"""

from __future__ import annotations

import os
import sys
from typing import Any

if sys.platform != "win32":
    import resource

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ENTIRELY = ("socket.", "ctypes.", "shutil.", "ftplib.", "smtplib.", "winreg.", "webbrowser.", "_winapi.")
_LOOKING = frozenset({"socket.__new__", "socket.gethostname", "ctypes.set_errno", "ctypes.get_errno"})
_REFUSED = frozenset(
    {
        "fcntl.fcntl",
        "fcntl.flock",
        "fcntl.ioctl",
        "fcntl.lockf",
        "os.chflags",
        "os.chmod",
        "os.chown",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.link",
        "os.lockf",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.removexattr",
        "os.rename",
        "os.rmdir",
        "os.setxattr",
        "os.spawn",
        "os.startfile",
        "os.startfile/2",
        "os.symlink",
        "os.system",
        "os.truncate",
        "os.unlink",
        "os.utime",
        "pty.spawn",
        "resource.prlimit",
        "sqlite3.connect",
        "subprocess.Popen",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
    }
)


def limit(memory: int) -> None:
    """From now on, this process writes no regular file, leaves no core dump, and has at most so many bytes of address
    space. Does what the system can: macOS keeps to no limit of memory, Windows has none of these."""
    if sys.platform == "win32":
        return
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, memory)):
        _lower(kind, most, hard=True)


def limit_memory(memory: int) -> None:
    """The same for one file: at most so many bytes, and no more than `limit` allows."""
    if sys.platform != "win32":
        _lower(resource.RLIMIT_AS, memory, hard=False)


def close() -> None:
    """From now on, this process starts no other, and changes no file; what asks for that gets a PermissionError."""
    refused, entirely, looking, nowhere = _REFUSED, _ENTIRELY, _LOOKING, os.devnull  # out of reach of a codemod's hands

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if not isinstance(path, int) and path != nowhere and _writes(mode, flags):
                raise PermissionError(f"a codemod may not write files: {path!r}")
        elif event == "ctypes.dlopen" and args[0] is None:
            return  # by importing `ctypes`
        elif event in refused or (event.startswith(entirely) and event not in looking):
            raise PermissionError(f"a codemod may not do that: {event}")

    sys.addaudithook(refuse)


def _lower(kind: int, most: int, *, hard: bool) -> None:
    if sys.platform == "win32":
        return
    known = resource.getrlimit(kind)[1]
    least = most if known == resource.RLIM_INFINITY else min(most, known)
    try:
        resource.setrlimit(kind, (least, least if hard else known))
    except (OSError, ValueError):  # the system knows this limit by name only
        return


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str) and set(mode) & set("wax+"):
        return True
    return isinstance(flags, int) and bool(flags & _WRITING)
