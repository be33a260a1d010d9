"""Takes an answer to `why`, gives it as blocks of text for people, or as one stable JSON object for programs."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from repoint.explaining.values import Answer, Change, Rule, Subject, Verdict
from repoint.measures import Occurrence
from repoint.model import EditKind, Severity
from repoint.reporting.layout import Block, Line, Tone

_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CAUTION, Severity.INFO: Tone.QUIET}
_STEPS = (EditKind.PATTERN, EditKind.CODEMOD)
_VERDICTS = {Verdict.CHANGES: Tone.GOOD, Verdict.STAYS: Tone.CAUTION}


def view(answer: Answer) -> Iterator[Block]:
    """The line, what becomes of it, the evidence for each part, and what was found there."""
    place = f"{answer.path}:{answer.line}" + (f":{answer.column}" if answer.column else "")
    yield Line(f"{place} at {answer.commit[:12]}, before the migration", Tone.STRONG, exact=True)
    yield Line(answer.text, indent=4, exact=True)
    for note in answer.file:
        yield Line(f"The file {note}.")
    for change in answer.changes:
        yield from _change(change, answer)
    if answer.changes or (answer.file and answer.batch):
        yield Line(f"In batch {answer.batch}.")
    for subject in answer.subjects:
        yield from _subject(subject, answer.manifest)
    for finding in answer.findings:
        yield Line()
        yield Line(f"{finding.severity.value}[{finding.code}]: {finding.message}", _TONES[finding.severity])
        if finding.mend:
            yield Line(f"To mend it: {finding.mend}", indent=2)
    for item in answer.counted:
        yield from _counted(item)
    if not (answer.changes or answer.subjects or answer.findings or answer.file or answer.counted):
        yield Line(_nothing(answer))
    elif answer.subjects and not (answer.changes or answer.findings or answer.counted or _is_governed(answer)):
        yield Line()
        yield Line("Nothing on this line is bound to a path that moves.")
    if answer.brought:
        yield Line(f"The line came with {answer.brought}.")


def _counted(item: Occurrence) -> Iterator[Block]:
    """What an audit says of the line."""
    yield Line()
    told = f"audit, column {item.column}: {item.severity.value}[{item.code}]: {item.message}"
    yield Line(told, _TONES[item.severity])
    if item.mend:
        yield Line(f"To mend it: {item.mend}", indent=2)


def _nothing(answer: Answer) -> str:
    if answer.manifest:
        return "Nothing on this line is bound to a path that moves."
    return "The plan changes nothing on this line, and finds nothing there. A MANIFEST tells on what evidence."


def _is_governed(answer: Answer) -> bool:
    return bool(answer.batch and answer.file) or any(item.rule is not None for item in answer.subjects)


def _change(change: Change, answer: Answer) -> Iterator[Block]:
    begins = "" if change.line == answer.line else f", from line {change.line} on"
    yield Line()
    by = f" by {change.rule.replace('+', ', then by ')}" if change.kind in _STEPS else ""
    yield Line(f"changes ({change.kind.value}{begins}){by}:", Tone.GOOD)
    for sign, text in (("-", change.before), ("+", change.after)):
        for line in text.splitlines():
            yield Line(f"{sign} {line}", indent=4, exact=True)


def _subject(subject: Subject, manifest: str) -> Iterator[Block]:
    yield Line()
    yield Line(
        f"column {subject.column}, `{subject.text}` {subject.verdict.value}", _VERDICTS.get(subject.verdict, Tone.PLAIN)
    )
    if subject.rule is not None:
        yield Line(_rule(subject.rule, manifest), indent=2, exact=True)
    for item in subject.evidence:
        yield Line(item, indent=2)


def _rule(rule: Rule, manifest: str) -> str:
    return f"{manifest}:{rule.line}: {rule.text}" if rule.line else rule.text


def as_json(answer: Answer) -> bytes:
    """The answer as one JSON object with a stable order of keys; ends with a newline."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"
