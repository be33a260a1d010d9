"""Each kind of evidence, and each look-alike that is none."""

from __future__ import annotations

import pytest

from repoint.proposing.groups import limited
from repoint.proposing.values import Basis, Certainty, ProposedMove
from tests.unit.proposing.tools import moves, said

WARN = "import warnings\n"
NEW = {"app/new.py": "class NewEngine:\n    def run(self): ...\n", "app/user.py": "from app.new import NewEngine\n"}
USER = {"app/a.py": "from app.old import Engine\n"}
OLD = "app.old:Engine"
LIKELY = {OLD: ("app.new:NewEngine", "likely", "note")}


@pytest.mark.parametrize(
    "old",
    [
        '"""DEPRECATED: use app.new.NewEngine."""\nclass Engine: ...\n',
        '"""Engines.\n\n.. deprecated:: 2.0\n   Use :class:`~app.new.NewEngine` instead.\n"""\nclass Engine: ...\n',
        '"""DEPRECATED.\n\n'
        '- Replace imports with \'from app.new import NewEngine as Engine\'\n"""\nclass Engine: ...\n',
        "# This module is deprecated.\n# Use NewEngine from app.new.\n\nimport os\nclass Engine: ...\n",
        WARN + 'warnings.warn("app.old is deprecated, "\n'
        '"use app.new.NewEngine", DeprecationWarning)\nclass Engine: ...\n',
        'class Engine:\n    """Deprecated: use ``NewEngine``."""\n',
        WARN + 'class Engine:\n    def __init__(self):\n        warnings.warn(\n            "Engine is deprecated. "\n'
        '            "Use NewEngine instead.", category=DeprecationWarning)\n        self.a = 1\n',
        'from typing_extensions import deprecated\n@deprecated("use app.new:NewEngine")\nclass Engine: ...\n',
    ],
)
def test_a_note_of_deprecation_names_the_home(old: str) -> None:
    assert said({**NEW, **USER, "app/old.py": old}) == LIKELY


@pytest.mark.parametrize(
    "old",
    [
        'class Engine:\n    """Runs.\n\n    Args:\n        x: deprecated, use NewEngine\n    """\n'
        "    def run(self): self.x = 1\n",
        WARN + 'class Engine:\n    def run(self, x=None):\n        if x: warnings.warn("x is deprecated, "\n'
        '"use NewEngine", '
        "DeprecationWarning)\n",
        WARN + 'class Engine:\n    def __init__(self):\n        warnings.warn("OtherEngine is deprecated. "\n'
        '"Use NewEngine.", '
        "DeprecationWarning)\n        self.a = 1\n",
        WARN + "class Engine:\n    def __init__(self, x):\n        "
        'warnings.warn("the argument x is deprecated, '
        'use NewEngine", DeprecationWarning)\n        self.a = 1\n',
        '"""DEPRECATED: from app.older import Engine"""\nclass Engine: ...\n',
        'def f():\n    """DEPRECATED: use app.new.NewEngine"""\nclass Engine:\n    a = 1\n',
    ],
)
def test_a_note_of_something_else_does_not(old: str) -> None:
    assert said({**NEW, **USER, "app/old.py": old}) == {}


def test_what_a_deprecated_module_passes_on_is_sure() -> None:
    old = '"""Deprecated."""\nfrom app.new import NewEngine as Engine\n'
    assert said({**NEW, **USER, "app/old.py": old}) == {OLD: ("app.new:NewEngine", "sure", "same object")}
    alias = '"""Deprecated."""\nfrom app import new\nEngine = new.NewEngine\nx = 1\n'
    files = {"app/__init__.py": "", **NEW, **USER, "app/old.py": alias}
    assert said(files) == {OLD: ("app.new:NewEngine", "sure", "same object")}


def test_what_a_mere_facade_passes_on_is_a_guess() -> None:
    old = (
        "import logging\nfrom app.new import NewEngine as Engine\nlogger = logging.getLogger()\n__all__ = ['Engine']\n"
    )
    assert said({**NEW, **USER, "app/old.py": old}) == {OLD: ("app.new:NewEngine", "guess", "same object")}
    assert said({**NEW, **USER, "app/old.py": f"{old}LIMIT = 3\n"}) == {}


