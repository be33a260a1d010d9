"""The baseline: stable while lines move, exact about how many there are, and only ever tighter by itself."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repoint.auditing.baseline import Baseline, baseline_of, compare, counts_of, dump, load, tightened
from repoint.errors import UsageError
from repoint.measures import KnownViolation, Occurrence
from repoint.model import Severity
from tests.audit_tools import imports_in
from tests.property.test_rewrites import PROFILE

ONE = "from pkg.old import Old\n"


def at(line: int, path: str = "a.py", subject: str = "s") -> Occurrence:
    return Occurrence(path, line, 1, "deprecated-import", Severity.WARNING, "m:S", subject, "message", "mend")


def test_what_is_known_stays_known_while_lines_move_and_others_change() -> None:
    known = counts_of(baseline_of("case", imports_in(ONE).violations))
    moved = imports_in(f"import os\n\n\ndef f():\n    x = 1; {ONE}").violations
    assert compare(known, moved) == ((), (), len(moved))


def test_of_equal_violations_the_last_ones_are_new() -> None:
    found = compare(Counter({("a.py", "deprecated-import", "m:S", "s"): 2}), [at(9), at(3), at(5)])
    assert (found.new, found.gone, found.known) == ((at(9),), (), 2)


def test_what_vanished_is_told_with_how_often() -> None:
    known = counts_of(baseline_of("case", [at(1), at(2), at(3), at(1, "b.py")]))
    found = compare(known, [at(7)])
    assert found.gone == (
        KnownViolation("a.py", "deprecated-import", "m:S", "s", 2),
        KnownViolation("b.py", "deprecated-import", "m:S", "s", 1),
    )


def test_a_file_that_was_renamed_is_new_and_gone() -> None:
    found = compare(counts_of(baseline_of("case", [at(1)])), [at(1, "b.py")])
    assert (len(found.new), len(found.gone)) == (1, 1)


def test_tightened_adds_nothing() -> None:
    known = baseline_of("case", [at(1), at(2), at(1, "b.py")])
    assert tightened(known, [at(5), at(1, "c.py")]) == baseline_of("case", [at(1)])


occurrences = st.lists(st.builds(at, st.integers(1, 5), st.sampled_from(["a.py", "b.py"]), st.sampled_from("st")))


@PROFILE
@given(before=occurrences, after=occurrences)
def test_a_ratchet(before: list[Occurrence], after: list[Occurrence]) -> None:
    known = baseline_of("case", before)
    assert load(dump(known), "f", "case") == known
    assert compare(counts_of(known), before) == ((), (), len(before))
    found = compare(counts_of(known), after)
    assert found.known + len(found.new) == len(after)
    tight = tightened(known, after)
    again = compare(counts_of(tight), after)
    assert (again.gone, len(again.new)) == ((), len(found.new))
    assert tightened(tight, before + after) == tight


def test_the_file_has_one_entry_to_a_line() -> None:
    text = dump(baseline_of("case", [at(1), at(1, "b.py")])).decode()
    assert text.splitlines() == [
        '{"schema_version":1,"name":"case", "violations": [',
        '{"path":"a.py","code":"deprecated-import","symbol":"m:S","subject":"s","count":1},',
        '{"path":"b.py","code":"deprecated-import","symbol":"m:S","subject":"s","count":1}',
        "]}",
    ]
    assert load(dump(baseline_of("case", [])), "f", "case") == Baseline(1, "case", ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"schema_version":2,"name":"case","violations":[]}',
        b'{"schema_version":1,"name":"case","violations":[{"path":"a"}]}',
        b'{"schema_version":1,"name":"case","violations":[{"path":"a","code":"c","symbol":"s","subject":"t","count":0}]}',
        b'{"schema_version":1,"name":"case","violations":[{"path":"a","code":"c","symbol":"s","subject":"t","count":-1}]}',
        b'{"schema_version":1,"name":"case","violations":"x"}',
        b'\xff\xfe{"schema_version":1}',
        b"[" * 100_000,
        b"<<<<<<< HEAD\n{}\n",
    ],
)
def test_what_is_no_baseline_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        load(data, "x.baseline.json", "case")
    text = str(caught.value)
    assert text.startswith("x.baseline.json: is no baseline") and "\n" not in text
    assert "repoint check --update-baseline" in text


def test_entries_that_stand_there_twice_count_together() -> None:
    entry = '{"path":"a.py","code":"deprecated-import","symbol":"m:S","subject":"s","count":1}'
    merged = f'{{"schema_version":1,"name":"case","violations":[{entry},{entry}]}}'.encode()
    assert compare(counts_of(load(merged, "f", "case")), [at(1), at(2)]).new == ()


def test_the_baseline_of_another_migration_is_refused() -> None:
    with pytest.raises(UsageError, match="is the baseline of other, not of case"):
        load(dump(baseline_of("other", [])), "f", "case")
