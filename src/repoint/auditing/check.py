"""`repoint check`: a migration, a commit and what is known of it in, what is new, gone or missed out."""

from __future__ import annotations

from collections import Counter

from repoint.auditing.audit import Watch, audit_snapshot
from repoint.auditing.baseline import Baseline, Compared, compare, counts_of, key_of
from repoint.auditing.changed import sides
from repoint.manifest.decode import Migration
from repoint.measures import Audit, Checked, TargetResult
from repoint.sources.snapshot import Snapshot


def check_snapshot(
    migration: Migration,
    snapshot: Snapshot,
    baseline: Baseline | None,
    watch: Watch,
    *,
    jobs: int | None = None,
    cached: bool = False,
) -> Checked:
    """The whole commit against targets and baseline."""
    found = audit_snapshot(migration, snapshot, watch, jobs=jobs, cached=cached)
    compared = compare(counts_of(baseline) if baseline is not None else Counter(), found.violations)
    return _checked(found, compared, tuple(item for item in found.targets if not item.met), whole=True)


def check_changes(
    migration: Migration,
    snapshot: Snapshot,
    base: str,
    baseline: Baseline | None,
    watch: Watch,
    *,
    jobs: int | None = None,
    cached: bool = False,
) -> Checked:
    """What the files bring in that differ from the merge base with `base`. Targets are about the whole: left out."""
    before, after = sides(migration, snapshot, base, watch, jobs=jobs, cached=cached)
    known = Counter(map(key_of, before.violations))
    if baseline is not None:
        known |= counts_of(baseline)
    compared = compare(known, after.violations)
    return _checked(after, Compared(compared.new, (), compared.known), (), whole=False)


def _checked(audit: Audit, compared: Compared, missed: tuple[TargetResult, ...], *, whole: bool) -> Checked:
    return Checked(audit, whole, compared.new, compared.gone, missed, compared.known)
