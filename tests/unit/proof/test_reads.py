"""What one file reaches through its imports, scope by scope."""

from __future__ import annotations

import ast

import pytest

from repoint.proof.reads import reads


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("import a.b", "a.b"),
        ("import a.b\na.b.C()", "a.b a.b.C"),
        ("import a.b as m\nm.C.d", "a.b a.b.C.d"),
        ("from a import b\nb.C", "a.b a.b.C"),
        ("from .b import C", "pkg.b.C"),
        ("from .. import b", ".b"),
        ("from a import b\nb.C = 1", "a.b"),
        ("from a import b\nb.C.d = 1", "a.b a.b.C"),
        ("from a import b\ndel b.C", "a.b a.b.C"),
        ("from a import b\ndef f(b):\n    b.C", "a.b"),
        ("from a import b\ndef f(x=b.C): ...", "a.b a.b.C"),
        ("from a import b\ndef f(x: b.C) -> b.D: ...", "a.b a.b.C a.b.D"),
        ("from a import b\ndef f():\n    b = 1\n    b.C", "a.b"),
        ("from a import b\ndef f():\n    global b\n    b = b.C", "a.b a.b.C"),
        ("def f():\n    from a import b\n    return lambda: b.C", "a.b a.b.C"),
        ("def f():\n    from a import b\nb.C", "a.b"),
        ("from a import b\nlambda b: b.C", "a.b"),
        ("from a import b\n[b.C for b in c]", "a.b"),
        ("from a import b\n[b.C for c in d]", "a.b a.b.C"),
        ("from a import b\nclass X(b.C):\n    b = 1\n    def f(self):\n        b.D", "a.b a.b.C a.b.D"),
        ("class X:\n    from a import b\n    b.C\n    def f(self):\n        b.D", "a.b a.b.C"),
        ("try:\n    from a import b\nexcept E:\n    b = None\nb.C", "a.b a.b.C"),
        ("from a import b\nf().b.C", "a.b"),
        ("from a import b\nlambda x=b.C: x", "a.b a.b.C"),
        ("from a import b\ndef f(c):\n    match c:\n        case [*b]: b.C", "a.b"),
        ("from a import b\ndef f(c):\n    match c:\n        case {**b}: b.C", "a.b"),
        ("from a import b\ndef f(c):\n    match c:\n        case b.C as d: d.E", "a.b a.b.C"),
        ("from a import b\nf(b.C).D", "a.b a.b.C"),
        ("from a import b\ntry: ...\nexcept b.E as b:\n    b.C", "a.b a.b.C a.b.E"),
    ],
)
def test_paths(text: str, paths: str) -> None:
    found = reads(ast.parse(text), "pkg")
    assert sorted(path for _, path in found.paths) == paths.split()


def test_lines_stars_and_free_names() -> None:
    found = reads(ast.parse("from a import *\n\nx = 1\nprint(x, A,\n      B.c)\n"), "pkg")
    assert [tuple(star) for star in found.stars] == [(1, "a")]
    assert found.free == {"print": 4, "A": 4, "B": 5}
