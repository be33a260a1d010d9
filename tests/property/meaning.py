"""Takes the files of a program, plans the migration of `programs`, asserts that the program means the same."""

from __future__ import annotations

from collections.abc import Mapping

from tests.property.equivalence import Moves, differences
from tests.property.programs import HOMES, MOVES, manifest
from tests.property.repository import Planned, Workshop
from tests.property.running import told

DOTTED = Moves({old.replace(":", "."): new.replace(":", ".") for old, new in MOVES.items()})
STAY = {"module-kept", "star-import"}  # findings that say that an old path stays


def check_same_meaning(planned: Planned, files: Mapping[str, bytes]) -> None:
    """The trees are equal but for the moves, and the program tells the same when it runs."""
    for path, data in files.items():
        said = any(finding.path == path and finding.code in STAY for finding in planned.plan.findings)
        after = planned.files[path].decode()
        assert differences(data.decode(), after, module_of(path), DOTTED, some_stay=said) == []
    modules = [module_of(path) for path in files]
    assert told(planned.files, modules) == told({**HOMES, **files}, modules)


def check_idempotent(workshop: Workshop, planned: Planned) -> None:
    assert workshop.plan(planned.files, manifest(MOVES)).changed == []


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")
