"""One commit of a repository, to be read: its files with their blob ids, and their bytes.

Where the commit is checked out and a file is unchanged, its bytes come from the working copy, if they hash to the
blob; everything else comes from git's objects. So a plan is made of the commit, never of half of an edit.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from repoint.errors import UsageError
from repoint.model import Frozen, SourceFile
from repoint.sources.git import Git

REGULAR = ("100644", "100755")
_TOO_MANY = 2_000
_ID = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")
_ABSENT = "000000"  # the mode of a file that is not there

# Attributes by which the working copy's text differs from git's by more than line ends, wherever they are written.
_FILTERED = ":(exclude,attr:!filter !working-tree-encoding)"


class Entry(Frozen, frozen=True):
    """A tracked file: git's mode and its blob id."""

    mode: str
    blob: str


class Located(Frozen, frozen=True):
    """A file whose bytes are not read yet (they stand in the working copy at `folder`), or that are `data`."""

    path: str
    mode: str
    blob: str
    size: int
    folder: str | None
    data: bytes | None


def load(located: Located) -> SourceFile | None:
    """The file with its bytes; None where the working copy no longer has them. Safe in any process."""
    data = located.data
    if data is None and located.folder is not None:
        data = _read_blob(Path(located.folder), located.path, located.blob)
    return None if data is None else SourceFile(located.path, located.mode, located.blob, data)


class Snapshot(Struct):
    """A commit's files. `folder` is the working copy to read from, or None; `stale` are paths not to read there."""

    git: Git
    commit: str
    entries: dict[str, Entry]
    odd_paths: tuple[str, ...]
    folder: Path | None = None
    stale: frozenset[str] = frozenset()
    _bytes: dict[str, bytes] = field(default_factory=dict)

    def read(self, paths: list[str]) -> dict[str, bytes]:
        """The bytes of regular files, as git stores them."""
        missing: list[str] = []
        for path in paths:
            if path not in self._bytes:
                data = self._from_folder(path)
                if data is None:
                    missing.append(path)
                else:
                    self._bytes[path] = data
        blobs = self.git.blobs([self.entries[path].blob for path in missing])
        self._bytes.update({path: blobs[self.entries[path].blob] for path in missing})
        return {path: self._bytes[path] for path in paths}

    def source(self, path: str) -> SourceFile:
        entry = self.entries[path]
        return SourceFile(path, entry.mode, entry.blob, self.read([path])[path])

    def locate(self, paths: list[str]) -> list[Located]:
        """Where the bytes of regular files are to be had, for another process to `load` them."""
        sizes = {path: self._size_in_folder(path) for path in paths}
        data = self.read([path for path in paths if sizes[path] is None])
        found = []
        for path in paths:
            entry, size = self.entries[path], sizes[path]
            if size is None:
                found.append(Located(path, entry.mode, entry.blob, len(data[path]), None, data[path]))
            else:
                found.append(Located(path, entry.mode, entry.blob, size, str(self.folder), None))
        return found

    def _size_in_folder(self, path: str) -> int | None:
        if self.folder is None or path in self.stale:
            return None
        try:
            return (self.folder / path).stat().st_size
        except OSError:
            return None

    def _from_folder(self, path: str) -> bytes | None:
        if self.folder is None or path in self.stale:
            return None
        return _read_blob(self.folder, path, self.entries[path].blob)

    def at(self, commit: str) -> tuple[Snapshot, frozenset[str]]:
        """Another commit (by its id) of the repository, read from git alone, and the paths that differ there."""
        output = self.git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", self.commit, commit)
        parts = iter(output.split(b"\0")[:-1])
        entries, changed = dict(self.entries), set()
        odd = dict.fromkeys(self.odd_paths)
        for meta, name in zip(parts, parts, strict=True):
            _, mode, _, blob, _ = meta.decode().split(" ")
            try:
                path = name.decode()
            except UnicodeDecodeError:
                shown = name.decode("utf-8", "backslashreplace")
                odd.pop(shown, None) if mode == _ABSENT else odd.setdefault(shown)
                continue
            changed.add(path)
            if mode == _ABSENT:
                entries.pop(path, None)
            else:
                entries[path] = Entry(mode, blob)
        return Snapshot(self.git, commit, entries, tuple(odd)), frozenset(changed)

    def is_regular(self, path: str) -> bool:
        return path in self.entries and self.entries[path].mode in REGULAR


def open_snapshot(folder: Path, rev: str | None, environment: Mapping[str, str] | None = None) -> Snapshot:
    """The commit `rev` (HEAD if None) of the repository at `folder`; `environment` may lead git to more objects.

    Raises UsageError where there is no repository, no commit, or no such revision.
    """
    asked = Git(folder, environment)
    opened = _at_once(asked, rev) or _step_by_step(asked, rev)
    git, commit, top = opened.git, opened.commit, opened.top
    checked_out = top is not None and commit == opened.head
    tree = git.start("ls-tree", "-r", "-z", "--full-tree", commit)
    if not checked_out:
        entries, odd = _entries(git.finish(tree, "ls-tree"))
        return Snapshot(git, commit, entries, odd)
    entries, odd, stale = _compared(git, commit, tree)
    if stale is None or len(stale) > _TOO_MANY:
        return Snapshot(git, commit, entries, odd)
    return Snapshot(git, commit, entries, odd, top, frozenset(stale))


