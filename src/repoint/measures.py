"""The values of an audit: what was counted of a commit, and every place that was counted, frozen and plain.

Lines and columns are 1-based, columns in characters, of the files as the audited commit has them.
"""

from __future__ import annotations

from typing import Literal

from repoint.model import Frozen, Severity, State


class Occurrence(Frozen, frozen=True, order=True):
    """One counted place. `symbol` is the row that it counts for: a symbol, a module, or the id of a pattern.

    `subject` is what stands there, without its position: two occurrences of one file with the same code, symbol and
    subject are told apart by their number alone.
    """

    path: str
    line: int
    column: int
    code: str
    severity: Severity
    symbol: str
    subject: str
    message: str
    mend: str

    def __str__(self) -> str:
        mend = f"; {self.mend}" if self.mend else ""
        return f"{self.path}:{self.line}:{self.column}: {self.severity.value}[{self.code}]: {self.message}{mend}"


class SymbolFigures(Frozen, frozen=True):
    """How one symbol is imported, each import counted once, by the path that it takes.

    `governed`: the manifest says where it is imported from; other names are told because a governed module has them,
    or is asked for them, and no share counts them. `defined` is what it is at its canonical path. `deprecated` counts
    declared old paths, whether or not they still resolve; `alias` the canonical path under another name; `reexport`
    modules that only pass it on; `unresolvable` what no module binds; `kept` what the manifest keeps where it is, by a
    stub's `keep`, an `[[except]]` or a comment. `instantiations` are calls of a class outside the homes, `duplicates`
    further definitions of its name.
    """

    symbol: str
    governed: bool
    defined: Literal["class", "function", "value", "import", "module", "missing", "elsewhere"]
    canonical: int
    deprecated: int
    alias: int
    reexport: int
    unresolvable: int
    kept: int
    instantiations: int
    duplicates: int

    @property
    def imports(self) -> int:
        """All imports but those that are kept."""
        return self.canonical + self.deprecated + self.alias + self.reexport + self.unresolvable

    @property
    def share(self) -> float:
        """Canonical imports in percent of all; 100 where there is none."""
        return 100 * self.canonical / self.imports if self.imports else 100.0


class ModuleFigures(Frozen, frozen=True):
    """One governed module: `role` tells whether symbols live there or left it, `state` what it is by now."""

    module: str
    path: str
    role: Literal["home", "deprecated"]
    state: State
    lines: int


class PatternFigures(Frozen, frozen=True):
    """One `[[pattern]]` of the manifest, and how often it matches."""

    id: str
    severity: Severity
    message: str
    matches: int


class Figures(Frozen, frozen=True):
    """What `[targets]` may name, for the whole scope; shares are percentages."""

    deprecated_imports: int
    alias_imports: int
    reexport_imports: int
    unresolvable_imports: int
    fragmented_imports: int
    canonical_share: float
    direct_instantiations: int
    duplicate_definitions: int
    deprecated_strings: int
    implementations: int
    pattern_violations: int


class TargetResult(Frozen, frozen=True):
    """One target: `wanted` as the manifest writes it, and how far `value` is from it; 0 where it is met."""

    metric: str
    wanted: str
    value: float
    met: bool
    distance: float


class Audit(Frozen, frozen=True):
    """What an audit found. `files` are those in scope, `read` those that were worth parsing.

    `commit` is an id, or `index` or `working-tree` where that was looked at.
    """

    schema_version: Literal[1]
    tool: str
    name: str
    commit: str
    files: int
    read: int
    figures: Figures
    targets: tuple[TargetResult, ...]
    symbols: tuple[SymbolFigures, ...]
    modules: tuple[ModuleFigures, ...]
    patterns: tuple[PatternFigures, ...]
    occurrences: tuple[Occurrence, ...]

    @property
    def violations(self) -> tuple[Occurrence, ...]:
        """What is to be mended: everything but what is only told."""
        return tuple(item for item in self.occurrences if item.severity is not Severity.INFO)


class KnownViolation(Frozen, frozen=True, order=True):
    """So many violations of one kind in one file, wherever they stand in it, as a baseline knows them."""

    path: str
    code: str
    symbol: str
    subject: str
    count: int


class Checked(Frozen, frozen=True):
    """The outcome: the audit that it is of, and what speaks against it. `known` counts what a baseline excuses.

    `whole`: all files were looked at; else those that changed, so that the figures are not the repository's.
    """

    audit: Audit
    whole: bool
    new: tuple[Occurrence, ...]
    gone: tuple[KnownViolation, ...]
    missed: tuple[TargetResult, ...]
    known: int

    @property
    def passed(self) -> bool:
        return not (self.new or self.gone or self.missed)


class Point(Frozen, frozen=True):
    """The figures of one commit; `date` is the committer's, in ISO 8601, `subject` the first line of the message."""

    commit: str
    date: str
    subject: str
    figures: Figures


class History(Frozen, frozen=True):
    """The figures over the first-parent commits of a branch, oldest first."""

    schema_version: Literal[1]
    tool: str
    name: str
    points: tuple[Point, ...]
