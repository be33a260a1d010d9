"""New imports that end nowhere, and users of names that went."""

from __future__ import annotations

import pytest

from repoint.proof.model import NewImport
from tests.unit.proof.migrations import REPOSITORY, changed
from tests.unit.proof.trees import Migration


@pytest.mark.parametrize(
    ("module", "names", "proved"),
    [
        ("pkg.core.user", ("UserEngine",), True),
        ("pkg.core", ("user",), True),
        ("pkg.core.user", (), True),
        ("pkg.core.user", ("*",), True),
        ("outside", ("A",), True),
        ("pkg.core.user", ("UserEngine", "make"), False),
        ("pkg.core.gone", (), False),
        ("pkg.core.user.UserEngine", ("retry",), False),  # a class is no module
        ("pkg.core.gone", ("*",), False),
        ("pkg.unrelated", ("A",), True),  # was broken before
    ],
)
def test_new_imports(module: str, names: tuple[str, ...], proved: bool) -> None:
    item = NewImport(7, module, names, False)
    moves = {"pkg.old.make": "pkg.core.user.make", "pkg.old.Engine": "pkg.core.gone"}
    found = Migration(REPOSITORY, symbols=moves, imports={"app/service.py": [item]}).told()
    assert (found == []) is proved
    assert all(message.startswith("app/service.py:7 the new import of pkg.core.") for message in found)


def test_an_import_that_resolved_before_must_resolve_after() -> None:
    migration = changed(pkg__core__user="LIMIT = 3\n")
    assert any("app/service.py:1 the new import of pkg.core.user.UserEngine fails" in text for text in migration.told())


@pytest.mark.parametrize(
    ("path", "use", "line"),
    [
        ("user.py", "from app.service import Engine\n", 1),
        ("user.py", "def f():\n    from app.service import Engine as E\n", 2),
        ("user.py", "from app.service import *\n\nEngine()\n", 3),
        ("user.py", "import app.service\n\napp.service.Engine()\n", 3),
        ("user.py", "import app.service as s\n\ndef f():\n    return s.Engine.retry\n", 4),
        ("user.py", "from app import service\nservice.Engine\n", 2),
        ("user.py", "from app import service as s\ns.Engine\n", 2),
        ("user.py", "import app as a\na.service.Engine\n", 2),
        ("user.py", "from app import (\n    service,\n)\nx = [service.Engine for i in y]\n", 4),
        ("app/user.py", "from .service import Engine\n", 1),
        ("app/user.py", "from . import service\nservice.Engine\n", 2),
        ("app/deep/user.py", "from ..service import Engine\n", 1),
        ("user.pyi", "from app.service import Engine\n", 1),
        ("a-script.py", "from app.service import Engine\n", 1),
        ("user.py", "from app.service import run\nEngine = 1\n", None),
        ("user.py", "from app.service import *\nclass Engine: ...\nEngine()\n", None),
        ("user.py", "from app import service\ndef f(service): return service.Engine\n", None),
        ("user.py", "from app import service\nservice.run\nx.Engine\n", None),
        ("user.py", "from app.service import Gone, run\n", None),
        ("user.py", "# app.service.Engine\n", None),
        ("user.py", "no Python app.service Engine\n", None),
    ],
)
def test_users_of_a_lost_name(path: str, use: str, line: int | None) -> None:
    found = changed({path: use}).told()
    shown = "app.service.Engine (pkg.old.Engine before)"
    assert len(found) == (line is not None)
    assert line is None or (found[0].startswith(f"{path}:{line} ") and shown in found[0].replace(".retry", ""))


def test_a_name_that_is_lost_through_a_star_is_lost_for_others_too() -> None:
    use = {"api.py": "from app.service import *\n", "user.py": "import api\n\napi.Engine()\n"}
    assert changed(use).told() == [
        "user.py:3 api.Engine (pkg.old.Engine before) is used here, and is gone after the migration"
    ]


def test_stars_that_pass_names_in_a_ring_end() -> None:
    use = {"api.py": "from app.service import *\nfrom ipa import *\n", "ipa.py": "from api import *\n"}
    assert changed(use).told() == []


def test_one_search_serves_all_lost_names() -> None:
    migration = changed()
    assert migration.told() == []
    assert migration.searched[0] == frozenset({"old", "Engine", "import *"})
    assert migration.searched[1:] == [frozenset({"old", "import *"})]  # for whoever reads it through another module


def test_nothing_lost_nothing_searched() -> None:
    migration = Migration(REPOSITORY)
    assert migration.told() == []
    assert migration.searched == []
