"""`why`: a repository, a place, and a manifest or a plan in; what becomes of that line, and on what evidence, out."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from repoint.analysis.analyse import analyse
from repoint.analysis.text import Text
from repoint.auditing.looking import Looker
from repoint.auditing.standing import Standing, Surveyor
from repoint.errors import UsageError
from repoint.execution.journal.trailers import Brings, marks
from repoint.explaining.line import Line
from repoint.explaining.places import Place, find_path, parse_place
from repoint.explaining.rules import Rules
from repoint.explaining.values import Answer, Change, Subject
from repoint.measures import Occurrence
from repoint.model import Edit, EditKind, Failed, FileChange, Finding, Frozen, Plan
from repoint.names import Symbol, module_of
from repoint.pipeline import Planned, Watch, plan_with_world, read_manifest
from repoint.planning import plan_file, surfaces
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import Snapshot, open_snapshot
from repoint.sources.workers import Workers
from repoint.transforms.context import Context

_WHOLE = (EditKind.STUB, EditKind.DELETE)
_WORD = re.compile(r"[^\W\d]\w*")


class WhyRequest(Frozen, frozen=True):
    """What is asked: a `PATH:LINE[:COLUMN]` of a repository, written by somebody who is at `here`.

    A `plan` file tells what changes; a `manifest` also tells on what evidence. `rev` is HEAD if None. `cache` tells
    whether facts that earlier commands found are to be used, and kept; there are at the most `jobs` workers.
    """

    repo: Path
    place: str
    here: Path
    manifest: Path | None = None
    plan: Path | None = None
    rev: str | None = None
    jobs: int | None = None
    cache: bool = True


class _Seen(Struct):
    """The line that is asked about: the file's bytes, split as Python splits them, and what the plan does there."""

    place: Place
    path: str
    data: bytes
    lines: list[bytes]
    plan: Plan
    change: FileChange | None
    batch: str


def make_answer(request: WhyRequest, watch: Watch) -> Answer:
    """What is known of the place. Raises UsageError and ManifestErrors for what the user can mend."""
    place = parse_place(request.place)
    if request.manifest is None and request.plan is None:
        raise UsageError("neither a manifest nor a plan to tell by", mend="name a MANIFEST, or a --plan FILE")
    plan = plan_file.read(request.plan) if request.plan is not None else None
    if plan is not None and request.rev is not None:
        raise UsageError("--plan and --rev name two commits", mend="leave --rev out: a plan is of its own base commit")
    snapshot = open_snapshot(request.repo, plan.base if plan is not None else request.rev)
    path = find_path(place.path, snapshot.entries, snapshot.git.folder, request.here, snapshot.commit)
    data = _read(snapshot, path)
    lines = data.splitlines(keepends=True)
    if place.line > len(lines):
        what = f"has {len(lines)} line{'s' * (len(lines) != 1)} at {snapshot.commit[:12]}"
        raise UsageError(what, where=f"{path}:{place.line}", mend="name a line as it is before the migration")
    if request.manifest is None:
        assert plan is not None
        return _answer(_seen(place, path, data, lines, plan), snapshot, None, (), (), ())
    migration = read_manifest(request.manifest)
    if plan is not None and plan.manifest_digest != migration.digest:
        what, mend = "is another manifest than the plan was made of", "plan again, or leave one of the two out"
        raise UsageError(what, where=str(request.manifest), mend=mend)
    with open_cache(snapshot.git, enabled=request.cache) as cache:
        planned = plan_with_world(migration, snapshot, watch, jobs=request.jobs, cache=cache)
        seen = _seen(place, path, data, lines, planned.plan if plan is None else plan)
        rules = Rules(migration, planned.world.moves, request.manifest.read_text(encoding="utf-8"))
        notes, subjects = _explained(seen, snapshot, planned, rules)
        counted = _counted(seen, Surveyor(migration, Looker(Workers(1), cache, watch), cache).some(snapshot, [path]))
    return _answer(seen, snapshot, request.manifest, notes, subjects, counted)


def _counted(seen: _Seen, standing: Standing) -> tuple[Occurrence, ...]:
    """What an audit counts on the line."""
    found = standing.occurrences()
    return tuple(item for item in found if (item.path, item.line) == (seen.path, seen.place.line))


def _read(snapshot: Snapshot, path: str) -> bytes:
    if not snapshot.is_regular(path):
        what = "is a symbolic link" if snapshot.entries[path].mode == "120000" else "is a submodule"
        raise UsageError(f"{what}, which is not followed", where=path, mend="name a file")
    return snapshot.read([path])[path]


def _seen(place: Place, path: str, data: bytes, lines: list[bytes], plan: Plan) -> _Seen:
    for at, batch in enumerate(plan.batches, 1):
        for change in batch.files:
            if change.path == path:
                return _Seen(place, path, data, lines, plan, change, f"{at}/{len(plan.batches)} {batch.title}")
    return _Seen(place, path, data, lines, plan, None, "")


