"""A few of the disturbances of `tests/reliability`, as many as fit into a suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.reliability import kills, writes
from tests.reliability.scene import KINDS, Scene, make

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does"),
]


@pytest.fixture(scope="module", params=[0, 1], ids=["not checked out", "checked out"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make(KINDS[request.param], tmp_path_factory.mktemp("scene") / "of")


def test_killed(scene: Scene) -> None:
    found = kills.kill_everywhere(scene, 6)
    assert [item.wrong for item in found] == [()] * 6


def test_killed_with_gates_a_formatter_and_hooks(tmp_path: Path) -> None:
    found = kills.kill_everywhere(make(KINDS[3], tmp_path / "scene"), 3)
    assert [item.wrong for item in found] == [()] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="limits and capabilities are Linux's")
def test_writes_that_fail(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "LIMITS", (0, 2048, 8192))
    suites: tuple[Iterator[writes.Failed], ...] = (
        writes.small_files_only(scene),
        islice(writes.read_only(scene), 2),
        islice(writes.locks_left(scene), 1),
    )
    found = [item for suite in suites for item in suite]
    assert [item.wrong for item in found] == [()] * len(found)
    assert sum(item.stopped for item in found) >= 4
