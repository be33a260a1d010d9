"""The two sides of a branch: a commit and its base in, the audits of the files that differ between them out."""

from __future__ import annotations

import re

from msgspec.structs import replace

from repoint.auditing.audit import Watch, audit_with
from repoint.auditing.looking import Looker
from repoint.errors import UsageError
from repoint.manifest.decode import Migration
from repoint.measures import Audit
from repoint.sources.cache import open_cache
from repoint.sources.snapshot import Entry, Snapshot, split_paths
from repoint.sources.workers import working

_ABSENT = "000000"
_SURROGATES = re.compile("[\ud800-\udfff]")


def sides(
    migration: Migration, snapshot: Snapshot, base: str, watch: Watch, *, jobs: int | None = None, cached: bool = False
) -> tuple[Audit, Audit]:
    """The changed files as the merge base of `base` and the commit has them, and as the commit has them.

    Raises UsageError where `base` names no commit, or one that shares no history with this one.
    """
    ancestor = _merge_base(snapshot, base)
    older, changed = _before(snapshot, ancestor)
    with open_cache(snapshot.git, enabled=cached) as cache, working(jobs) as crew:
        try:
            looker = Looker(crew, cache, watch)
            after = audit_with(migration, snapshot, looker, cache, only=changed & snapshot.entries.keys())
            before = audit_with(migration, older, looker, cache, only=changed & older.entries.keys())
            return before, after
        finally:
            snapshot.git.abandon()


def is_utf8(path: str) -> bool:
    """Whether a path of git's is text; others are looked at nowhere."""
    return path.isascii() or not _SURROGATES.search(path)


def _merge_base(snapshot: Snapshot, base: str) -> str:
    git, mend = snapshot.git, "name a branch or a commit to compare with"
    if base.startswith("-"):
        raise UsageError(f"{base} is no revision", mend=mend)
    known = git.run("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", ok=(0, 1, 128)).decode().strip()
    if not known:
        raise UsageError(f"{base} names no commit", where=str(git.folder), mend=f"{mend}, and fetch it first")
    found = git.run("merge-base", known, snapshot.commit, ok=(0, 1)).decode().split()
    if not found:
        what = f"{base} shares no history with the commit that is checked"
        raise UsageError(what, where=str(git.folder), mend="fetch more of it: a shallow clone has no merge base")
    return found[0]


def _before(snapshot: Snapshot, ancestor: str) -> tuple[Snapshot, set[str]]:
    """The commit `ancestor` as a snapshot, and the paths that differ."""
    output = snapshot.git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", ancestor, snapshot.commit)
    parts = iter(split_paths(output))
    entries = dict(snapshot.entries)
    changed = set()
    for meta, path in zip(parts, parts, strict=True):
        mode, _, blob, _, _ = meta.lstrip(":").split(" ")
        changed.add(path)
        entries.pop(path, None)
        if mode != _ABSENT and is_utf8(path):
            entries[path] = Entry(mode, blob)
    older = replace(snapshot, commit=ancestor, entries=entries, folder=None, stale=frozenset(), _bytes={})
    return older, changed
