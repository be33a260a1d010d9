"""The page on reliability names a test for each of its rows: they are all there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "reliability.md"


def test_every_row_names_tests_that_exist() -> None:
    defined = {
        f"{path.name}::{name}"
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^(?:    )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|") and "::" in line]
    assert len(rows) > 60
    missing = []
    for row in rows:
        file = ""
        for named, name in re.findall(r"`(test_\w+\.py)?::(test_\w+)`", row):
            file = named or file
            if f"{file}::{name}" not in defined:
                missing.append(f"{file}::{name}")
    assert missing == []


def test_every_row_of_its_tables_names_one() -> None:
    tables = PAGE.read_text(encoding="utf-8").partition("## Stopped")[2]
    rows = [line for line in tables.splitlines() if line.startswith("| ") and not line.endswith("| test |")]
    assert [row for row in rows if "::test_" not in row] == []