def _answer(
    seen: _Seen,
    snapshot: Snapshot,
    manifest: Path | None,
    notes: tuple[str, ...],
    subjects: tuple[Subject, ...],
    counted: tuple[Occurrence, ...],
) -> Answer:
    changes = _changes(seen)
    if (kind := _replaced(seen)) and not notes:
        notes = ("becomes a stub as a whole" if kind is EditKind.STUB else "is deleted",)
    shown = seen.lines[seen.place.line - 1].decode(_encoding(seen.data), "replace").rstrip("\r\n")
    return Answer(
        schema_version=1,
        path=seen.path,
        line=seen.place.line,
        column=seen.place.column,
        commit=snapshot.commit,
        manifest="" if manifest is None else str(manifest),
        text=shown,
        file=notes,
        batch=seen.batch,
        changes=changes,
        subjects=_at_column(subjects, seen.place.column),
        findings=_findings(seen),
        counted=counted,
        brought="" if changes else _brought(snapshot, seen),
    )


def _encoding(data: bytes) -> str:
    try:
        return Text(data).encoding
    except Exception:
        return "utf-8"


def _at_column(subjects: tuple[Subject, ...], column: int) -> tuple[Subject, ...]:
    """What stands at the column, or all of the line where nothing does or none is asked for."""
    there = tuple(item for item in subjects if item.column <= column < item.column + max(1, len(item.text)))
    return there or subjects


def _replaced(seen: _Seen) -> EditKind | None:
    """How the whole file is replaced; None where it is not."""
    edits = seen.change.edits if seen.change is not None else ()
    return next((edit.kind for edit in edits if edit.kind in _WHOLE), None)


def _changes(seen: _Seen) -> tuple[Change, ...]:
    """The edits that reach into the line, those of whole files aside."""
    if seen.change is None or _replaced(seen):
        return ()
    start = sum(map(len, seen.lines[: seen.place.line - 1]))
    end = start + len(seen.lines[seen.place.line - 1])
    return tuple(
        _change(edit, seen)
        for edit in seen.change.edits
        if start <= edit.start < end or edit.start < start < edit.end or edit.start == end == len(seen.data)
    )


def _change(edit: Edit, seen: _Seen) -> Change:
    before = seen.data[: edit.start].splitlines(keepends=True)
    begins = not before or before[-1].endswith((b"\n", b"\r"))
    line = len(before) + begins
    column = 1 if begins else len(before[-1].decode(_encoding(seen.data), "replace")) + 1
    return Change(line, column, edit.kind, edit.before, edit.after, edit.rule)


def _findings(seen: _Seen) -> tuple[Finding, ...]:
    """The findings at the line, and those of an edit or a statement that reaches into it."""
    lines = {seen.place.line, *(change.line for change in _changes(seen))}
    return tuple(item for item in seen.plan.findings if item.path == seen.path and item.line in lines)


def _explained(
    seen: _Seen, snapshot: Snapshot, planned: Planned, rules: Rules
) -> tuple[tuple[str, ...], tuple[Subject, ...]]:
    """What holds for the whole file, and the subjects of the line."""
    path = seen.path
    if outside := rules.out_of_scope(path):
        return (outside,), ()
    broken = (item for item in planned.plan.findings if (item.path, item.code) == (path, "unparsable"))
    if (finding := next(broken, None)) is not None:
        return (finding.message,), ()
    name = module_of(path, planned.world.migration.manifest.scope.roots)
    words = frozenset(_WORD.findall(seen.lines[seen.place.line - 1].decode("utf-8", "replace")))
    facts = analyse(snapshot.source(path), name, planned.world.query.with_names(words))
    if isinstance(facts, Failed):
        return (f"does not parse (line {facts.line}: {facts.reason}), so that it is left alone",), ()
    notes: list[str] = []
    leaving = ""
    if (rule := rules.exception(path)) is not None:
        leaving = f"{rule.text} keeps this file as it is"
        kept = "keeps its old paths" if seen.change else "is kept as it is"
        notes.append(f"{kept} by {_placed(rule.text, rule.line)}")
    if (stub := rules.stub(name)) is not None and _replaced(seen):
        notes.append(f"becomes a stub as a whole, by {_placed(stub.text, stub.line)}")
    elif path not in planned.facts:
        so = "no move changes it" if seen.change else "it was not looked into"
        notes.append(f"names no old path, so that {so}")
    edits = seen.change.edits if seen.change is not None else ()
    context = Context(facts, Text(seen.data), planned.world)
    line = Line(context, rules, edits, leaving, lambda symbol: _reaching(symbol, planned))
    return tuple(notes), line.subjects(seen.place.line)


def _placed(text: str, line: int) -> str:
    return f"{text} (line {line} of the manifest)" if line else text


def _reaching(symbol: Symbol, planned: Planned) -> str:
    """A file that reaches a binding of another module."""
    wanted, known = frozenset({symbol}), planned.world.namespaces.modules
    facts = planned.facts
    return next((path for path in sorted(facts) if surfaces.reached(wanted, [facts[path]], known)), "")


def _brought(snapshot: Snapshot, seen: _Seen) -> str:
    """The batch that a line came with, if it was one: told by the commit that blame names."""
    number = seen.place.line
    asked = ("blame", "--porcelain", "-L", f"{number},{number}", snapshot.commit, "--", seen.path)
    commit = snapshot.git.run(*asked, ok=(0, 128)).partition(b" ")[0].decode()
    if not commit:
        return ""
    message = snapshot.git.run("log", "-1", "--format=%B", commit).decode("utf-8", "replace")
    for mark in marks(message)[0]:
        if isinstance(mark, Brings):
            stamp = mark.stamp
            return f"{commit[:12]}, batch {stamp.label} of {stamp.migration} (plan {stamp.plan[:12]})"
    return ""
