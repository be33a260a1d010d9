"""`[[codemod]]` tables as they are written in; what is wrong with them beyond the types of values out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from repoint.manifest.commands import seconds_of
from repoint.manifest.schema import DURATION, MEMORY

_LEAST_MEMORY = 64 << 20  # what Python takes by itself
_MOST_MEMORY = 1 << 40
_MOST_SECONDS = 24 * 3600
_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class Mistake(NamedTuple):
    """What is wrong with a key of the table `at` a position, and how to mend it."""

    at: int
    key: str
    what: str
    mend: str


def bytes_of(size: str) -> int:
    """`512MiB` as 536870912."""
    return int(size[:-3]) * _UNITS[size[-3:]]


def mistakes_in(tables: Sequence[Any]) -> Iterator[Mistake]:
    """Names that are given twice, and limits that no file can be held to; values of a wrong type are passed over."""
    known: list[Any] = []
    for index, table in enumerate(tables):
        given = table if isinstance(table, dict) else {}
        name, timeout, memory = given.get("id"), str(given.get("timeout")), str(given.get("memory"))
        if name is not None and name in known:
            yield Mistake(index, "id", f"{name} has two [[codemod]] tables", "give each an `id` of its own")
        known.append(name)
        if re.search(DURATION, timeout) and seconds_of(timeout) > _MOST_SECONDS:
            what = f"[[codemod]] `timeout` = {timeout!r} is more than a day for one file"
            yield Mistake(index, "timeout", what, "write a shorter time, such as 30s or 5m")
        if re.search(MEMORY, memory) and bytes_of(memory) < _LEAST_MEMORY:
            what = f"[[codemod]] `memory` = {memory!r} is less than Python takes by itself"
            yield Mistake(index, "memory", what, f"write {_LEAST_MEMORY >> 20}MiB or more")
        if re.search(MEMORY, memory) and bytes_of(memory) > _MOST_MEMORY:
            what = f"[[codemod]] `memory` = {memory!r} is more than 1024GiB"
            yield Mistake(index, "memory", what, "write less, such as 4GiB")
