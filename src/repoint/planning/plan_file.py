"""The plan as a file: takes a `Plan`, gives bytes; takes bytes, gives a checked `Plan`.

A plan may come from somebody else, so nothing in it is believed, and what it can cost is bounded: to read any file
takes less than 1 GiB of memory (of 64 MiB, 875 MiB was the most that could be made), and one that `repoint` wrote
takes four times its size.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

import msgspec

from repoint.errors import UsageError
from repoint.model import SCHEMA_VERSION, Plan, schema_of
from repoint.planning.trust import problems

# 10,000 changed files take about 45 MB and 1.2 million commas. A comma stands for a value, and it is small values that
# cost memory: 64 MiB of `"a",` would be 1.5 GB of strings.
MAX_BYTES = 64 * 1024 * 1024
MAX_COMMAS = 4_000_000

_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(rb"(?P<opened>\{)|(?P<closed>\})|(?P<key>" + _TEXT + rb")[ \t\r\n]*+:|" + _TEXT)
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_MEND = "make it again with `repoint plan`"


class _Head(msgspec.Struct):
    """What every version of the file has, read first."""

    schema_version: int


def dump(plan: Plan) -> bytes:
    """Indented JSON in the order of the fields, with a final newline: same plan, same bytes."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def digest(plan: Plan) -> str:
    """SHA-256, in hex, of the plan as `dump` writes it: its name in commit trailers."""
    return hashlib.sha256(dump(plan)).hexdigest()


def schema() -> dict[str, object]:
    """The JSON Schema of the file, for publication."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"repoint plan, version {SCHEMA_VERSION}",
        **schema_of(Plan),
    }


def read(path: Path) -> Plan:
    """The plan in a file. Raises UsageError for a file that cannot be read or is not a plan."""
    try:
        data = _bytes_of(path)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), mend=_MEND) from error
    return load(data, str(path))


def _bytes_of(path: Path) -> bytes:
    """The bytes of a regular file, at most one more than a plan may have, even if it grows meanwhile."""
    _refuse_unfit(path.stat(), path)  # before it is opened: that may act on a device, and wait for a pipe
    with os.fdopen(os.open(path, _READ), "rb") as file:
        _refuse_unfit(os.fstat(file.fileno()), path)
        return file.read(MAX_BYTES + 1)


def _refuse_unfit(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UsageError("is no regular file", where=str(path), mend="name a plan file")
    if found.st_size > MAX_BYTES:
        raise _too_big(found.st_size, str(path))


def load(data: bytes, where: str) -> Plan:
    """The plan in `data`; `where` names its source in errors.

    Raises UsageError for anything that is not a plan of this version or reaches outside the tracked tree.
    """
    if len(data) > MAX_BYTES:
        raise _too_big(len(data), where)
    if data.count(b",") > MAX_COMMAS:
        raise UsageError(f"has more than {MAX_COMMAS} values", where=where, mend="use smaller migrations")
    try:
        version = msgspec.json.decode(data, type=_Head).schema_version
        if version != SCHEMA_VERSION:
            raise UsageError(
                f"is a plan of version {version}, this repoint reads version {SCHEMA_VERSION}",
                where=where,
                mend=_MEND,
            )
        plan = msgspec.json.decode(data, type=Plan)
        if dump(plan) != data:  # laid out by another hand: only then can a key stand there twice
            _refuse_key_twice(data)
    except RecursionError as error:
        raise UsageError("is no plan: nested too deep", where=where, mend=_MEND) from error
    except (msgspec.MsgspecError, ValueError) as error:
        what = " ".join(str(error).split())
        raise UsageError(f"is no plan: {what}", where=where, mend=_MEND) from error
    for problem in problems(plan):
        raise UsageError(f"is no plan that can be trusted: {problem}", where=where, mend=_MEND)
    return plan


def _too_big(size: int, where: str) -> UsageError:
    return UsageError(f"has {size} bytes, a plan has at most {MAX_BYTES}", where=where, mend="use smaller migrations")


def _refuse_key_twice(data: bytes) -> None:
    """Raises ValueError where an object has a key twice: a reviewer might read the one, and we the other.

    Takes what was decoded before, so that it is well formed. Token by token, as no parser tells of this without
    building the whole document a second time.
    """
    known: list[set[bytes]] = []
    for token in _TOKEN.finditer(data):
        match token.lastgroup:
            case "key":
                key = token["key"]
                if key in known[-1] or b"\\" in key:
                    raise ValueError(f"key {key.decode()} stands twice in one object, or is written with an escape")
                known[-1].add(key)
            case "opened":
                known.append(set())
            case "closed":
                known.pop()
            case _:
                pass  # a text
