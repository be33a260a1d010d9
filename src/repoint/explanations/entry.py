"""The form of an explanation: what a code means, why it matters, how it is mended, with an example."""

from __future__ import annotations

from enum import StrEnum

from repoint.model import Frozen, Severity

ERROR = (Severity.ERROR,)
WARNING = (Severity.WARNING,)
INFO = (Severity.INFO,)


class Stage(StrEnum):
    """Where a code comes from."""

    READING = "reading the repository"
    IMPORTS = "rewriting imports and their uses"
    STRINGS = "rewriting strings and other files"
    PATTERNS = "rewriting by patterns"
    CODEMODS = "rewriting by codemods"
    STUBS = "writing stubs"
    COMPATIBILITY = "comparing old and new definitions"
    PROOF = "batches and proof"
    VERIFY = "verify"
    AUDIT = "audit"


class Explanation(Frozen, frozen=True):
    """One code. `example` is a few lines of code; `severities` are all that it can have, the gravest first."""

    code: str
    stage: Stage
    severities: tuple[Severity, ...]
    meaning: str
    why: str
    mend: str
    example: str = ""
