"""Texts that are all alike, or all mixed up, are compared in seconds: a codemod may give back anything."""

from __future__ import annotations

import random

import pytest

from repoint.codemods.differences import differences
from repoint.model import splice

LINES = [f"v{at % 100} = 1\n" for at in range(40_000)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n" * 2_000, "x = 2\nx = 1\n" * 2_000),
        ("x = [" + "1, " * 300 + "]\n", "x = [" + "1, 2, " * 300 + "]\n"),
        ("".join(LINES), "".join(random.Random(7).sample(LINES, len(LINES)))),
        ("x = 1\n", "x = 2\n" * 100_000),
    ],
    ids=["alike", "words", "mixed", "grown"],
)
def test_the_worst_texts_are_compared_in_time(before: str, after: str) -> None:
    made = differences(before, after, "utf-8", 0, "rule")
    assert splice(before.encode(), made, "utf-8") == after.encode()


def test_a_large_file_with_frequent_lines_has_small_edits() -> None:
    block = [f"    f{at}(\n        a,\n    )\n" for at in range(2_000)]
    changed = [line.replace("a,", "b,") if at in (1, 700, 1_999) else line for at, line in enumerate(block)]
    made = differences("".join(block), "".join(changed), "utf-8", 0, "rule")
    assert [(edit.before, edit.after) for edit in made] == [("a", "b")] * 3
