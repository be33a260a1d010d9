"""What a plan records of the files that it stands on."""

from __future__ import annotations

import msgspec
import pytest

from repoint.errors import UsageError
from repoint.model import Ground, Home
from repoint.planning.plan_file import dump, load
from tests.builders import blob_id, plan
from tests.transform_tools import RENAMED, WHOLE, move, plan_of

FILES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "from pkg.third import Other\n\n\nclass Old: ...\nclass Stays: ...\n",
    "pkg/new.py": "import os\nfrom pkg.third import Other\n\n\nclass New: ...\nclass Old: ...\n_hidden = os\n",
    "pkg/third.py": "class Other: ...\n",
}
STUB = '[[stub]]\nmodule = "pkg.old"\ndrop = ["Stays"]\n'


def test_a_moved_symbol() -> None:
    home = Home("pkg/new.py", blob_id(FILES["pkg/new.py"].encode()), ("New",))
    assert plan_of(FILES, RENAMED).ground == Ground((home,), ("pkg.old.Old",), (), (".",))


def test_a_stub_with_the_homes_of_what_it_passes_on() -> None:
    ground = plan_of(FILES, RENAMED + STUB).ground
    assert [(home.path, home.names) for home in ground.homes] == [
        ("pkg/new.py", ("New",)),
        ("pkg/third.py", ("Other",)),
    ]
    assert ground.old == ("pkg.old",)


def test_a_moved_module_needs_what_its_home_defines() -> None:
    ground = plan_of(FILES, WHOLE).ground
    assert [(home.path, home.names) for home in ground.homes] == [("pkg/new.py", ("New", "Old", "Other"))]


def test_a_moved_package_needs_the_modules_that_both_have() -> None:
    files = {"a/__init__.py": "", "a/x.py": "A = 1\n", "b/__init__.py": "", "b/x.py": "A = 1\n", "b/y.py": "B = 1\n"}
    ground = plan_of(files, move("a", "b")).ground
    assert [(home.path, home.names) for home in ground.homes] == [("b/__init__.py", ()), ("b/x.py", ("A",))]


def test_what_stays_below_an_old_path() -> None:
    files = {"old/__init__.py": "class A: ...\n", "old/tool.py": "", "old/moved.py": "", "new.py": "class A: ...\n"}
    stub = move("old:A", "new:A") + move("old.moved", "elsewhere") + '[[stub]]\nmodule = "old"\n'
    assert plan_of(files, stub).ground.apart == ("old.tool",)
    assert plan_of({"engine/core.py": ""}, move("engine", "engine.core")).ground.apart == ("engine.core",)


def test_homes_outside_the_repository_are_none() -> None:
    assert plan_of(FILES, move("pkg.old:Old", "typing:List")).ground.homes == ()


@pytest.mark.parametrize(
    ("ground", "problem"),
    [
        (Ground((Home("../x.py", "0" * 40, ()),)), "home '../x.py' has"),
        (Ground((Home("x.py", "0" * 39, ()),)), "is no blob id"),
        (Ground((Home("x.py", "0" * 40, ("a\x1b[2J",)),)), "is no name"),
        (Ground(old=("a\nb",)), "is no name"),
    ],
)
def test_a_plan_of_somebody_else_is_not_believed(ground: Ground, problem: str) -> None:
    made = msgspec.structs.replace(plan(), ground=ground)
    with pytest.raises(UsageError, match=problem):
        load(dump(made), "plan")


def test_a_plan_without_it_is_read() -> None:
    document = msgspec.json.decode(dump(plan()))
    del document["ground"]
    assert load(msgspec.json.encode(document), "plan").ground == Ground()
