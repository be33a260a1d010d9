"""From counted occurrences to figures: what was found of a commit in, a row for each symbol, module and pattern out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from repoint.analysis.namespaces import Namespaces
from repoint.auditing import classify
from repoint.auditing.lenses import Status
from repoint.auditing.standing import Standing
from repoint.auditing.subject import Subject
from repoint.manifest.decode import Migration
from repoint.measures import Figures, ModuleFigures, Occurrence, PatternFigures, SymbolFigures
from repoint.model import Severity, State
from repoint.names import Symbol


def symbol_figures(subject: Subject, namespaces: Namespaces, found: Iterable[Occurrence]) -> tuple[SymbolFigures, ...]:
    """One row for each governed symbol, and for each other name or module that is imported from a governed one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in found:
        if item.symbol and not item.code.startswith("pattern:"):
            counts[item.symbol][item.code] += 1
    rows = {str(symbol): symbol for symbol in subject.symbols}
    for text in counts:
        rows.setdefault(text, Symbol.parse(text))
    return tuple(_row(text, symbol, counts[text], subject, namespaces) for text, symbol in sorted(rows.items()))


def _row(text: str, symbol: Symbol, count: Counter[str], subject: Subject, namespaces: Namespaces) -> SymbolFigures:
    return SymbolFigures(
        symbol=text,
        governed=subject.governs(symbol),
        defined=subject.defined(symbol, namespaces),
        canonical=count[classify.CANONICAL],
        deprecated=count[classify.DEPRECATED],
        alias=count[classify.ALIAS],
        reexport=count[classify.REEXPORT],
        unresolvable=count[classify.UNRESOLVABLE],
        kept=count[classify.KEPT],
        instantiations=count[classify.INSTANTIATION],
        duplicates=count[classify.DUPLICATE],
    )


def module_figures(standing: Standing) -> tuple[ModuleFigures, ...]:
    """The governed modules that have a file: what they are by now, and how many lines they have."""
    rows = []
    for path, status in standing.modules.items():
        module = standing.tree.python[path]
        home = module in standing.subject.homes
        state, lines = (status.state, status.lines) if isinstance(status, Status) else (State.IMPLEMENTATION, 0)
        shown = State.IMPLEMENTATION if home else state
        rows.append(ModuleFigures(module, path, "home" if home else "deprecated", shown, lines))
    return tuple(sorted(rows, key=lambda row: row.module))


def pattern_figures(migration: Migration, found: Iterable[Occurrence]) -> tuple[PatternFigures, ...]:
    """One row for each `[[pattern]]`, in the manifest's order."""
    matches = Counter(item.code for item in found)
    return tuple(
        PatternFigures(item.id, item.severity, item.message, matches[f"pattern:{item.id}"])
        for item in migration.manifest.pattern
    )


def figures_of(
    symbols: Iterable[SymbolFigures], modules: Iterable[ModuleFigures], found: Collection[Occurrence]
) -> Figures:
    """The figures of the whole scope: the share is that of governed symbols among these and all that is fragmented."""
    canonical = sum(row.canonical for row in symbols if row.governed)
    counted = Counter(item.code for item in found)
    built = sum(item.code == classify.INSTANTIATION and item.severity is not Severity.INFO for item in found)
    fragmented = sum(counted[code] for code in classify.FRAGMENTED)
    return Figures(
        deprecated_imports=counted[classify.DEPRECATED],
        alias_imports=counted[classify.ALIAS],
        reexport_imports=counted[classify.REEXPORT],
        unresolvable_imports=counted[classify.UNRESOLVABLE],
        fragmented_imports=fragmented,
        canonical_share=_share(canonical, fragmented),
        direct_instantiations=built,
        duplicate_definitions=counted[classify.DUPLICATE],
        deprecated_strings=counted[classify.STRING],
        implementations=sum(row.role == "deprecated" and row.state is State.IMPLEMENTATION for row in modules),
        pattern_violations=sum(count for code, count in counted.items() if code.startswith("pattern:")),
    )


def _share(canonical: int, fragmented: int) -> float:
    """In percent, rounded down: 100 is said only where nothing is fragmented."""
    return 10_000 * canonical // (canonical + fragmented) / 100 if fragmented else 100.0
