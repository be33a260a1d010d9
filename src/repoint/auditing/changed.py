"""The two sides of a branch: a commit and its base in, the audits of the files that differ between them out."""

from __future__ import annotations

from repoint.auditing.audit import Watch, audit_of
from repoint.auditing.looking import Looker
from repoint.auditing.standing import Surveyor
from repoint.errors import UsageError
from repoint.manifest.decode import Migration
from repoint.measures import Audit
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import Snapshot, named_commit
from repoint.sources.workers import working


def sides(
    migration: Migration, snapshot: Snapshot, base: str, watch: Watch, *, jobs: int | None = None, cached: bool = False
) -> tuple[Audit, Audit]:
    """The changed files as the merge base of `base` and the commit has them, and as the commit has them.

    Raises UsageError where `base` names no commit, or one that shares no history with this one.
    """
    ancestor = _merge_base(snapshot, base)
    older, changed = snapshot.at(ancestor)
    with open_cache(snapshot.git, enabled=cached) as cache, working(jobs) as crew:
        try:
            surveyor = Surveyor(migration, Looker(crew, cache, watch), cache)
            before, after = surveyor.sides(older, snapshot, changed)
            return audit_of(migration, before), audit_of(migration, after)
        finally:
            snapshot.git.abandon()


def _merge_base(snapshot: Snapshot, base: str) -> str:
    git, mend = snapshot.git, "name a branch or a commit to compare with"
    if base.startswith("-"):
        raise UsageError(f"{base} is no revision", mend=mend)
    if found := git.run("merge-base", f"{base}^{{commit}}", snapshot.commit, ok=(0, 1, 128)).decode().split():
        return found[0]
    known = named_commit(git, base)
    if not known:
        raise UsageError(f"{base} names no commit", where=str(git.folder), mend=f"{mend}, and fetch it first")
    git.run("merge-base", known, snapshot.commit, ok=(0, 1))  # says so where git itself failed
    what = f"{base} shares no history with the commit that is checked"
    raise UsageError(what, where=str(git.folder), mend="fetch more of it: a shallow clone has no merge base")
