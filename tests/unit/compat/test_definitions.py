"""How definitions are read: constructors, inheritance, and what the comparison says about two of them."""

from __future__ import annotations

import pytest

from repoint.compat.compare import differences, rendered
from repoint.compat.values import Has
from tests.unit.compat.compared import definition


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("def New(a, /, b, *c, d, e=1, **f): ...", "New(a, /, b, *c, d, e=…, **f)"),
        ("async def New(a, *, b): ...", "async New(a, *, b)"),
        ("class New:\n    def __init__(self, a, b=1): ...", "New(a, b=…)"),
        ("class New: ...", "New()"),
        ("class A:\n    def __init__(self, a): ...\nclass New(A): ...", "New(a)"),
        ("@outside\ndef New(a): ...", "New"),
        ("from typing import NamedTuple\nclass New(NamedTuple):\n    a: int\n    b: int = 1", "New(a, b=…)"),
        (
            "from dataclasses import dataclass, field, KW_ONLY\nfrom typing import ClassVar\n"
            "@dataclass\nclass A:\n    a: int\n    b: int = 1\n@dataclass\nclass New(A):\n    n: ClassVar[int] = 1\n"
            "    b: int = 2\n    c: list = field(default_factory=list)\n    _: KW_ONLY\n    d: int",
            "New(a, b=…, c=…, *, d)",
        ),
    ],
)
def test_how_it_is_called(source: str, shown: str) -> None:
    found = definition(source)
    assert found is not None
    assert rendered(found) == shown


def test_members_come_from_all_bases_in_their_order() -> None:
    source = """
        from pkg.base import Left, Right
        class New(Left, Right):
            class Inner: ...
    """
    base = """
        class Top:
            def m(self, top): ...
        class Left(Top): ...
        class Right(Top):
            def m(self, right): ...
    """
    found = definition(source, base=base)
    assert found is not None
    assert found.bases == ("pkg.base.Left", "pkg.base.Right", "pkg.base.Top")
    assert found.known_bases
    assert found.members["m"].call(on_instance=True) is not None
    assert [str(item) for item in found.members["m"].call(on_instance=True) or ()] == ["(right)"]
    assert found.has("Inner", on_instance=False) is Has.YES
    assert found.has("nothing", on_instance=True) is Has.NO


def test_a_base_that_cannot_be_found_leaves_members_unknown() -> None:
    found = definition("from outside import Base\nclass New(Base):\n    a = 1\n")
    assert found is not None
    assert found.has("a", on_instance=False) is Has.YES
    assert found.has("b", on_instance=False) is Has.UNKNOWN


def test_names_are_followed_to_the_definition() -> None:
    found = definition("from pkg.other import Thing as New\n", other="from pkg.real import Real\nThing = Real\n",
                       real="class Real:\n    a = 1\n")  # fmt: skip
    assert found is not None
    assert str(found.symbol) == "pkg.real:Real"


def test_a_circle_of_bases_is_no_definition_to_rely_on() -> None:
    found = definition("class New(New): ...\n")
    assert found is None or not found.closed


def test_differences_in_words() -> None:
    old = definition(
        """
        class New(Exception):
            def __init__(self, a, b, c=1): ...
            def gone(self): ...
            def run(self, x): ...
            @property
            def size(self): ...
        """
    )
    new = definition(
        """
        class New:
            def __init__(self, b, a, *, c, d): ...
            async def run(self, *, x): ...
            def size(self): ...
        """
    )
    assert old is not None
    assert new is not None
    told = list(differences(old, new))
    assert told[:6] == [
        "call: parameter `c` becomes required",
        "call: parameter `c` becomes keyword-only",
        "call: parameter `d` is required",
        "call: parameter `a` moves from place 1 to 2",
        "call: parameter `b` moves from place 2 to 1",
        "`add_note` is missing",
    ]
    assert "`gone` is missing" in told
    assert "`run`: parameter `x` becomes keyword-only" in told
    assert "`run`: becomes async (was a plain function)" in told
    assert "`size`: a property becomes a method" in told
    assert "`builtins.Exception` is no base any more" in told
    assert list(differences(new, new)) == []
