"""What is refused, and what harmless codemods need and get."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repoint.codemods import confine

HOOK = confine._hook()
WRITE, READ = os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_RDONLY


class AnyText(str):
    """A path that says that it equals everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


class AnyNumber(int):
    """A number that is a path too."""


@pytest.mark.parametrize(
    "args",
    [
        ("/repo/a.py", "w", WRITE),
        ("a.py", "ab", os.O_WRONLY | os.O_APPEND),
        ("a.py", None, os.O_RDWR),
        (b"a.py", None, os.O_RDONLY | os.O_CREAT),
        (Path("a.py"), "r+", 0),
        ("a.py", "x", None),
        (AnyText("a.py"), "w", WRITE),
        (AnyNumber(1 << 80), None, WRITE),
    ],
)
def test_to_open_a_file_for_writing_is_refused(args: tuple[object, ...]) -> None:
    with pytest.raises(PermissionError, match="a codemod may not write files: "):
        HOOK("open", args)


@pytest.mark.parametrize(
    "args",
    [("/repo/a.py", "r", READ), ("a.py", "rb", READ), ("a.py", None, READ), (1, "w", WRITE), (os.devnull, "w", WRITE)],
)
def test_to_read_is_not(args: tuple[object, ...]) -> None:
    HOOK("open", args)


@pytest.mark.parametrize(
    "event",
    [
        "os.remove",
        "os.rename",
        "os.kill",
        "os.fork",
        "subprocess.Popen",
        "socket.connect",
        "ctypes.dlsym",
        "shutil.move",
    ],
)
def test_what_changes_the_system_is_refused(event: str) -> None:
    with pytest.raises(PermissionError, match=f"a codemod may not do that: {event}"):
        HOOK(event, ())


@pytest.mark.parametrize("event", ["os.listdir", "os.scandir", "compile", "socket.__new__", "socket.gethostname"])
def test_what_looks_is_not(event: str) -> None:
    HOOK(event, ())


def test_a_module_that_goes_past_the_hook_is_as_if_it_were_not_there() -> None:
    with pytest.raises(ImportError, match="a codemod may not import readline"):
        HOOK("import", ("readline", None, None, None, None))
    HOOK("import", ("json", None, None, None, None))


def confined(code: str) -> str:
    """What code prints that runs in a process of its own, confined with a gigabyte."""
    begin = "from repoint.codemods import confine\nconfine.limit(1 << 30)\nconfine.close()\n"
    done = subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


HARMLESS = """
import asyncio, concurrent.futures, ctypes, gc, importlib.resources, inspect, io, locale, logging, mimetypes
import multiprocessing, pdb, pathlib, platform, random, secrets, shutil, socket, ssl, sys, tempfile, threading, uuid
asyncio.run(asyncio.sleep(0))
with concurrent.futures.ThreadPoolExecutor() as pool:
    assert list(pool.map(abs, [-1])) == [1]
logging.basicConfig()
logging.warning("heard")
gc.collect()
multiprocessing.current_process(), socket.gethostname(), shutil.which("git"), mimetypes.guess_type("a.py")
uuid.uuid4(), random.random(), secrets.token_hex(), platform.platform(), ctypes.sizeof(ctypes.c_int)
ssl.create_default_context()
importlib.resources.files("repoint").joinpath("py.typed").read_bytes()
inspect.getsource(logging), list(pathlib.Path(logging.__file__).parent.iterdir())
print("came through")
"""


def test_what_harmless_codemods_do_works() -> None:
    assert confined(HARMLESS) == "came through\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep to fewer limits")
def test_memory_files_and_dumps_are_limited_for_good() -> None:
    code = """
import resource
print([resource.getrlimit(kind)[1] for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)])
confine.limit_memory(1 << 29)
print(resource.getrlimit(resource.RLIMIT_AS)[0] == 1 << 29)
confine.limit_memory(1 << 31)
print(resource.getrlimit(resource.RLIMIT_AS)[0] == 1 << 30)
try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
except PermissionError as error:
    print(error)
"""
    assert confined(code).splitlines() == [
        f"[{1 << 30}, 0, 0]",
        "True",
        "True",
        "a codemod may not do that: resource.setrlimit",
    ]
