"""What the tests of the commands share."""

from __future__ import annotations

import pytest

from tests.unit.cli.pipelines import FakePipeline


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    """A pipeline that gives an empty plan, or what the test tells it to."""
    fake = FakePipeline()
    fake.install(monkeypatch)
    return fake
