"""What holds for every program: its meaning is kept, a second plan is empty, the inverse gives the bytes back."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from tests.property.meaning import check_idempotent, check_same_meaning
from tests.property.programs import HOMES, MOVES, manifest, modules
from tests.property.repository import Workshop

INVERSE = {new: old for old, new in MOVES.items()}
UNRELATED = {"pkg.legacy.absent:Engine": "pkg.home.core:UserEngine", "pkg.legacy.missing": "pkg.home.toolbox"}
PROFILE = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    yield Workshop(tmp_path_factory.mktemp("workshop"))


def compiles(files: dict[str, bytes]) -> bool:
    """Names declared global too late, and the like, are for Python to refuse."""
    try:
        for data in files.values():
            compile(data, "generated", "exec")
    except SyntaxError:
        return False
    return True


def tell(files: dict[str, bytes], after: dict[str, bytes]) -> None:
    for path, data in files.items():
        note(f"--- {path}\n{data.decode()}")
        if after[path] != data:
            note(f"+++ {path}\n{after[path].decode()}")


@PROFILE
@given(files=modules(rich=True))
def test_meaning_is_kept_and_a_second_plan_is_empty(workshop: Workshop, files: dict[str, bytes]) -> None:
    assume(compiles(files))
    planned = workshop.plan({**HOMES, **files}, manifest(MOVES))
    tell(files, planned.files)
    for finding in planned.plan.findings:
        note(str(finding))
    assume(planned.plan.applicable)
    check_same_meaning(planned, files)
    check_idempotent(workshop, planned)


def shape(data: bytes) -> list[tuple[int, list[str | None]]]:
    """Lines and `as` of the import statements: what merging, splitting and keeping a name change."""
    nodes = [node for node in ast.walk(ast.parse(data)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return [(node.lineno, [alias.asname for alias in node.names]) for node in nodes]


@PROFILE
@given(files=modules(rich=False))
def test_the_inverse_migration_gives_the_bytes_back(workshop: Workshop, files: dict[str, bytes]) -> None:
    assume(compiles(files))
    planned = workshop.plan(files, manifest(MOVES))
    # What was merged or split cannot be put together again.
    alike = [path for path, data in files.items() if shape(planned.files[path]) == shape(data)]
    assume(set(alike) & set(planned.changed))
    back = workshop.plan(planned.files, manifest(INVERSE))
    tell(files, planned.files)
    assert {path: back.files[path] for path in alike} == {path: files[path] for path in alike}


@PROFILE
@given(files=st.one_of(modules(rich=True), modules(rich=False)))
def test_a_migration_of_other_names_changes_nothing(workshop: Workshop, files: dict[str, bytes]) -> None:
    assume(compiles(files))
    planned = workshop.plan({**HOMES, **files}, manifest(UNRELATED))
    assert planned.changed == []
    assert planned.plan.counts.statements_parsed == 0


SCRIPT = """
import sys
from pathlib import Path
from repoint.pipeline import PlanRequest, make_plan
plan = make_plan(PlanRequest(Path(sys.argv[1]), Path(sys.argv[2]), None, 1), lambda *args: None)
print(len(plan.batches), "libcst" in sys.modules)
"""


def test_nothing_to_change_does_not_import_libcst(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "repo")
    workshop.commit({**HOMES, "pkg/mods/m0.py": b"from pkg.legacy.engine import Engine\nEngine()\n"})
    path = tmp_path / "migration.toml"
    path.write_text(manifest(UNRELATED), "utf-8")
    command = [sys.executable, "-c", SCRIPT, str(workshop.root), str(path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["0", "False"]
