"""`repoint history`: a migration and the commits of a branch in, the figures of each out; no commit is checked out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from repoint import __version__
from repoint.analysis.tree import ModuleTree, in_scope
from repoint.auditing.audit import Watch, audit_of
from repoint.auditing.collect import first_lens, renamed
from repoint.auditing.looking import Looker
from repoint.auditing.standing import Standing, Surveyor, items_of
from repoint.auditing.subject import subject_of
from repoint.auditing.tally import Tally
from repoint.errors import UsageError
from repoint.manifest.decode import Migration
from repoint.measures import History, Point
from repoint.model import Frozen
from repoint.names import module_of
from repoint.sources.cache import Cache, open_cache
from repoint.sources.git import Git
from repoint.sources.history import since as point_of
from repoint.sources.snapshot import Snapshot, open_snapshot
from repoint.sources.workers import working

_FIELDS = "%H%x00%cI%x00%s%x00"


class HistoryRequest(Frozen, frozen=True):
    """Which commits: the first parents of `rev` (HEAD if None) `since` a commit or a day, every so many of them."""

    repo: Path
    rev: str | None = None
    since: str | None = None
    every: int = 1
    jobs: int | None = None
    cached: bool = True


class Commit(Frozen, frozen=True):
    """A commit of the branch: its id, when it was committed (ISO 8601), and its subject."""

    id: str
    date: str
    subject: str


def history(migration: Migration, request: HistoryRequest, watch: Watch) -> History:
    """The figures of every chosen commit, oldest first. Raises UsageError where there is none."""
    tip = open_snapshot(request.repo, request.rev)
    commits = chosen(commits_of(tip.git, tip.commit, request.since), request.every)
    if not commits:
        raise UsageError(f"no commit since {request.since}", where=str(request.repo), mend="name an earlier one")
    with open_cache(tip.git, enabled=request.cached) as cache, working(request.jobs) as crew:
        try:
            looker = Looker(crew, cache, lambda *_: None)
            points = tuple(_points(migration, tip, commits, looker, cache, watch))
        finally:
            tip.git.abandon()
    return History(1, f"repoint {__version__}", migration.name, points)


def _points(
    migration: Migration, tip: Snapshot, commits: list[Commit], looker: Looker, cache: Cache, watch: Watch
) -> Iterator[Point]:
    """Backwards from the tip, whose files are known, each commit by what differs from the one after it."""
    found: list[Point] = []
    surveyor = Surveyor(migration, looker, cache, _passed_on(migration, tip, commits, looker, cache))
    standing: Standing | None = None
    for commit, (snapshot, changed) in zip(reversed(commits), _walk(tip, commits), strict=True):
        watch("auditing commits", len(found), len(commits))
        standing = surveyor.first(snapshot) if standing is None else surveyor.next(standing, snapshot, changed)
        found.append(Point(commit.id, commit.date, commit.subject, audit_of(migration, standing).figures))
    yield from reversed(found)


def _walk(tip: Snapshot, commits: list[Commit]) -> Iterator[tuple[Snapshot, frozenset[str]]]:
    """Each commit from the last one back, with the paths that differ from the one before it in this walk."""
    snapshot, changed = tip, frozenset(tip.entries)
    for commit in reversed(commits):
        if commit.id != snapshot.commit:
            snapshot, changed = snapshot.at(commit.id)
        yield snapshot, changed


def _passed_on(
    migration: Migration, tip: Snapshot, commits: list[Commit], looker: Looker, cache: Cache
) -> frozenset[str]:
    """Names that any of the commits gives to what it may pass on: asked for in all of them, they are searched once."""
    scope = migration.manifest.scope
    subject = subject_of(migration, ModuleTree(tip, scope, cache).namespaces)
    lens = first_lens(subject)
    names: set[str] = set()
    for snapshot, changed in _walk(tip, commits):
        python = {path: module_of(path, scope.roots) for path in changed if in_scope(path, scope)}
        for tally in looker.look(snapshot, items_of(snapshot, python), lens).values():
            if isinstance(tally, Tally):
                names |= {item.local for item in renamed(tally, subject, subject.names)}
    return frozenset(names)


def commits_of(git: Git, tip: str, since: str | None) -> list[Commit]:
    """The first-parent commits up to `tip`, oldest first: those after the commit `since`, or from that day (UTC) on.

    Raises UsageError where `since` is neither.
    """
    asked = ["log", "--first-parent", "--no-show-signature", f"--format={_FIELDS}", "-z"]
    if since is not None:
        point = point_of(git, since)
        asked += [f"--since={_midnight(point.day)}"] if point.day else [f"^{point.commit}"]
    fields = git.run(*asked, tip, "--").decode("utf-8", "replace").split("\0")
    rows = [fields[at : at + 3] for at in range(0, len(fields) - 3, 4)]
    return [Commit(*row) for row in reversed(rows)]


def _midnight(day: str) -> str:
    """When a day begins: git takes one without a time for that day at the time that it is now."""
    try:
        return f"{date.fromisoformat(day)}T00:00:00Z"
    except ValueError:
        raise UsageError(f"{day} is no day and names no commit", mend="give YYYY-MM-DD, a tag or a commit") from None


def chosen(commits: list[Commit], every: int) -> list[Commit]:
    """Every so many commits, counted back from the last one, which is always among them."""
    return commits[::-1][::every][::-1]
