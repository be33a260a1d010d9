"""An audit as a page of HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from repoint.errors import ACTING
from repoint.measures import Audit, SymbolFigures
from repoint.model import Severity
from repoint.reporting.audits.page import html
from tests.unit.reporting.samples import TEXT, audit, empty, occurrence

VOID = {"meta", "input", "br", "wbr"}


class Page(HTMLParser):
    """The tags, ids, links and text of a page; `unclosed` holds what was not closed in order."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.unclosed: list[str] = []
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {key: value or "" for key, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.addresses += [given["src"]] if "src" in given else []
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.unclosed):
            self.text += data


@pytest.mark.parametrize("made", [audit(), empty()], ids=["audit", "empty"])
def test_it_is_one_well_formed_file_that_fetches_nothing(made: Audit) -> None:
    data = html(made)
    page = Page(data)
    assert page.unclosed == []
    assert all(link.startswith("#") for link in page.links)
    assert page.addresses == []
    assert b"http" not in data and b"url(" not in data and b"@import" not in data
    assert data == html(made)


def test_every_number_that_is_linked_leads_to_a_part_that_is_there_once() -> None:
    page = Page(html(audit()))
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.links) > 15


def test_a_code_of_two_severities_is_linked_once() -> None:
    places = (occurrence(), occurrence(severity=Severity.WARNING), occurrence(symbol="s", severity=Severity.WARNING))
    page = Page(html(audit(occurrences=places)))
    assert sorted(name for name in page.ids if name.startswith(("code-", "places-"))) == [
        "code-1",
        "places-1",
        "places-2",
    ]


def test_every_place_is_told_once() -> None:
    page = Page(html(audit()))
    assert page.tags.count("li") == len(audit().occurrences)
    assert page.text.count("test_engine_depreca_0.py:10:1") == 1


def test_targets_and_figures_come_first() -> None:
    text = Page(html(audit())).text
    at = [text.index(words) for words in ("2 of 3 targets missed", "Missed by 78", "Symbols", "Modules", "Places")]
    assert at == sorted(at)
    assert "40 symbols imported by the canonical path alone" in text


def test_a_code_is_explained() -> None:
    assert "It may go." in Page(html(audit(), {"alias-import": "It may go."})).text


@settings(max_examples=50, deadline=None, derandomize=True)
@given(TEXT)
def test_any_text_stays_text(anything: str) -> None:
    place = occurrence(anything, message=anything, mend=anything, code="pattern:x", symbol=anything)
    symbol = SymbolFigures(anything, True, "class", 1, 1, 0, 0, 0, 0, 0, 0)
    pattern = replace(audit().patterns[0], id="x", message=anything)
    made = audit(occurrences=(place,), symbols=(symbol,), patterns=(pattern,), name=anything, commit=anything)
    data = html(made, {"pattern:x": anything})
    plain = replace(made, occurrences=(occurrence(code="pattern:x", mend=anything and "m"),), symbols=(symbol,))
    ignored = {"wbr", "code", "br"}
    page = Page(data)
    assert page.unclosed == []
    tags = [tag for tag in page.tags if tag not in ignored]
    assert tags == [tag for tag in Page(html(plain, {"pattern:x": "e"})).tags if tag not in ignored]
    assert not ACTING.search(data.decode().replace("\n", ""))
