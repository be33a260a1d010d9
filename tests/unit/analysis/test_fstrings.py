"""Expressions in f-strings: where they stand, as the tokenizer of 3.12 tells it."""

from __future__ import annotations

import pytest

from repoint.analysis.fstrings import fields
from repoint.analysis.literals import Literal, read_literal


@pytest.mark.parametrize(
    ("source", "expressions"),
    [
        ("'x'", []),
        ("f'x'", []),
        ("f'{a}{b}'", ["a", "b"]),
        ("F'{a}'", ["a"]),
        ("rf'{a}' Rb''", ["a"]),
        ("f'{{a}} {b}}}'", ["b"]),
        ("f'{{{a}}}'", ["a"]),
        ("f'{a!r}'", ["a"]),
        ("f'{a!r:>10}'", ["a"]),
        ("f'{a:{b}.{c}}'", ["a", "b", "c"]),
        ("f'{a:{b:{c}}}'", ["a", "b", "c"]),
        ("f'{a:%H:%M}'", ["a"]),
        ("f'{a != b}'", ["a != b"]),
        ("f'{a == b}{c >= d}{e <= f}'", ["a == b", "c >= d", "e <= f"]),
        ("f'{a=}'", ["a"]),
        ("f'{a = }'", ["a "]),
        ("f'{a=!r}'", ["a"]),
        ("f'{f(a=b)}'", ["f(a=b)"]),
        ("f'{ {1: a} }'", [" {1: a} "]),
        ("f'{a[1:2]}'", ["a[1:2]"]),
        ("f'{(lambda x: x)(a)}'", ["(lambda x: x)(a)"]),
        ("f'{a[\"}\"]}'", ['a["}"]']),
        ("f\"{a['it']}\"", ["a['it']"]),
        ("f'''{\na\n}'''", ["\na\n"]),
        ("f'''{a}'{b}''{c}'''", ["a", "b", "c"]),
        ("f'\\'{a}'", ["a"]),
        ("f'\\N{DASH}'", None),
        ("'x' f'{a}' 'y{z}' f\"{b}\"", ["a", "b"]),
        ("f'{a}'\n  # f'{no}'\n  f'{b}'", ["a", "b"]),
        ("f'{a}' \\\n f'{b}'", ["a", "b"]),
        ("f'é{a}'", ["a"]),
        ('f\'{"""}"""}\'', ['"""}"""']),
    ],
)
def test_where_expressions_stand(source: str, expressions: list[str] | None) -> None:
    data = f"prefix {source} f'{{after}}'".encode()
    found = fields(data, 7, 7 + len(source.encode()))
    if expressions is not None:
        assert [data[start:end].decode() for start, end in found] == expressions


@pytest.mark.parametrize("source", ["f'{a", "f'{a:", "f'", "f'{", "f'{'", "f'''{a}'"])
def test_a_broken_literal_ends_with_its_source(source: str) -> None:
    assert all(0 <= start <= end <= len(source) for start, end in fields(source.encode(), 0, len(source)))


@pytest.mark.parametrize(
    ("source", "value", "literal"),
    [
        ("'abc'", "abc", Literal("abc", 1, 4, True)),
        ('r"abc"', "abc", Literal("abc", 2, 5, True)),
        ("'''a\nb'''", "a\nb", Literal("a\nb", 3, 6, True)),
        ("u'é'", "é", Literal("é", 2, 4, True)),
        ("'\\x61bc'", "abc", Literal("abc", 1, 8, False)),
        ("'ab' 'c'", "abc", Literal("abc", 1, 8, False)),
        ("'\\ud800'", "\ud800", Literal("\ud800", 1, 8, False)),
        ("name", "abc", None),
    ],
)
def test_the_content_of_a_literal(source: str, value: str, literal: Literal | None) -> None:
    assert read_literal(source.encode(), 0, len(source.encode()), value) == literal
