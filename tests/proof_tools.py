"""Subjects for the proof from two texts: the edits between are what differs, word by word."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable

from repoint.model import Edit, EditKind, Finding
from repoint.names import parent
from repoint.proof.examine import examine
from repoint.proof.model import Examined, Subject
from tests.transform_tools import source

_WORDS = re.compile(rb"\w+|\s|[^\w\s]")


def subject(
    before: str | bytes, after: str | bytes, *, module: str = "app", strings: Iterable[tuple[int, int]] = ()
) -> Subject:
    """A changed file; edits are imports on the lines of imports, strings within `strings` (bytes before), else uses."""
    old = before if isinstance(before, bytes) else source(before).encode()
    new = after if isinstance(after, bytes) else source(after).encode()
    return Subject("app.py", module, parent(module), old, new, edits_between(old, new, tuple(strings)))


def proved(before: str | bytes, after: str | bytes, **options: str) -> Examined:
    """The verdict, which must be without faults."""
    examined = examine(subject(before, after, **options))  # type: ignore[arg-type]
    assert not examined.faults, told(examined)
    return examined


def refused(before: str | bytes, after: str | bytes, *texts: str, **options: str) -> tuple[Finding, ...]:
    """The faults, which must tell all `texts`."""
    examined = examine(subject(before, after, **options))  # type: ignore[arg-type]
    assert examined.faults, f"no fault; pairs {pairs(examined)}, lost {examined.lost}"
    for text in texts:
        assert text in told(examined)
    assert {finding.code for finding in examined.faults} == {"not-proved"}
    return examined.faults


def told(examined: Examined) -> str:
    return "\n".join(map(str, examined.faults))


def pairs(examined: Examined) -> set[tuple[str, str]]:
    return {(pair.before, pair.after) for pair in examined.pairs}


def edits_between(before: bytes, after: bytes, strings: tuple[tuple[int, int], ...] = ()) -> tuple[Edit, ...]:
    encoding = "latin-1" if b"latin-1" in before[:60] else "utf-8"
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    at = [0]
    for word in old:
        at.append(at[-1] + len(word))
    imports = _import_lines(before)
    edits = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        line = before.count(b"\n", 0, at[i]) + 1
        kind = EditKind.IMPORT if line in imports else EditKind.USE
        if any(start <= at[i] and at[j] <= end for start, end in strings):
            kind = EditKind.STRING
        texts = b"".join(old[i:j]).decode(encoding), b"".join(new[k:m]).decode(encoding)
        edits.append(Edit(at[i], at[j], *texts, kind, "test"))
    return tuple(edits)


def _import_lines(data: bytes) -> set[int]:
    nodes = [node for node in ast.walk(ast.parse(data)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {line for node in nodes for line in range(node.lineno, (node.end_lineno or 0) + 1)}
