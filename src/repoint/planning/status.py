"""Where the modules stand that something moves away from: the tree and the changes in, one row for each out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from repoint.analysis.status import state_of
from repoint.analysis.tree import ModuleTree
from repoint.manifest.decode import Migration
from repoint.model import FileChange, ModuleStatus, splice


def statuses(migration: Migration, tree: ModuleTree, changes: Mapping[str, FileChange]) -> tuple[ModuleStatus, ...]:
    """The status of every governed module that has a file, before and after `changes` (by path)."""
    moved: dict[str, set[str]] = defaultdict(set)
    for symbol in migration.moves.symbols:
        moved[symbol.module].add(symbol.name)
    governed = migration.moves.touched_modules | {stub.module for stub in migration.manifest.stub}
    rows = []
    for module in sorted(governed & tree.by_module.keys()):
        path = tree.by_module[module]
        before = tree.data(path)
        after: bytes | None = before
        if (change := changes.get(path)) is not None:
            after = None if change.after is None else splice(before, change.edits, change.encoding)
        names = frozenset(moved[module])
        rows.append(
            ModuleStatus(module, state_of(before, names), state_of(after, names), _lines(before), _lines(after or b""))
        )
    return tuple(rows)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
