"""Migrations of many moves: they give what the few moves give that are used, and tell nothing of the others."""

from __future__ import annotations

import pytest

from repoint.names import Symbol
from tests.transform_tools import applied, found, move, plan_of, told
from tests.unit.compat.compared import compare

NUMBERS = range(40)
MOVES = "".join(move(f"lib.m{number}:Name{number}", f"newlib.m{number}:Name{number}") for number in NUMBERS)
USED = "".join(move(f"lib.m{number}:Name{number}", f"newlib.m{number}:Name{number}") for number in (3, 4, 5, 8))
USERS = {
    "app/a.py": "from lib.m3 import Name3\n",
    "app/b.py": "import lib.m4\nlib.m4.Name4()\n",
    "app/c.py": "from unittest.mock import patch\npatch('lib.m5.Name5')\n",
    "setup.cfg": "run = lib.m8:Name8\n",
}
OTHERS = {
    "app/d.py": "from app.m6 import Name6\nm7 = Name6\n",
    "app/m6.py": "Name6 = 1\n",
    "app/e.py": "import library\nlibrary.m3.Name3\n",
    "data.txt": f"lib/{'A' * 5000} lib.m3.Name3x mylib.m3.Name3\n",
}


def test_what_nobody_uses_changes_nothing() -> None:
    few, many = plan_of({**USERS, **OTHERS}, USED), plan_of({**USERS, **OTHERS}, MOVES)
    assert many.applicable, told(many)
    assert many.batches == few.batches
    assert many.findings == few.findings
    assert found(many, "path-in-other-file") == [("setup.cfg", 1)]
    assert applied(USERS, many)["app/b.py"] == b"import newlib.m4\nnewlib.m4.Name4()\n"


def test_files_that_do_not_name_the_package_are_not_read() -> None:
    assert plan_of({**USERS, **OTHERS}, MOVES).counts.candidates == 3


@pytest.mark.parametrize("moves", [MOVES, USED])
def test_a_package_of_the_tree_is_reached_without_its_name(moves: str) -> None:
    files = {"lib/__init__.py": "", "lib/m3.py": "class Name3: ...\n", "lib/x.py": "from .m3 import Name3\n"}
    assert applied(files, plan_of(files, moves))["lib/x.py"] == b"from newlib.m3 import Name3\n"


def test_modules_that_share_a_new_home_lead_on_to_it() -> None:
    """A symbol's own move goes on from each of the modules that became one."""
    many = "".join(move(f"lib.m{number}", "lib.all") for number in NUMBERS) + move("lib.all:Name", "newlib:Name")
    files = {"a.py": "from lib.m3 import Name\nfrom lib.m4 import Other\n"}
    assert applied(files, plan_of(files, many))["a.py"] == b"from newlib import Name\nfrom lib.all import Other\n"


def test_of_packages_outside_the_tree_nothing_is_compared() -> None:
    moves = {Symbol("lib.a", "A"): Symbol("newlib.a", "A")}
    assert compare({"app/a.py": "from lib.a import A\nA()\n"}, moves) == ((), ())


def test_a_home_that_passes_on_what_is_outside_is_the_same() -> None:
    moves = {Symbol("lib.a", "A"): Symbol("app.home", "A")}
    (row,), findings = compare({"app/home.py": "from lib.a import A\n", "app/a.py": "from lib.a import A\n"}, moves)
    assert row.same
    assert findings == ()
