"""The SQLite file of a cache: its path in, and rows of bytes in and out. Bounded, and made anew where it is damaged.

The journal is SQLite's plain one: it needs no shared memory, so that network file systems do, and leaves one file. No
write waits for the disk: a kill leaves the old state or the new one, and the damage of a power cut is found out.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

FILE = Path("repoint", "cache", "facts.sqlite3")
LONGEST = 32 * 1024 * 1024  # bytes of one value

# What a file that cannot be used raises, this module's `Corrupt` aside; a damaged one gives values of other types.
UNUSABLE = (sqlite3.Error, OSError, ValueError, TypeError, OverflowError, MemoryError)

_BESIDE = ("", "-journal", "-wal", "-shm")
_LOCK_SECONDS = 0.5
_AT_ONCE = 500  # SQLite before 3.32 takes 999 parameters
_SUM = 16
_SETTINGS = (
    *("trusted_schema = OFF", "cell_size_check = ON", "journal_mode = DELETE"),
    *("synchronous = OFF", "cache_size = -8192"),
)
_APPLICATION = 0x72657074
_TABLES = (
    "CREATE TABLE fact (id INTEGER PRIMARY KEY, query INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, "
    "UNIQUE (query, key))",
    "CREATE TABLE query (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, used INTEGER NOT NULL)",
)
_SELECT = (
    "SELECT key, value FROM fact WHERE query = (SELECT id FROM query WHERE name = ?) "
    "AND typeof(key) = 'blob' AND typeof(value) = 'blob' AND key IN (%s)"
)
# Facts of the queries that were used last stay, and of one query those that were written last.
_EVICT = (
    "DELETE FROM fact WHERE id IN (SELECT id FROM (SELECT fact.id, sum(length(value) + 100) "
    "OVER (ORDER BY used DESC, fact.id DESC) AS kept FROM fact JOIN query ON query.id = fact.query) WHERE kept > ?)"
)
_FORGET = "DELETE FROM query WHERE id NOT IN (SELECT query FROM fact) AND used < (SELECT max(used) FROM query)"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG)


class Corrupt(Exception):
    """The file is not one of this version's."""


class CacheFile:
    """An open file. Every method may raise `UNUSABLE` or `Corrupt`; `close` does not."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @classmethod
    def open(cls, common: Path) -> Self:
        """The cache in git's common directory, made where there is none."""
        file = common / FILE
        _prepare(common, file)
        uri = f"{file.as_uri()}?mode=rw"
        database = sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS, isolation_level=None)
        try:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * LONGEST)
            for setting in _SETTINGS:
                database.execute(f"PRAGMA {setting}").fetchall()
            if not _is_ours(database):
                _create(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._database.close()

    def select(self, query: bytes, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of a query by their keys; without those that are not what was written."""
        found: dict[bytes, bytes] = {}
        for at in range(0, len(keys), _AT_ONCE):
            part = keys[at : at + _AT_ONCE]
            rows = self._database.execute(_SELECT % ",".join("?" * len(part)), (query, *part))
            found |= {key: row[_SUM:] for key, row in rows if row[:_SUM] == _checksum(query, key, row[_SUM:])}
        return found

    def store(self, entries: Mapping[bytes, Mapping[bytes, bytes]], used: set[bytes], most: int) -> None:
        """Write values by query and key, and which queries were `used`; make room first, so that `most` bytes do."""
        run = self._database.execute
        (latest,) = run("SELECT coalesce(max(CAST(used AS INTEGER)), 0) FROM query").fetchone()
        last_used = {name for (name,) in run("SELECT name FROM query WHERE used = ?", (latest,))}
        if not entries and used <= last_used:
            return  # the usual case: nothing is new, and the file stays as it is
        run("BEGIN IMMEDIATE")
        try:
            for query in sorted(entries.keys() | used):
                run("INSERT OR IGNORE INTO query (name, used) VALUES (?, 0)", (query,))
                run("UPDATE query SET used = ? WHERE name = ?", (latest + 1, query))
            self._make_room(most - sum(len(value) for values in entries.values() for value in values.values()))
            for query, values in entries.items():
                self._insert(query, values)
            run("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                run("ROLLBACK")
            raise

    def _insert(self, query: bytes, values: Mapping[bytes, bytes]) -> None:
        (number,) = self._database.execute("SELECT id FROM query WHERE name = ?", (query,)).fetchone()
        rows = ((number, key, _checksum(query, key, value) + value) for key, value in values.items())
        self._database.executemany("INSERT OR REPLACE INTO fact (query, key, value) VALUES (?, ?, ?)", rows)

    def _make_room(self, most: int) -> None:
        """Delete the oldest values where the file holds more than `most` bytes, and a quarter beyond, for the next."""
        asked = ("page_size", "page_count", "freelist_count")
        size, pages, free = (self._database.execute(f"PRAGMA {what}").fetchone()[0] for what in asked)
        if (pages - free) * size > most:
            self._database.execute(_EVICT, (max(0, most * 3 // 4),))
            self._database.execute(_FORGET)


def remove(common: Path) -> None:
    """Delete the file and what SQLite may have left beside it, as far as that is possible."""
    file = common / FILE
    for suffix in _BESIDE:
        with suppress(OSError):
            file.with_name(file.name + suffix).unlink()


def is_damage(error: BaseException) -> bool:
    """Whether an error is the fault of what is in the file, not of a lock, of permissions or of the disk."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGED
    return not isinstance(error, OSError)


def _prepare(common: Path, file: Path) -> None:
    """Make the folders and an empty file, with the permissions of git's directory; follow no symbolic link in it."""
    permissions = stat.S_IMODE(common.stat().st_mode)  # core.sharedRepository
    for folder in (common / FILE.parts[0], file.parent):
        if not os.path.lexists(folder):
            with suppress(FileExistsError):
                folder.mkdir()
                folder.chmod(permissions)
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise OSError(f"{folder} is no folder")
    if not os.path.lexists(file):
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, permissions & 0o666))
            file.chmod(permissions & 0o666)
    for part in (file.with_name(file.name + suffix) for suffix in _BESIDE):
        if os.path.lexists(part) and not stat.S_ISREG(part.lstat().st_mode):
            raise OSError(f"{part} is no file")


def _is_ours(database: sqlite3.Connection) -> bool:
    """Whether the file has our tables and nothing else: no trigger, no view of a stranger's."""
    made = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql").fetchall()
    return _application(database) == _APPLICATION and [sql for (sql,) in made] == list(_TABLES)


def _application(database: sqlite3.Connection) -> object:
    return database.execute("PRAGMA application_id").fetchone()[0]


def _create(database: sqlite3.Connection) -> None:
    """Make the tables in an empty file. Raises Corrupt for one that is not empty."""
    database.execute("BEGIN IMMEDIATE")
    if not _is_ours(database):  # else another process has made them meanwhile
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables or _application(database) != 0:
            raise Corrupt
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        for statement in _TABLES:
            database.execute(statement)
    database.execute("COMMIT")


def _checksum(query: bytes, key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_SUM, key=query + key).digest()
