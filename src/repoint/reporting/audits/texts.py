"""Takes figures, codes and places of an audit, gives the words and groups in which every format shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

from repoint.measures import Audit, Figures, Occurrence, TargetResult
from repoint.model import Severity
from repoint.reporting.layout import counted, number, whole

PATTERN = "pattern:"
SEVERITIES = tuple(Severity)
SHARES = frozenset({"canonical_share"})

_TITLES = {
    "canonical-import": "Import by the canonical path",
    "deprecated-import": "Import by a deprecated path",
    "alias-import": "Canonical symbol under another name",
    "reexport-import": "Import from a module that only passes the symbol on",
    "unresolvable-import": "Import of a path that no module binds",
    "kept-import": "Deprecated import that the manifest keeps",
    "direct-instantiation": "Governed class instantiated directly",
    "duplicate-definition": "Governed name defined a second time",
    "missing-symbol": "Symbol that its own module does not bind",
    "deprecated-string": "String that names a deprecated path",
    "unparsable": "File that cannot be parsed",
}


def title(code: str, audit: Audit) -> str:
    """What a code stands for, in a few words; for a pattern its message in the manifest."""
    if code.startswith(PATTERN):
        id_ = code.removeprefix(PATTERN)
        return next((item.message for item in audit.patterns if item.id == id_), code)
    return _TITLES.get(code, code.replace("-", " ").capitalize())


def by_code(occurrences: Iterable[Occurrence]) -> Iterator[tuple[str, Severity, list[Occurrence]]]:
    """The places of each code and severity in order, the worst severity first."""

    def rank(item: Occurrence) -> tuple[int, str]:
        return SEVERITIES.index(item.severity), item.code

    ordered = sorted(occurrences, key=lambda item: (*rank(item), item))
    for (severity, code), group in groupby(ordered, key=rank):
        yield code, SEVERITIES[severity], list(group)


def told_once(places: Iterable[Occurrence]) -> Iterator[tuple[str, str, list[Occurrence]]]:
    """Each message with its mend, and the places that it is told of, in the order in which they are met."""
    same: dict[tuple[str, str], list[Occurrence]] = {}
    for item in places:
        same.setdefault((item.message, item.mend), []).append(item)
    return ((message, mend, items) for (message, mend), items in same.items())


def metric_rows(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """Each figure by its name in `[targets]`, its name in words, and its value as it is shown."""
    for name in figures.__struct_fields__:
        yield name, words(name), shown(name, getattr(figures, name))


def words(metric: str) -> str:
    """`canonical_share` gives `canonical share`."""
    return metric.replace("_", " ")


def shown(metric: str, value: float) -> str:
    """A figure with its unit: `87.5%`, `1,200`."""
    return percent(value) if metric in SHARES else number(round(value))


def percent(share: float) -> str:
    """One decimal, rounded down: 99.96 is not all."""
    return "100%" if share >= 100 else f"{math.floor(share * 10 + 1e-6) / 10:.1f}%"


def verdict(target: TargetResult) -> str:
    """`met`, or by how much it is missed, rounded up so that it is never by nothing."""
    if target.met:
        return "met"
    if target.metric in SHARES:
        return f"missed by {math.ceil(target.distance * 10 - 1e-6) / 10:.1f} points"
    return f"missed by {number(math.ceil(target.distance))}"


def headline(audit: Audit) -> str:
    """How many of the targets are missed, or how much is to be mended where there are no targets."""
    missed = sum(not item.met for item in audit.targets)
    if missed:
        return f"{number(missed)} of {counted(len(audit.targets), 'target')} missed"
    if audit.targets:
        return "the target is met" if len(audit.targets) == 1 else f"all {number(len(audit.targets))} targets are met"
    return counted(len(audit.violations), "violation")


def ranked_targets(audit: Audit) -> list[TargetResult]:
    """Missed ones first, each in the manifest's order."""
    return sorted(audit.targets, key=lambda item: item.met)


def encoded(text: str) -> bytes:
    """UTF-8; half a character (of a path that is not UTF-8) becomes the mark for what cannot be shown."""
    return whole(text).encode()


def encoded_json(value: Any) -> bytes:
    """Indented JSON in the order of the fields, with a final newline."""
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_whole(msgspec.to_builtins(value)))
    return msgspec.json.format(data, indent=2) + b"\n"


def _whole(value: Any) -> Any:
    match value:
        case str():
            return whole(value)
        case dict():
            return {_whole(key): _whole(item) for key, item in value.items()}
        case list() | tuple():
            return [_whole(item) for item in value]
    return value
