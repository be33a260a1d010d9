"""Audits and histories as a real migration gives them: hundreds of places, and none at all."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from repoint.measures import (
    Audit,
    Figures,
    History,
    ModuleFigures,
    Occurrence,
    PatternFigures,
    Point,
    SymbolFigures,
    TargetResult,
)
from repoint.model import Severity, State

AGENTS = "netra_backend.app.agents"
ENGINE = f"{AGENTS}.supervisor.user_execution_engine:UserExecutionEngine"
FACTORY = f"{AGENTS}.supervisor.execution_engine_factory:ExecutionEngineFactory"
GETTER = f"{AGENTS}.supervisor.execution_engine_factory:get_execution_engine_factory"
OLD = f"{AGENTS}.supervisor.execution_engine"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CANONICAL = "from netra_backend.app.agents.supervisor.user_execution_engine import UserExecutionEngine"


# Whatever a stranger's path may hold: half characters, what acts on a terminal, and the marks of every format.
TRICKY = "\x00\x1b\x85\n\r\t \u2028\u202e\ud800\udcff%:,|`<>&\"'{}[]()\\*_#@-.1a"
TEXT = st.text(TRICKY, max_size=12) | st.text(st.characters(codec=None, exclude_categories=[]), max_size=30)


@dataclass(frozen=True)
class Kind:
    """How many places a code has in the sample."""

    code: str
    severity: Severity
    symbol: str
    count: int
    message: str
    mend: str


KINDS = (
    Kind(
        "deprecated-import",
        Severity.ERROR,
        ENGINE,
        69,
        f"`ExecutionEngine` is imported from the deprecated `{OLD}`",
        f"write `{CANONICAL}`",
    ),
    Kind("alias-import", Severity.WARNING, ENGINE, 21, "`UserExecutionEngine` under another name", "keep the name"),
    Kind("reexport-import", Severity.WARNING, FACTORY, 12, "`ExecutionEngineFactory` from a re-export", ""),
    Kind("unresolvable-import", Severity.ERROR, ENGINE, 23, "no module binds this path", "import the canonical path"),
    Kind("direct-instantiation", Severity.WARNING, ENGINE, 62, "`UserExecutionEngine()` beside its factory", ""),
    Kind("duplicate-definition", Severity.WARNING, ENGINE, 4, "a second `UserExecutionEngine`", "rename or remove it"),
    Kind("kept-import", Severity.INFO, GETTER, 3, "kept by an [[except]]: the tests of the old engine", ""),
    Kind("pattern:no-singletons", Severity.WARNING, "no-singletons", 9, "a module-level instance", "inject it"),
)


def occurrence(path: str = "pkg/a.py", line: int = 1, **options: object) -> Occurrence:
    """A place with defaults for what a test does not care about."""
    given = {
        "column": 1,
        "code": "deprecated-import",
        "severity": Severity.ERROR,
        "symbol": ENGINE,
        "subject": "from old import Engine",
        "message": "`Engine` is imported from the deprecated `old`",
        "mend": "import it from `new`",
    }
    return Occurrence(path=path, line=line, **{**given, **options})  # type: ignore[arg-type]


def figures(**options: float) -> Figures:
    """All figures, 0 but for what is given."""
    return Figures(**{**dict.fromkeys(Figures.__struct_fields__, 0), "canonical_share": 100.0, **options})  # type: ignore[arg-type]


def places() -> tuple[Occurrence, ...]:
    """Some two hundred places."""
    return tuple(
        occurrence(
            f"netra_backend/tests/unit/agents/supervisor/test_engine_{kind.code[:7].strip(':')}_{at // 2}.py",
            10 + 7 * at,
            column=1 + at % 5 * 4,
            code=kind.code,
            severity=kind.severity,
            symbol=kind.symbol,
            subject=f"import {kind.symbol}",
            message=kind.message,
            mend=kind.mend,
        )
        for kind in KINDS
        for at in range(kind.count)
    )


def symbols() -> tuple[SymbolFigures, ...]:
    """Three that are split, and many that are whole."""
    whole = tuple(SymbolFigures(f"shared.part{at}:Part{at}", True, "class", 7, 0, 0, 0, 0, 0, 0, 0) for at in range(40))
    return (
        SymbolFigures(ENGINE, True, "class", 1295, 69, 21, 0, 23, 0, 62, 4),
        SymbolFigures(FACTORY, True, "class", 82, 8, 0, 12, 0, 0, 0, 0),
        SymbolFigures(GETTER, True, "function", 31, 1, 0, 0, 0, 3, 0, 0),
        SymbolFigures(f"{AGENTS}.gone:Gone", True, "missing", 0, 0, 0, 0, 2, 0, 0, 0),
        *whole,
    )


def modules() -> tuple[ModuleFigures, ...]:
    """Homes that are code, and old modules in every state."""
    rows = (
        (f"{AGENTS}.supervisor.user_execution_engine", "home", State.IMPLEMENTATION, 1606),
        (f"{AGENTS}.supervisor.execution_engine_factory", "home", State.PARTIAL, 734),
        (OLD, "deprecated", State.IMPLEMENTATION, 1556),
        (f"{AGENTS}.execution_engine_consolidated", "deprecated", State.PARTIAL, 996),
        (f"{AGENTS}.execution_engine_legacy_adapter", "deprecated", State.REDIRECT, 12),
        ("netra_backend.app.core.user_execution_engine", "deprecated", State.GONE, 0),
    )
    return tuple(
        ModuleFigures(module, module.replace(".", "/") + ".py", role, state, lines)  # type: ignore[arg-type]
        for module, role, state, lines in rows
    )


def audit(**options: object) -> Audit:
    """The audit of a migration that is under way."""
    given: dict[str, object] = {
        "schema_version": 1,
        "tool": "repoint 0.1.0",
        "name": "execution-engine",
        "commit": COMMIT,
        "files": 8822,
        "read": 230,
        "figures": figures(
            deprecated_imports=78,
            alias_imports=21,
            reexport_imports=12,
            unresolvable_imports=25,
            fragmented_imports=136,
            canonical_share=91.96,
            direct_instantiations=62,
            duplicate_definitions=4,
            implementations=2,
            pattern_violations=9,
        ),
        "targets": (
            TargetResult("deprecated_imports", "== 0", 78, False, 78),
            TargetResult("canonical_share", ">= 95%", 91.96, False, 3.04),
            TargetResult("deprecated_strings", "== 0", 0, True, 0),
        ),
        "symbols": symbols(),
        "modules": modules(),
        "patterns": (
            PatternFigures("no-singletons", Severity.WARNING, "No singletons: use the factory.", 9),
            PatternFigures("no-bypass", Severity.ERROR, "No authentication bypass.", 0),
        ),
        "occurrences": places(),
    }
    return Audit(**{**given, **options})  # type: ignore[arg-type]


def empty() -> Audit:
    """Nothing governed, no targets, nothing found."""
    nothing = dict.fromkeys(("targets", "symbols", "modules", "patterns", "occurrences"), ())
    return audit(figures=figures(), files=0, read=0, **nothing)


def history() -> History:
    """A burn-down of three commits."""
    counts = ((414, 87.5), (264, 92.04), (4, 99.8))
    points = tuple(
        Point(
            f"{at:040x}",
            f"2025-09-{12 + at:02}T10:00:00+02:00",
            f'Move batch {at}, "supervisor"',
            figures(fragmented_imports=count, deprecated_imports=count // 2, canonical_share=share),
        )
        for at, (count, share) in enumerate(counts)
    )
    return History(1, "repoint 0.1.0", "execution-engine", points)
