"""The whole way of `repoint init`: a repository in, a proposal and the text of a manifest out. Writes nothing."""

from __future__ import annotations

from pathlib import Path

from repoint import __version__
from repoint.manifest import decode
from repoint.model import Frozen, Plan
from repoint.pipeline import Watch, plan_snapshot
from repoint.proposing.canonical import with_canonical
from repoint.proposing.index import Index, modules_of
from repoint.proposing.paths import vendored
from repoint.proposing.propose import conclude
from repoint.proposing.survey import Surveyed, survey
from repoint.proposing.trial import checked, tried
from repoint.proposing.values import Proposal, Unreadable
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import Snapshot, open_snapshot
from repoint.sources.workers import working


class InitRequest(Frozen, frozen=True):
    """What to look at: a repository, a revision (HEAD if None), parts of it (all if empty), how many homes.

    `manifest` is the file that is to be written, for messages. `cache` tells whether what earlier commands found is to
    be used, and kept.
    """

    repo: Path
    rev: str | None = None
    name: str = "canonical-imports"
    under: tuple[str, ...] = ()
    limit: int | None = None
    manifest: str = "migration.toml"
    jobs: int | None = None
    cache: bool = True


class Proposed(Frozen, frozen=True):
    """A proposal, and the manifest that says it."""

    proposal: Proposal
    data: bytes


def propose(request: InitRequest, watch: Watch) -> Proposed:
    """What the code speaks for, tried out with the planner. Raises UsageError for what the user can mend."""
    snapshot = open_snapshot(request.repo, request.rev)
    with open_cache(snapshot.git, enabled=request.cache) as cache:
        with working(request.jobs) as crew:
            surveyed = survey(snapshot, crew, watch, cache)
            index = Index(surveyed.reads, modules_of(read.module for read in surveyed.reads))
            proposal = with_canonical(_proposal(request, snapshot, surveyed, index), index)

        def planned(data: bytes) -> Plan:
            return plan_snapshot(decode(data, request.manifest), snapshot, watch, jobs=request.jobs, cache=cache)

        proposal = tried(proposal, index, planned)
    return Proposed(proposal, checked(proposal))


def _proposal(request: InitRequest, snapshot: Snapshot, surveyed: Surveyed, index: Index) -> Proposal:
    concluded = conclude(index, request.under, request.limit)
    return Proposal(
        schema_version=1,
        tool=f"repoint {__version__}",
        name=request.name,
        commit=snapshot.commit,
        manifest=request.manifest,
        files=len(surveyed.reads) + len(surveyed.failed),
        roots=surveyed.roots,
        exclude=tuple(f"**/{folder}/**" for folder in vendored(_python(snapshot))),
        moves=concluded.moves,
        canonical=(),
        modules=concluded.modules,
        left_out=concluded.left_out,
        unreadable=tuple(Unreadable(item.path, item.line, item.reason) for item in sorted(surveyed.failed, key=_path)),
    )


def _python(snapshot: Snapshot) -> list[str]:
    return [path for path in snapshot.entries if path.endswith((".py", ".pyi"))]


def _path(item: object) -> str:
    return str(getattr(item, "path", ""))
