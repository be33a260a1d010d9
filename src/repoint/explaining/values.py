"""The values of an answer to `why`: what stands on a line, the rule that governs it, and what becomes of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from repoint.measures import Occurrence
from repoint.model import EditKind, Finding, Frozen


class Verdict(StrEnum):
    """What becomes of a name, an import or a string."""

    CHANGES = "changes"
    STAYS = "stays"
    CANONICAL = "is canonical"
    NOT_GOVERNED = "is not governed"


class Rule(Frozen, frozen=True):
    """A table of the manifest, as it reads, and its line there; 0 where that is not known."""

    text: str
    line: int


class Subject(Frozen, frozen=True):
    """One thing on the line. `path` is what it is bound to, dotted; `evidence` are sentences without a full stop."""

    column: int
    text: str
    kind: Literal["import", "name", "string"]
    path: str
    verdict: Verdict
    rule: Rule | None
    evidence: tuple[str, ...]


class Change(Frozen, frozen=True):
    """An edit that reaches into the line: where it begins, its texts, and the rules of the steps that made it."""

    line: int
    column: int
    kind: EditKind
    before: str
    after: str
    rule: str


class Answer(Frozen, frozen=True):
    """All that is known of one line of the file as `commit` has it, before the migration.

    `file` tells what holds for the whole file, `batch` the batch that changes it; `subjects` are only known where a
    manifest was given (`manifest`, else empty), and so is what an audit counts on the line (`counted`). `brought` names
    a batch that the line came with already.
    """

    schema_version: Literal[1]
    path: str
    line: int
    column: int
    commit: str
    manifest: str
    text: str
    file: tuple[str, ...]
    batch: str
    changes: tuple[Change, ...]
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]
    counted: tuple[Occurrence, ...]
    brought: str
