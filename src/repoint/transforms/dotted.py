"""Dotted uses in the text: their parts with offsets and a new path in, the edits out."""

from __future__ import annotations

from repoint.names import is_at_or_under
from repoint.transforms.outcomes import Replacement

Part = tuple[str, int, int]


def common_module(path: str, loads: str, modules: frozenset[str]) -> str:
    """The longest head of `path` that importing `loads` had loaded, at the least its first part."""
    head = path.partition(".")[0]
    for part in path.split(".")[1:]:
        longer = f"{head}.{part}"
        if not is_at_or_under(loads, longer) or longer not in modules:
            break
        head = longer
    return head


def cut(parts: list[Part]) -> list[Replacement]:
    """The edit that leaves only the first of `parts`."""
    return [Replacement(parts[0][2], parts[-1][2], "")] if len(parts) > 1 else []


def respelled(old: list[Part], new: list[str]) -> list[Replacement]:
    """Edits that turn the parts `old` of a dotted use into `new`; parts that stay the same keep their bytes."""
    if not old:
        return []
    common = 0
    while common < min(len(old), len(new)) and old[common][0] == new[common]:
        common += 1
    rest, fresh = old[common:], new[common:]
    if len(rest) == len(fresh):
        return [
            Replacement(start, end, name) for (was, start, end), name in zip(rest, fresh, strict=True) if was != name
        ]
    if not rest:  # the path only grows: `engine` becomes `engine.core`
        return [Replacement(old[-1][2], old[-1][2], "".join(f".{name}" for name in fresh))]
    if not fresh:  # the path only shrinks
        return [Replacement(old[common - 1][2], rest[-1][2], "")]
    return [Replacement(rest[0][1], rest[-1][2], ".".join(fresh))]
