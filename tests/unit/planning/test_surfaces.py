"""Who reaches whose bindings, and which files have to be read to know it."""

from __future__ import annotations

import pytest
from repoint.planning.verify import Changed, verify

from repoint.analysis.analyse import analyse
from repoint.analysis.facts import FileFacts
from repoint.analysis.query import Query
from repoint.manifest.moves import MoveTable
from repoint.model import Failed, Severity, SourceFile
from repoint.names import Symbol
from repoint.planning.surfaces import mentions, reached

THING = Symbol("app.service", "Thing")


def facts(text: str, module: str = "user") -> FileFacts:
    query = Query(MoveTable(), frozenset(), frozenset()).with_surfaces(frozenset({THING}))
    found = analyse(SourceFile(f"{module.replace('.', '/')}.py", "100644", "", text.encode()), module, query)
    assert not isinstance(found, Failed)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "from app.service import Thing",
        "from app.service import *",
        "import app.service\napp.service.Thing",
        "import app.service as s\ns.Thing.x",
        "from app import service as s\ndef f(): return s.Thing",
        "from service import Thing",  # another import root
        "X = 'app.service.Thing'",
        "import app.service\ngetattr(app.service, 'Thing')",
    ],
)
def test_what_reaches_a_binding(text: str) -> None:
    assert reached(frozenset({THING}), [facts(text)]) == {THING}


@pytest.mark.parametrize(
    "text",
    [
        "from app.other import Thing",
        "from app.service import Other",
        "import app.service\napp.service.Other",
        "def f(app): return app.service.Thing",
        "from unittest.mock import patch\npatch('app.service.Thing')",
        "X = 'Thing'",
    ],
)
def test_what_does_not(text: str) -> None:
    assert reached(frozenset({THING}), [facts(text)]) == frozenset()


def test_a_module_does_not_reach_itself() -> None:
    assert reached(frozenset({THING}), [facts("from app.service import Thing", "app.service")]) == frozenset()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("from app.service import Thing\n", True),
        ("from app import (\n    service,\n)\nThing\n", True),
        ("x = 'app.service:Thing'\n", True),
        ("service.Thing\n", True),
        ("from app.service import Other\n", False),
        ("Thing\n", False),
        ("service = Thing\n", False),
    ],
)
def test_which_files_may_reach_a_binding(text: str, holds: bool) -> None:
    assert mentions(text.encode(), {b"Thing": {b"service"}}) is holds


def test_a_changed_file_that_does_not_parse_refuses_the_plan() -> None:
    assert verify(Changed("a.py", b"x = 1\n")) is None
    told = verify(Changed("a.py", b"x = 1\ndef (:\n"))
    assert told is not None
    assert (told.severity, told.line, told.code) == (Severity.ERROR, 2, "not-proved")
