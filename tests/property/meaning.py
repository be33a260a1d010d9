"""Takes the files of a program, plans the migration of `programs`, asserts that the program means the same."""

from __future__ import annotations

from collections.abc import Mapping

from tests.property.equivalence import Moves, differences
from tests.property.programs import HOMES, MOVES, manifest
from tests.property.repository import Planned, Workshop
from tests.property.running import told

STAY = {"module-kept", "star-import"}  # findings that say that an old path stays


def check_same_meaning(
    planned: Planned, files: Mapping[str, bytes], moves: Mapping[str, str] = MOVES, others: Mapping[str, bytes] = HOMES
) -> None:
    """The trees are equal but for the moves, and the program tells the same when it runs, `others` beside it."""
    dotted = Moves({old.replace(":", "."): new.replace(":", ".") for old, new in moves.items()})
    for path, data in files.items():
        said = any(finding.path == path and finding.code in STAY for finding in planned.plan.findings)
        after = planned.files[path].decode()
        assert differences(data.decode(), after, module_of(path), dotted, some_stay=said) == []
    modules = [module_of(path) for path in files]
    assert told(planned.files, modules) == told({**HOMES, **others, **files}, modules)


def check_idempotent(workshop: Workshop, planned: Planned, moves: Mapping[str, str] = MOVES) -> None:
    assert workshop.plan(planned.files, manifest(dict(moves))).changed == []


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")
