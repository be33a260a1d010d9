"""Changed files in, ordered batches out: whole groups, lower risk first, stubs in batches of their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from repoint.manifest.globs import first_match
from repoint.manifest.schema import Batches, GroupBy, StubsWhen
from repoint.model import Batch, FileChange, Finding, Frozen, Severity
from repoint.names import Symbol
from repoint.planning.owners import Owners

Group = tuple[FileChange, ...]
"""Changes that are committed together."""


class StubChange(Frozen, frozen=True):
    """A stub's changes (of the module, and of the `.pyi` beside it), in one commit.

    `homes` are files that must be in that commit as well when stubs come first; `missed_by` other modules that use
    what the stub has no more: those that become stubs, as long as they are what they were.
    """

    module: str
    title: str
    changes: tuple[FileChange, ...]
    homes: frozenset[str]
    missed_by: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        return self.changes[0].path


def groups_of(paths: Iterable[str], links: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The indivisible groups: `paths` joined by `links` (pairs that belong into one commit), sorted."""
    parents = {path: path for path in paths}

    def find(path: str) -> str:
        while parents[path] != path:
            parents[path] = parents[parents[path]]
            path = parents[path]
        return path

    for one, other in links:
        if one in parents and other in parents:
            parents[find(one)] = find(other)
    found: dict[str, list[str]] = defaultdict(list)
    for path in parents:
        found[find(path)].append(path)
    return sorted(tuple(sorted(group)) for group in found.values())


def arrange(
    changes: Mapping[str, FileChange],
    groups: list[tuple[str, ...]],
    stubs: list[StubChange],
    settings: Batches,
    owners: Owners | None = None,
) -> tuple[Batch, ...]:
    """The batches in the order in which they are to be committed; `owners` are asked where batches go by them."""
    deleted = [stub for stub in stubs if stub.changes[0].after is None]  # which others use till they have moved
    standing = [stub for stub in stubs if stub not in deleted]
    first: list[_Together] = []
    if settings.stubs is StubsWhen.FIRST:
        first, groups = _stubs_first(changes, groups, standing)
        standing = []
    last = [_Together((stub,)) for stub in (*standing, *deleted)]
    titled = [*_titled(first), *_packages(changes, groups, settings, owners), *_titled(last)]
    return tuple(_batch(number, title, members, settings) for number, (title, members) in enumerate(titled, 1))


class _Together(NamedTuple):
    """Stubs in one commit, and the files of their homes that are in it as well."""

    stubs: tuple[StubChange, ...]
    homes: tuple[FileChange, ...] = ()


def _titled(items: Iterable[_Together]) -> Iterator[tuple[str, list[Group]]]:
    """A batch for each, which is one group, in an order in which each commit stands on its own."""
    for stubs, homes in _ordered(items):
        files = (*homes, *(change for stub in stubs for change in stub.changes))
        yield " and ".join(stub.title for stub in stubs), [files]


def _ordered(items: Iterable[_Together]) -> Iterator[_Together]:
    """Who misses what a stub has no more comes before it, and those that miss each other's come together."""
    left = list(items)
    while left:
        alone = next((item for item in left if not _missing(item, left)), None)
        found = [alone] if alone is not None else min((_all_missing(item, left) for item in left), key=len)
        left = [item for item in left if item not in found]
        homes = dict.fromkeys(change for item in found for change in item.homes)
        yield _Together(tuple(stub for item in found for stub in item.stubs), tuple(homes))


def _missing(of: _Together, left: list[_Together]) -> list[_Together]:
    """The others that miss something of these stubs."""
    by = frozenset[str]().union(*(stub.missed_by for stub in of.stubs))
    return [item for item in left if item is not of and any(stub.module in by for stub in item.stubs)]


def _all_missing(start: _Together, left: list[_Together]) -> list[_Together]:
    """The item, with those that miss something of it, and so on: of all such sets the smallest is a cycle."""
    found = [start]
    for item in found:
        found += [other for other in _missing(item, left) if other not in found]
    return [item for item in left if item in found]


def joined(batches: tuple[Batch, ...], title: str, settings: Batches) -> tuple[Batch, ...]:
    """All files in one commit; nothing where there are none."""
    alone: list[Group] = [(change,) for batch in batches for change in batch.files]
    groups = tuple(sorted(group for batch in batches for group in batch.groups))
    return (replace(_batch(1, title, alone, settings), groups=groups),) if alone else ()


