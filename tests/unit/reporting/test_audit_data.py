"""An audit as JSON, held to its published schema."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from repoint.measures import Audit, History
from repoint.reporting.audits.data import history_json, json_bytes
from tests.unit.reporting.samples import TEXT, audit, empty, history, occurrence

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "audit.schema.json").read_text(encoding="utf-8"))


def problems(document: object) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]


@pytest.mark.parametrize("made", [audit(), empty()], ids=["audit", "empty"])
def test_it_is_what_the_published_schema_says_and_reads_back_as_the_same(made: Audit) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert problems(json.loads(json_bytes(made))) == []
    assert msgspec.json.decode(json_bytes(made), type=Audit) == made


def test_the_schema_finds_what_is_missing_unknown_or_of_another_kind() -> None:
    document = json.loads(json_bytes(audit()))
    del document["commit"]
    document["occurrences"][0]["severity"] = "fatal"
    document["targets"][0]["extra"] = 1
    assert len(problems(document)) == 3


def test_it_is_indented_ends_with_a_newline_and_keeps_the_order_of_the_fields() -> None:
    data = json_bytes(audit())
    assert data.startswith(b'{\n  "schema_version": 1,\n  "tool": "repoint 0.1.0",\n')
    assert data.endswith(b"]\n}\n")
    assert list(json.loads(data)) == list(Audit.__struct_fields__)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(TEXT)
def test_any_text_gives_valid_json(anything: str) -> None:
    made = audit(occurrences=(occurrence(anything, message=anything, subject=anything),), name=anything)
    document = json.loads(json_bytes(made).decode())
    assert problems(document) == []
    if not any("\ud800" <= letter <= "\udfff" for letter in anything):
        assert document["occurrences"][0]["message"] == anything


def test_a_history_reads_back_as_the_same() -> None:
    assert msgspec.json.decode(history_json(history()), type=History) == history()
