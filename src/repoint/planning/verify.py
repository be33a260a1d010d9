"""The check of a changed file before it may stand in a plan: new bytes in, a finding out where they are no Python."""

from __future__ import annotations

from repoint.analysis.parse import Unparsable, check
from repoint.model import Finding, Frozen, Severity


class Changed(Frozen, frozen=True):
    """A file as it will be."""

    path: str
    data: bytes


def verify(changed: Changed) -> Finding | None:
    """None where the new bytes parse; an error, which refuses the plan, where they do not."""
    try:
        check(changed.data)
    except Unparsable as error:
        message = f"would not parse after the migration: {error.reason}"
        return Finding(
            changed.path,
            error.line,
            1,
            "not-proved",
            Severity.ERROR,
            message,
            "report this file to the maintainers",
        )
    return None
