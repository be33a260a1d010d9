"""Faults planted in stubs, and uses of deleted modules."""

from __future__ import annotations

import pytest

from tests.unit.proof.migrations import STUB, changed
from tests.unit.proof.trees import Migration


def test_a_stub_that_lacks_a_used_name() -> None:
    assert changed(pkg__old=STUB.replace("from pkg.factory import make\n", "")).told() == [
        "tests/test_old.py:3 pkg.old.make (pkg.old.make before) is used here, and is gone after the migration"
    ]


def test_a_stub_that_lacks_an_unused_name() -> None:
    assert changed(pkg__old=STUB.replace("LIMIT, ", "")).told() == []


@pytest.mark.parametrize(
    ("home", "why"),
    [
        ("pkg.core.other import UserEngine as Engine", "gives another `Engine` than before"),
        ("pkg.core.gone import UserEngine as Engine", "takes `Engine` from where nothing is"),
        ("pkg.core.user import Renamed as Engine", "takes `Engine` from where nothing is"),
        ("pkg.core import UserEngine as Engine", None),
    ],
)
def test_a_stub_with_a_wrong_home(home: str, why: str | None) -> None:
    stub = f"from pkg.core.user import LIMIT\nfrom {home}\nfrom pkg.factory import make\n"
    found = changed(pkg__old=stub).told()
    assert len(found) == (why is not None)
    assert why is None or (why in found[0] and found[0].startswith("pkg/old.py:2 "))


LAZY = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pkg.factory import make\n\n"
TABLE = "_HOMES = {%s}\n\n\ndef __getattr__(name): return load(_HOMES[name])\n"


@pytest.mark.parametrize(
    ("table", "proved"),
    [
        ("'make': ('pkg.factory', 'make')", True),
        ("'make': ('pkg.core.user', 'LIMIT')", False),
        ("'make': ('pkg.factory', 'gone')", False),
        ("'Engine': ('pkg.core.user', 'UserEngine')", False),
    ],
)
def test_a_lazy_stub_is_judged_by_its_table(table: str, proved: bool) -> None:
    assert (changed(pkg__old=LAZY + TABLE % table).told() == []) is proved


def test_a_stub_that_is_no_python() -> None:
    assert changed(pkg__old="from pkg import (\n").told()[0] == "pkg/old.py:1 the stub pkg.old does not parse"


@pytest.mark.parametrize(
    "use",
    [
        "import pkg.old\n",
        "from pkg import old\n",
        "from pkg.old import Engine\n",
        "from pkg.old import *\n",
        "def f():\n    from pkg.old import make\n",
        "import pkg\npkg.old.make()\n",
    ],
)
def test_a_deleted_module_that_is_still_used(use: str) -> None:
    migration = changed(pkg__old=None, tests__test_old="")
    assert migration.told() == []
    found = changed({"user.py": use}, pkg__old=None, tests__test_old="").told()
    assert [message.partition(":")[0] for message in found] == ["user.py"]
    assert "is gone after the migration" in found[0]


def test_a_deleted_module_is_found_by_relative_imports() -> None:
    use = {"pkg/inner/__init__.py": "", "pkg/inner/x.py": "from ..old import make\n", "pkg/y.py": "from . import old\n"}
    found = changed(use, pkg__old=None, tests__test_old="").told()
    assert [message.partition(" ")[0] for message in found] == ["pkg/inner/x.py:1", "pkg/y.py:1"]


def test_a_package_that_becomes_a_stub_is_reached_by_dots_alone() -> None:
    before = {"big/__init__.py": "A = 1\nB = 2\n", "big/x.py": "from . import A, B\n", "home.py": "A = 1\n"}
    migration = Migration(
        before, {"big/__init__.py": "from home import A\n"}, {"big.A": "home.A"}, stubs=frozenset({"big"})
    )
    assert migration.told() == ["big/x.py:1 big.B (big.B before) is used here, and is gone after the migration"]