def test_the_public_face_of_a_package_stays() -> None:
    face = {"app/__init__.py": '"""Compatibility layer."""\nfrom app.new import NewEngine\n'}
    user = {"b/a.py": "from app import NewEngine\n"}
    assert said({**NEW, **face, **user}) == {}
    face["app/__init__.py"] = '"""This package is deprecated."""\nfrom app.new import NewEngine\n'
    assert said({**NEW, **face, **user}) == {"app:NewEngine": ("app.new:NewEngine", "sure", "same object")}
    face["app/__init__.py"] = "# DEPRECATED: from app import Other\nfrom app.new import NewEngine, Other\n"
    assert said({**NEW, **face, **user}) == {}


@pytest.mark.parametrize(
    "old",
    [
        "from app.new import NewEngine\nclass Engine:\n    def __init__(self, *args): self._e = NewEngine(*args)\n"
        "    def run(self, x, *, y=1): return self._e.run(x, y=y)\n",
        "from app.new import NewEngine\nclass Engine:\n    def __init__(self): self._e = NewEngine()\n"
        "    def __getattr__(self, name): return getattr(self._e, name)\n",
    ],
)
def test_a_wrapper_only_passes_on(old: str) -> None:
    assert said({**NEW, **USER, "app/old.py": old}) == {OLD: ("app.new:NewEngine", "guess", "delegation")}
    assert said({**NEW, **USER, "app/old.py": f'"""Deprecated."""\n{old}'})[OLD][1:] == ("likely", "delegation")


def test_a_function_only_passes_on() -> None:
    files = {
        "app/new.py": "def make(a, *, b=1): return a\n",
        "app/a.py": "from app.old import build\nfrom app.new import make\n",
        "app/old.py": 'from app.new import make\ndef build(a, *, b=1):\n    """Makes."""\n    return make(a, b=b)\n',
    }
    assert said(files) == {"app.old:build": ("app.new:make", "guess", "delegation")}
    files["app/old.py"] = "from app.new import make\ndef build(a, *, b=1): return make(a, b=2)\n"
    assert said(files) == {}


def test_a_subclass_is_no_wrapper_unless_it_is_deprecated() -> None:
    old = "from app.new import NewEngine\nclass Engine(NewEngine): ...\n"
    assert said({**NEW, **USER, "app/old.py": old}) == {}
    old = 'from app.new import NewEngine\nclass Engine(NewEngine):\n    """Deprecated alias."""\n'
    assert said({**NEW, **USER, "app/old.py": old})[OLD] == ("app.new:NewEngine", "likely", "delegation")


def test_a_path_that_leads_nowhere() -> None:
    files = {**NEW, "app/a.py": "from app.gone import NewEngine\n"}
    assert said(files) == {"app.gone:NewEngine": ("app.new:NewEngine", "likely", "leads nowhere")}
    guarded = "try:\n    from app.gone import NewEngine\nexcept ImportError:\n    NewEngine = None\n"
    assert said({**NEW, "app/a.py": guarded})["app.gone:NewEngine"][1] == "guess"
    assert said({**NEW, "app/a.py": "from elsewhere.gone import NewEngine\n"}) == {}  # not of this repository
    assert said({**NEW, "app/a.py": "from app.gone import Unknown\n"}) == {}
    files["app/other.py"] = "class NewEngine: ...\n"
    assert said(files) == {}  # two candidates


def test_a_name_that_its_module_does_not_bind() -> None:
    user = {"app/a.py": "from app.half import NewEngine\n"}
    found = {"app.half:NewEngine": ("app.new:NewEngine", "likely", "leads nowhere")}
    assert said({**NEW, **user, "app/half.py": "x = 1\n"}) == found
    assert said({**NEW, **user, "app/half.py": "def __getattr__(name): ...\n"}) == {}
    assert said({**NEW, **user, "app/half.py": "from os import *\n"}) == {}
    assert said({**NEW, **user, "app/half.py": "NewEngine = object()\n"}) == {}


