"""Fingerprints hold while lines come and go."""

from __future__ import annotations

from msgspec.structs import replace

from repoint.reporting.audits.fingerprints import fingerprints
from tests.unit.reporting.samples import occurrence, places


def test_they_do_not_depend_on_lines_messages_or_order() -> None:
    found = places()
    moved = [replace(item, line=item.line + 40, message="told in other words") for item in reversed(found)]
    assert fingerprints(moved) == fingerprints(found)[::-1]


def test_each_place_has_one_of_its_own() -> None:
    found = places()
    assert len(set(fingerprints(found))) == len(found)


def test_a_further_equal_place_gets_one_new_fingerprint() -> None:
    before = [occurrence(line=3), occurrence(line=9)]
    after = [occurrence(line=1), *before]
    assert set(fingerprints(before)) < set(fingerprints(after))
    assert len(set(fingerprints(after))) == 3


def test_parts_are_told_apart() -> None:
    pair = [occurrence(symbol="a", subject="bc"), occurrence(symbol="ab", subject="c")]
    assert len(set(fingerprints(pair))) == 2


def test_they_stay_the_same_from_version_to_version() -> None:
    made = fingerprints([occurrence("pkg/\udcff.py", subject="from old import Engine", symbol="new:Engine")])
    assert made == ["8796bfaea9681d9a8913b9f90ad772bc516dc1ac4a2a86c5920918357fb99eb0"]
