"""`repoint audit`: a migration and a commit in, the figures with every place that they count out; writes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from repoint import __version__
from repoint.analysis.namespace import Namespaces
from repoint.analysis.status import state_of
from repoint.analysis.tree import ModuleTree
from repoint.auditing import classify, targets
from repoint.auditing.collect import Collector
from repoint.auditing.subject import Subject, subject_of
from repoint.manifest.decode import Migration
from repoint.measures import Audit, Figures, ModuleFigures, Occurrence, PatternFigures, SymbolFigures
from repoint.model import Frozen, State
from repoint.names import Symbol
from repoint.sources.snapshot import Snapshot
from repoint.sources.workers import Workers, working

Watch = Callable[[str, int, int], None]


class AuditRequest(Frozen, frozen=True):
    """What to audit: a repository, a manifest's file, a revision (HEAD if None), and how many workers at the most."""

    repo: Path
    manifest: Path
    rev: str | None = None
    jobs: int | None = None
    cache: bool = True


def audit_snapshot(migration: Migration, snapshot: Snapshot, watch: Watch, *, jobs: int | None = None) -> Audit:
    """The audit of a commit that is open already."""
    with working(jobs) as crew:
        try:
            return _audit(migration, snapshot, crew, watch)
        finally:
            snapshot.git.abandon()


def _audit(migration: Migration, snapshot: Snapshot, crew: Workers, watch: Watch) -> Audit:
    tree = ModuleTree(snapshot, migration.manifest.scope)
    subject = subject_of(migration, tree.namespaces)
    collector = Collector(tree, subject, crew, watch)
    collector.run()
    found = classify.occurrences(subject, tree.namespaces, collector.tallies, tree.python)
    modules = module_figures(subject, tree)
    symbols = symbol_figures(subject, tree.namespaces, found)
    figures = figures_of(symbols, modules, found)
    return Audit(
        schema_version=1,
        tool=f"repoint {__version__}",
        name=migration.name,
        commit=snapshot.commit,
        files=len(tree.python),
        read=len(collector.tallies),
        figures=figures,
        targets=targets.results(migration.manifest.targets, figures),
        symbols=symbols,
        modules=modules,
        patterns=pattern_figures(migration, found),
        occurrences=tuple(item for item in found if item.code != classify.CANONICAL),
    )


def symbol_figures(subject: Subject, namespaces: Namespaces, found: Iterable[Occurrence]) -> tuple[SymbolFigures, ...]:
    """One row for each governed symbol, and for each other name or module that is imported from a governed one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in found:
        counts[item.symbol][item.code] += 1
    rows = {str(symbol): symbol for symbol in subject.symbols}
    for text in counts:
        if text and not text.startswith("pattern:"):
            module, _, name = text.partition(":")
            rows.setdefault(text, Symbol(module, name))
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


def module_figures(subject: Subject, tree: ModuleTree) -> tuple[ModuleFigures, ...]:
    """The governed modules that have a file: what they are by now, and how many lines they have."""
    moved: dict[str, set[str]] = defaultdict(set)
    for old in subject.migration.moves.symbols:
        moved[old.module].add(old.name)
    rows = []
    for module in sorted(subject.modules & tree.by_module.keys()):
        path = tree.by_module[module]
        data = tree.data(path) if tree.snapshot.is_regular(path) else b""
        home = module in subject.homes
        state = State.IMPLEMENTATION if home else state_of(data, frozenset(moved[module]))
        lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
        rows.append(ModuleFigures(module, path, "home" if home else "deprecated", state, lines))
    return tuple(rows)


def pattern_figures(migration: Migration, found: Iterable[Occurrence]) -> tuple[PatternFigures, ...]:
    """One row for each `[[pattern]]`, in the manifest's order."""
    matches = Counter(item.code for item in found)
    return tuple(
        PatternFigures(item.id, item.severity, item.message, matches[f"pattern:{item.id}"])
        for item in migration.manifest.pattern
    )


def figures_of(
    symbols: Iterable[SymbolFigures], modules: Iterable[ModuleFigures], found: Iterable[Occurrence]
) -> Figures:
    """The figures of the whole scope: the share is that of governed symbols among these and all that is fragmented."""
    canonical = sum(row.canonical for row in symbols if row.governed)
    counted = Counter(item.code for item in found)
    fragmented = sum(counted[code] for code in classify.FRAGMENTED)
    return Figures(
        deprecated_imports=counted[classify.DEPRECATED],
        alias_imports=counted[classify.ALIAS],
        reexport_imports=counted[classify.REEXPORT],
        unresolvable_imports=counted[classify.UNRESOLVABLE],
        fragmented_imports=fragmented,
        canonical_share=round(100 * canonical / (canonical + fragmented), 2) if fragmented else 100.0,
        direct_instantiations=counted[classify.INSTANTIATION],
        duplicate_definitions=counted[classify.DUPLICATE],
        deprecated_strings=counted[classify.STRING],
        implementations=sum(row.role == "deprecated" and row.state is State.IMPLEMENTATION for row in modules),
        pattern_violations=sum(count for code, count in counted.items() if code.startswith("pattern:")),
    )
