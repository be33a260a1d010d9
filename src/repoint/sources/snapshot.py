"""One commit of a repository, to be read: its files with their blob ids, and their bytes.

Where the commit is checked out and a file is unchanged, its bytes come from the working copy, if they hash to the
blob; everything else comes from git's objects. So a plan is made of the commit, never of half of an edit.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from repoint.errors import UsageError
from repoint.model import SourceFile
from repoint.sources.git import Git

REGULAR = ("100644", "100755")
_TOO_MANY = 2_000


@dataclass(frozen=True)
class Entry:
    """A tracked file: git's mode and its blob id."""

    mode: str
    blob: str


@dataclass
class Snapshot:
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

    def _from_folder(self, path: str) -> bytes | None:
        if self.folder is None or path in self.stale:
            return None
        try:
            data = (self.folder / path).read_bytes()
        except OSError:
            return None
        return data if blob_id(data, len(self.commit)) == self.entries[path].blob else None

    def search(self, words: frozenset[str]) -> list[str]:
        """Paths of regular files that hold any of `words` as a whole word, sorted."""
        if not words:
            return []
        if self.folder is None:
            found = {path.partition(":")[2] for path in self._grep(words, self.commit)}
        else:
            listed = set(self._grep(words))
            self.stale |= set(_split(self.git.run("ls-files", "--deleted", "-z")))  # gone since it was listed
            found = (listed - self.stale) | self._search_stale(words)
        return sorted(path for path in found if path in self.entries and self.entries[path].mode in REGULAR)

    def _grep(self, words: frozenset[str], *trees: str) -> list[str]:
        """What `git grep` finds: by one compiled pattern, or word by word where git was built without those."""
        command = ("grep", "-l", "-z", "-a", "--no-color", "--full-name")
        try:
            return _split(self.git.run(*command, "-P", "-e", _pattern(words), *trees, "--", ok=(0, 1)))
        except UsageError:
            patterns = [part for word in sorted(words) for part in ("-e", word)]
            return _split(self.git.run(*command, "-w", "-F", *patterns, *trees, "--", ok=(0, 1)))

    def _search_stale(self, words: frozenset[str]) -> set[str]:
        paths = [path for path in sorted(self.stale) if self._is_regular(path)]
        pattern = re.compile(_pattern(words).encode())
        return {path for path, data in self.read(paths).items() if pattern.search(data)}

    def _is_regular(self, path: str) -> bool:
        return path in self.entries and self.entries[path].mode in REGULAR


def _pattern(words: frozenset[str]) -> str:
    """A pattern for any of `words`, whole where it begins or ends with a letter; alike for git's PCRE and for `re`."""
    whole = "|".join(re.escape(word) for word in sorted(words) if word[-1].isalnum() or word[-1] == "_")
    other = [rf"\b{re.escape(word)}" for word in sorted(words) if not (word[-1].isalnum() or word[-1] == "_")]
    return "|".join([rf"\b(?:{whole})\b", *other] if whole else other)


def open_snapshot(folder: Path, rev: str | None) -> Snapshot:
    """The commit `rev` (HEAD if None) of the repository at `folder`.

    Raises UsageError where there is no repository, no commit, or no such revision.
    """
    git = Git(folder)
    top = _worktree(git)
    git = Git(top) if top is not None else git
    commit = _commit(git, rev)
    tree = git.start("ls-tree", "-r", "-z", "--full-tree", commit)
    if top is None or (rev is not None and commit != _commit(git, None)):
        entries, odd = _entries(git.finish(tree, "ls-tree"))
        return Snapshot(git, commit, entries, odd)
    changed = git.start("diff-index", "--name-only", "-z", "--no-renames", "--ignore-submodules", commit, "--")
    flags = git.start("ls-files", "-v", "-z")
    entries, odd = _entries(git.finish(tree, "ls-tree"))
    stale = set(_split(git.finish(changed, "diff-index")))
    stale |= {line[2:] for line in _split(git.finish(flags, "ls-files")) if line[:1] not in ("H", "M")}
    if len(stale) > _TOO_MANY or _has_filters(git, entries):
        return Snapshot(git, commit, entries, odd)
    return Snapshot(git, commit, entries, odd, top, frozenset(stale))


def _worktree(git: Git) -> Path | None:
    """The top of the working copy; None in a bare repository."""
    asked = ("rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-toplevel")
    lines = git.run(*asked, ok=(0, 128)).decode().splitlines()
    if len(lines) < 3:
        git.run("rev-parse", "--git-dir")  # says so where there is no repository at all
        return None
    return Path(lines[2])


def _commit(git: Git, rev: str | None) -> str:
    name = rev or "HEAD"
    if name.startswith("-"):
        raise UsageError(f"{name} is no revision", mend="name a commit, a branch or a tag")
    output = git.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", ok=(0, 1, 128)).decode().strip()
    if output:
        return output
    if rev is None:
        raise UsageError("the repository has no commit yet", where=str(git.folder), mend="commit the files first")
    raise UsageError(f"{rev} names no commit", where=str(git.folder), mend="name a commit, a branch or a tag")


def _split(output: bytes) -> list[str]:
    return [part.decode("utf-8", "surrogateescape") for part in output.split(b"\0") if part]


def _entries(output: bytes) -> tuple[dict[str, Entry], tuple[str, ...]]:
    """The tree's files by path; paths that are not UTF-8 are told apart."""
    entries: dict[str, Entry] = {}
    odd: list[str] = []
    for row in output.split(b"\0"):
        if not row:
            continue
        meta, _, name = row.partition(b"\t")
        mode, _, blob = meta.decode().split(" ")
        try:
            entries[name.decode("utf-8")] = Entry(mode, blob)
        except UnicodeDecodeError:
            odd.append(name.decode("utf-8", "backslashreplace"))
    return entries, tuple(odd)


def _has_filters(git: Git, entries: dict[str, Entry]) -> bool:
    """Whether attributes may make the working copy's text differ from git's by more than line ends."""
    files = [entry.blob for path, entry in entries.items() if path.rpartition("/")[2] == ".gitattributes"]
    return any(b"working-tree-encoding" in data or b"filter=" in data for data in git.blobs(files).values())


def blob_id(data: bytes, hex_length: int) -> str:
    """The id git gives a blob; `hex_length` tells SHA-1 (40) from SHA-256 (64)."""
    algorithm = hashlib.sha1 if hex_length == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
