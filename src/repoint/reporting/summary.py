"""Takes a plan, gives its summary: blocks of text for people, or one stable JSON object for programs."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from repoint.model import Comparison, EditKind, Finding, Frozen, Orphan, Plan, Severity
from repoint.reporting.layout import Block, Grid, Line, Tone, counted, number

PLACES = 5
MEMBERS = 3
MODULES = 30  # that are shown although nothing becomes of them
SEVERITIES = tuple(Severity)
_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CAUTION, Severity.INFO: Tone.QUIET}


class NextSteps(Frozen, frozen=True):
    """The paths the user gave, for the commands that the summary proposes."""

    plan: str
    manifest: str
    repo: str = "."

    def command(self, *words: str) -> str:
        """A `repoint` command that can be pasted into the user's shell."""
        tail = () if self.repo == "." else ("--repo", self.repo)
        full = ["repoint", *words, *tail]
        return subprocess.list2cmdline(full) if os.name == "nt" else shlex.join(full)


def summary(plan: Plan, steps: NextSteps, *, places: int | None = PLACES) -> Iterator[Block]:
    """The blocks of the summary; of each kind of finding at most `places` places (all of them if None)."""
    yield from _headline(plan)
    if plan.batches:
        yield from _figures(plan)
        yield from _modules(plan)
        yield from _comparisons(plan)
        yield from _batches(plan)
    yield from _codemods(plan)
    yield from _orphans(plan)
    uses = {(use.path, use.line) for module in plan.unsettled for orphan in module.orphans for use in orphan.uses}
    rest = (item for item in plan.findings if item.code != "orphan" or (item.path, item.line) not in uses)
    yield from finding_blocks(tuple(rest), places)
    yield from _proof(plan)
    yield from _next(plan, steps)


