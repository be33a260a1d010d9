"""The violations that are known: occurrences in, a file without line numbers out; and what is new or gone since.

What is known is a path, a code, a symbol and what stands there, with how often it does; so it holds while lines move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from repoint.errors import UsageError
from repoint.measures import KnownViolation, Occurrence
from repoint.model import Frozen

_MEND = "write it anew with `repoint check --update-baseline`, or take back what changed it"


class Baseline(Frozen, frozen=True):
    """The file: every known violation of one migration, sorted."""

    schema_version: Literal[1]
    name: str
    violations: tuple[KnownViolation, ...]


class Compared(NamedTuple):
    """What is not in a baseline, what of it is gone (with how many), and how many violations are as it says."""

    new: tuple[Occurrence, ...]
    gone: tuple[KnownViolation, ...]
    known: int


Key = tuple[str, str, str, str]


def key_of(item: Occurrence) -> Key:
    """What makes two violations the same, wherever they stand in their file."""
    return item.path, item.code, item.symbol, item.subject


def counts_of(baseline: Baseline) -> Counter[Key]:
    """How many violations of each kind are known."""
    counts: Counter[Key] = Counter()
    for item in baseline.violations:  # two branches that were merged may have left a line twice
        counts[item.path, item.code, item.symbol, item.subject] += item.count
    return counts


def baseline_of(name: str, violations: Iterable[Occurrence]) -> Baseline:
    """The baseline that knows exactly these."""
    return _written(name, Counter(map(key_of, violations)))


def tightened(baseline: Baseline, violations: Iterable[Occurrence]) -> Baseline:
    """The baseline without what is gone; nothing is added."""
    return _written(baseline.name, counts_of(baseline) & Counter(map(key_of, violations)))


def _written(name: str, counts: Counter[Key]) -> Baseline:
    return Baseline(1, name, tuple(KnownViolation(*key, count) for key, count in sorted(counts.items()) if count))


def compare(known: Counter[Key], violations: Iterable[Occurrence]) -> Compared:
    """`violations` by the places of a file: of several that are the same, the last ones are new."""
    left = Counter(known)
    new = []
    count = 0
    for item in sorted(violations):
        if left[key_of(item)] > 0:
            left[key_of(item)] -= 1
            count += 1
        else:
            new.append(item)
    gone = tuple(KnownViolation(*key, more) for key, more in sorted(left.items()) if more > 0)
    return Compared(tuple(new), gone, count)


def dump(baseline: Baseline) -> bytes:
    """JSON with one entry to a line, so that a merge of two branches is easy to read."""
    head = {"schema_version": baseline.schema_version, "name": baseline.name}
    lines = [msgspec.json.encode(head)[:-1] + b', "violations": [']
    entries = [msgspec.json.encode(entry) for entry in baseline.violations]
    return b"\n".join([*lines, b",\n".join(entries)] if entries else lines) + b"\n]}\n"


def load(data: bytes, where: str, name: str) -> Baseline:
    """The baseline of the migration `name` in `data`. Raises UsageError for anything else."""
    try:
        found = msgspec.json.decode(data, type=Baseline)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError(f"is no baseline: {' '.join(str(error).split())}", where=where, mend=_MEND) from error
    if any(item.count < 1 for item in found.violations):
        raise UsageError("is no baseline: a count is below 1", where=where, mend=_MEND)
    if found.name != name:
        raise UsageError(f"is the baseline of {found.name}, not of {name}", where=where, mend="name another file")
    return found
