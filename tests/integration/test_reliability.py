"""A few of the disturbances of `tests/reliability`, as many as fit into a suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.integration.migrated import FILES, MANIFEST
from tests.reliability import kills, writes
from tests.reliability.scene import KINDS, Scene, Source, make

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does"),
]


@pytest.fixture(scope="module", params=[0, 1], ids=["not checked out", "checked out"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    return make(KINDS[request.param], folder / "of", small(folder))


def small(folder: Path) -> Source:
    """A repository of a few files, in three batches."""
    for path, text in {**FILES, "tests/t.py": "from pkg.old import Old\n"}.items():
        (folder / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / path).write_text(text)
    (folder / "small.toml").write_text(MANIFEST.replace('"case"', '"execution-engine"'))
    return Source(folder / "files", folder / "small.toml")


def test_killed(scene: Scene) -> None:
    found = kills.kill_everywhere(scene, 3)
    assert [item.wrong for item in found] == [()] * 3


def test_killed_with_gates_a_formatter_and_hooks(tmp_path: Path) -> None:
    found = kills.kill_everywhere(make(KINDS[3], tmp_path / "scene", small(tmp_path)), 3)
    assert [item.wrong for item in found] == [()] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="limits and capabilities are Linux's")
def test_writes_that_fail(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "LIMITS", (0, 2048))
    suites: tuple[Iterator[writes.Failed], ...] = (
        writes.small_files_only(scene),
        islice(writes.read_only(scene), 1),
        islice(writes.locks_left(scene), 1),
    )
    found = [item for suite in suites for item in suite]
    assert [item.wrong for item in found] == [()] * len(found)
    assert sum(item.stopped for item in found) >= 2
