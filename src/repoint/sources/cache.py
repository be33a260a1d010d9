"""What was found in blobs, kept for later commands: kind, query and keys in, the bytes that were put before out.

It lies in the repository's common git directory, so that linked worktrees share it, and may be deleted at any time. A
cache that cannot be used, for whatever reason, is an empty one: no command fails for it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import repoint
from repoint.errors import UsageError
from repoint.sources.git import Git

if TYPE_CHECKING:
    from repoint.sources.cache_file import CacheFile

T = TypeVar("T")

MAX_BYTES = 256 * 1024 * 1024
_ID = 16


def digest(*parts: bytes | str) -> str:
    """A name for all that a value depends on: BLAKE2b of the parts and their lengths, in hexadecimal digits."""
    return _hash(*parts).hex()


@cache
def fingerprint() -> str:
    """What stands for the tool in a query's digest: its version, its own source, and the Python that parses."""
    top = str(Path(repoint.__file__).parent)
    files = sorted(f"{folder}{os.sep}{name}" for folder, _, names in os.walk(top) for name in names)
    sources = [part for file in files if file.endswith(".py") for part in (file.removeprefix(top), _read(file))]
    return digest(repoint.__version__, sys.version, sys.byteorder, *sources)


def open_cache(git: Git, *, enabled: bool = True) -> Cache:
    """The cache of the repository that `git` runs in; one that is always empty where it is not `enabled`.

    Nothing is opened before something is asked for or written.
    """
    if not enabled:
        return Cache(None)
    try:
        return Cache(git.place("--git-common-dir"))
    except UsageError:
        return Cache(None)


class Cache:
    """Bytes by kind, query and key, in git's directory `common`; with None, always empty. At most `most` bytes.

    What is put is found by this command at once, and by others once it is closed.
    """

    def __init__(self, common: Path | None, *, most: int = MAX_BYTES) -> None:
        self._common = common
        self._most = most
        self._file: CacheFile | None = None
        self._waiting: dict[bytes, dict[bytes, bytes]] = {}
        self._size = 0
        self._used: set[bytes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, Exception):  # interrupted: be gone at once
            self._waiting, self._used = {}, set()
        self.close()

    def get(self, kind: str, query: str, keys: Sequence[str]) -> dict[str, bytes]:
        """The values that are there, by their keys; what was damaged is not."""
        if self._common is None or not keys:
            return {}
        name = _hash(kind, query)
        waiting = self._waiting.get(name, {})
        asked = {_hash(key): key for key in keys}
        rest = [key for key in asked if key not in waiting]
        stored = self._try(lambda file: file.select(name, rest)) if rest else None
        if stored:
            self._used.add(name)
        found = {**(stored or {}), **{key: waiting[key] for key in asked.keys() & waiting.keys()}}
        return {asked[key]: value for key, value in found.items()}

    def put(self, kind: str, query: str, entries: Mapping[str, bytes]) -> None:
        """Keep values. They wait in memory for `close`, unless they become too many."""
        if self._common is None:
            return
        name = _hash(kind, query)
        for key, value in entries.items():
            if len(value) > self._most // 8:
                continue
            self._waiting.setdefault(name, {})[_hash(key)] = value
            self._size += len(value)
            if self._size > self._most // 8:
                self._write()

    def close(self) -> None:
        """Write what was put, in one transaction, and let go of the file. The cache is an empty one from now on."""
        self._write()
        self._leave()

    def _write(self) -> None:
        waiting, used = self._waiting, self._used
        self._waiting, self._used, self._size = {}, set(), 0
        if waiting or used:
            self._try(lambda file: file.store(waiting, used, self._most))

    def _try(self, act: Callable[[CacheFile], T]) -> T | None:
        """What `act` gives; None where the file cannot be used, and then it is let alone from now on."""
        if self._common is None:
            return None
        try:
            from repoint.sources import cache_file
        except ImportError:  # a Python without SQLite
            self._leave()
            return None
        try:
            if self._file is None:
                self._file = cache_file.CacheFile.open(self._common)
            return act(self._file)
        except (cache_file.Corrupt, *cache_file.UNUSABLE) as error:
            common = self._common
            self._leave()
            if cache_file.is_damage(error):
                cache_file.remove(common)
            return None

    def _leave(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._common = None
        self._waiting, self._used, self._size = {}, set(), 0


NO_CACHE = Cache(None)


def _hash(*parts: bytes | str) -> bytes:
    made = hashlib.blake2b(digest_size=_ID)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(b"%d:" % len(data))
        made.update(data)
    return made.digest()


def _read(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - hundreds of them at each start
            return file.read()
    except OSError:  # it is being written by an editor, say
        return b""
