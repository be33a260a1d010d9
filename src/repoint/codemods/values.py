"""What goes to a codemod and what comes back: values that travel between the planner and the process that runs it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from repoint.manifest.schema import CodemodKind
from repoint.model import Frozen


class Step(Frozen, frozen=True):
    """A codemod: its kind, `module:object` beside the manifest or installed, and the arguments that it is given."""

    kind: CodemodKind
    ref: str
    args: dict[str, Any]


class Limits(Frozen, frozen=True):
    """What a step may take for one file: seconds, and bytes of memory of its process."""

    seconds: int
    memory: int


class Subject(Frozen, frozen=True):
    """A file to transform: its text, decoded, without a byte order mark and with the line ends that it has; its path.

    `module` is its dotted name, `package` the package that its relative imports start from ("" at the top).
    """

    text: str
    path: str
    module: str
    package: str


class Fate(StrEnum):
    """How a codemod came through one file. Only `done` has a text."""

    DONE = "done"
    SKIPPED = "skipped"  # the codemod says that the file is none of its business
    FAILED = "failed"  # it raised
    EXITED = "exited"  # it asked to stop: SystemExit, KeyboardInterrupt, LibCST's TransformExit
    UNREADABLE = "unreadable"  # the parser that the codemod builds on cannot read the file
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    DIED = "died"  # its process ended
    UNTRIED = "untried"  # the codemod was given up before


LOST = frozenset({Fate.TIMED_OUT, Fate.OUT_OF_MEMORY, Fate.DIED})  # its process with it


class Outcome(Frozen, frozen=True):
    """What came of one file: the new text if it is `done`, else the `reason`, and the line of the file if one is known.

    `warnings` are the codemod's own, each as it was given; `printed` is the beginning of what it wrote to its output.
    """

    fate: Fate
    text: str = ""
    reason: str = ""
    line: int = 1
    warnings: tuple[str, ...] = ()
    printed: str = ""


Transform = Callable[[Subject], Outcome]


class Unusable(Exception):
    """A step that cannot run on any file; `what` is the matter, and `mend` how to mend it, a line each."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what, mend)
        self.what = what
        self.mend = mend
