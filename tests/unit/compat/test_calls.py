"""Calls against the new signature: arguments, awaiting, context managers; unknown signatures fit everything."""

from __future__ import annotations

import pytest

from tests.unit.compat.compared import check


def function(parameters: str, name: str = "New", head: str = "") -> str:
    return f"{head}def {name}({parameters}): ...\n"


@pytest.mark.parametrize(
    ("old", "new", "call", "reason"),
    [
        ("a, b=1", "a", "Old(1, 2)", "takes 1 positional argument, not 2"),
        ("a, b=1", "a", "Old(1, b=2)", "has no parameter `b`"),
        ("a", "a, b", "Old(1)", "requires `b`"),
        ("a", "a, *, b", "Old(1)", "requires `b`"),
        ("a", "a, *, b", "Old(*x)", "requires `b`"),
        ("a, b", "a, *, b", "Old(1, 2)", "takes 1 positional argument, not 2"),
        ("a, b", "a, b, /", "Old(1, b=2)", "has no parameter `b`"),
        ("a, b", "b, a", "Old(1, a=2)", None),  # was broken before
        ("a, b", "b, a", "Old(1, b=2)", "is given `b` twice"),
        ("a, **k", "a", "Old(1, z=2)", "has no parameter `z`"),
        ("a, *r", "a", "Old(1, 2)", "takes 1 positional argument, not 2"),
        ("user, host", "host, user", "Old(user, host)", "takes `host` where `user` is given"),
        ("user: User", "host: Host", "Old(self.user)", "takes `host` where `user` is given"),
    ],
)
def test_arguments_that_do_not_fit(old: str, new: str, call: str, reason: str | None) -> None:
    mark = "" if reason is None else "  #: argument-mismatch"
    _, findings = check(function(old, "Old"), function(new), call + mark)
    if reason is not None:
        assert findings[0].message == f"`Old(…)` becomes `New{shown(new)}`, which {reason}"


def shown(parameters: str) -> str:
    names = [part.split(":")[0] for part in parameters.split(", ")]
    return f"({', '.join(names)})"


@pytest.mark.parametrize(
    ("old", "new", "call"),
    [
        ("a", "a, b=1", "Old(1)"),
        ("a", "a, b", "Old(*x)"),
        ("a", "a, b", "Old(**x)"),
        ("a, b", "a, *r", "Old(1, 2)"),
        ("a, b", "a, **k", "Old(1, b=2)"),
        ("a", "a, b", "Old()"),  # was broken before
        ("user: User", "account: Account", "Old(thing)"),  # the argument may be either
        ("user: User", "account: Account", "Old(account)"),
        ("user: User", "account", "Old(user)"),
        ("user: User", "account: Any", "Old(user)"),
        ("user: User", "the_user: UserLike", "Old(user)"),
    ],
)
def test_arguments_that_may_fit(old: str, new: str, call: str) -> None:
    check(function(old, "Old"), function(new), call)


@pytest.mark.parametrize(
    "head",
    ["@outside\n", "@app.route('/')\n", "import pytest\n@pytest.fixture\n", "import functools as f\n@f.wraps(x)\n"],
)
def test_decorators_that_may_change_the_signature(head: str) -> None:
    check(function("a", "Old"), function("a, b", head=head), "Old(1)")
    check(function("a", "Old", head), function("a, b"), "Old(1)")


def test_of_conditional_definitions_none_is_certain() -> None:
    check(function("a", "Old"), "def New(a): ...\nif x:\n    def New(a, b): ...\n", "Old(1)")


def test_decorators_that_keep_the_signature() -> None:
    head = "from functools import lru_cache as cached\n@cached(maxsize=1)\n"
    check(function("a", "Old"), function("a, b", head=head), "Old(1)  #: argument-mismatch")


def test_a_call_fits_one_of_the_overloads() -> None:
    new = """
        from typing import overload
        @overload
        def New(a: int): ...
        @overload
        def New(a: int, b: str): ...
        def New(a, *, b=None): ...
    """
    check(function("a, b=1, c=1", "Old"), new, "Old(1)\nOld(1, 2)\nOld(1, 2, 3)  #: argument-mismatch")


@pytest.mark.parametrize(
    "user",
    [
        "import pytest\nfrom pkg.old import Old\nwith pytest.raises(TypeError):\n    Old(1)",
        "try:\n    Old(1)\nexcept (TypeError, KeyError): ...",
        "class T:\n    def t(self):\n        self.assertRaises(Exception, lambda: Old(1))",
    ],
)
def test_calls_that_are_meant_to_fail(user: str) -> None:
    check(function("a", "Old"), function("a, b"), user)