def test_a_path_whose_candidates_all_move_to_one_home() -> None:
    old = '"""DEPRECATED: use app.new.NewEngine."""\nclass Engine: ...\n'
    user = {"app/a.py": "from app.old import Engine\n", "app/b.py": "from app.gone import Engine\n"}
    found = said({**NEW, **user, "app/old.py": old})
    assert found["app.gone:Engine"] == ("app.new:NewEngine", "likely", "leads nowhere")


def test_definitions_of_one_name_are_guesses_by_imports() -> None:
    files = {
        "app/one.py": "class Engine: ...\n",
        "app/two.py": "class Engine: ...\n",
        "app/a.py": "from app.one import Engine\n",
        "app/b.py": "from app.one import Engine\nimport app.two\n",
        "app/c.py": "from app.two import Engine\n",
    }
    assert said(files) == {"app.two:Engine": ("app.one:Engine", "guess", "same name")}
    assert moves(files)["app.two:Engine"].evidence == ("2 modules define Engine, and the home is imported most (2)",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/two.py", "from app.one import Engine as E\nimport app.one as base\nclass Engine(base.Engine): ...\n"),
        ("app/two.py", "from typing import Protocol\nclass Engine(Protocol): ...\n"),
        ("app/two.py", "from abc import ABC\nclass Engine(ABC): ...\n"),
        ("app/two.py", "def Engine(): ...\n"),
        ("app/two.py", "try:\n    from fast import Engine\nexcept ImportError:\n    class Engine: ...\n"),
        ("app/two.py", "import sys\nif sys.platform == 'x':\n    class Engine: ...\n"),
        ("app/two.py", "# Generated by protoc. DO NOT EDIT.\nclass Engine: ...\n"),
        ("app/tests/two.py", "class Engine: ...\n"),
        ("app/vendor/two.py", "class Engine: ...\n"),
        ("app/one.pyi", "class Engine: ...\n"),
    ],
)
def test_look_alikes_are_no_duplicates(path: str, text: str) -> None:
    module = path.partition(".")[0].replace("/", ".")
    files = {"app/one.py": "class Engine: ...\n", path: text}
    files |= {"app/a.py": f"from app.one import Engine\nfrom {module} import Engine as E\n"}
    assert said(files) == {}


@pytest.mark.parametrize("name", ["main", "Config", "setup", "_Engine"])
def test_common_and_private_names_are_no_duplicates(name: str) -> None:
    files = {f"app/{letter}.py": f"class {name}: ...\n" for letter in "xyz"}
    files["app/a.py"] = "".join(f"from app.{letter} import {name}\n" for letter in "xyz")
    assert said(files) == {}


def test_what_follows_a_home_that_is_deprecated_itself() -> None:
    files = {
        "app/old.py": '"""DEPRECATED: use app.middle.Engine."""\nclass Engine: ...\n',
        "app/middle.py": '"""DEPRECATED: use app.old.Engine."""\nclass Engine: ...\n',
        "app/a.py": "from app.old import Engine\nfrom app.middle import Engine as E\n",
    }
    assert said(files) == {}  # a circle has no home


def test_under_and_the_limit_narrow_it_down() -> None:
    files = {
        "app/a.py": "from app.gone import One\nfrom other.gone import Two, Two as T\nimport app.a\n",
        "app/new.py": "class One: ...\n",
        "other/new.py": "class Two: ...\n",
        "app/b.py": "from app.new import One\nfrom other.new import Two\n",
    }
    both = {"app.gone:One", "other.gone:Two"}
    assert set(said(files)) == both
    for under in ("app", "app/", "app/**", "app.gone", "app/new.py"):
        assert set(said(files, under)) == {"app.gone:One"}, under
    assert set(said(files, "ap")) == set()
    assert set(said(files, "app", "other")) == both
    assert set(moves(files, limit=1)) == {"other.gone:Two"}


def test_tests_count_as_users_and_make_no_homes() -> None:
    files = {
        **NEW,
        "tests/test_a.py": '"""\nfrom app.gone import NewEngine\n"""\nfrom app.gone import (NewEngine,)\n',
    }
    assert moves(files)["app.gone:NewEngine"].imports == 1
    files = {"tests/fakes.py": "class Fake: ...\n", "app/a.py": "from app.gone import Fake\nimport app.a\n"}
    assert said(files) == {}


