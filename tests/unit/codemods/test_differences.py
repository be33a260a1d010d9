"""Two texts become edits that a person can read: words where words differ, lines where lines do."""

from __future__ import annotations

import time

import pytest

from repoint.codemods.differences import differences
from repoint.model import splice


def found(before: str, after: str, encoding: str = "utf-8", bom: int = 0) -> list[tuple[int, str, str]]:
    made = differences(before, after, encoding, bom, "codemod:a")
    data = b"\xef\xbb\xbf"[:bom] + before.encode(encoding)
    assert splice(data, made, encoding) == b"\xef\xbb\xbf"[:bom] + after.encode(encoding)
    return [(edit.start, edit.before, edit.after) for edit in made]


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        ("", "", []),
        ("a\n", "a\n", []),
        ("", "a\n", [(0, "", "a\n")]),
        ("a\n", "", [(0, "a\n", "")]),
        ("a", "a\n", [(1, "", "\n")]),
        ("f(a)\n", "f(a, b)\n", [(3, "", ", b")]),
        ("x = f(a)\ny\n", "x = g(a)\ny\n", [(4, "f", "g")]),
        ("a\nb\nc\n", "a\nc\n", [(2, "b\n", "")]),
        ("import a\n\nx\n", "import a\nimport b\n\nx\n", [(9, "", "import b\n")]),
        ("é = f(1)\n", "é = f(2)\n", [(7, "1", "2")]),
        ("a b c\n", "x b y\n", [(0, "a", "x"), (4, "c", "y")]),
        ("a   b\n", "c   d\n", [(0, "a   b", "c   d")]),
        ("a\r\nb\r\n", "a\r\nc\r\n", [(3, "b", "c")]),
        ("a\r\n", "a\n", [(1, "\r", "")]),
    ],
)
def test_only_what_differs_is_replaced(before: str, after: str, edits: list[tuple[int, str, str]]) -> None:
    assert found(before, after) == edits


def test_places_are_those_of_the_bytes() -> None:
    assert found("é = 1\n", "é = 2\n", "latin-1") == [(4, "1", "2")]
    assert found("é = 1\n", "é = 2\n", bom=3) == [(8, "1", "2")]


def test_a_character_that_the_encoding_lacks_is_told() -> None:
    with pytest.raises(UnicodeEncodeError):
        differences("x = 'a'\n", "x = '→'\n", "latin-1", 0, "codemod:a")


def test_long_files_take_no_long_time() -> None:
    lines = [f"    call({number % 7})\n    )\n" for number in range(10_000)]
    changed = [line.replace("call", "send") if number % 500 == 0 else line for number, line in enumerate(lines)]
    begun = time.process_time()
    assert found("".join(lines), "".join(changed))
    assert time.process_time() - begun < 2


def test_edits_of_long_files_are_as_small() -> None:
    lines = [f"line {number}\n" for number in range(1_500)]
    after = [
        *lines[:3],
        "more\n",
        "and more\n",
        *lines[3:700],
        "other 700\n",
        *lines[701:1_400],
        *lines[1_402:],
        "end\n",
    ]
    assert [(old, new) for _, old, new in found("".join(lines), "".join(after))] == [
        ("", "more\nand more\n"),
        ("line", "other"),
        ("line 1400\nline 1401\n", ""),
        ("", "end\n"),
    ]
    every = [line.replace("line", "other") if number % 2 else line for number, line in enumerate(lines)]
    assert len(found("".join(lines), "".join(every))) == 750
