"""The process that runs codemods: requests on its standard input, outcomes on its standard output, till that ends.

Started by `hosts` as `python -P -m repoint.codemods.host`. What a codemod prints is caught, and its beginning told.
"""

from __future__ import annotations

import faulthandler
import importlib
import io
import os
import sys
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from repoint.codemods import confine
from repoint.codemods.protocol import Ask, Fault, Garbled, Ready, Setup, receive, send
from repoint.codemods.runners.load import load
from repoint.codemods.values import Fate, Outcome, Transform, Unusable
from repoint.manifest.schema import CodemodKind

_PRINTED = 2_000  # characters that are kept of what a codemod prints for one file
_LATE = 10  # seconds after which the process ends itself, should nobody be left to end it
_RUNNERS = {
    CodemodKind.LIBCST: "repoint.codemods.runners.libcst_runner",
    CodemodKind.BOWLER: "repoint.codemods.runners.bowler_runner",
}


def main() -> int:
    """Serve till the end of the input. Returns an exit code."""
    requests, replies = _streams()
    try:
        setup = receive(requests, Setup)
        if setup is not None:
            _serve(setup, requests, replies)
    except (Garbled, BrokenPipeError):
        return 1  # nobody speaks to us any longer
    return 0


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The two ends to the planner, out of reach of what prints; standard input and outputs lead nowhere from now on."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard, inheritable=False)
    return requests, replies


def _serve(setup: Setup, requests: BinaryIO, replies: BinaryIO) -> None:
    for kind in {step.kind for step in setup.steps}:
        importlib.import_module(_RUNNERS[kind])  # with its parser, before anything is limited
    confine.limit(setup.memory)
    confine.close()
    sys.path.insert(0, setup.folder)
    sys.dont_write_bytecode = True
    transforms: list[Transform | None] = []
    faults: list[Fault] = []
    for position, step in enumerate(setup.steps):
        with _Printed():
            try:
                transforms.append(load(step))
            except Unusable as error:
                transforms.append(None)
                faults.append(Fault(position, error.what, error.mend))
    send(replies, Ready(tuple(faults)))
    while (ask := receive(requests, Ask)) is not None:
        transform = transforms[ask.step]
        outcome = Outcome(Fate.FAILED, reason="cannot run") if transform is None else _run(transform, ask)
        send(replies, outcome)
        if outcome.fate is Fate.OUT_OF_MEMORY:
            return  # what is left of this process is not to be built on


def _run(transform: Transform, ask: Ask) -> Outcome:
    with Path(os.devnull).open("w") as nowhere, _Printed() as printed:
        faulthandler.dump_traceback_later(ask.seconds + _LATE, exit=True, file=nowhere)
        confine.limit_memory(ask.memory)
        try:
            outcome = transform(ask.subject)
        except MemoryError:
            outcome = Outcome(Fate.OUT_OF_MEMORY)
        finally:
            faulthandler.cancel_dump_traceback_later()
    return replace(outcome, printed=printed.text)


class _Printed(io.TextIOBase):
    """Stands in for standard output and error for a block, and keeps the beginning of what is written there."""

    def __init__(self) -> None:
        self.text = ""

    def __enter__(self) -> _Printed:
        sys.stdout = sys.stderr = self
        return self

    def __exit__(self, *exception: object) -> None:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self.text) < _PRINTED:
            self.text += text[: _PRINTED - len(self.text)]
        return len(text)


if __name__ == "__main__":
    sys.exit(main())