def test_without_a_limit_it_is_one_migrations_worth() -> None:
    def move(home: str, imports: int) -> ProposedMove:
        return ProposedMove(f"old:{home}", f"new:{home}", Certainty.LIKELY, Basis.NOTE, imports, 1, ())

    many = [move("A", 700), move("B", 200), move("C", 90)]
    assert [item.imports for item in limited(many, None)] == [700]
    assert [item.imports for item in limited(many, 2)] == [700, 200]
    assert [item.imports for item in limited([move("A", 9000)], None)] == [9000]
    assert len(limited([move(f"N{n}", 1) for n in range(20)], None)) == 12


@pytest.mark.parametrize(
    "old",
    [
        '"""Engines.\n\nIdentity\n--------\n\n.. deprecated:: 1.4\n   Sequences.\n"""\n{}',
        '"""Engines.\n\nlegacy_mode is deprecated, use new_mode.\n"""\n{}',
        '"""Engines. The make function is deprecated."""\n{}def make(): ...\n',
        '"""The older module is deprecated."""\n{}',
        '"""Deprecated names are translated here."""\n{}',
        '"""Deprecated since 1.2: the ``strict`` flag."""\n{}',
        '"""Engines."""\n\n# Deprecated: kept for plugins\nFLAG = 1\n{}',
        '"""This module is deprecated."""\n{}Engine = wrap(Engine)\n',
        '"""This module is deprecated."""\ntry:\n    from app.fast import Engine\nexcept ImportError:\n    {}',
    ],
)
def test_what_speaks_of_a_part_or_binds_twice_makes_nothing_sure(old: str) -> None:
    files = {"app/old.py": old.format("from app.new import Engine\n"), "app/new.py": "class Engine: ...\n", **USER}
    assert {certainty for _, certainty, _ in said(files).values()} <= {"guess"}


def test_a_heading_that_is_the_title_leaves_the_module_deprecated() -> None:
    old = '"""\nEngines\n=======\n\n.. deprecated:: 1.4\n"""\nfrom app.new import Engine\n'
    found = said({"app/old.py": old, "app/new.py": "class Engine: ...\n", **USER})
    assert found == {OLD: ("app.new:Engine", "sure", "same object")}


@pytest.mark.parametrize(
    ("home", "note", "rest"),
    [("app._new", "This module is deprecated.", ""), ("app.new", "With a compatibility layer.", "def f(): ...\n")],
)
def test_a_private_home_and_a_mild_word_make_a_guess(home: str, note: str, rest: str) -> None:
    old = f'"""{note}"""\nfrom {home} import Engine\n{rest}'
    found = said({"app/old.py": old, f"{home.replace('.', '/')}.py": "class Engine: ...\n", **USER})
    assert found == {OLD: (f"{home}:Engine", "guess", "same object")}


def test_a_note_on_one_class_of_a_module_goes_for_that_alone() -> None:
    files = {
        "app/old.py": '"""Engine is deprecated."""\nfrom app.new import Engine, Other\ndef f(): ...\n',
        "app/new.py": "class Engine: ...\nclass Other: ...\n",
        "app/a.py": "from app.old import Engine, Other\n",
    }
    assert said(files) == {OLD: ("app.new:Engine", "sure", "same object")}


def test_two_imports_of_one_object_are_no_doubt() -> None:
    files = {
        "app/old.py": '"""This module is deprecated."""\ntry:\n    from app.api import Engine\nexcept ImportError:\n'
        "    from app.new import Engine\n",
        "app/api.py": "from app.new import Engine\ndef f(): ...\n",
        "app/new.py": "class Engine: ...\n",
        **USER,
    }
    assert said(files)[OLD] == ("app.new:Engine", "sure", "same object")


def test_imports_in_a_circle_end() -> None:
    both = "try:\n    from app.{} import Engine\nexcept ImportError:\n    from app.new import Engine\n"
    files = {
        "app/old.py": both.format("b"),
        "app/b.py": both.format("old"),
        "app/new.py": "class Engine: ...\n",
        **USER,
    }
    assert {certainty for _, certainty, _ in said(files).values()} <= {"guess"}
