"""A commit in, what its Python files say and the roots of their imports out: reads through `sources`, in workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress

from msgspec import MsgspecError, msgpack

from repoint.model import Failed, Frozen
from repoint.names import module_of
from repoint.proposing.facts import FileRead
from repoint.proposing.paths import conventional_roots, is_vendored, roots
from repoint.proposing.read import read
from repoint.sources.cache import NO_CACHE, Cache, fingerprint
from repoint.sources.snapshot import Snapshot
from repoint.sources.workers import Workers

Watch = Callable[[str, int, int], None]

_KIND = "proposing"
_DECODER = msgpack.Decoder(FileRead)


class Surveyed(Frozen, frozen=True):
    """All that was read, what could not be, and the folders that imports start from."""

    reads: tuple[FileRead, ...]
    failed: tuple[Failed, ...]
    roots: tuple[str, ...]


def survey(snapshot: Snapshot, crew: Workers, watch: Watch, cache: Cache = NO_CACHE) -> Surveyed:
    """Read every Python file, other people's aside; twice where imports start elsewhere than it seemed at first.

    What an earlier command read is taken from `cache`, and what is new is kept there.
    """
    paths = [path for path in sorted(snapshot.entries) if path.endswith((".py", ".pyi")) and snapshot.is_regular(path)]
    paths = [path for path in paths if not is_vendored(path)]
    first = conventional_roots(paths)
    reads, failed = _read(snapshot, crew, watch, paths, first, cache)
    found = roots(paths, _imported(reads))
    if {*found} - {"."} != {*first} - {"."}:
        reads, failed = _read(snapshot, crew, watch, paths, found, cache)
    return Surveyed(tuple(reads), tuple(failed), found)


def _read(
    snapshot: Snapshot, crew: Workers, watch: Watch, paths: list[str], starts: tuple[str, ...], cache: Cache
) -> tuple[list[FileRead], list[Failed]]:
    keys = {f"{snapshot.entries[path].blob}:{module_of(path, starts)}:{path}": path for path in paths}
    reads = _recalled(cache, keys)
    known = {item.path for item in reads}
    outcomes = _looked(snapshot, crew, watch, [path for path in paths if path not in known], starts)
    new = {item.path: item for item in outcomes if isinstance(item, FileRead)}
    cache.put(_KIND, fingerprint(), {key: msgpack.encode(new[path]) for key, path in keys.items() if path in new})
    reads += new.values()
    return sorted(reads, key=lambda item: item.path), [item for item in outcomes if isinstance(item, Failed)]


def _recalled(cache: Cache, keys: dict[str, str]) -> list[FileRead]:
    """What is known already of files, by their keys in the cache."""
    found = []
    for key, value in cache.get(_KIND, fingerprint(), list(keys)).items():
        with suppress(MsgspecError):
            decoded = _DECODER.decode(value)
            if decoded.path == keys[key]:
                found.append(decoded)
    return found


def _looked(
    snapshot: Snapshot, crew: Workers, watch: Watch, paths: list[str], starts: tuple[str, ...]
) -> list[FileRead | Failed]:
    items = [(located, module_of(located.path, starts)) for located in snapshot.locate(paths)]
    died = "no process that reads it stays alive"
    task = crew.start(read, items, size=lambda item: item[0].size, died=lambda item: Failed(item[0].path, 1, died))
    outcomes = task.results(lambda done: watch("reading", done, len(items)))
    changed = [item.path for item in outcomes if isinstance(item, Failed) and not item.line]
    if changed:  # edited meanwhile: git still has what was committed
        snapshot.stale |= frozenset(changed)
        again = [(located, module_of(located.path, starts)) for located in snapshot.locate(changed)]
        outcomes = [item for item in outcomes if item.path not in snapshot.stale] + [read(item) for item in again]
    return outcomes


def _imported(reads: Iterable[FileRead]) -> Counter[str]:
    """How often each module is imported absolutely, by the first two parts of its path."""
    found: Counter[str] = Counter()
    for file in reads:
        found.update(".".join(item.module.split(".")[:2]) for item in file.imports if not item.relative)
    return found
