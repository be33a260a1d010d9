"""Taking commits back: takes a tree and commits, newest first, gives what the tree is after each; refs stay.

Where a file is what the commit left, it becomes what it was before; where it was changed since, both changes are
merged. All conflicts are found before anything is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from repoint.errors import Problem, Refused
from repoint.execution.journal.history import Commit, clean
from repoint.execution.repository.commits import Entry, Tree, read_blobs, set_entries
from repoint.execution.repository.git import Git, GitFailed, names
from repoint.planning.paths import folders_of
from repoint.sources.snapshot import blob_id

_SHOWN = 10
_REGULAR = "100"


class Delta(NamedTuple):
    """A path that a commit changed: what it holds before and after, None where there is nothing."""

    path: str
    old: Entry | None
    new: Entry | None


@dataclass(frozen=True)
class Step:
    """Taking one commit back sets these paths; None removes one."""

    commit: Commit
    entries: Mapping[str, Entry | None]


@dataclass(frozen=True)
class Reversal:
    """All steps in order. `blobs` are new ones, merged of two changes; `merged` are the paths that hold them."""

    steps: tuple[Step, ...]
    blobs: Mapping[str, bytes]
    merged: tuple[str, ...]


class _Clash(Exception):
    """Two changes of one file that cannot be merged."""


class Conflicts(Refused):
    """Files that were changed since in a way that cannot be merged: one line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].what, where=problems[0].where, mend=problems[0].mend)
        self.problems = tuple(problems)


def changes(git: Git, old: str, new: str) -> tuple[Delta, ...]:
    """What differs between two commits."""
    out = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    return _deltas(out).get("", ())


def reverse(git: Git, tip: str, tree: Tree, commits: Sequence[Commit]) -> Reversal:
    """How to take back the commits, newest first, from commit `tip` with that tree. Writes nothing.

    A merge is taken back against its first parent. Raises Conflicts.
    """
    deltas = changes_of(git, commits)
    work = _Work(git, tip, dict(tree))
    steps = tuple(Step(commit, work.take_back(deltas.get(commit.id, ()))) for commit in commits)
    if work.conflicts:
        raise Conflicts(list(_told(git, tip, work.conflicts, commits)))
    final = {path for step in steps for path, entry in step.entries.items() if entry and entry.blob in work.blobs}
    return Reversal(steps, work.blobs, tuple(sorted(final)))


def write_blobs(git: Git, blobs: Mapping[str, bytes]) -> None:
    """Store the merged files."""
    for data in blobs.values():
        git.run("hash-object", "-w", "-t", "blob", "--stdin", stdin=data)


def write_trees(git: Git, tip: str, steps: Sequence[Step]) -> Iterator[str]:
    """The tree after each step, built in an index of its own that begins with that of `tip`."""
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        index = Path(folder, "index")
        git.run("read-tree", "--no-sparse-checkout", tip, index=index)
        for step in steps:
            if step.entries:
                set_entries(git, index, dict(step.entries), id_length=len(tip))
            yield git.run("write-tree", index=index).decode("ascii").strip()


