"""`repoint audit`: a migration and a commit in, the figures with every place that they count out; writes nothing."""

from __future__ import annotations

from collections.abc import Callable

from repoint import __version__
from repoint.auditing import classify, figures, targets
from repoint.auditing.looking import Looker
from repoint.auditing.standing import Standing, Surveyor
from repoint.manifest.decode import Migration
from repoint.measures import Audit
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import Snapshot
from repoint.sources.workers import working

Watch = Callable[[str, int, int], None]


def audit_snapshot(
    migration: Migration,
    snapshot: Snapshot,
    watch: Watch,
    *,
    jobs: int | None = None,
    cached: bool = False,
    canonical: bool = False,
) -> Audit:
    """The audit of a commit that is open already. `cached`: facts of earlier commands are used, and new ones kept."""
    with open_cache(snapshot.git, enabled=cached) as cache, working(jobs) as crew:
        try:
            surveyor = Surveyor(migration, Looker(crew, cache, watch), cache)
            return audit_of(migration, surveyor.first(snapshot), canonical=canonical)
        finally:
            snapshot.git.abandon()


def audit_of(migration: Migration, standing: Standing, *, canonical: bool = False) -> Audit:
    """The audit of a commit, by where it stands; `canonical`: with the places of canonical imports, too."""
    tree, subject, found = standing.tree, standing.subject, standing.occurrences()
    modules = figures.module_figures(standing)
    symbols = figures.symbol_figures(subject, tree.namespaces, found)
    total = figures.figures_of(symbols, modules, found)
    return Audit(
        schema_version=1,
        tool=f"repoint {__version__}",
        name=migration.name,
        commit=tree.snapshot.commit,
        files=len(tree.python),
        read=len(standing.seen.tallies),
        figures=total,
        targets=targets.results(migration.manifest.targets, total),
        symbols=symbols,
        modules=modules,
        patterns=figures.pattern_figures(migration, found),
        occurrences=tuple(item for item in found if canonical or item.code != classify.CANONICAL),
    )
