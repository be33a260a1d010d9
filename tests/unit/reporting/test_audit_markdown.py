"""An audit as a comment on GitHub."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings
from markdown_it import MarkdownIt
from msgspec.structs import replace

from repoint.measures import SymbolFigures
from repoint.reporting.audits.markdown import LIMIT, markdown
from tests.unit.reporting.samples import KINDS, TEXT, audit, empty, occurrence


class Rendered(HTMLParser):
    """The tags of a page, and its text without markup."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(source.decode()))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_verdict_the_targets_and_the_symbols_come_first() -> None:
    lines = markdown(audit()).decode().splitlines()
    assert lines[:9] == [
        "## repoint audit: execution-engine",
        "",
        "**2 of 3 targets missed** at `0123456789ab`; 8,822 files in scope, 230 read.",
        "",
        "| target | value | wanted |  |",
        "| --- | ---: | --- | --- |",
        "| deprecated imports | 78 | `== 0` | **missed by 78** |",
        "| canonical share | 91.9% | `>= 95%` | **missed by 3.1 points** |",
        "| deprecated strings | 0 | `== 0` | met |",
    ]


def test_it_renders_as_tables_and_folded_lists() -> None:
    page = Rendered(markdown(audit()))
    assert page.tags.count("table") == 2
    assert page.tags.count("details") == len(KINDS)
    assert page.tags.count("li") == sum(kind.count + 1 for kind in KINDS)


def test_nothing_to_tell_is_told() -> None:
    page = Rendered(markdown(empty()))
    assert "0 violations" in page.words
    assert "table" not in page.tags


def test_it_never_grows_beyond_a_comment_and_counts_what_is_left_out() -> None:
    many = tuple(
        occurrence(f"pkg/{'long' * 40}/{at}.py", at + 1, code=f"code-{at % 40}", message="<&>" * 200)
        for at in range(3000)
    )
    symbols = tuple(SymbolFigures(f"pkg.{'m' * 200}{at}:S", True, "class", 0, 1, 0, 0, 0, 0, 0, 0) for at in range(500))
    data = markdown(audit(occurrences=many, symbols=symbols))
    assert LIMIT * 0.9 < len(data) <= LIMIT
    text = data.decode()
    told = sum(line.startswith("  - ") for line in text.splitlines())
    left = sum(int(count.replace(",", "")) for count in re.findall(r"([\d,]+) more places? (?:of .*)?left out", text))
    assert told + left == 3000
    assert "more symbols left out here" in text
    assert text.count("<details>") == text.count("</details>")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXT, TEXT)
def test_no_text_becomes_markup(anything: str, tricky: str) -> None:
    place = occurrence(f"p{anything}", message=tricky, mend=anything, code="pattern:x")
    symbol = SymbolFigures(f"pkg:{tricky}", True, "class", 1, 1, 0, 0, 0, 0, 0, 0)
    pattern = replace(audit().patterns[0], id="x", message=tricky)
    plain = replace(audit(), occurrences=(occurrence(),), symbols=(replace(symbol, symbol="pkg:Name"),))
    page = Rendered(markdown(audit(occurrences=(place,), symbols=(symbol,), patterns=(pattern,))))
    unmarked = [tag for tag in page.tags if tag != "code"]
    assert unmarked == [tag for tag in Rendered(markdown(plain)).tags if tag != "code"]
