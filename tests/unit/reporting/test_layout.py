"""Blocks as plain text and through Rich."""

from __future__ import annotations

import io

from rich.console import Console

from repoint.reporting.layout import Block, Grid, Line, Tone, counted, plain, print_rich

BLOCKS: tuple[Block, ...] = (
    Line("words " * 20, Tone.BAD, indent=2),
    Line("repoint diff " + "long/" * 20, indent=2, exact=True),
    Line(),
    Grid(("batch", "files"), (("pkg/[a]", "7"), ("tests", "1,200")), frozenset({1})),
)


def rich(width: int, **options: bool) -> str:
    out = io.StringIO()
    print_rich(BLOCKS, Console(file=out, width=width, force_terminal=True, **options))
    return out.getvalue()


def test_plain_wraps_prose_and_never_cuts_what_is_exact() -> None:
    lines = plain(BLOCKS, width=40).splitlines()
    assert all(len(line) <= 40 for line in lines[:3])
    assert lines[0].startswith("  words words")
    assert f"  repoint diff {'long/' * 20}" in lines


def test_plain_tables_are_aligned_without_trailing_blanks() -> None:
    assert plain(BLOCKS).splitlines()[-3:] == [
        "  batch    files",
        "  pkg/[a]      7",
        "  tests    1,200",
    ]


def test_tables_without_header_have_rows_only() -> None:
    assert plain([Grid(("", ""), (("a", "1"),), indent=0)]) == "a  1\n"


def test_rich_shows_the_same_words_and_takes_no_markup_from_the_data() -> None:
    shown = rich(80, no_color=True)
    assert "pkg/[a]" in shown
    assert f"repoint diff {'long/' * 20}" in shown
    assert "words words" in shown


def test_rich_colours_only_where_colour_is_wanted() -> None:
    assert "\x1b[1;31m" in rich(80)
    assert "\x1b[1;31m" not in rich(80, no_color=True)


def test_rich_tables_fit_a_narrow_terminal() -> None:
    out = io.StringIO()
    wide = Grid(("title", "files"), (("long " * 30, "1,200"),), frozenset({1}), shrink=0)
    print_rich([wide], Console(file=out, width=40, force_terminal=True, no_color=True))
    rows = [line for line in out.getvalue().splitlines() if "1,200" in line]
    assert rows
    assert "…" in rows[0]


def test_counts_agree_with_their_nouns() -> None:
    assert [counted(1, "batch", "batches"), counted(2, "batch", "batches"), counted(1200, "file")] == [
        "1 batch",
        "2 batches",
        "1,200 files",
    ]
