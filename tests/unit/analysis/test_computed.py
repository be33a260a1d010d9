"""Paths put together at run time: what is spelled out of them, and which names they may mean."""

from __future__ import annotations

import ast

import pytest

from repoint.analysis.computed import may_name, spelled
from repoint.names import Symbol


def known(node: ast.expr) -> str | None:
    return "app.svc" if isinstance(node, ast.Name) and node.id == "__name__" else None


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('"a.b"', "a.b"),
        ("x", "{}"),
        ("1", "{}"),
        ('f"{x}.A"', "{}.A"),
        ('f"{__name__}.A"', "app.svc.A"),
        ('f"{x!r}.{y:>3}.A"', "{}.{}.A"),
        ('x + ".A"', "{}.A"),
        ('__name__ + "." + "A"', "app.svc.A"),
        ('"%s.A" % x', "{}.A"),
        ('"%s.%s" % ("a", "b")', "a.b"),
        ('"%(m)s.A" % {"m": 1}', "{}.A"),
        ('"{}.A".format(x)', "{}.A"),
        ('"{}.{}".format("a", "A")', "a.A"),
        ('"{m}.A".format(m=x)', "{}.A"),
        ('"{1}.{0}".format("A", "a")', "{}.{}"),
        ('".".join([x, "A"])', "{}.A"),
        ('".".join(parts)', "{}"),
        ("name()", "{}"),
        ("x.name()", "{}"),
        ('x - ".A"', "{}"),
    ],
)
def test_spelled(expression: str, text: str) -> None:
    assert spelled(ast.parse(expression, mode="eval").body, known) == text


@pytest.mark.parametrize(
    ("text", "attribute", "named"),
    [
        ("{}.A", False, True),
        ("{}.A", True, True),
        ("app.{}.A", False, True),
        ("{}.svc.A", False, True),
        ("{}.A.method", True, True),
        ("{}:A", False, True),
        ("app.svc.A", False, True),
        ("app.svc.{}", True, True),
        ("app.svc.{}", False, False),
        ("app.svc.A.{}", True, True),
        ("app.svc.B{}", True, False),
        ("{}.other.A", True, False),
        ("{}.AA", True, False),
        ("{}.{}", True, False),
        ("{}", True, False),
        ("lib.{}.A", True, False),
        ("{}", False, False),
    ],
)
def test_may_name(text: str, attribute: bool, named: bool) -> None:
    assert may_name(text, Symbol("app.svc", "A"), attribute=attribute) is named
