"""Rules with a `fix` rewrite what they match, and nothing else; what would not settle or not parse is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from repoint.manifest.schema import Pattern
from repoint.model import splice
from repoint.patterns.fixing import Fixed, Overtaken, Unfixed, fix
from repoint.patterns.rules import compile_patterns


def fixes(*rules: tuple[str, str], **keys: Any) -> Any:
    patterns = (Pattern(id=f"p{at}", message="m", match=match, fix=to) for at, (match, to) in enumerate(rules))
    return compile_patterns(tuple(patterns))


def changed(data: bytes, *rules: tuple[str, str]) -> bytes:
    made = fix(data, fixes(*rules))
    assert isinstance(made, Fixed), made
    return splice(data, made.edits, made.encoding)


@pytest.mark.parametrize(
    ("data", "match", "to", "expected"),
    [
        (b"f(1)\n", "f($A)", "g($A)", b"g(1)\n"),
        (b"x = f(1, *a, k=2)\n", "f($$$ARGS)", "g($$$ARGS)", b"x = g(1, *a, k=2)\n"),
        (b"f()\n", "f($$$ARGS)", "g($$$ARGS)", b"g()\n"),
        (b"f(f(1), f(2) + 3)\n", "f($$$A)", "g($$$A)", b"g(g(1), g(2) + 3)\n"),
        (b"f(f(f(1)))\n", "f($A)", "g($A)", b"g(g(g(1)))\n"),
        (b"f(f(1), f(2))\n", "f($A, $B)", "g($B, $A)", b"g(f(2), f(1))\n"),
        ("f('ü😀'); f('é')\n".encode(), "f($A)", "g($A)", "g('ü😀'); g('é')\n".encode()),
        ("# coding: latin-1\nf('ü')\n".encode("latin-1"), "f($A)", "g(1, $A)", "# coding: latin-1\ng(1, 'ü')\n".encode("latin-1")),  # noqa: E501
        (b"\xef\xbb\xbff(1)\r\n", "f($A)", "g($A)", b"\xef\xbb\xbfg(1)\r\n"),
        (b"if x:\r\n    f(1)\r\n", "f($A)", "a = $A\ng(a)", b"if x:\r\n    a = 1\r\n    g(a)\r\n"),
        (b"f(1)  # f(1)\ns = 'f(1)'\n", "f($A)", "g('$5', $A)", b"g('$5', 1)  # f(1)\ns = 'f(1)'\n"),
        (b"f(1)  # repoint: keep\nf(2)\n", "f($A)", "g($A)", b"f(1)  # repoint: keep\ng(2)\n"),
        (b"f(1)\n", "f($A)", "f($A)", b"f(1)\n"),
        (b"x = f(\n    1,\n    2  # two\n)\n", "f($$$A)", "g($$$A)", b"x = g(\n    1,\n    2  # two\n)\n"),
        (b"x = f(\n    1,\n)\n", "f($$$A)", "g($$$A)", b"x = g(\n    1,\n)\n"),
        (b"x = f( 1 )[ 2 ]\n", "f($$$A)", "return_($$$A, 3)", b"x = return_(1, 3)[ 2 ]\n"),
        (b"x = f()\n", "f($$$A)", "g($$$A)", b"x = g()\n"),
        (b"x = f(\r\n    1  # one\r\n)\r\n", "f($$$A)", "g($$$A, 2)", b"x = g(1  # one\r\n, 2)\r\n"),
        (b"if f:\n    a()\n    # c\nb()\n", "if f:\n    $$$B", "if g:\n    $$$B", b"if g:\n    a()\n    # c\nb()\n"),
    ],
)  # fmt: skip
def test_what_a_fix_makes(data: bytes, match: str, to: str, expected: bytes) -> None:
    assert changed(data, (match, to)) == expected


def test_rules_run_one_after_the_other() -> None:
    assert changed(b"a(b(1))\n", ("a($X)", "c($X)"), ("b($X)", "d($X)"), ("c($X)", "e($X)")) == b"e(d(1))\n"


def test_the_first_rule_wins_and_the_other_is_told() -> None:
    made = fix(b"f(1)\n\nf(g(2))\n", fixes(("f(g($A))", "h($A)"), ("g($A)", "i($A)")))
    assert isinstance(made, Fixed)
    assert [edit.after for edit in made.edits] == ["h(2)"]
    assert made.overtaken == (Overtaken("p1", 3, "p0"),)


def test_kept_hits_are_told() -> None:
    made = fix(b"f(1)  # repoint: keep\n", fixes(("f($A)", "g($A)")))
    assert isinstance(made, Fixed)
    assert [(hit.line, hit.pattern) for hit in made.kept] == [(1, "p0")]


@pytest.mark.parametrize(
    ("rules", "line"),
    [([("f($A)", "f(g($A))")], 2), ([("b()", "c()"), ("a()", "b()")], 3)],
)
def test_rules_that_never_settle_leave_the_file_alone(rules: list[tuple[str, str]], line: int) -> None:
    made = fix(b"x = 1\nf(1)\na()\n" if line == 2 else b"x = 1\n\na()\n", fixes(*rules))
    assert isinstance(made, Unfixed)
    assert (made.line, made.settled) == (line, False)
    assert "would change once more" in made.reason


def test_a_result_that_is_no_python_leaves_the_file_alone() -> None:
    made = fix(b"x = 1\ny = f(1)\n", fixes(("f($A)", "return $A")))
    assert isinstance(made, Unfixed)
    assert (made.line, made.settled, made.broken) == (2, True, False)
    assert "is no Python" in made.reason


def test_a_file_that_is_no_python_is_told_apart() -> None:
    made = fix(b"def x(:\n    f(1)\n", fixes(("f($A)", "g($A)")))
    assert isinstance(made, Unfixed)
    assert made.broken


def test_text_that_the_file_cannot_hold() -> None:
    made = fix(b"# coding: latin-1\nf(1)\n", fixes(("f($A)", "g('Ω', $A)")))
    assert isinstance(made, Unfixed)
    assert "cannot hold 'Ω'" in made.reason


def test_rules_without_a_fix_change_nothing() -> None:
    assert fix(b"f(1)\n", compile_patterns((Pattern(id="p", message="m", match="f($A)"),))) == Fixed()
