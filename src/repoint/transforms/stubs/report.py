"""What is said of one stub: codes and texts in, findings at the places of uses and of the old module out."""

from __future__ import annotations

from collections.abc import Mapping

from repoint.analysis.text import Text
from repoint.model import Finding, Severity
from repoint.transforms.stubs.usage import Use


class Report:
    """Gathers the findings about one old module, whose file is `path`; `texts` are the files of its users."""

    def __init__(self, path: str, texts: Mapping[str, Text]) -> None:
        self.path = path
        self.texts = texts
        self.findings: list[Finding] = []

    def at_use(self, use: Use, code: str, severity: Severity, message: str, mend: str) -> None:
        text = self.texts[use.path]
        line, column = text.line(use.offset), text.column(use.offset)
        self.findings.append(Finding(use.path, line, column, code, severity, message, mend))

    def at_line(self, line: int, code: str, severity: Severity, message: str, mend: str, path: str = "") -> None:
        """Of the old module itself, or of the file at `path`."""
        self.findings.append(Finding(path or self.path, line, 1, code, severity, message, mend))
