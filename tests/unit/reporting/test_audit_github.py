"""An audit as workflow commands."""

from __future__ import annotations

from hypothesis import given, settings

from repoint.errors import ACTING
from repoint.model import Severity
from repoint.reporting.audits.github import github
from repoint.reporting.layout import whole
from tests.unit.reporting.samples import TEXT, audit, empty, occurrence


def decoded(text: str) -> str:
    for mark, escaped in ((",", "%2C"), (":", "%3A"), ("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
        text = text.replace(escaped, mark)
    return text


def test_properties_and_data_are_escaped_each_in_its_way() -> None:
    place = occurrence("a,b:c%.py", 3, column=5, message="100%: one, two\nthree", mend="", severity=Severity.INFO)
    assert github(audit(occurrences=(place,))) == (
        b"::notice file=a%2Cb%3Ac%25.py,line=3,col=5,title=deprecated-import::100%25: one, two%0Athree\n"
    )


def test_the_worst_come_first_and_the_mend_comes_with_them() -> None:
    lines = github(audit()).decode().splitlines()
    kinds = [line.removeprefix("::").partition(" ")[0] for line in lines]
    assert kinds == sorted(kinds, key=["error", "warning", "notice"].index)
    assert len(lines) == len(audit().occurrences)
    assert lines[0].endswith("import UserExecutionEngine`")


def test_nothing_found_is_nothing_said() -> None:
    assert github(empty()) == b""


@settings(max_examples=50, deadline=None, derandomize=True)
@given(TEXT)
def test_any_text_is_one_line_that_reads_back(anything: str) -> None:
    data = github(audit(occurrences=(occurrence(anything, message=anything, mend=""),))).decode()
    assert data.count("\n") == 1
    assert not ACTING.search(data[:-1])
    head, _, message = data[2:-1].partition("::")
    path = head.partition("file=")[2].partition(",")[0]
    if not ACTING.search(anything.replace("\r", "").replace("\n", "")):
        assert decoded(message) == whole(anything)
        assert decoded(path) == whole(anything)
