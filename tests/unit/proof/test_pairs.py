"""What a name stands for before and after: proved with the good pairs, and not with planted wrong ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.proof.migrations import GOOD, MOVES, REPOSITORY
from tests.unit.proof.trees import Migration


def test_a_good_migration_is_proved() -> None:
    assert GOOD.told() == []


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        (("pkg.old.Engine", "pkg.core.user.UserEngine"), None),
        (("pkg.old.Engine", "pkg.core.UserEngine"), None),  # another way to the same class
        (("pkg.old.Engine", "pkg.core.other.UserEngine"), "is to become pkg.core.user.UserEngine, not"),
        (("pkg.old.Engine", "pkg.core.user.LIMIT"), "is to become pkg.core.user.UserEngine, not"),
        (("pkg.old.Engine", "pkg.core.user.Gone"), "where nothing is"),
        (("pkg.old.Engine", "pkg.gone.UserEngine"), "where nothing is"),
        (("pkg.old.Engine.retry", "pkg.core.user.UserEngine.retry"), None),
        (("pkg.core.UserEngine", "pkg.core.user.UserEngine"), None),  # not moved: the same class all the same
        (("pkg.core.UserEngine", "pkg.core.other.UserEngine"), "(pkg.core.user.UserEngine) became"),
        (("pkg.gone.Engine", "pkg.core.user.UserEngine"), "(nothing) became"),
        (("typing.List", "builtins.list"), "(typing.List) became"),
    ],
)
def test_pairs(pair: tuple[str, str], why: str | None) -> None:
    found = replace(GOOD, pairs={"app/service.py": [pair]}).told()
    assert len(found) == (why is not None)
    assert why is None or (why in found[0] and found[0].startswith("app/service.py:1 "))


@pytest.mark.parametrize(
    ("symbols", "modules", "pair", "proved"),
    [
        ({"gone.m.A": "pkg.core.user.UserEngine"}, {}, ("gone.m.A", "pkg.core.user.UserEngine"), True),
        ({"gone.m.A": "pkg.core.user.Gone"}, {}, ("gone.m.A", "pkg.core.user.Gone"), False),
        ({"pkg.none.A": "outside.m.A"}, {}, ("pkg.none.A", "outside.m.A"), True),
        ({"pkg.none.A": "app.none.A"}, {}, ("pkg.none.A", "app.none.A"), True),  # `app` may go on elsewhere
        ({"pkg.old.Engine": "app.none.A"}, {}, ("pkg.old.Engine", "app.none.A"), False),
        ({"typing.List": "builtins.list"}, {}, ("typing.List", "builtins.list"), True),
        ({}, {"outside.m": "pkg.core"}, ("outside.m.user.LIMIT", "pkg.core.user.LIMIT"), True),
        ({}, {"outside.m": "pkg.core"}, ("outside.m.user.LIMIT", "pkg.core.user.UserEngine"), False),
        ({"outside.m.A": "pkg.factory.make"}, {"outside.m": "pkg.core"}, ("outside.m.A", "pkg.factory.make"), True),
        ({}, {"outside": "outside.core"}, ("outside.core.A", "outside.core.core.A"), False),
    ],
)
def test_moves(symbols: dict[str, str], modules: dict[str, str], pair: tuple[str, str], proved: bool) -> None:
    found = Migration(REPOSITORY, symbols=symbols, modules=modules, pairs={"app/service.py": [pair]}).told()
    assert (found == []) is proved


def test_a_reexport_of_a_moved_name_leads_to_its_home() -> None:
    migration = Migration(
        before={**REPOSITORY, "api.py": "from pkg.old import Engine\n"},
        changes={"api.py": "from pkg.core.user import UserEngine as Engine\n"},
        symbols={**MOVES, "user.A": "api.Engine"},
        pairs={"app/service.py": [("api.Engine", "pkg.core.UserEngine"), ("user.A", "pkg.core.UserEngine")]},
    )
    assert migration.told() == []
    wrong = replace(migration, changes={"api.py": "from pkg.core.other import UserEngine as Engine\n"})
    assert ["user.A" in message for message in wrong.told()] == [True]


@pytest.mark.parametrize(
    ("tried", "proved"),
    [("from pkg.core.user import UserEngine as E", True), ("from outside import E", False), ("E = None", False)],
)
def test_what_an_except_binds_counts_where_the_try_may_fail(tried: str, proved: bool) -> None:
    text = f"try:\n    {tried}\nexcept ImportError:\n    class E: ...\n"
    home = "outside.E" if "outside" in tried else "pkg.core.user.UserEngine"
    migration = Migration({**REPOSITORY, "api.py": text}, pairs={"app/service.py": [("api.E", home)]})
    assert (migration.told() == []) is proved


def test_a_pair_of_a_file_is_told_once() -> None:
    wrong = ("pkg.old.Engine", "pkg.core.other.UserEngine")
    found = replace(GOOD, pairs={"app/service.py": [wrong, wrong], "tests/test_old.py": [wrong]}).told()
    assert [message.partition(":")[0] for message in found] == ["app/service.py", "tests/test_old.py"]
