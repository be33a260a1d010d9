"""A history as a table and as CSV."""

from __future__ import annotations

import csv
import io

from msgspec.structs import replace

from repoint.measures import Figures, History
from repoint.reporting.audits.over_time import history_csv, history_table
from repoint.reporting.layout import plain
from tests.unit.reporting.samples import figures, history


def test_a_row_tells_the_figures_and_their_change() -> None:
    assert plain(history_table(history())) == (
        "execution-engine: 3 commits, 2025-09-12 to 2025-09-14\n"
        "\n"
        "  date        commit         share  fragmented  deprecated\n"
        "  2025-09-12  00000000       87.5%         414         207\n"
        "  2025-09-13  00000000  92.0% +4.5    264 -150     132 -75\n"
        "  2025-09-14  00000000  99.8% +7.8      4 -260      2 -130\n"
        "\n"
        "  figure              first   last\n"
        "  deprecated imports    207      2\n"
        "  fragmented imports    414      4\n"
        "  canonical share     87.5%  99.8%\n"
    )


def test_commits_that_change_nothing_are_counted_unless_all_are_wanted() -> None:
    first, *rest = history().points
    longer = replace(history(), points=(first, first, first, *rest))
    shown = plain(history_table(longer))
    assert shown.count("2025-09-12  0") == 1
    assert "  2 commits changed none of these (--verbose shows them).\n" in shown
    assert plain(history_table(longer, every=True)).count("2025-09-12  0") == 3


def test_it_fits_eighty_columns_whatever_changes() -> None:
    full = dict.fromkeys(Figures.__struct_fields__, 1000)
    points = tuple(
        replace(point, figures=figures(**{**full, **dict.fromkeys(full, 1000 - at), "canonical_share": 10.0 * at}))
        for at, point in enumerate(history().points)
    )
    assert max(map(len, plain(history_table(replace(history(), points=points))).splitlines())) <= 80


def test_nothing_and_no_change_are_told() -> None:
    assert plain(history_table(History(1, "repoint", "m", ()))) == "m: no commit in this range.\n"
    same = replace(history(), points=history().points[:1] * 2)
    assert plain(history_table(same)).endswith("No figure changed.\n")


def test_csv_reads_back_record_by_record() -> None:
    data = history_csv(history())
    assert data.count(b"\r\n") == 4
    header, *records = csv.reader(io.StringIO(data.decode(), newline=""))
    assert header == ["commit", "date", "subject", *Figures.__struct_fields__]
    assert records[1][2] == 'Move batch 1, "supervisor"'
    assert records[1][header.index("canonical_share")] == "92.04"
    assert records[1][header.index("fragmented_imports")] == "264"
