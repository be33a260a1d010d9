"""The one family of errors a user can meet: what, where, how to mend it, and the exit code (DESIGN §9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

LONGEST = 2_000  # characters of a part of an error: what came from a stranger may be megabytes

# What acts on a terminal instead of standing there (a path may hold it): C0 and C1, line separators, Bidi_Control.
ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Exit(IntEnum):
    """Exit codes of the command line; stable, and documented in `docs/`."""

    DONE = 0
    PENDING = 1
    USAGE = 2
    NOT_PROVED = 3
    REFUSED = 4
    GATE_FAILED = 5
    INTERNAL = 70
    INTERRUPTED = 130


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; as text, one line that is safe to print: `where: what; mend`."""

    what: str
    where: str = ""
    mend: str = ""

    def __str__(self) -> str:
        place = f"{_shown(self.where)}: " if self.where else ""
        mend = f"; {_shown(self.mend)}" if self.mend else ""
        return f"{place}{_shown(self.what)}{mend}"


class RepointError(Exception):
    """A mistake or a refusal that the user can mend; never an internal fault.

    `what` says what is wrong, `where` names a file (and line) or a ref, `mend` says what to do. `notes` are lines that
    help to understand it.
    """

    exit_code: Exit = Exit.USAGE
    notes: tuple[str, ...] = ()

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what, where, mend)
        self.problems: tuple[Problem, ...] = (Problem(what, where, mend),)

    @classmethod
    def all_of(cls, problems: tuple[Problem, ...]) -> Self:
        """One error for several problems, each of which is told."""
        error = cls(problems[0].what, where=problems[0].where, mend=problems[0].mend)
        error.problems = problems
        return error

    def __reduce__(self) -> tuple[object, ...]:  # survives a process pool
        return _rebuild, (type(self), self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(RepointError):
    """Arguments or inputs that cannot be used: exit 2."""


class ManifestErrors(RepointError):
    """Every error of one manifest, reported at once: exit 2."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].what, where=problems[0].where, mend=problems[0].mend)
        self.problems = problems


class NotProved(RepointError):
    """A plan with blocking findings, or one that is not proved: exit 3."""

    exit_code = Exit.NOT_PROVED


class Refused(RepointError):
    """Stale, dirty or protected, or the ref moved: nothing was written; exit 4."""

    exit_code = Exit.REFUSED


class Stale(Refused):
    """The branch is no longer what the plan was made of: exit 4."""


class GateFailed(RepointError):
    """A gate, a formatter or a hook said no to a batch, which is not committed: exit 5.

    `output` holds the last lines that it wrote.
    """

    exit_code = Exit.GATE_FAILED
    output: tuple[str, ...] = ()

    def __init__(self, what: str, *, where: str = "", mend: str = "", output: tuple[str, ...] = ()) -> None:
        super().__init__(what, where=where, mend=mend)
        self.output = output


@contextmanager
def noted(notes: tuple[str, ...]) -> Iterator[None]:
    """For the block, an error tells these lines as well: what was seen or done before it is no less true."""
    try:
        yield
    except RepointError as error:
        error.notes = (*notes, *error.notes)
        raise


def _shown(text: str) -> str:
    """The text with what would act on a terminal as `<1b>`, cut where it is too long for a line."""
    half = LONGEST // 2
    short = text if len(text) <= LONGEST else f"{text[:half]}...{text[-half:]}"  # the end may tell what is wrong
    return ACTING.sub(lambda found: f"<{ord(found[0]):02x}>", short)


def _rebuild(kind: type[RepointError], problems: tuple[Problem, ...]) -> RepointError:
    error = kind.__new__(kind)
    Exception.__init__(error, problems)
    error.problems = problems
    return error
