"""Cycles that an added import closes, and those that it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repoint.proof.model import NewImport
from tests.unit.proof.migrations import REPOSITORY, changed
from tests.unit.proof.trees import Migration


def importing(text: str, *, import_time: bool = True, before: str = "") -> Migration:
    """`app.new` becomes `text`, which imports `y` of `pkg.core.new` in its second line; that imports `app.new`."""
    files = {"app/new.py": before, "pkg/core/new.py": "from app.new import x\ny = 1\n"}
    return Migration(
        {**REPOSITORY, **files},
        {"app/new.py": text},
        imports={"app/new.py": [NewImport(2, "pkg.core.new", ("y",), import_time)]},
    )


Y = "\nx = y = 1\n"


@pytest.mark.parametrize(
    ("text", "import_time", "closes"),
    [
        (f"{Y}from pkg.core.new import y\n", True, True),
        (f"{Y}try:\n    from pkg.core.new import y\nexcept ImportError: ...\n", True, True),
        (f"{Y}class C:\n    from pkg.core.new import y\n", True, True),
        (f"{Y}def f():\n    from pkg.core.new import y\n", False, False),
        (f"{Y}if TYPE_CHECKING:\n    from pkg.core.new import y\n", False, False),
    ],
)
def test_cycles_of_an_added_import(text: str, import_time: bool, closes: bool) -> None:
    migration = importing(text, import_time=import_time)
    found = migration.told()
    shown = "app/new.py:2 this import would close a cycle of imports: app.new → pkg.core.new → app.new"
    assert found == [shown] * closes


@pytest.mark.parametrize(
    ("middle", "closes"),
    [
        ("from app.new import x\n", True),
        ("import app.new\n", True),
        ("if z:\n    from app import new\n", True),
        ("def f():\n    from app.new import x\n", False),
        ("if TYPE_CHECKING:\n    from app.new import x\n", False),
        ("class C:\n    def f(self):\n        import app.new\n", False),
        ("text = '''\nimport app.new\n'''\n", False),  # the rough reading takes it for an import; the exact one doesn't
    ],
)
def test_what_counts_on_the_way_round(middle: str, closes: bool) -> None:
    migration = importing(f"{Y}from pkg.core.new import y\n")
    migration.before |= {"pkg/core/new.py": "import pkg.far\ny = 1\n", "pkg/far.py": middle}
    found = migration.told()
    assert len(found) == closes
    assert not closes or "app.new → pkg.core.new → pkg.far → app.new" in found[0]


def test_a_cycle_that_was_there_before_is_none_of_ours() -> None:
    there = importing(f"{Y}import pkg.core.new\nfrom pkg.core.new import y\n", before="import pkg.core.new\nx = 1\n")
    assert there.told() == []
    around = importing(f"{Y}from pkg.core.new import y\n", before="import pkg.far\nx = 1\n")
    around.before |= {"pkg/core/new.py": "import app.new\ny = 1\n", "pkg/far.py": "import pkg.core.new\n"}
    assert around.told() == []


def test_an_accepted_cycle() -> None:
    migration = importing(f"{Y}from pkg.core.new import y\n")
    assert replace(migration, accepted=frozenset({frozenset({"app.new", "pkg.core.new"})})).told() == []
    assert replace(migration, accepted=frozenset({frozenset({"app.new", "pkg.far"})})).told() != []


def test_a_package_in_the_cycle_counts_unless_the_module_lies_in_it() -> None:
    # `pkg` runs before `pkg.b` whatever happens, so that taking another submodule of it closes nothing.
    own = {"pkg/__init__.py": "from pkg.b import B\n", "pkg/b.py": "B = 1\n", "pkg/c.py": "C = 1\n"}
    sibling = Migration(own, imports={"pkg/b.py": [NewImport(1, "pkg.c", ("C",), True)]})
    sibling = replace(sibling, changes={"pkg/b.py": "from pkg.c import C\nB = 1\n"})
    assert sibling.told() == []
    # But a name of the package itself may not be bound yet.
    itself = {**own, "pkg/__init__.py": "from pkg.b import B\nC = 1\n"}
    taken = Migration(itself, {"pkg/b.py": "from pkg import C\nB = 1\n"})
    taken = replace(taken, imports={"pkg/b.py": [NewImport(1, "pkg", ("C",), True)]})
    assert [message.partition(": ")[2] for message in taken.told()] == ["pkg.b → pkg → pkg.b"]
    # And so may one that is taken from another package whose `__init__` leads back.
    other = {"pkg/__init__.py": "import user\n", "pkg/c.py": "C = 1\n", "user.py": ""}
    led = Migration(other, {"user.py": "from pkg.c import C\n"})
    led = replace(led, imports={"user.py": [NewImport(1, "pkg.c", ("C",), True)]})
    assert [message.partition(": ")[2] for message in led.told()] == ["user → pkg → user"]


def test_a_stub_that_closes_a_cycle() -> None:
    found = changed(pkg__factory="import pkg.old\nfrom pkg.core import UserEngine\n\ndef make(): ...\n").told()
    assert found == ["pkg/old.py:1 this import would close a cycle of imports: pkg.old → pkg.factory → pkg.old"]


def test_a_home_that_comes_to_import_itself() -> None:
    migration = Migration(REPOSITORY, {"pkg/core/user.py": "from pkg.core.user import LIMIT\nLIMIT = 3\n"})
    migration = replace(migration, imports={"pkg/core/user.py": [NewImport(1, "pkg.core.user", ("LIMIT",), True)]})
    assert [message.partition(": ")[2] for message in migration.told()] == ["pkg.core.user → pkg.core.user"]


def test_an_import_that_closes_several_cycles_is_told_once() -> None:
    files = {"pkg/__init__.py": "import user\n", "pkg/c.py": "import user\nC = 1\n", "user.py": ""}
    migration = Migration(files, {"user.py": "from pkg.c import C\n"})
    found = replace(migration, imports={"user.py": [NewImport(1, "pkg.c", ("C",), True)]}).told()
    assert len(found) == 1