def summary_json(plan: Plan, plan_path: str) -> bytes:
    """The summary as one JSON object with a stable order of keys; ends with a newline."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": plan.name,
        "plan": plan_path,
        "base": plan.base,
        "applicable": plan.applicable,
        "gated": plan.gated,
        "counts": plan.counts,
        "edits": dict(edits_by_kind(plan)),
        "before": plan.before,
        "after": plan.after,
        "modules": plan.modules,
        "comparisons": plan.comparisons,
        "proof": plan.proof,
        "batches": [
            {"id": id_, "title": title, "files": files, "edits": edits}
            for id_, title, files, edits in batch_sizes(plan)
        ],
        "findings": plan.findings,
        "unsettled": plan.unsettled,
        "codemods": plan.codemods,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def edits_by_kind(plan: Plan) -> list[tuple[str, int]]:
    """How many edits of each kind, in the order of `EditKind`, without the kinds that do not occur."""
    found = Counter(edit.kind for batch in plan.batches for file in batch.files for edit in file.edits)
    return [(kind.value, found[kind]) for kind in EditKind if found[kind]]


def batch_sizes(plan: Plan) -> list[tuple[str, str, int, int]]:
    """Id, title, number of files and number of edits of each batch."""
    return [
        (batch.id, batch.title, len(batch.files), sum(len(file.edits) for file in batch.files))
        for batch in plan.batches
    ]


def _headline(plan: Plan) -> Iterator[Block]:
    files = len({file.path for batch in plan.batches for file in batch.files})
    edits = sum(count for _, count in edits_by_kind(plan))
    sizes = (counted(len(plan.batches), "batch", "batches"), counted(files, "file"), counted(edits, "edit"))
    size = ", ".join(sizes) if plan.batches else "nothing to change"
    yield Line(f"{plan.name} at {plan.base[:12]}: {size}", Tone.STRONG)
    looked_at = counted(plan.counts.files, "file")
    yield Line(f"Looked at {looked_at}; {number(plan.counts.candidates)} may name an old path.", Tone.QUIET)


def _figures(plan: Plan) -> Iterator[Block]:
    yield Line()
    yield Grid(("edits", ""), tuple((kind, number(count)) for kind, count in edits_by_kind(plan)), frozenset({1}))
    names = plan.before.__struct_fields__
    figures = [(name, getattr(plan.before, name), getattr(plan.after, name)) for name in names]
    if any(before or after for _, before, after in figures):  # else the plan is not about them
        yield Line()
        rows = tuple((name.replace("_", " "), number(before), number(after)) for name, before, after in figures)
        yield Grid(("", "before", "after"), rows, frozenset({1, 2}))


def _modules(plan: Plan) -> Iterator[Block]:
    """Where the old modules stand, now and then; of many, those that change."""
    if not plan.modules:
        return
    changed = [item for item in plan.modules if (item.before, item.lines_before) != (item.after, item.lines_after)]
    shown = plan.modules if len(plan.modules) <= MODULES else changed
    yield Line()
    rows = tuple(
        (item.module, item.before.value, item.after.value, number(item.lines_before), number(item.lines_after))
        for item in shown
    )
    if rows:
        yield Grid(("module", "before", "after", "lines", "then"), rows, frozenset({3, 4}), shrink=0, exact=True)
    if len(shown) < len(plan.modules):
        kept = counted(len(plan.modules) - len(shown), "old module")
        yield Line(f"{kept} as before", Tone.QUIET)


def _comparisons(plan: Plan) -> Iterator[Block]:
    """What the new definitions lack that the old ones had, for each move with two definitions."""
    rows = tuple(
        (item.old, item.new.partition(":")[2], number(item.uses_met), number(item.uses_differing), _lacking(item))
        for item in plan.comparisons
        if item.uses_differing
    )
    if rows:
        yield Line()
        heads = ("two definitions", "new", "uses", "differ", "lacking")
        yield Grid(heads, rows, frozenset({2, 3}), shrink=0)


def _lacking(item: Comparison) -> str:
    """The members that are missed most, each with its uses."""
    used = [member for member in item.members_missing if member.uses]
    told = [f"{member.name} {number(member.uses)}" for member in used[:MEMBERS]]
    return ", ".join([*told, *([f"+{len(used) - MEMBERS} more"] if len(used) > MEMBERS else [])])


def _codemods(plan: Plan) -> Iterator[Block]:
    """What each codemod did; that of one which has changed nothing is worth a look, too."""
    if plan.codemods:
        yield Line()
        rows = tuple(
            (item.id, number(item.asked), number(item.changed), number(item.failed), number(item.warnings))
            for item in plan.codemods
        )
        yield Grid(("codemod", "asked", "changed", "failed", "warnings"), rows, frozenset({1, 2, 3, 4}), shrink=0)


def _proof(plan: Plan) -> Iterator[Block]:
    """What was shown, or which checks failed."""
    if not plan.proof or not plan.batches:
        return
    yield Line()
    failed = [check for check in plan.proof if check.failed]
    if not failed:
        changes = (change for batch in plan.batches for change in batch.files)
        files = sum(any(edit.kind is not EditKind.TEXT for edit in change.edits) for change in changes)
        yield Line(f"Proved for {counted(files, 'file')}: {'; '.join(check.name for check in plan.proof)}.", Tone.GOOD)
    for check in failed:
        yield Line(f"Not proved: {check.name} ({number(check.failed)} of {number(check.looked_at)})", Tone.BAD)


def _orphans(plan: Plan) -> Iterator[Block]:
    """Names without a home, each with all its uses and the lines of the manifest that would settle it."""
    for module in plan.unsettled:
        yield Line()
        names = counted(len(module.orphans), "name")
        yield Line(f"error[orphan]: {module.module} has {names} without a home", Tone.BAD)
        for orphan in module.orphans:
            yield from _orphan(module.module, orphan)
        yield Line()
        lists = [(key, names) for key, names in (("keep", module.keep), ("drop", module.drop)) if names]
        if lists:
            yield Line("Or leave them in the old module, by what its [[stub]] lists:", indent=2)
        for key, listed in lists:
            yield Line(f"{key} = [{', '.join(map(_quoted, listed))}]", indent=4, exact=True)


def _orphan(module: str, orphan: Orphan) -> Iterator[Block]:
    yield Line()
    how = "only patched" if orphan.patched else "used"
    yield Line(f"{orphan.name} is {how} here, and has no home:", Tone.STRONG, indent=2)
    for use in orphan.uses:
        yield Line(f"{use.path}:{use.line}", indent=4, exact=True)
    if orphan.name == "__getattr__":
        return
    same = " if its code is what the test is of" if orphan.patched else " if that is the same thing"
    yield Line(f"Move it{same if orphan.homes else ', with its home for the dots'}:", indent=2)
    for home in orphan.homes or ("...",):
        yield Line("[[move]]", indent=4, exact=True)
        yield Line(f"old = {_quoted(f'{module}:{orphan.name}')}", indent=4, exact=True)
        yield Line(f"new = {_quoted(home)}", indent=4, exact=True)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _batches(plan: Plan) -> Iterator[Block]:
    yield Line()
    rows = tuple((id_, title, number(files), number(edits)) for id_, title, files, edits in batch_sizes(plan))
    yield Grid(("batch", "title", "files", "edits"), rows, frozenset({2, 3}), shrink=1)


def finding_blocks(findings: tuple[Finding, ...], places: int | None) -> Iterator[Block]:
    """The findings by kind, worst first; at most `places` places of each (all of them if None)."""

    def rank(finding: Finding) -> tuple[int, str]:
        return SEVERITIES.index(finding.severity), finding.code

    ordered = sorted(findings, key=lambda finding: (*rank(finding), finding))
    for _, group in groupby(ordered, key=rank):
        yield from _finding_group(list(group), places)


def _finding_group(group: list[Finding], places: int | None) -> Iterator[Block]:
    severity, code = group[0].severity, group[0].code
    yield Line()
    yield Line(f"{severity.value}[{code}]: {counted(len(group), 'place')}", _TONES[severity])
    shown = group[:places]
    for finding in shown:
        yield Line(f"{finding.path}:{finding.line}: {finding.message}", indent=2, exact=True)
    if len(group) > len(shown):
        yield Line(f"+{number(len(group) - len(shown))} more (--verbose shows them)", Tone.QUIET, indent=2)
    for mend in dict.fromkeys(finding.mend for finding in shown if finding.mend):
        yield Line(f"mend: {mend}", Tone.QUIET, indent=2)


def _idle(plan: Plan) -> Line:
    """What a plan of no batches comes to; it is no good news where a codemod failed."""
    if any(run.failed for run in plan.codemods):
        return Line("No file changes: those on which a codemod failed stay as they are.", Tone.CAUTION)
    if plan.codemods:
        return Line("Nothing to do: neither a move nor a codemod changes a file.", Tone.GOOD)
    return Line("Nothing to do: nothing that could be moved uses an old path.", Tone.GOOD)


def _next(plan: Plan, steps: NextSteps) -> Iterator[Block]:
    yield Line()
    if not plan.applicable:
        errors = sum(finding.severity is Severity.ERROR for finding in plan.findings)
        cause = f"because of {counted(errors, 'error')}" if errors else "because it is not proved"
        yield Line(f"This plan cannot be applied {cause}. Mend and plan again:", Tone.BAD)
        yield Line(steps.command("plan", steps.manifest), indent=2, exact=True)
    elif not plan.batches:
        yield _idle(plan)
    else:
        yield Line(f"Written to {steps.plan}. Next:", Tone.GOOD)
        yield Line(steps.command("diff", steps.plan), indent=2, exact=True)
        apply = steps.command("apply", steps.plan, "--manifest", steps.manifest)
        yield Line(apply, indent=2, exact=True)
