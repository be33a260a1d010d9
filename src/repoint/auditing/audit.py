"""`repoint audit`: a migration and a commit in, the figures with every place that they count out; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection

from repoint import __version__
from repoint.analysis.tree import ModuleTree
from repoint.auditing import classify, figures, targets
from repoint.auditing.collect import collect, items_of
from repoint.auditing.lenses import hits_lens
from repoint.auditing.looking import Looker
from repoint.auditing.subject import subject_of
from repoint.manifest.decode import Migration
from repoint.measures import Audit
from repoint.patterns.rules import compile_patterns
from repoint.sources.cache import NO_CACHE, Cache, open_cache
from repoint.sources.snapshot import Snapshot
from repoint.sources.workers import working

Watch = Callable[[str, int, int], None]


def audit_snapshot(
    migration: Migration, snapshot: Snapshot, watch: Watch, *, jobs: int | None = None, cached: bool = False
) -> Audit:
    """The audit of a commit that is open already. `cached`: facts of earlier commands are used, and new ones kept."""
    with open_cache(snapshot.git, enabled=cached) as cache, working(jobs) as crew:
        try:
            return audit_with(migration, snapshot, Looker(crew, cache, watch), cache)
        finally:
            snapshot.git.abandon()


def audit_with(
    migration: Migration,
    snapshot: Snapshot,
    looker: Looker,
    cache: Cache = NO_CACHE,
    only: Collection[str] | None = None,
) -> Audit:
    """The same by a `looker` that may have looked at other commits before; of `only` these files, if any are named."""
    tree = ModuleTree(snapshot, migration.manifest.scope, cache)
    subject = subject_of(migration, tree.namespaces)
    items = items_of(tree) if only is None else [item for item in items_of(tree) if item.path in only]
    rules = compile_patterns(migration.manifest.pattern)
    tallies = collect(tree, subject, items, looker)
    hits = looker.look(snapshot, items, hits_lens(rules)) if rules.patterns else {}
    found = classify.occurrences(subject, tree, tallies, hits)
    modules = figures.module_figures(subject, tree)
    symbols = figures.symbol_figures(subject, tree.namespaces, found)
    total = figures.figures_of(symbols, modules, found)
    return Audit(
        schema_version=1,
        tool=f"repoint {__version__}",
        name=migration.name,
        commit=snapshot.commit,
        files=len(tree.python),
        read=len(tallies),
        figures=total,
        targets=targets.results(migration.manifest.targets, total),
        symbols=symbols,
        modules=modules,
        patterns=figures.pattern_figures(migration, found),
        occurrences=tuple(item for item in found if item.code != classify.CANONICAL),
    )
