"""The values that flow between the stages: frozen, comparable, pickleable, and the same on every machine.

Offsets are bytes into the file as git stores it, lines are 1-based, columns are 1-based characters.
"""

from __future__ import annotations

from enum import StrEnum
from inspect import cleandoc
from typing import Any, Literal

import msgspec

SCHEMA_VERSION = 1


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every value: immutable, hashable when its fields are, strict when decoded."""


class Severity(StrEnum):
    """`error` refuses the plan, `warning` asks the user to do something, `info` only tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class EditKind(StrEnum):
    """What an edit touches; proof and reports treat the kinds apart."""

    IMPORT = "import"
    USE = "use"
    STRING = "string"
    TEXT = "text"
    PATTERN = "pattern"
    CODEMOD = "codemod"
    STUB = "stub"
    DELETE = "delete"


class State(StrEnum):
    """What a governed module is: code of its own, partly so, passing on all its names, or no file at all."""

    IMPLEMENTATION = "implementation"
    PARTIAL = "partial"
    REDIRECT = "redirect"
    LAZY = "lazy"
    GONE = "gone"


class SourceFile(Frozen, frozen=True):
    """A tracked file at the base commit: repository path with `/`, git mode, blob id, and the blob's bytes."""

    path: str
    mode: str
    blob: str
    data: bytes


class Failed(Frozen, frozen=True):
    """A file that could not be analysed, and why: the outcome of a worker, which never raises."""

    path: str
    line: int
    reason: str


class Finding(Frozen, frozen=True, order=True):
    """Something the user should know, at a place: lines are those before the migration."""

    path: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    mend: str

    def __str__(self) -> str:
        mend = f"; {self.mend}" if self.mend else ""
        return f"{self.path}:{self.line}: {self.severity.value}[{self.code}]: {self.message}{mend}"


class Edit(Frozen, frozen=True, order=True):
    """Bytes `start:end` of a file become `after`; `before` and `after` are text in the file's encoding."""

    start: int
    end: int
    before: str
    after: str
    kind: EditKind
    rule: str


class FileChange(Frozen, frozen=True):
    """All edits of one file, ordered and apart; `before` and `after` are blob ids, None where there is no file."""

    path: str
    mode: str
    encoding: str
    before: str | None
    after: str | None
    edits: tuple[Edit, ...]


class Batch(Frozen, frozen=True):
    """The files of one commit. `id` is unique and ordered, `message` the subject line of the commit.

    `groups` are the paths that only make sense together, where there are several; any other file stands alone.
    """

    id: str
    title: str
    message: str
    files: tuple[FileChange, ...]
    groups: tuple[tuple[str, ...], ...] = ()


class Metrics(Frozen, frozen=True):
    """The figures that a migration steers by."""

    deprecated_imports: int
    deprecated_strings: int
    stub_lines: int


class ModuleStatus(Frozen, frozen=True):
    """A module that something moves away from: what it is before and after, and how many lines it has."""

    module: str
    before: State
    after: State
    lines_before: int
    lines_after: int


class MissingMember(Frozen, frozen=True):
    """A member that the new class lacks, and how many uses it has."""

    name: str
    uses: int


class Comparison(Frozen, frozen=True):
    """One move: `same` where both paths lead to one object; `compared` tells whether both definitions were found."""

    old: str
    new: str
    same: bool
    compared: bool
    old_signature: str
    new_signature: str
    members_missing: tuple[MissingMember, ...]
    differences: tuple[str, ...]
    uses_met: int
    uses_differing: int


class Check(Frozen, frozen=True):
    """One check of the proof: how many things it looked at, and how many of them it could not show."""

    name: str
    looked_at: int
    failed: int


class Counts(Frozen, frozen=True):
    """How much was looked at and what is to change."""

    files: int
    candidates: int
    analysed: int
    changed: int
    imports: int
    uses: int
    strings: int
    stubs: int
    statements_parsed: int


class Home(Frozen, frozen=True):
    """A file that names move to: its blob at the base commit, and the names that are needed of it."""

    path: str
    blob: str
    names: tuple[str, ...]


