"""The way to a plan, from a manifest's file and a repository: reads through `sources`, writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from repoint.analysis.tree import ModuleTree
from repoint.errors import UsageError
from repoint.manifest import Migration, decode
from repoint.model import Frozen, Plan
from repoint.patterns.checked import require_usable
from repoint.sources.cache import NO_CACHE, Cache, open_cache
from repoint.sources.snapshot import Snapshot, open_snapshot
from repoint.sources.workers import working

if TYPE_CHECKING:
    from repoint.analysis.facts import FileFacts
    from repoint.transforms.world import World

Watch = Callable[[str, int, int], None]


class PlanRequest(Frozen, frozen=True):
    """What to plan: a repository, a manifest's file, a revision (HEAD if None), and how many workers at the most.

    `cache` tells whether facts that earlier commands found are to be used, and kept.
    """

    repo: Path
    manifest: Path
    rev: str | None = None
    jobs: int | None = None
    cache: bool = True


def make_plan(request: PlanRequest, watch: Watch) -> Plan:
    """The plan for `request`. Raises ManifestErrors and UsageError for what the user can mend."""
    migration = read_manifest(request.manifest)
    snapshot = open_snapshot(request.repo, request.rev)
    with open_cache(snapshot.git, enabled=request.cache) as cache:
        return plan_snapshot(migration, snapshot, watch, jobs=request.jobs, cache=cache)


def read_manifest(path: Path) -> Migration:
    """The migration in a file. Raises ManifestErrors, and UsageError for a file that cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), mend="name a manifest") from None
    migration = decode(data, str(path))
    require_usable(migration.manifest.pattern, data.decode(), str(path))
    return migration


def plan_snapshot(
    migration: Migration, snapshot: Snapshot, watch: Watch, *, jobs: int | None = None, cache: Cache = NO_CACHE
) -> Plan:
    """The plan of a migration for a commit that is open already."""
    return plan_with_world(migration, snapshot, watch, jobs=jobs, cache=cache).plan


class Planned(NamedTuple):
    """A plan, and what it was made of: the world, and the facts of the files that matter, by path."""

    plan: Plan
    world: World
    facts: dict[str, FileFacts]


def plan_with_world(
    migration: Migration, snapshot: Snapshot, watch: Watch, *, jobs: int | None = None, cache: Cache = NO_CACHE
) -> Planned:
    """The same with its evidence, for those who explain it."""
    from repoint.planning.run import Planning  # a hundred modules, which readers of a manifest need not

    with working(jobs) as crew:
        try:
            tree = ModuleTree(snapshot, migration.manifest.scope, cache)
            planning = Planning(migration, tree, crew, watch)
            return Planned(planning.plan(), planning.world, planning.facts)
        finally:
            snapshot.git.abandon()
