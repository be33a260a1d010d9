"""Hits stand where an editor would show them, in bytes and in characters, whatever the file's encoding."""

from __future__ import annotations

from typing import Any

import pytest

from repoint.manifest.schema import Pattern
from repoint.patterns.rules import Rules, compile_patterns
from repoint.patterns.scan import Unread, scan


def rules(*matches: str, **keys: Any) -> Rules:
    return compile_patterns(tuple(Pattern(id=f"p{at}", message="m", match=item) for at, item in enumerate(matches)))


def places(data: bytes, *matches: str) -> list[tuple[int, int, str]]:
    found = scan(data, rules(*matches))
    assert not isinstance(found, Unread)
    return [(hit.line, hit.column, hit.text) for hit in found]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("é = 'ü😀'; f(1)\n".encode(), [(1, 11, "f(1)")]),
        ("# coding: latin-1\né = f('ü')\n".encode("latin-1"), [(2, 5, "f('ü')")]),
        (b"\xef\xbb\xbff(1)\n", [(1, 1, "f(1)")]),
        (b"x = 1\r\nf(\r\n1)\r\n", [(2, 1, "f(\r\n1)")]),
        (b"x = 1\rf(1)\r", [(2, 1, "f(1)")]),
        (b"f(1)", [(1, 1, "f(1)")]),
        (b"# f(1)\ns = 'f(1)'\n", []),
    ],
)
def test_places(data: bytes, expected: list[tuple[int, int, str]]) -> None:
    assert places(data, "f($A)") == expected
    encoding = "latin-1" if b"latin" in data else "utf-8"
    found = scan(data, rules("f($A)"))
    assert not isinstance(found, Unread)
    assert [data[hit.start : hit.end].decode(encoding) for hit in found] == [text for *_, text in expected]


def test_outer_hits_come_first_then_the_order_of_the_manifest() -> None:
    found = scan(b"g(0)\nf(f(1))\n", rules("f($A)", "$F($A)", "g($A)"))
    assert not isinstance(found, Unread)
    assert [(hit.pattern, hit.text) for hit in found] == [
        ("p1", "g(0)"),
        ("p2", "g(0)"),
        ("p0", "f(f(1))"),
        ("p1", "f(f(1))"),
        ("p0", "f(1)"),
        ("p1", "f(1)"),
    ]


def test_a_comment_keeps_a_hit() -> None:
    data = b"f(1)  # repoint: keep\nf(2)  # keep\nf(\n  3)  # repoint: keep\n# repoint: keep\nf(4)\n"
    found = scan(data, rules("f($A)"))
    assert not isinstance(found, Unread)
    assert [hit.kept for hit in found] == [True, False, True, False]


def test_a_file_that_is_no_python_is_told_with_what_was_found() -> None:
    found = scan(b"def x(:\n    f(1)\n", rules("f($A)"))
    assert isinstance(found, Unread)
    assert (found.line, [hit.line for hit in found.hits]) == (1, [2])
    for data in (b"f(1)\0", b"# f\nx = '\xff'\n"):
        assert isinstance(scan(data, rules("f($A)")), Unread)


def test_a_file_without_the_words_is_not_read() -> None:
    assert scan(b"def broken(:\n", rules("f($A)")) == ()
    assert scan(b"f(1)\n", Rules()) == ()
