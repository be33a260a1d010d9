"""Locks that a killed git leaves while it moves our branch: ours go, others' stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from repoint.execution import places
from repoint.execution.repository import moving
from repoint.execution.repository.git import Repository, open_repository
from tests.conftest import MakeRepo

REF, NEW = "refs/heads/x", "a" * 40


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repository:
    return open_repository(make_repo({"a.py": b""}))


@pytest.mark.parametrize("held", ["", NEW, f"{NEW}\n"])
@pytest.mark.parametrize("name", [f"{REF}.lock", "HEAD.lock"])
def test_what_was_left_goes(repo: Repository, name: str, held: str) -> None:
    moving.record(repo, REF, NEW)
    (repo.common_dir / name).write_text(held)
    moving.free(repo)
    assert not (repo.common_dir / name).exists()
    assert not places.moving(repo.common_dir).exists()


def test_another_s_lock_stays(repo: Repository) -> None:
    lock: Path = repo.common_dir / f"{REF}.lock"
    lock.write_text("")
    moving.record(repo, REF, NEW)  # it was there before us
    moving.free(repo)
    assert lock.exists()
    lock.unlink()
    moving.record(repo, REF, NEW)
    lock.write_text("b" * 40)  # somebody moves the branch elsewhere
    moving.free(repo)
    assert lock.exists()


def test_without_a_record_nothing_is_touched(repo: Repository) -> None:
    lock = repo.common_dir / f"{REF}.lock"
    lock.write_text(NEW)
    moving.free(repo)
    assert lock.exists()


@pytest.mark.parametrize("record", ["", "{", "[1, 2, 3]", '["refs/heads/../../x", "", []]', '["HEAD", "", []]', "[]"])
def test_a_record_that_says_nothing_harms_nothing(repo: Repository, record: str) -> None:
    place = places.moving(repo.common_dir)
    place.parent.mkdir(exist_ok=True)
    place.write_text(record)
    outside = repo.common_dir.parent.parent / "x.lock"
    outside.write_text("")
    moving.free(repo)
    assert outside.exists() and not place.exists()
