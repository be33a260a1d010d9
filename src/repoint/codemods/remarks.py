"""What came of a file in, what is said of it out: code, line and message, before it is known what the lines are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from repoint.analysis.parse import Unparsable
from repoint.codemods.configured import Configured
from repoint.codemods.values import Fate, Outcome
from repoint.errors import ACTING
from repoint.model import Severity

_PLACE = re.compile(r"([0-9]{1,7})(?::([0-9]{1,7}))?:\s+(?=\S)")
_LONG = 500
_EXCLUDE = "or name the file in its `exclude`"


class Remark(NamedTuple):
    """Something to say of a file: a finding whose line and column are those of the text that was looked at."""

    code: str
    severity: Severity
    message: str
    mend: str
    line: int = 1
    column: int = 1
    position: int = -1  # of the codemod that is spoken of


def of_outcome(step: Configured, outcome: Outcome) -> Iterator[Remark]:
    """What the codemod itself had to say, and that it did not come through if so."""
    for warning in outcome.warnings:
        yield _warning(step, warning)
    if outcome.printed.strip():
        message = f"codemod {step.id} printed: {_line(outcome.printed)}"
        yield Remark("codemod-printed", Severity.INFO, message, "let it `warn` of what a person should know")
    if outcome.fate is Fate.SKIPPED:
        why = f": {_line(outcome.reason)}" if outcome.reason else ""
        yield Remark("codemod-skipped", Severity.INFO, f"codemod {step.id} skips the file{why}", "")
    elif outcome.fate is not Fate.DONE:
        yield _failure(step, outcome)


def _failure(step: Configured, outcome: Outcome) -> Remark:
    """The codemod did not come through."""
    match outcome.fate:
        case Fate.UNREADABLE:
            code, mend = "codemod-unreadable", "rewrite the file by hand"
        case Fate.TIMED_OUT:
            code, mend = "codemod-timeout", "raise its `timeout`"
        case Fate.OUT_OF_MEMORY:
            code, mend = "codemod-memory", "raise its `memory`"
        case Fate.EXITED:
            code, mend = "codemod-exited", "let it raise SkipFile for what is none of its business"
        case Fate.DIED:
            code, mend = "codemod-died", "mend the codemod"
        case _:
            code, mend = "codemod-failed", "mend the codemod"
    severity = Severity.ERROR if step.refuses else Severity.WARNING
    message = f"codemod {step.id} leaves the file as it was: {_why(step, outcome)}"
    return Remark(code, severity, message, f"{mend}, {_EXCLUDE}", outcome.line, position=step.position)


def broken(error: Unparsable) -> Remark:
    """The file was no Python before."""
    message = f"is left alone by codemods, since it cannot be read as Python: {error.reason}"
    return Remark("unparsable", Severity.WARNING, message, "mend the file, or rewrite it by hand", error.line)


def not_proved(step: Configured, line: int, reason: str) -> Remark:
    """The result cannot stand."""
    message = f"rewritten by codemod {step.id}, {reason}"
    return Remark("codemod-not-proved", Severity.ERROR, message, f"mend the codemod, {_EXCLUDE}", line)


def unsettled(step: Configured, outcome: Outcome, line: int) -> Remark:
    """The codemod has more to do with the result of them all."""
    why = "would change it once more" if outcome.fate is Fate.DONE else f"fails on it: {_why(step, outcome)}"
    message = f"codemod {step.id} {why}, when it is run on the result"
    mend = f"make it leave its own results alone, or say `idempotent = false`, {_EXCLUDE}"
    return Remark("codemod-not-idempotent", Severity.ERROR, message, mend, line)


def kept(step: Configured, line: int) -> Remark:
    """A line says that it is to stay, so nothing of the codemod's is taken."""
    message = f"codemod {step.id} leaves the file as it was: this line, which it would change, says `repoint: keep`"
    return Remark("codemod-kept", Severity.WARNING, message, "change the rest by hand if it is to change", line)


def overlap(step: Configured, line: int, others: Sequence[str]) -> Remark:
    """The codemod rewrote what another had written."""
    message = f"codemod {step.id} rewrites here what {' and '.join(others)} wrote"
    mend = "see that the result is meant, or let one of the two leave such places alone"
    return Remark("codemod-overlap", Severity.WARNING, message, mend, line)


def _warning(step: Configured, warning: str) -> Remark:
    """A codemod's own warning; `12: text` and `12:5: text` carry their place."""
    place = _PLACE.match(warning)
    line, column = (max(1, int(place[1])), max(1, int(place[2] or 1))) if place else (1, 1)
    text = _line(warning[place.end() :] if place else warning)
    return Remark("codemod-warning", Severity.WARNING, f"codemod {step.id}: {text}", "", line, column, step.position)


def _why(step: Configured, outcome: Outcome) -> str:
    match outcome.fate:
        case Fate.TIMED_OUT:
            return f"it did not end within {step.limits.seconds} s"
        case Fate.OUT_OF_MEMORY:
            return f"it asked for more than {step.limits.memory >> 20} MiB of memory"
        case _:
            return _line(outcome.reason) or outcome.fate.value


def _line(text: str) -> str:
    """One line that is safe to show."""
    short = " ".join(ACTING.sub(" ", text).split())
    return short if len(short) <= _LONG else f"{short[:_LONG]}..."
