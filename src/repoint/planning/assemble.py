"""Everything decided about the files in, the `Plan` out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from repoint import __version__
from repoint.analysis.text import Text
from repoint.manifest.decode import Migration
from repoint.model import (
    Batch,
    Check,
    CodemodRun,
    Comparison,
    Counts,
    Edit,
    EditKind,
    FileChange,
    Finding,
    Frozen,
    Ground,
    Metrics,
    ModuleStatus,
    Plan,
    Severity,
    SourceFile,
    Unsettled,
    splice,
)
from repoint.planning.paths import path_problem
from repoint.planning.trust import encoding_problem
from repoint.sources.snapshot import blob_id

WHOLE_FILE = (EditKind.STUB, EditKind.DELETE)


class Looked(Frozen, frozen=True):
    """How much was looked at: files in scope, candidates of the search, files analysed, statements LibCST parsed."""

    files: int
    candidates: int
    analysed: int
    parsed: int
    imports: int


class Judged(Frozen, frozen=True):
    """What was made out about the whole migration."""

    before: Metrics
    after: Metrics
    modules: tuple[ModuleStatus, ...]
    comparisons: tuple[Comparison, ...]
    proof: tuple[Check, ...]
    ground: Ground
    unsettled: tuple[Unsettled, ...]
    codemods: tuple[CodemodRun, ...] = ()


def change_of(source: SourceFile, encoding: str, edits: tuple[Edit, ...]) -> tuple[FileChange, bytes]:
    """The change of one file, and its new bytes."""
    data = splice(source.data, edits, encoding)
    after = blob_id(data, len(source.blob))
    return FileChange(source.path, source.mode, encoding, source.blob, after, edits), data


def replacement_of(source: SourceFile, text: str | None) -> FileChange | None:
    """The change that puts `text` in the place of a whole file, or deletes it (None); None where nothing changes."""
    encoding = Text(source.data).encoding
    before = source.data.decode(encoding)
    if text == before:
        return None
    kind = EditKind.DELETE if text is None else EditKind.STUB
    edit = Edit(0, len(source.data), before, text or "", kind, "stub")
    after = None if text is None else blob_id(text.encode(encoding), len(source.blob))
    return FileChange(source.path, source.mode, encoding, source.blob, after, (edit,))


def assemble(
    migration: Migration,
    base: str,
    batches: tuple[Batch, ...],
    findings: Iterable[Finding],
    looked: Looked,
    judged: Judged,
) -> Plan:
    """The plan. It is applicable where no finding is an error."""
    ordered = tuple(sorted({*findings, *_unsafe(batches)}))
    applicable = not any(finding.severity is Severity.ERROR for finding in ordered)
    return Plan(
        schema_version=1,
        tool=f"repoint {__version__}",
        name=migration.name,
        manifest_digest=migration.digest,
        base=base,
        applicable=applicable,
        gated=_is_gated(migration),
        batches=batches,
        findings=ordered,
        counts=_counts(batches, looked),
        before=judged.before,
        after=judged.after,
        modules=judged.modules,
        comparisons=judged.comparisons,
        proof=judged.proof,
        ground=judged.ground,
        unsettled=judged.unsettled,
        codemods=judged.codemods,
    )


def _is_gated(migration: Migration) -> bool:
    """Whether `apply` would have commands to run."""
    manifest = migration.manifest
    return bool(manifest.gates.each or manifest.gates.final or manifest.after.run)


def _unsafe(batches: tuple[Batch, ...]) -> Iterator[Finding]:
    """Paths and encodings that no plan may have, which whoever reads the plan file would refuse."""
    for change in (change for batch in batches for change in batch.files):
        shown = change.path.encode("unicode_escape").decode()
        if reason := path_problem(change.path):
            message, mend = f"its path {reason}, so that no plan can change it", "rename the file"
            yield Finding(shown, 1, 1, "path-not-plain", Severity.ERROR, message, mend)
        if reason := encoding_problem(change.encoding):
            message, mend = f"{reason}, so that no plan can change it", "save the file as UTF-8"
            yield Finding(shown, 1, 1, "encoding-not-plain", Severity.ERROR, message, mend)


def _counts(batches: tuple[Batch, ...], looked: Looked) -> Counts:
    counts = Counts(
        files=looked.files,
        candidates=looked.candidates,
        analysed=looked.analysed,
        changed=0,
        imports=looked.imports,
        uses=0,
        strings=0,
        stubs=0,
        statements_parsed=looked.parsed,
    )
    return recounted(counts, batches)


def recounted(counts: Counts, batches: tuple[Batch, ...]) -> Counts:
    """The same with what the changes of `batches` tell themselves."""
    files = [change for batch in batches for change in batch.files]
    kinds = [edit.kind for change in files for edit in change.edits]
    return replace(
        counts,
        changed=len(files),
        uses=kinds.count(EditKind.USE),
        strings=kinds.count(EditKind.STRING),
        stubs=sum(kind in WHOLE_FILE for kind in kinds),
    )