def separated(
    batches: tuple[Batch, ...], moved: Mapping[str, frozenset[Symbol]], told_apart: Mapping[str, Mapping[Symbol, int]]
) -> list[Finding]:
    """Where a test of identity in one batch has users of the same symbol in another: said, since both are about then.

    `moved` gives the old symbols that each file moves, `told_apart` those whose identity it tests, with lines.
    """
    numbers = {change.path: batch.id for batch in batches for change in batch.files}
    users: dict[Symbol, set[str]] = defaultdict(set)
    for path, symbols in moved.items():
        for symbol in symbols:
            users[symbol].add(numbers.get(path, ""))
    found = []
    for path, lines in told_apart.items():
        for symbol, line in lines.items():
            others = sorted(users[symbol] - {numbers.get(path, ""), ""})
            if others:
                message = f"the identity of {symbol.dotted} is tested here, and other users move in {len(others)} more"
                message += (
                    f" batch{'es' if len(others) > 1 else ''}: {', '.join(others[:3])}{', …' if others[3:] else ''}"
                )
                mend = "run the tests after each batch, or let stubs come first"
                found.append(Finding(path, line, 1, "identity-over-batches", Severity.INFO, message, mend))
    return found


def _batch(number: int, title: str, members: list[Group], settings: Batches) -> Batch:
    slug = re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-").lower() or "root"
    message = settings.message.replace("{title}", title)
    files = sorted((change for group in members for change in group), key=lambda item: item.path)
    groups = sorted(tuple(sorted(change.path for change in group)) for group in members if len(group) > 1)
    return Batch(f"{number:02d}-{slug}"[:60], title, message, tuple(files), tuple(groups))


def _stubs_first(
    changes: Mapping[str, FileChange], groups: list[tuple[str, ...]], stubs: list[StubChange]
) -> tuple[list[_Together], list[tuple[str, ...]]]:
    """Each stub with its homes' groups; stubs that share a group come together. And the groups that are left."""
    owner = {path: group for group in groups for path in group}
    links = [(stub.path, path) for stub in stubs for home in stub.homes if home in owner for path in owner[home]]
    taken = {path for _, path in links}
    joined = groups_of([*(stub.path for stub in stubs), *sorted(taken)], links)
    by_path = {stub.path: stub for stub in stubs}
    found: list[_Together] = []
    for group in sorted(joined, key=lambda group: min(_position(stubs, path) for path in group)):
        members = tuple(by_path[path] for path in group if path in by_path)
        found.append(_Together(members, tuple(changes[path] for path in group if path not in by_path)))
    return found, [group for group in groups if not taken.intersection(group)]


def _position(stubs: list[StubChange], path: str) -> int:
    return next((at for at, stub in enumerate(stubs) if stub.path == path), len(stubs))


def _packages(
    changes: Mapping[str, FileChange], groups: list[tuple[str, ...]], settings: Batches, owners: Owners | None
) -> list[tuple[str, list[Group]]]:
    """Groups by package (or owners, or each its own), by the order of the manifest's globs, split at `max_files`."""
    placed = []
    for group in groups:
        rank, lead = max((first_match(path, settings.order), path) for path in group)
        placed.append((rank, _title(lead, settings, owners), group))
    riskiest = {title: rank for rank, title, _ in sorted(placed)}
    buckets: dict[tuple[int, str], list[tuple[str, ...]]] = defaultdict(list)
    for rank, title, group in sorted(placed, key=lambda item: (item[0], item[2])):
        whole = settings.by is GroupBy.OWNER  # one set of owners has one batch, whatever else tells its files apart
        buckets[riskiest[title] if whole else rank, title].append(group)
    batches: list[tuple[str, list[Group]]] = []
    for (_, title), members in sorted(buckets.items()):
        parts = _split(members, settings.max_files)
        for number, part in enumerate(parts, 1):
            name = title if len(parts) == 1 else f"{title} ({number}/{len(parts)})"
            batches.append((name, [tuple(changes[path] for path in group) for group in part]))
    return batches


def _title(path: str, settings: Batches, owners: Owners | None) -> str:
    if owners is not None:
        return ", ".join(owners.of(path)) or "no owner"
    if settings.by is GroupBy.FILE:
        return path
    folders = path.split("/")[:-1][: settings.depth]
    return "/".join(folders) or "top level"


def _split(groups: list[tuple[str, ...]], limit: int) -> list[list[tuple[str, ...]]]:
    """Groups in order, as many to a part as `limit` files allow; a group is never divided."""
    parts: list[list[tuple[str, ...]]] = [[]]
    count = 0
    for group in groups:
        if parts[-1] and count + len(group) > limit:
            parts.append([])
            count = 0
        parts[-1].append(group)
        count += len(group)
    return parts