def test_a_call_in_another_error_s_handler_is_told() -> None:
    check(function("a", "Old"), function("a, b"), "try:\n    Old(1)  #: argument-mismatch\nexcept ValueError: ...")


SYNC = "def Old(): ...\n"
ASYNC = "async def New(): ...\n"


@pytest.mark.parametrize(
    "user",
    [
        "x = Old()  #: call-became-async",
        "Old()  #: call-became-async",
        "async def f():\n    x = Old()  #: call-became-async\n    x.go()",
        "async def f(): await Old()",
        "async def f():\n    x = Old()\n    await x",
        "import asyncio\nfrom pkg.old import Old\nasyncio.run(Old())",
        "def f(): return Old()",
        "async def f(): await gather(*[Old() for _ in y])",
        "def f():\n    x = Old()\n    if inspect.isawaitable(x): ...",
        "f = Old",
    ],
)
def test_a_function_becomes_async(user: str) -> None:
    check(SYNC, ASYNC, user)


@pytest.mark.parametrize(
    ("new", "mark"),
    [
        ("def New(): ...", "  #: call-became-sync"),
        ("def New() -> int: return f()", "  #: call-became-sync"),
        ("def New(): return f()", ""),
        ("def New() -> 'Awaitable[int]': return f()", ""),
        ("@outside\ndef New(): ...", ""),
    ],
)
def test_a_function_becomes_sync(new: str, mark: str) -> None:
    check("async def Old(): ...\n", f"{new}\n", f"async def f():\n    await Old(){mark}\n    asyncio.run(Old())")


def test_a_context_manager_becomes_async() -> None:
    old = "from contextlib import contextmanager\n@contextmanager\ndef Old(): yield\n"
    new = "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def New(): yield\n"
    check(old, new, "with Old() as x:  #: call-became-async\n    ...\nasync def f():\n    async with Old(): ...")


OLD_CLASS = """
class Old:
    def __init__(self, registry, bridge): ...
    @classmethod
    def make(cls, a): ...
    @staticmethod
    def add(a): ...
    def run(self, a): ...
"""
NEW_CLASS = """
class New:
    def __init__(self, context, factory, emitter): ...
    def make(self, a): ...
    @staticmethod
    async def add(a, b): ...
    async def run(self): ...
"""


def test_methods_and_constructors() -> None:
    user = """
        x = Old(registry, bridge)  #: argument-mismatch
        y = Old(registry=1, bridge=2)  #: argument-mismatch
        Old.make(1)  #: argument-mismatch
        Old.add(1)  #: argument-mismatch, call-became-async
        x.run(1)  #: argument-mismatch, call-became-async
        x.make(1)
        async def f():
            await x.run(1)  #: argument-mismatch
            await Old.add(1)  #: argument-mismatch
    """
    check(OLD_CLASS, NEW_CLASS, user)


@pytest.mark.parametrize(
    ("new", "fits"),
    [
        ("class New: ...", False),
        ("class New:\n    def __new__(cls, a): ...", True),
        ("class New:\n    def __new__(cls): ...", False),
        ("class New:\n    def __new__(cls): ...\n    def __init__(self): ...", True),  # which one counts is not told
        ("from outside import Base\nclass New(Base): ...", True),
        ("class New(Exception): ...", True),
        ("class Base:\n    def __init__(self, a, b): ...\nclass New(Base): ...", False),
        ("from dataclasses import dataclass\n@dataclass\nclass New:\n    a: int", True),
        ("from dataclasses import dataclass\n@dataclass\nclass New:\n    a: int\n    b: int", False),
        ("from dataclasses import dataclass\n@dataclass(kw_only=True)\nclass New:\n    a: int", False),
        (
            "from dataclasses import dataclass, field\n@dataclass\n"
            "class New:\n    a: int\n    b: int = field(init=False)",
            True,
        ),
        (
            "from dataclasses import dataclass\n@dataclass(init=False)\n"
            "class New:\n    a: int\n    def __init__(self): ...",
            False,
        ),
        ("import abc\nclass New(abc.ABC):\n    def __init__(self): ...", False),
        ("import enum\nclass New(enum.Enum):\n    A = 1", True),
        ("class Meta(type): ...\nclass New(metaclass=Meta):\n    def __init__(self): ...", True),
        ("from outside import d\nclass New:\n    @d\n    def __init__(self): ...", True),
        ("class New:\n    if x:\n        def __init__(self): ...\n    else:\n        def __init__(self, a): ...", True),
    ],
)
def test_constructors(new: str, fits: bool) -> None:
    check(
        "class Old:\n    def __init__(self, a): ...\n", f"{new}\n", "Old(1)" if fits else "Old(1)  #: argument-mismatch"
    )