class Ground(Frozen, frozen=True):
    """What a plan takes for granted of files that it need not touch.

    The homes are as they were; and nobody else has come to use an `old` path, those at or under `apart` aside, which
    stay. `roots` are the folders that imports start from.
    """

    homes: tuple[Home, ...] = ()
    old: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    roots: tuple[str, ...] = (".",)


class Place(Frozen, frozen=True, order=True):
    """A use of a module at a place: `what` is used, a dotted path."""

    path: str
    line: int
    what: str


class Orphan(Frozen, frozen=True):
    """A name of an old module that is used, or `patched`, and has no home; `homes` are what may be meant.

    `settles` is the list of the stub that would settle it, `keep` or `drop`; empty where only a move can.
    """

    name: str
    patched: bool
    settles: Literal["keep", "drop", ""]
    uses: tuple[Place, ...]
    homes: tuple[str, ...]


class Unsettled(Frozen, frozen=True):
    """An old module with orphans; `keep` and `drop` are the lists of its stub that would settle them all."""

    module: str
    orphans: tuple[Orphan, ...]
    keep: tuple[str, ...]
    drop: tuple[str, ...]


class CodemodRun(Frozen, frozen=True):
    """What a user's codemod did: files that it was asked of, that it changed, and that it failed on; its warnings."""

    id: str
    asked: int
    changed: int
    failed: int
    warnings: int


class Plan(Frozen, frozen=True):
    """A whole migration, ready to apply: data only. `base` is a commit id; it holds no command to run."""

    schema_version: Literal[1]
    tool: str
    name: str
    manifest_digest: str
    base: str
    applicable: bool
    gated: bool
    batches: tuple[Batch, ...]
    findings: tuple[Finding, ...]
    counts: Counts
    before: Metrics
    after: Metrics
    modules: tuple[ModuleStatus, ...]
    comparisons: tuple[Comparison, ...]
    proof: tuple[Check, ...]
    ground: Ground = Ground()
    unsettled: tuple[Unsettled, ...] = ()
    codemods: tuple[CodemodRun, ...] = ()


class PrunedStub(Frozen, frozen=True):
    """A redirect that nothing uses, so that it can go; and how many lines go with it."""

    module: str
    path: str
    state: State
    lines: int


class KeptStub(Frozen, frozen=True):
    """A declared stub that stays: why, and the uses that keep it, if uses do."""

    module: str
    path: str
    state: State
    reason: str
    uses: tuple[Place, ...] = ()


class Pruning(Frozen, frozen=True):
    """The last phase of a migration: the plan that deletes what can go, and what stays for which reason."""

    plan: Plan
    pruned: tuple[PrunedStub, ...]
    kept: tuple[KeptStub, ...]


class Verification(Frozen, frozen=True):
    """What was found of a migration after the fact: `after` is a commit, or empty for a working tree."""

    name: str
    base: str
    after: str
    checks: tuple[Check, ...]
    modules: tuple[ModuleStatus, ...]
    findings: tuple[Finding, ...]

    @property
    def proved(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def schema_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema of a kind of value, alike on every Python: from 3.13 on, docstrings come without their indent."""
    return {key: _cleaned(value) for key, value in msgspec.json.schema(kind).items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        told = value.get("description")
        clean = {"description": cleandoc(told)} if isinstance(told, str) else {}
        return {key: _cleaned(part) for key, part in value.items()} | clean
    return [_cleaned(part) for part in value] if isinstance(value, list) else value


def splice(data: bytes, edits: tuple[Edit, ...], encoding: str) -> bytes:
    """`data` with every edit applied; edits are ordered by `start` and do not overlap.

    Raises ValueError where an edit lies outside the file, overlaps the one before it, or does not
    find its `before` text in place.
    """
    parts: list[bytes] = []
    at = 0
    for edit in edits:
        if edit.start < at or edit.end < edit.start or edit.end > len(data):
            raise ValueError(f"edit {edit.start}:{edit.end} overlaps or lies outside the file")
        if data[edit.start : edit.end] != edit.before.encode(encoding):
            raise ValueError(f"edit {edit.start}:{edit.end} does not find the text it replaces")
        parts += [data[at : edit.start], edit.after.encode(encoding)]
        at = edit.end
    parts.append(data[at:])
    return b"".join(parts)
