"""A fix that would be taken apart, or take apart what it caught, is refused; any other is written."""

from __future__ import annotations

import pytest

from repoint.manifest.schema import Pattern
from repoint.model import splice
from repoint.patterns.fixing import Fixed, Unfixed, fix
from repoint.patterns.rules import compile_patterns


def fixed(text: str, match: str, template: str) -> str | Unfixed:
    data = text.encode()
    made = fix(data, compile_patterns((Pattern(id="p", message="m", match=match, fix=template),)))
    return splice(data, made.edits, "utf-8").decode() if isinstance(made, Fixed) else made


@pytest.mark.parametrize(
    ("text", "match", "template"),
    [
        ("x = -f(1) ** 2\n", "f($A)", "$A + 1"),
        ("x = f(z).real\n", "f($A)", "$A + y"),
        ("x = 2 * f(1)\n", "f($A)", "$A + 1"),
        ("y = 1\nx = not f(a)\n", "f($A)", "$A if b else c"),
        ("x = f(1 + y)\n", "f($A)", "$A * 2"),
        ("x = f(a or b)\n", "f($A)", "g(not $A)"),
        ("x = f(lambda: 1)\n", "f($A)", "g($A + 1)"),
        ("é = -f(1)\n", "f($A)", "$A + 1"),
    ],
)
def test_a_fix_that_would_mean_something_else_is_refused(text: str, match: str, template: str) -> None:
    found = fixed(text, match, template)
    assert isinstance(found, Unfixed) and found.settled and not found.broken
    assert found.line == text[: text.index("f(")].count("\n") + 1
    assert "taken apart where" in found.reason or "parentheses around the `fix`" in found.reason


@pytest.mark.parametrize(
    ("text", "match", "template", "after"),
    [
        ("x = -f(1) ** 2\n", "f($A)", "($A + 1)", "x = -(1 + 1) ** 2\n"),
        ("x = f(1 + y)\n", "f($A)", "($A) * 2", "x = (1 + y) * 2\n"),
        ("x = f(1 + y)\n", "f($A)", "g($A, 2)", "x = g(1 + y, 2)\n"),
        ("x = f(1) + 2\n", "f($A)", "g($A)", "x = g(1) + 2\n"),
        ("f(1)\n", "f($A)", "$A + 1", "1 + 1\n"),
        ("@f(1)\ndef g(): ...\n", "f($A)", "h($A)", "@h(1)\ndef g(): ...\n"),
        ("f(a, *b, c=d)\n", "f($$$A)", "g($$$A)", "g(a, *b, c=d)\n"),
        ("x = f'{f(1)} {y}'\n", "f($A)", "g($A)", "x = f'{g(1)} {y}'\n"),
        ("f(1)\nf(2)\n", "f($A)", "g($A)\nh($A)", "g(1)\nh(1)\ng(2)\nh(2)\n"),
        ("a.f(1).b\n", "a.f", "a.b.c", "a.b.c(1).b\n"),
        ("from a import b\n", "from a import $B", "from c import $B", "from c import b\n"),
    ],
)
def test_a_fix_that_stays_in_one_piece_is_written(text: str, match: str, template: str, after: str) -> None:
    assert fixed(text, match, template) == after
