"""Whatever is edited between two plans, the one that goes by what the other saw is the one made from nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.pipeline import PlanRequest, make_plan
from repoint.planning.plan_file import dump
from tests.property.programs import HOMES, MOVES, manifest, modules
from tests.property.repository import Workshop
from tests.property.test_rewrites import PROFILE


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    yield Workshop(tmp_path_factory.mktemp("workshop"))


def plan_bytes(workshop: Workshop, commit: str, text: str, *, cache: bool) -> bytes:
    path = workshop.root / "migration.toml"
    path.write_text(text, "utf-8")
    request = PlanRequest(workshop.root, path, commit, 1, cache)
    return dump(make_plan(request, lambda what, done, of: None))


@settings(PROFILE, max_examples=8)
@given(
    versions=st.lists(modules(rich=True), min_size=2, max_size=2),
    fewer=st.sets(st.sampled_from(sorted(MOVES)), max_size=3),
)
def test_a_plan_that_goes_by_the_last_one_is_the_same(
    workshop: Workshop, versions: list[dict[str, bytes]], fewer: set[str]
) -> None:
    files: dict[str, bytes] = dict(HOMES)
    for text in (manifest(MOVES), manifest({old: new for old, new in MOVES.items() if old not in fewer})):
        for edited in versions:
            files |= edited
            commit = workshop.commit(files)
            assert plan_bytes(workshop, commit, text, cache=True) == plan_bytes(workshop, commit, text, cache=False)
