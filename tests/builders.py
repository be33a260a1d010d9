"""Takes files and replacements, gives the plan values that tests are about, with the ids git would give."""

from __future__ import annotations

import hashlib

from repoint.model import (
    Batch,
    Check,
    Comparison,
    Counts,
    Edit,
    EditKind,
    FileChange,
    Finding,
    Metrics,
    MissingMember,
    ModuleStatus,
    Plan,
    Severity,
    State,
    splice,
)


def blob_id(data: bytes) -> str:
    """The id of a blob in a SHA-1 repository."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def edit(start: int, before: str, after: str, *, size: int | None = None, kind: EditKind = EditKind.IMPORT) -> Edit:
    """An edit at a byte offset; `size` is that of `before` in bytes where it is not ASCII."""
    return Edit(start, start + (len(before) if size is None else size), before, after, kind, "rule")


def changed(path: str, data: bytes, *edits: Edit, encoding: str = "utf-8", mode: str = "100644") -> FileChange:
    return FileChange(path, mode, encoding, blob_id(data), blob_id(splice(data, edits, encoding)), edits)


def replaced(path: str, data: bytes, *pairs: tuple[str, str], encoding: str = "utf-8") -> FileChange:
    """A change that replaces the first occurrence of each text."""
    edits = []
    for old, new in pairs:
        raw = old.encode(encoding)
        edits.append(edit(data.index(raw), old, new, size=len(raw)))
    return changed(path, data, *sorted(edits), encoding=encoding)


def added(path: str, text: str, *, mode: str = "100644") -> FileChange:
    edits = (edit(0, "", text, kind=EditKind.STUB),) if text else ()
    return FileChange(path, mode, "utf-8", None, blob_id(text.encode()), edits)


def deleted(path: str, data: bytes) -> FileChange:
    edits = (edit(0, data.decode(), "", size=len(data), kind=EditKind.DELETE),) if data else ()
    return FileChange(path, "100644", "utf-8", blob_id(data), None, edits)


def batch(number: int, *files: FileChange, title: str = "pkg") -> Batch:
    return Batch(f"{number:02}", title, f"refactor(imports): {title}", files)


def finding(
    path: str = "pkg/a.py",
    line: int = 1,
    *,
    code: str = "clash",
    severity: Severity = Severity.WARNING,
    message: str = "`New` is taken",
    mend: str = "",
) -> Finding:
    return Finding(path, line, 1, code, severity, message, mend)


def plan(
    *batches: Batch, findings: tuple[Finding, ...] = (), base: str = "0" * 40, applicable: bool | None = None
) -> Plan:
    """A plan; applicable unless a finding is an error, or as told."""
    if applicable is None:
        applicable = not any(found.severity is Severity.ERROR for found in findings)
    return Plan(
        schema_version=1,
        tool="0.1.0",
        name="case",
        manifest_digest="0" * 64,
        base=base,
        applicable=applicable,
        gated=False,
        batches=batches,
        findings=findings,
        counts=Counts(
            files=10_377,
            candidates=230,
            analysed=230,
            changed=3,
            imports=5,
            uses=4,
            strings=3,
            stubs=1,
            statements_parsed=5,
        ),
        before=Metrics(deprecated_imports=414, deprecated_strings=10, stub_lines=0),
        after=Metrics(deprecated_imports=0, deprecated_strings=0, stub_lines=31),
        modules=(ModuleStatus("pkg.old", State.IMPLEMENTATION, State.REDIRECT, 1_556, 31),),
        comparisons=(
            Comparison(
                "pkg.old:Old",
                "pkg.new:New",
                same=False,
                compared=True,
                old_signature="Old(a)",
                new_signature="New(a, b)",
                members_missing=(MissingMember("spin", 2),),
                differences=("needs b",),
                uses_met=7,
                uses_differing=3,
            ),
        ),
        proof=(Check("parses", 3, 0),),
    )
