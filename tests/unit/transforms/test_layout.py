"""One from-import taken apart and put together again: names in and out, comments with their names."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repoint.transforms.layout import Name, fresh
from repoint.transforms.layout_parser import parse_layout, plain_layout

ONE_LINE = "from m import a, b as x,  c"
BROKEN = """\
from m import (  # opening
    # above a
    a,  # beside a
    b as x,

    # above c
    c,  # beside c
    # at the end
)"""
TIGHT = "from  .m import( a,b )"
GRID = "from m import (\n    a, b,\n    c\n)"
BACKSLASH = "from m import a, \\\n    b, \\\n    c"
HANGING = "from m import (a,\n               b,\n               c)"
ALL = [ONE_LINE, BROKEN, TIGHT, GRID, BACKSLASH, HANGING]


def names_of(source: str) -> list[str]:
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.ImportFrom)
    return [alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in statement.names]


@pytest.mark.parametrize(
    "source", [ONE_LINE, BROKEN, GRID, BACKSLASH, HANGING, "from . import a", "from ..m.n import a"]
)
def test_nothing_changed_gives_the_same_text(source: str) -> None:
    assert parse_layout(source).text == source


@pytest.mark.parametrize("source", ALL)
def test_every_subset_of_names_parses_and_keeps_the_rest(source: str) -> None:
    layout = parse_layout(source)
    count = len(layout.names)
    for mask in range(1, 2**count):
        kept = [at for at in range(count) if mask & 1 << at]
        thinned = layout.without(set(range(count)) - set(kept))
        assert names_of(thinned.text) == [layout.names[at] for at in kept]


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("name", [Name("n"), Name("n as o", ("# above n",), "# beside n")])
def test_appended_names_come_last(source: str, name: Name) -> None:
    layout = parse_layout(source)
    text = layout.appended([name, Name("z")]).text
    assert names_of(text) == [*layout.names, name.text, "z"]
    if layout.parenthesised and layout.gaps[-1].broken:
        assert all(comment in text for comment in name.above)


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        ({0}, "from m import (  # opening\n    b as x,\n\n    # above c\n    c,  # beside c\n    # at the end\n)"),
        ({1}, "from m import (  # opening\n    # above a\n    a,  # beside a\n\n    # above c\n    c,  # beside c\n"
         "    # at the end\n)"),
        ({2}, "from m import (  # opening\n    # above a\n    a,  # beside a\n    b as x,\n    # at the end\n)"),
        ({0, 1}, "from m import (  # opening\n\n    # above c\n    c,  # beside c\n    # at the end\n)"),
    ],
)  # fmt: skip
def test_comments_go_with_their_names(gone: set[int], text: str) -> None:
    assert parse_layout(BROKEN).without(gone).text == text


@pytest.mark.parametrize(
    ("source", "gone", "text"),
    [
        (ONE_LINE, {0}, "from m import b as x,  c"),
        (ONE_LINE, {1}, "from m import a, c"),
        (ONE_LINE, {2}, "from m import a, b as x"),
        (BACKSLASH, {0}, "from m import b, \\\n    c"),
        (BACKSLASH, {2}, "from m import a, \\\n    b"),
        (GRID, {0}, "from m import (\n    b,\n    c\n)"),
        (HANGING, {2}, "from m import (a,\n               b)"),
    ],
)
def test_a_name_leaves_no_trace(source: str, gone: set[int], text: str) -> None:
    assert parse_layout(source).without(gone).text == text


def test_a_name_takes_its_comments_along() -> None:
    layout = parse_layout(BROKEN)
    assert layout.name(0) == Name("a", ("# above a",), "# beside a")
    assert layout.name(1) == Name("b as x")
    assert layout.name(2) == Name("c", ("# above c",), "# beside c")


def test_names_change_in_place() -> None:
    assert parse_layout(ONE_LINE).renamed({1: "y", 2: "z as w"}).text == "from m import a, y,  z as w"


def test_an_append_follows_the_statements_form() -> None:
    assert parse_layout("from m import a").appended([Name("b")]).text == "from m import a, b"
    assert parse_layout("from m import (a)").appended([Name("b")]).text == "from m import (a, b)"
    broken = parse_layout("from m import (\n    a,\n)").appended([Name("b", ("# above",), "# beside")])
    assert broken.text == "from m import (\n    a,\n    # above\n    b,  # beside\n)"
    bare = parse_layout("from m import (\n    a\n)").appended([Name("b")])
    assert bare.text == "from m import (\n    a,\n    b\n)"


@pytest.mark.parametrize(
    ("like", "indent", "text"),
    [
        (None, "", "from n import a, b  # beside"),
        ("from m import x", "    ", "from n import a, b  # beside"),
        ("from m import (x)", "", "from n import (\n    # above\n    a,\n    b,  # beside\n)"),
        ("from m import (\n  x,\n)", "", "from n import (\n  # above\n  a,\n  b,  # beside\n)"),
        ("from m import (\n  x, y\n)", "", "from n import (\n  # above\n  a,\n  b  # beside\n)"),
        ("from m import (\n        x,\n    )", "    ",
         "from n import (\n        # above\n        a,\n        b,  # beside\n    )"),
    ],
)  # fmt: skip
def test_a_new_statement_is_like_the_one_it_leaves(like: str | None, indent: str, text: str) -> None:
    names = [Name("a", ("# above",)), Name("b", (), "# beside")]
    assert fresh("n", names, parse_layout(like) if like else None, indent) == text


def test_windows_line_ends_are_read() -> None:
    assert parse_layout("from m import (\r\n    a,\r\n)").text == "from m import (\n    a,\n)"


BREAK = st.sampled_from(["", " ", "\n    ", "\r\n    ", "\n\n  ", "\n"])
NAME = st.builds("".join, st.tuples(st.sampled_from("abc"), st.sampled_from(["", " as x", "  as  y"])))


@given(
    head=st.sampled_from(["from m import", "from .m.n  import", "from. import", "from  .. import", "from. m import"]),
    names=st.lists(st.tuples(BREAK, NAME, BREAK), min_size=1, max_size=4),
    end=st.sampled_from(["", ",", ",\n", ", "]),
    bracketed=st.booleans(),
)
def test_what_is_read_at_a_glance_is_what_libcst_reads(
    head: str, names: list[tuple[str, str, str]], end: str, bracketed: bool
) -> None:
    if bracketed:
        source = f"{head} ({','.join(before + name + after for before, name, after in names)}{end})"
    else:
        source = f"{head} {', '.join(name for _, name, _ in names)}"
    layout = plain_layout(source)
    if layout is None:
        assert "from. m" in source
    else:
        assert layout == parse_layout(source)


@pytest.mark.parametrize("source", [BROKEN, BACKSLASH])
def test_comments_and_continued_lines_are_for_libcst(source: str) -> None:
    assert plain_layout(source) is None
