"""What the proof of one file takes and gives: plain frozen values, fit for a process pool."""

from __future__ import annotations

from repoint.model import Edit, Finding, Frozen


class Subject(Frozen, frozen=True):
    """A changed file: its bytes before and after, and its edits; `module` is empty where it cannot be imported.

    `outline` is `thin.outline` of the file before, where it was parsed already; it is worked out where it is None.
    """

    path: str
    module: str
    package: str
    before: bytes
    after: bytes
    edits: tuple[Edit, ...]
    outline: bytes | None = None


class Pair(Frozen, frozen=True, order=True):
    """Two absolute dotted paths that one and the same use stands for, before and after; they differ.

    A path is what the import binds, with all attributes that the use reads from it: `pkg.mod.Name.attribute`.
    `outside`: no use in the file itself, but what others read as an attribute of the module or class.
    """

    line: int
    name: str
    before: str
    after: str
    outside: bool = False


class NewImport(Frozen, frozen=True, order=True):
    """An import after that was not there before: `names` is empty for `import module`, `*` stands for a star.

    `line` counts after the change; `import_time` is False in functions and below `if TYPE_CHECKING`.
    """

    line: int
    module: str
    names: tuple[str, ...]
    import_time: bool


class Examined(Frozen, frozen=True):
    """The outcome for one file. `lost` are names that the module bound before and binds no more; `*`: a star import."""

    path: str
    faults: tuple[Finding, ...]
    pairs: tuple[Pair, ...] = ()
    imports: tuple[NewImport, ...] = ()
    lost: tuple[str, ...] = ()