def changes_of(git: Git, commits: Iterable[Commit]) -> dict[str, tuple[Delta, ...]]:
    """What each commit changed, against its first parent: one git process for all."""
    rows = "".join(" ".join((commit.id, *commit.parents[:1])) + "\n" for commit in commits)
    out = git.run(
        *("diff-tree", "--stdin", "--root", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"),
        stdin=rows.encode("ascii"),
    )
    return _deltas(out)


def _deltas(out: bytes) -> dict[str, tuple[Delta, ...]]:
    """Raw changes by the commit that stands before them."""
    found: dict[str, list[Delta]] = {}
    commit = ""
    fields = iter(out.split(b"\0")[:-1])
    for head in fields:
        if not head.startswith(b":"):
            commit = head.decode("ascii").strip()
            continue
        old_mode, new_mode, old_blob, new_blob, _ = head.decode("ascii").removeprefix(":").split(" ")
        path = next(fields).decode("utf-8", "surrogateescape")
        delta = Delta(path, _entry(old_mode, old_blob), _entry(new_mode, new_blob))
        found.setdefault(commit, []).append(delta)
    return {name: tuple(deltas) for name, deltas in found.items()}


def _entry(mode: str, blob: str) -> Entry | None:
    return Entry(mode, blob) if mode.strip("0") else None


@dataclass
class _Work:
    """The tree as far as it is taken back, and what was found on the way."""

    git: Git
    tip: str
    tree: Tree
    blobs: dict[str, bytes] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    """The path that cannot be taken back, and the one that is in its way: most often the same."""

    def take_back(self, deltas: Iterable[Delta]) -> dict[str, Entry | None]:
        """The entries that differ afterwards; conflicts are gathered, their paths stay as they are."""
        entries: dict[str, Entry | None] = {}
        for delta in deltas:
            if delta.path in self.conflicts:
                continue
            now = self.tree.get(delta.path)
            try:
                wanted = self._merged(now, delta)
            except _Clash:
                self.conflicts[delta.path] = delta.path
                continue
            if wanted != now:
                entries[delta.path] = wanted
        for path, entry in entries.items():
            if entry is None:
                del self.tree[path]
            else:
                self.tree[path] = entry
        for delta in deltas:
            if not delta.new and entries.get(delta.path) and (obstacle := self._obstacle(delta.path)):
                self.conflicts[delta.path] = obstacle
        return entries

    def _obstacle(self, path: str) -> str | None:
        """What is in the way of a file that comes again: a file that was its folder, or a folder in its own place."""
        below = f"{path}/"
        found = next((folder for folder in folders_of(path) if folder in self.tree), None)
        return found or (path if any(other.startswith(below) for other in self.tree) else None)

    def _merged(self, now: Entry | None, delta: Delta) -> Entry | None:
        """What the path is to hold. Raises _Clash where that cannot be told."""
        if now == delta.new or now == delta.old:
            return delta.old
        if now is None or delta.old is None or delta.new is None:
            raise _Clash
        mode = delta.old.mode if now.mode == delta.new.mode else now.mode
        if now.blob in (delta.new.blob, delta.old.blob):
            return Entry(mode, delta.old.blob)
        if not all(entry.mode.startswith(_REGULAR) for entry in (now, delta.old, delta.new)):
            raise _Clash
        return Entry(mode, self._merged_blob(now.blob, delta.new.blob, delta.old.blob))

    def _merged_blob(self, now: str, left: str, wanted: str) -> str:
        """The file `now`, with the change from `left` to `wanted` made in it. Raises _Clash."""
        with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
            paths = [Path(folder, name) for name in ("now", "left", "wanted")]
            for path, data in zip(paths, self._read([now, left, wanted]), strict=True):
                path.write_bytes(data)
            try:
                data = self.git.run("merge-file", "-p", "-q", *map(str, paths))
            except GitFailed as error:  # a conflict, or no text
                raise _Clash from error
        blob = blob_id(data, len(self.tip))
        self.blobs[blob] = data
        return blob

    def _read(self, ids: list[str]) -> list[bytes]:
        stored = [blob for blob in ids if blob not in self.blobs]
        found = dict(zip(stored, read_blobs(self.git, stored), strict=True)) if stored else {}
        return [self.blobs[blob] if blob in self.blobs else found[blob] for blob in ids]


def _told(git: Git, tip: str, conflicts: Mapping[str, str], commits: Sequence[Commit]) -> Iterator[Problem]:
    """One line for each file with the commits that changed it since, and a last one that says what to do."""
    ours = {commit.id for commit in commits}
    oldest = commits[-1]
    found = sorted(conflicts)
    for path in found[:_SHOWN]:
        log = git.run(
            *("log", "-z", "--no-color", "--no-show-signature", "--encoding=UTF-8", "--format=%H %s"),
            *("--full-history", "--no-renames", f"{oldest.id}..{tip}", "--", conflicts[path]),
        )
        later = [row.partition(" ") for row in names(log)]
        who = [f"{name[:10]} {clean(subject)}" for name, _, subject in later if name not in ours]
        by = ", ".join(who[:_SHOWN]) or "another change"
        yield Problem(f"was changed since, by {by}", where=path.encode("utf-8", "replace").decode("utf-8"))
    count = f"{len(found)} file{'s' if len(found) > 1 else ''}"
    yield Problem(
        f"nothing was taken back: {count} cannot be merged with later changes",
        mend=f"revert those commits first, or do it by hand: git revert {oldest.id[:10]}",
    )
