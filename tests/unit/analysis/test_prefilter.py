"""Which files are worth parsing: every file that matters, and few others."""

from __future__ import annotations

import pytest

from repoint.analysis.prefilter import Prefilter
from repoint.analysis.query import Query
from repoint.manifest.moves import MoveTable
from repoint.names import Symbol

NEW = Symbol("pkg.new", "New")


def prefilter(symbols: bool = True, *, packages: frozenset[str] = frozenset(), forbidden: bool = False) -> Prefilter:
    moves = MoveTable({Symbol("pkg.old", "Old"): NEW} if symbols else {}, {} if symbols else {"pkg.old": "pkg.new"})
    query = Query(moves, frozenset(), frozenset({"Old", "New"}))
    return Prefilter(query, packages, frozenset({NEW}) if forbidden else frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.old import Old",
        "from pkg.old import *",
        "from .old import Old",
        "from pkg . old import Old",
        "from pkg import old\nold.Old",
        "from pkg import (\n    a,\n    b,  # c\n    old,\n)\nold.Old",
        "from pkg import a, \\\n    old\nold.Old",
        "import pkg.old\npkg.old.Old",
        "import os, pkg.old as m; m.Old",
        "x = 1; from pkg import old; old.Old",
        "if x: import pkg.old\npkg.old.Old",
        "pkg.old.Old",
        "'pkg.old.Old'",
        "'pkg.old:Old'",
        "pkg.\\\n  old.Old",
        "from pkg import (\n    a,  # (side effects)\n    old,\n)\nold.Old",
        "from pkg import (\n    a,  # import order matters\n    old,\n)\nold.Old",
        "import root.pkg as p\np.old.Old",
        "from root import pkg as p, other\np.old.Old",
        "from x import y\rfrom pkg import a, \\\r    old\rold.Old",
        "from root . pkg import old\nold.Old",
        "x.__name__ == 'Old'",
        "getattr(x, 'Old')",
    ],
)
def test_files_that_matter_are_wanted(text: str) -> None:
    data = f"# first\n{text}\n".encode()
    assert prefilter().wants(data)


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.old import Other",
        "from other.old import Old",
        "older.Old",
        "old = Old",
        "x.old.Old",
        "# old Old",
        "'Old'",
        "from pkg import (a, b)\nold = Old",
        "from other.pkg.old import Old",
        "import other.pkg.old as m; m.Old",
        "from pkg.old.below import x; Old = 1",
        "'pkg.old.below'; Old = 1",
    ],
)
def test_files_that_do_not_matter_are_passed_over(text: str) -> None:
    assert not prefilter().wants(f"# first\n{text}\n".encode())


@pytest.mark.parametrize(
    "text",
    ["from typing import Any\nfrom old import Old", "import os, old; Old", "import os, \\\n    old\nOld", "'old:Old'"],
)
def test_top_level_modules_stand_anywhere_in_an_import(text: str) -> None:
    moves = MoveTable({Symbol("old", "Old"): NEW}, {})
    wanted = Prefilter(Query(moves, frozenset(), frozenset({"Old"})), frozenset(), frozenset())
    assert wanted.wants(f"{text}\n".encode())


@pytest.mark.parametrize("text", ["from pkg.old import Other", "import pkg.old", "'pkg.old'", "from . import old"])
def test_of_a_whole_module_every_name_matters(text: str) -> None:
    assert prefilter(symbols=False).wants(f"{text}\n".encode())


def test_a_package_is_reached_without_its_name() -> None:
    moves = MoveTable({Symbol("pkg", "Old"): NEW}, {})
    wanted = Prefilter(Query(moves, frozenset(), frozenset({"Old"})), frozenset({"pkg"}), frozenset())
    assert wanted.wants(b"from . import Old\n")
    assert not wanted.wants(b"from . import Other\n")
    assert wanted.wants(b"'pkg:Old'\n")


def test_forbidden_aliases_are_found() -> None:
    assert prefilter(forbidden=True).wants(b"from x import New as N\n")
    assert not prefilter().wants(b"from x import New as N\n")


@pytest.mark.parametrize(("text", "at"), [("x\nfrom pkg.old import Old\n", 11), ("x = 1\n", None)])
def test_the_first_mention(text: str, at: int | None) -> None:
    assert prefilter().first_mention(text.encode()) == at
