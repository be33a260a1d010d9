"""Whole words in bytes: the same are found whether a few are asked for, or thousands."""

from __future__ import annotations

import pytest

from repoint.analysis.words import Spelled, occurrences

MANY = frozenset(f"other_{number}" for number in range(200))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("old older old.x", {"old"}, [("old", 0), ("old", 10)]),
        ("x_old oldx", {"old"}, []),
        ("“old” größe", {"old", "größe"}, [("größe", 10), ("old", 3)]),
        ("größe", {"e"}, [("e", 6)]),
        ("größen", {"größe"}, []),
        ("", {"old"}, []),
    ],
)
def test_words_stand_whole(text: str, words: set[str], expected: list[tuple[str, int]]) -> None:
    """A letter beyond ASCII does not hide a word beside it: that is for the parser to tell."""
    for asked in (frozenset(words), MANY | words):
        found = sorted((word.decode(), at) for word, at in occurrences(text.encode(), asked))
        assert found == expected


def test_of_many_words_those_that_stand_in_the_text_are_given() -> None:
    words = frozenset(word.encode() for word in MANY)
    assert set(Spelled(b"x = other_7.other_8, another_9").which(words)) == {b"other_7", b"other_8"}
