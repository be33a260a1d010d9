"""The record of a follow: what is read from it becomes arguments of git, so nothing else than we write is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repoint.errors import Refused
from repoint.execution.checkout import intents
from repoint.execution.repository.git import open_repository
from tests.conftest import MakeRepo

COMMITS = ("1" * 40, "2" * 40)
GOOD = {"ref": "refs/heads/x", "old": "0" * 40, "targets": COMMITS, "started": False, "token": f"repoint {'a' * 32}"}


def test_what_is_announced_is_read(make_repo: MakeRepo) -> None:
    repo = open_repository(make_repo({}))
    assert intents.read(repo) is None
    for target in COMMITS:
        intents.announce(repo, "refs/heads/caf\u00e9/x", "0" * 40, target)
    found = intents.read(repo)
    assert found is not None
    assert (found.ref, found.old, found.targets) == ("refs/heads/caf\u00e9/x", "0" * 40, COMMITS)


@pytest.mark.parametrize(
    "fields",
    [
        {"ref": "--output=x"},
        {"ref": "refs/heads/a\nb"},
        {"old": "--output=x"},
        {"old": "HEAD"},
        {"old": "0" * 40 + "\n"},
        {"targets": []},
        {"targets": ["-x"]},
        {"token": "\u00e9"},
        {"more": 1},
    ],
)
def test_what_we_did_not_write_is_refused(make_repo: MakeRepo, fields: dict[str, object]) -> None:
    repo = open_repository(make_repo({}))
    place = intents.home(repo)
    place.mkdir()
    (place / "follow.json").write_text(json.dumps(GOOD | fields))
    with pytest.raises(Refused, match="is no readable record"):
        intents.read(repo)
    (place / "follow.json").write_text(json.dumps(GOOD))
    assert intents.read(repo)


def test_a_folder_in_its_place(make_repo: MakeRepo) -> None:
    repo = open_repository(make_repo({}))
    Path(intents.home(repo), "follow.json").mkdir(parents=True)
    with pytest.raises(Refused, match="is no readable record"):
        intents.read(repo)
