"""A manifest's patterns and its text in, an error with a line for each that cannot be used out."""

from __future__ import annotations

from repoint.errors import ManifestErrors, Problem
from repoint.manifest.locate import Lines
from repoint.manifest.schema import Pattern
from repoint.patterns.rules import Fault, problems_of


def require_usable(patterns: tuple[Pattern, ...], text: str, where: str) -> None:
    """Raises ManifestErrors for patterns that ast-grep does not take; `text` is that of the manifest `where`."""
    if faults := problems_of(patterns):
        lines = Lines(text)
        raise ManifestErrors(tuple(_problem(fault, lines, where) for fault in faults))


def _problem(fault: Fault, lines: Lines, where: str) -> Problem:
    line = lines.find("pattern", fault.position, fault.key)
    return Problem(f"[[pattern]] {fault.id}: {fault.what}", f"{where}:{line}" if line else where, fault.mend)
