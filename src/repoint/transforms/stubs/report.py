"""What is said of one stub: codes and texts in, findings at the places of uses and of the old module out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from repoint.analysis.text import Text
from repoint.model import Finding, Orphan, Severity
from repoint.transforms.stubs.usage import Use

_CREATES = re.compile(rb"[^\n]*(?:\n[^\n]*){0,3}?\b(?:create\s*=\s*True|raising\s*=\s*False)\b")


class Report:
    """Gathers the findings about one old module, whose file is `path`; `texts` are the files of its users."""

    def __init__(self, path: str, texts: Mapping[str, Text]) -> None:
        self.path = path
        self.texts = texts
        self.findings: list[Finding] = []
        self.orphans: list[Orphan] = []

    def at_use(self, use: Use, code: str, severity: Severity, message: str, mend: str) -> None:
        column = self.texts[use.path].column(use.offset)
        self.findings.append(Finding(use.path, self.line_of(use), column, code, severity, message, mend))

    def line_of(self, use: Use) -> int:
        """The line, from 1, that a use stands on."""
        return self.texts[use.path].line(use.offset)

    def creates(self, use: Use) -> bool:
        """Whether a patch says itself that its target need not be there."""
        return _CREATES.match(self.texts[use.path].utf8, use.offset) is not None

    def at_line(self, line: int, code: str, severity: Severity, message: str, mend: str, path: str = "") -> None:
        """Of the old module itself, or of the file at `path`."""
        self.findings.append(Finding(path or self.path, line, 1, code, severity, message, mend))


def merged(orphans: Iterable[Orphan]) -> tuple[Orphan, ...]:
    """One for each name, with all its uses: it is only patched if nothing reads it."""
    found: dict[str, Orphan] = {}
    for item in orphans:
        known = found.get(item.name, item)
        uses = tuple(sorted({*known.uses, *item.uses}))
        homes = tuple(dict.fromkeys([*known.homes, *item.homes]))
        patched = known.patched and item.patched
        settles = known.settles if known.settles == item.settles or not known.patched else item.settles
        found[item.name] = Orphan(item.name, patched, settles, uses, homes)
    return tuple(found.values())
