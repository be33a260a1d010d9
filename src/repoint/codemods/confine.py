"""Keeps what a codemod does in its process: limits, and what it must not ask of Python. No sandbox: see SECURITY.md.

The audit hook of PEP 578 sees what Python code asks for, on every system; code in C that goes past Python is not seen.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

if sys.platform != "win32":
    import resource

    _setrlimit = resource.setrlimit

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READING = "rbtU"  # modes that are made of these alone
_ENTIRELY = ("socket.", "ctypes.", "shutil.", "webbrowser.", "_winapi.")
_LOOKING = frozenset({"socket.__new__", "socket.gethostname", "ctypes.set_errno", "ctypes.get_errno"})
_REFUSED = frozenset(
    {
        "fcntl.fcntl",
        "fcntl.flock",
        "fcntl.ioctl",
        "fcntl.lockf",
        "gc.get_objects",
        "gc.get_referents",
        "gc.get_referrers",
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
        "signal.pthread_kill",
        "sqlite3.connect",
        "subprocess.Popen",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
        "winreg.CreateKey",
        "winreg.DeleteKey",
        "winreg.DeleteValue",
        "winreg.LoadKey",
        "winreg.SaveKey",
        "winreg.SetValue",
    }
)
_UNSEEN = {  # what does such things without an audit event
    "_posixsubprocess": ("fork_exec",),
    "os": ("chroot", "mkfifo", "mknod"),
    "posix": ("chroot", "mkfifo", "mknod"),
    "resource": ("setrlimit",),
    "signal": ("pidfd_send_signal",),
    "subprocess": ("_fork_exec",),
}
_ABSENT = frozenset(  # modules of the standard library that write files, or run Python, where no hook sees it
    {
        "_dbm",
        "_gdbm",
        "_interpreters",
        "_testcapi",
        "_testinternalcapi",
        "_tkinter",
        "_xxsubinterpreters",
        "readline",
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
    with suppress(ImportError):
        import_module("ctypes")  # it looks up functions when it is imported, on Windows, and others import it
    for name, functions in _UNSEEN.items():
        with suppress(ImportError):
            module = import_module(name)
            for function in functions:
                if hasattr(module, function):
                    setattr(module, function, _refusal(f"{name}.{function}"))
    sys.addaudithook(_hook())


def _refusal(name: str) -> Any:
    def refused(*_: object, **__: object) -> NoReturn:
        raise PermissionError(f"a codemod may not do that: {name}")

    return refused


def _hook() -> Any:
    """The audit hook. All that it goes by is bound in it: what modules and `builtins` hold, a codemod can replace."""
    refused, entirely, looking, absent, writing = _REFUSED, _ENTIRELY, _LOOKING, _ABSENT, _WRITING
    reading, nowhere = _READING, os.devnull
    integer, string, kind, denied, missing = int, str, type, PermissionError, ImportError

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if kind(path) is integer or (kind(path) is string and path == nowhere):
                return  # what is open already, or leads nowhere
            if (kind(flags) is integer and flags & writing) or (kind(mode) is string and mode.strip(reading)):
                raise denied(f"a codemod may not write files: {path!r}")
        elif event == "import":
            if args[0] in absent:
                raise missing(f"a codemod may not import {args[0]}")
        elif event in refused or (event.startswith(entirely) and event not in looking):
            raise denied(f"a codemod may not do that: {event}")

    return refuse


def _lower(kind: int, most: int, *, hard: bool) -> None:
    if sys.platform == "win32":
        return
    known = resource.getrlimit(kind)[1]
    least = most if known == resource.RLIM_INFINITY else min(most, known)
    try:
        _setrlimit(kind, (least, least if hard else known))
    except (OSError, ValueError):  # the system knows this limit by name only
        return
