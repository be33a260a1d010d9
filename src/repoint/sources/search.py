"""Which files of a snapshot hold certain words: words in, paths out; `git grep` searches while its caller goes on."""

from __future__ import annotations

import re
import subprocess
from functools import cached_property

from repoint.errors import UsageError
from repoint.sources.snapshot import Snapshot, split_paths


def search(
    snapshot: Snapshot, words: frozenset[str], suffixes: tuple[str, ...] = (), *, literal: bool = False
) -> list[str]:
    """Regular files (with one of `suffixes`, if any) that hold one of `words`, sorted: as a whole word, or anywhere if
    they are `literal`."""
    if not words:
        return []
    begun = Search(snapshot, words, suffixes, literal=literal)
    return sorted({*begun.paths(), *begun.late(Vanished(snapshot))})


class Vanished:
    """What is gone from the working copy by now: git looks while its caller goes on, and is asked once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._git = snapshot.git
        self._process = None if snapshot.folder is None else snapshot.git.start("ls-files", "--deleted", "-z")

    @cached_property
    def paths(self) -> frozenset[str]:
        """Of tracked files."""
        return frozenset(split_paths(self._git.finish(self._process, "ls-files")) if self._process else ())


class Search:
    """`search` under way: `paths` waits for it, `late` finds what `Vanished` from the working copy meanwhile."""

    def __init__(
        self, snapshot: Snapshot, words: frozenset[str], suffixes: tuple[str, ...] = (), *, literal: bool = False
    ) -> None:
        self._snapshot = snapshot
        self._words = words
        self._literal = literal
        self._pattern = _literally(words) if literal else _pattern(words)
        self._suffixes = suffixes
        self._trees = () if snapshot.folder is not None else (snapshot.commit,)
        self._specs = tuple(f"*{suffix}" for suffix in suffixes)
        self._grep = self._start("-P", "-e", self._pattern) if words else None
        self._stale: frozenset[str] = frozenset()

    def _start(self, *patterns: str) -> subprocess.Popen[bytes]:
        command = ("grep", "-l", "-z", "-a", "--no-color", "--full-name")
        return self._snapshot.git.start(*command, *patterns, *self._trees, "--", *self._specs)

    def paths(self) -> list[str]:
        """The paths found, sorted."""
        if self._grep is None:
            return []
        try:
            output = self._snapshot.git.finish(self._grep, "grep", ok=(0, 1))
        except UsageError:  # git was built without that kind of pattern
            patterns = [part for word in sorted(self._words) for part in ("-e", word)]
            whole = () if self._literal else ("-w",)
            output = self._snapshot.git.finish(self._start(*whole, "-F", *patterns), "grep", ok=(0, 1))
        found = split_paths(output)
        if self._snapshot.folder is None:
            found = [path.partition(":")[2] for path in found]
        self._stale = self._snapshot.stale
        unread = self._among(self._stale)
        return sorted({path for path in found if path not in self._snapshot.stale and self._is_asked(path)} | unread)

    def late(self, vanished: Vanished) -> list[str]:
        """Those that were deleted from the working copy while it was searched, from git's objects.

        `vanished` was begun after `paths` had answered.
        """
        if self._grep is None:
            return []
        gone = vanished.paths - self._stale
        self._snapshot.stale |= gone
        return sorted(self._among(gone))

    def _among(self, paths: frozenset[str]) -> set[str]:
        """Which of these, read from git, hold a word."""
        asked = [path for path in sorted(paths) if self._is_asked(path)]
        pattern = re.compile(self._pattern.encode())
        return {path for path, data in self._snapshot.read(asked).items() if pattern.search(data)}

    def _is_asked(self, path: str) -> bool:
        return self._snapshot.is_regular(path) and path.endswith(self._suffixes or "")


def _pattern(words: frozenset[str]) -> str:
    """A pattern for any of `words`, whole where it begins or ends with a letter; alike for git's PCRE and for `re`."""
    whole = "|".join(re.escape(word) for word in sorted(words) if word[-1].isalnum() or word[-1] == "_")
    other = [rf"\b{re.escape(word)}" for word in sorted(words) if not (word[-1].isalnum() or word[-1] == "_")]
    return "|".join([rf"\b(?:{whole})\b", *other] if whole else other)


def _literally(words: frozenset[str]) -> str:
    """The same for any of `words`, wherever it stands."""
    return "|".join(re.escape(word) for word in sorted(words))
