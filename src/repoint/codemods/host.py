"""The process that runs codemods: requests on its standard input, outcomes on its standard output, till that ends.

Started by `hosts` as `python -P -m repoint.codemods.host`. What a codemod prints is caught, and its beginning told.
"""

from __future__ import annotations

import faulthandler
import importlib
import io
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, BinaryIO

from msgspec.structs import replace

from repoint.analysis.parse import MAX_BYTES
from repoint.codemods import confine
from repoint.codemods.protocol import Answer, Ask, Garbled, Loaded, Setup, receive, send
from repoint.codemods.runners.load import load
from repoint.codemods.values import Fate, Outcome, Step, Subject, Transform, Unusable
from repoint.manifest.schema import CodemodKind

_PRINTED = 2_000  # bytes that are kept of what a codemod prints for one file
_TOLD = 2_000  # characters of a reason or a warning
_WARNINGS = 1_000  # of one file
_LENGTH, _GROWTH = 1_000_000, 10  # characters of a result, and more of them for each character of the file
_LOOK = 0.5  # seconds between looks whether the planner is still there
_LATE = 10  # seconds after which the process ends itself, should nobody be left to end it
_RUNNERS = {
    CodemodKind.LIBCST: "repoint.codemods.runners.libcst_runner",
    CodemodKind.BOWLER: "repoint.codemods.runners.bowler_runner",
}


def main() -> int:
    """Serve till the end of the input. Returns an exit code."""
    requests, replies = _streams()
    Thread(target=_leave_with, args=(os.getppid(), os._exit), daemon=True).start()
    try:
        setup = receive(requests, Setup)
        if setup is not None:
            _serve(setup, requests, replies)
    except (Garbled, OSError):
        return 1  # nobody speaks to us any longer
    return 0


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The two ends to the planner, out of reach of what prints; standard input and outputs lead nowhere from now on."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard, inheritable=False)
    return requests, replies


def _leave_with(parent: int, end: Callable[[int], object], wait: Callable[[float], None] = time.sleep) -> None:
    """End this process soon after its parent. Where this thread never has its turn, `_mortal` ends it, later."""
    while os.getppid() == parent:
        wait(_LOOK)
    end(1)


def _serve(setup: Setup, requests: BinaryIO, replies: BinaryIO) -> None:
    for kind in {step.kind for step in setup.steps}:
        importlib.import_module(_RUNNERS[kind])  # with its parser, before anything is limited
    confine.close()
    confine.limit(setup.memory)
    sys.path.insert(0, setup.folder)
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")  # Python's own are told once in a process: on which file, would be chance
    transforms = [_load(step, setup.seconds, replies) for step in setup.steps]
    while (ask := receive(requests, Ask)) is not None:
        transform = transforms[ask.step]
        outcome = Outcome(Fate.FAILED, reason="cannot run") if transform is None else _run(transform, ask)
        send(replies, Answer(ask.number, outcome))
        if outcome.fate is Fate.OUT_OF_MEMORY:
            return  # what is left of this process is not to be built on


def _load(step: Step, seconds: int, replies: BinaryIO) -> Transform | None:
    """A step, loaded, if it can be; that is told."""
    with _printing():
        try:
            with _mortal(seconds):
                transform, loaded = load(step), Loaded()
        except Unusable as error:
            transform, loaded = None, Loaded(_plain(error.what), _plain(error.mend))
        except (MemoryError, _Exhausted):
            transform, loaded = None, Loaded(f"{step.ref} cannot be loaded in so little memory", "raise its `memory`")
        except BaseException as error:  # such as KeyboardInterrupt, or an error that cannot be told
            transform, loaded = None, Loaded(f"importing {step.ref} raised {type(error).__name__}", "mend that module")
    send(replies, loaded)
    return transform


def _run(transform: Transform, ask: Ask) -> Outcome:
    with _printing() as printed:
        try:
            with _mortal(ask.seconds):
                confine.limit_memory(ask.memory)
                outcome = _sound(transform(ask.subject), ask.subject)
        except (MemoryError, _Exhausted):
            outcome = Outcome(Fate.OUT_OF_MEMORY)
        except BaseException as error:  # out of the texts of errors and warnings, whose `__str__` is theirs
            outcome = Outcome(Fate.FAILED, reason=f"what it raised or warned of cannot be told: {type(error).__name__}")
    return replace(outcome, printed=printed.kept.decode("utf-8", "replace"))


def _sound(outcome: Outcome, subject: Subject) -> Outcome:
    """The same, if it can be sent, and is not too much to look at."""
    most = min(_LENGTH + _GROWTH * len(subject.text), MAX_BYTES)
    told = [_plain(warning) for warning in outcome.warnings[:_WARNINGS]]
    if more := len(outcome.warnings) - len(told):
        told.append(f"and {more} more warnings")
    fate, reason, text = outcome.fate, outcome.reason, outcome.text
    try:
        text = str.encode(text).decode()
        if len(text) > most:
            fate, reason = Fate.FAILED, f"its result has {len(text)} characters, where {most} are allowed"
    except TypeError:
        fate, reason = Fate.FAILED, f"its result is {type(text).__name__}, where text is due"
    except UnicodeEncodeError as error:
        fate, reason = Fate.FAILED, f"its result has {error.object[error.start]!r} in it, which is no character"
    line = min(max(outcome.line, 1), MAX_BYTES)
    return Outcome(fate, text if fate is Fate.DONE else "", _plain(reason), line, tuple(told))


def _plain(text: str) -> str:
    return str.encode(text[:_TOLD], "utf-8", "backslashreplace").decode()


class _Exhausted(Exception):
    """There is no memory left for one thread."""


@contextmanager
def _mortal(seconds: int) -> Iterator[None]:
    """For the block, this process ends by itself some time after its time is over, whatever runs in it."""
    try:
        faulthandler.dump_traceback_later(seconds + _LATE, exit=True, file=2)
    except RuntimeError as error:
        raise _Exhausted from error
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


class _Beginning(io.RawIOBase):
    """Keeps the beginning of what is written to it."""

    kept = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if (room := _PRINTED - len(self.kept)) > 0:
            self.kept += bytes(data[:room])
        return len(data)


@contextmanager
def _printing() -> Iterator[_Beginning]:
    """Something that takes the place of standard output and error for the block."""
    kept = _Beginning()
    stream = io.TextIOWrapper(io.BufferedWriter(kept), "utf-8", "backslashreplace", newline="\n", line_buffering=True)
    sys.stdout = sys.stderr = stream
    try:
        yield kept
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        with suppress(ValueError):  # it was closed
            stream.flush()


if __name__ == "__main__":
    end, code = os._exit, 1
    try:
        code = main()
    finally:
        end(code)  # at once: threads and exit handlers of a codemod may wait for ever
