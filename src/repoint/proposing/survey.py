"""A commit in, what its Python files say and the roots of their imports out: reads through `sources`, in workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from repoint.model import Failed, Frozen
from repoint.names import module_of
from repoint.proposing.facts import FileRead
from repoint.proposing.paths import conventional_roots, is_vendored, roots
from repoint.proposing.read import read
from repoint.sources.snapshot import Snapshot
from repoint.sources.workers import Workers

Watch = Callable[[str, int, int], None]


class Surveyed(Frozen, frozen=True):
    """All that was read, what could not be, and the folders that imports start from."""

    reads: tuple[FileRead, ...]
    failed: tuple[Failed, ...]
    roots: tuple[str, ...]


def survey(snapshot: Snapshot, crew: Workers, watch: Watch) -> Surveyed:
    """Read every Python file, other people's aside; twice where imports start elsewhere than it seemed at first."""
    paths = [path for path in sorted(snapshot.entries) if path.endswith((".py", ".pyi")) and snapshot.is_regular(path)]
    paths = [path for path in paths if not is_vendored(path)]
    first = conventional_roots(paths)
    reads, failed = _read(snapshot, crew, watch, paths, first)
    found = roots(paths, _imported(reads))
    if {*found} - {"."} != {*first} - {"."}:
        reads, failed = _read(snapshot, crew, watch, paths, found)
    return Surveyed(tuple(reads), tuple(failed), found)


def _read(
    snapshot: Snapshot, crew: Workers, watch: Watch, paths: list[str], starts: tuple[str, ...]
) -> tuple[list[FileRead], list[Failed]]:
    items = [(located, module_of(located.path, starts)) for located in snapshot.locate(paths)]
    died = "no process that reads it stays alive"
    task = crew.start(read, items, size=lambda item: item[0].size, died=lambda item: Failed(item[0].path, 1, died))
    outcomes = task.results(lambda done: watch("reading", done, len(items)))
    changed = [item.path for item in outcomes if isinstance(item, Failed) and not item.line]
    if changed:  # edited meanwhile: git still has what was committed
        snapshot.stale |= frozenset(changed)
        again = [(located, module_of(located.path, starts)) for located in snapshot.locate(changed)]
        outcomes = [item for item in outcomes if item.path not in snapshot.stale] + [read(item) for item in again]
    reads = [item for item in outcomes if isinstance(item, FileRead)]
    return reads, [item for item in outcomes if isinstance(item, Failed)]


def _imported(reads: Iterable[FileRead]) -> Counter[str]:
    """How often each module is imported absolutely, by the first two parts of its path."""
    found: Counter[str] = Counter()
    for file in reads:
        found.update(".".join(item.module.split(".")[:2]) for item in file.imports if not item.relative)
    return found