def _compared(
    git: Git, commit: str, tree: subprocess.Popen[bytes]
) -> tuple[dict[str, Entry], tuple[str, ...], set[str] | None]:
    """The tree's entries, and the paths whose text in the working copy may be another than git's.

    None instead of them where git cannot tell, for a filter that fails or a broken index: the commit has it all.
    """
    asked = (
        ("diff-index", "--name-only", "-z", "--no-renames", "--ignore-submodules", commit, "--"),
        ("ls-files", "-v", "-z"),
        ("ls-files", "-z", "--", _FILTERED),
    )
    begun = [git.start(*question) for question in asked]
    entries, odd = _entries(git.finish(tree, "ls-tree"))
    told = [process.communicate()[0] for process in begun]
    if any(process.returncode for process in begun):
        return entries, odd, None
    stale = {*split_paths(told[0]), *split_paths(told[2])}
    stale |= {line[2:] for line in split_paths(told[1]) if line[:1] not in ("H", "M")}
    return entries, odd, stale


class _Opened(NamedTuple):
    """git at the top of the working copy (where there is none, `top` is None), the commit, and the one that is HEAD."""

    git: Git
    commit: str
    head: str
    top: Path | None


def _at_once(asked: Git, rev: str | None) -> _Opened | None:
    """What one process tells; None where something is unusual, or wrong."""
    names = ["HEAD", rev or "HEAD"]
    if names[1].startswith("-"):
        return None
    commits = [f"{name}^{{commit}}" for name in names]
    places = ("--path-format=absolute", "--git-common-dir", "--show-toplevel")
    lines = asked.run("rev-parse", *commits, *places, ok=(0, 128)).split(b"\n")
    if len(lines) != 5 or not all(map(_ID.fullmatch, lines[:2])):
        return None
    head, commit, common, top = map(os.fsdecode, lines[:4])
    git = Git(Path(top), asked.environment)
    git.places["--git-common-dir",] = Path(common)
    return _Opened(git, commit, head, Path(top))


def _step_by_step(asked: Git, rev: str | None) -> _Opened:
    """The same by a process for each question, with an error for each that has no answer."""
    top = _worktree(asked)
    git = Git(top, asked.environment) if top is not None else asked
    commit = _commit(git, rev)
    return _Opened(git, commit, commit if rev is None else named_commit(git, "HEAD"), top)


def _worktree(git: Git) -> Path | None:
    """The top of the working copy; None in a bare repository, and in a git directory."""
    asked = ("rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-toplevel")
    lines = git.run(*asked, ok=(0, 128)).removesuffix(b"\n").split(b"\n", 2)
    if len(lines) < 3:
        git.run("rev-parse", "--git-dir")  # says so where there is no repository at all
        return None
    return Path(os.fsdecode(lines[2]))


def _commit(git: Git, rev: str | None) -> str:
    name = rev or "HEAD"
    if name.startswith("-"):
        raise UsageError(f"{name} is no revision", mend="name a commit, a branch or a tag")
    if output := named_commit(git, name):
        return output
    if rev is None:
        raise UsageError("the repository has no commit yet", where=str(git.folder), mend="commit the files first")
    raise UsageError(f"{rev} names no commit", where=str(git.folder), mend="name a commit, a branch or a tag")


def named_commit(git: Git, name: str) -> str:
    """The id of the commit that `name` leads to; empty where it leads to none."""
    found = git.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", ok=(0, 1, 128)).strip()
    return found.decode() if _ID.fullmatch(found) else ""  # of `a..b` it prints both ends, and fails


def split_paths(output: bytes) -> list[str]:
    """The paths of a list that git ends with NUL bytes."""
    return [part.decode("utf-8", "surrogateescape") for part in output.split(b"\0") if part]


def _entries(output: bytes) -> tuple[dict[str, Entry], tuple[str, ...]]:
    """The tree's files by path; paths that are not UTF-8 are told apart."""
    entries: dict[str, Entry] = {}
    odd: list[str] = []
    for row in output.split(b"\0"):
        meta, _, name = row.partition(b"\t")
        if not row:
            continue
        try:
            path = name.decode()
        except UnicodeDecodeError:
            odd.append(name.decode("utf-8", "backslashreplace"))
        else:
            fields = meta.decode().split()
            entries[path] = Entry(fields[0], fields[2])
    return entries, tuple(odd)


def _read_blob(folder: Path, path: str, blob: str) -> bytes | None:
    """A file's bytes, if they are those of `blob`."""
    try:
        data = (folder / path).read_bytes()
    except OSError:
        return None
    return data if blob_id(data, len(blob)) == blob else None


def blob_id(data: bytes, hex_length: int) -> str:
    """The id git gives a blob; `hex_length` tells SHA-1 (40) from SHA-256 (64)."""
    algorithm = hashlib.sha1 if hex_length == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
