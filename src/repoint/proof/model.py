"""What the examination of one changed file tells the proof of the whole repository."""

from __future__ import annotations

from repoint.model import Finding, Frozen


class Pair(Frozen, frozen=True):
    """What one use of a name stands for, before and after, as absolute dotted paths; they differ."""

    line: int
    name: str
    before: str
    after: str


class NewImport(Frozen, frozen=True):
    """An import that was not there before; `names` is empty for `import module`. `module` is absolute."""

    line: int
    module: str
    names: tuple[str, ...]
    import_time: bool


class Examined(Frozen, frozen=True):
    """A changed file: its own faults, and what only the repository can tell; `lost` are top-level names now unbound."""

    path: str
    faults: tuple[Finding, ...]
    pairs: tuple[Pair, ...]
    imports: tuple[NewImport, ...]
    lost: tuple[str, ...]
