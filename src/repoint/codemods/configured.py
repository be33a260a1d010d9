"""The manifest's `[[codemod]]` tables in, each with its name, limits and files ready to be run out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from repoint.codemods.values import Limits, Step
from repoint.manifest.codemods import bytes_of
from repoint.manifest.commands import seconds_of
from repoint.manifest.globs import matches
from repoint.manifest.schema import Codemod, FileFailure
from repoint.model import Frozen

RULE = "codemod:"


class Configured(Frozen, frozen=True):
    """A codemod of the manifest; `position` is that of its table, `id` its name, unique in the manifest."""

    position: int
    id: str
    step: Step
    limits: Limits
    files: tuple[str, ...]
    exclude: tuple[str, ...]
    prefilter: tuple[str, ...]
    idempotent: bool
    refuses: bool

    @property
    def rule(self) -> str:
        """What its edits are marked by."""
        return RULE + self.id

    def looks_at(self, path: str) -> bool:
        """Whether a file of this path is in question."""
        return matches(path, self.files) and not matches(path, self.exclude)

    @property
    def words(self) -> frozenset[str]:
        """What to search files for as git stores them; none for all files.

        A word beyond ASCII may be written in other bytes, where a file declares its coding.
        """
        words = frozenset(self.prefilter)
        return words if all(word.isascii() for word in words) else words | {"coding"}

    def wants(self, text: str) -> bool:
        """Whether a file of this text is in question."""
        return not self.prefilter or any(word in text for word in self.prefilter)


def configure(tables: Sequence[Codemod]) -> tuple[Configured, ...]:
    """All of them, in the manifest's order. One without an `id` is called by its `ref`, with a number if need be."""
    seen: Counter[str] = Counter()
    found = []
    for position, table in enumerate(tables):
        name = table.id or table.ref
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}#{seen[name]}"
        found.append(_configured(position, name, table))
    return tuple(found)


def _configured(position: int, name: str, table: Codemod) -> Configured:
    return Configured(
        position,
        name,
        Step(table.kind, table.ref, table.args or {}),
        Limits(seconds_of(table.timeout), bytes_of(table.memory)),
        table.files,
        table.exclude,
        table.prefilter,
        table.idempotent,
        table.on_failure is FileFailure.REFUSE,
    )
