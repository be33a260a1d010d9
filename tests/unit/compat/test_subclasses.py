"""Subclasses of a moved class, and places that need a class of a kind."""

from __future__ import annotations

import pytest

from tests.unit.compat.compared import check

OLD = """
class Old:
    def __init__(self, a): ...
    def hook(self, event): ...
    def work(self): ...
    def gone(self): ...
"""
NEW = """
class New:
    def __init__(self, a, b): ...
    def hook(self, event, source): ...
    async def work(self): ...
"""


def test_overrides_super_and_self() -> None:
    user = """
        class Sub(Old):
            def __init__(self, a):
                super().__init__(a)  #: argument-mismatch
                self.own = 1
            def hook(self, event):  #: override-mismatch
                super().gone()  #: member-missing
                self.gone()  #: member-missing
                return self.own
            def work(self): ...  #: override-mismatch
    """
    check(OLD, NEW, user)


@pytest.mark.parametrize(
    "body",
    [
        "    def hook(self, *args): ...",
        "    def hook(self, event, source=None): ...",
        "    def hook(self): ...",  # did not serve before either
        "    @decorated\n    def hook(self, event): ...",
        "    def gone(self): self.gone()",
        "    def f(self):\n        self.gone = 1\n        self.gone()",
        "    def __getattr__(self, name): self.gone()",
        "    async def work(self): ...",
        "    def __init__(self, a): super(Sub, self).__init__(a)",
        "    def __init__(self, *args): super().__init__(*args)",
    ],
)
def test_subclasses_that_may_go_on(body: str) -> None:
    check(OLD, NEW, f"class Sub(Old):\n{body}")


def test_of_several_bases_nothing_is_certain() -> None:
    check(OLD, NEW, "class Sub(Other, Old):\n    def hook(self, event): super().gone()")


def test_a_class_becomes_a_function() -> None:
    user = """
        isinstance(x, Old)  #: base-lost
        class Sub(Old): ...  #: base-lost
        try: ...
        except (Old, KeyError): ...  #: base-lost
        Old(1)
    """
    check("class Old:\n    def __init__(self, a): ...\n", "def New(a): ...\n", user)


@pytest.mark.parametrize(
    ("new", "mark"),
    [
        ("class New: ...", "  #: base-lost"),
        ("class New(ValueError): ...", ""),
        ("from outside import Error\nclass New(Error): ...", ""),
    ],
)
def test_an_exception_is_no_exception_any_more(new: str, mark: str) -> None:
    check("class Old(Exception): ...\n", f"{new}\n", f"try: ...\nexcept Old: ...{mark}")
