"""What an audit finds beside imports: instances, further definitions, strings, patterns, and what it cannot read."""

from __future__ import annotations

import pytest

from repoint.auditing.narrow import narrowed
from repoint.model import Severity, State
from tests.audit_tools import HOMES, audited, imports_in, only, places, row
from tests.transform_tools import RENAMED, WHOLE

BUILT, TWICE, TEXT = "direct-instantiation", "duplicate-definition", "deprecated-string"
FORBID = '[[canonical]]\nsymbol = "pkg.new:New"\nconstruct = "forbid"\n'


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.new import New\nNew()\n",
        "from pkg.old import Old\nOld()\n",
        "from pkg.new import New as E\nE()\n",
        "import pkg.new\npkg.new.New()\n",
        "import pkg.new as m\nx = m.New(1)\n",
        "from pkg import new\nf(new.New())\n",
        "from pkg.new import New\n@New()\ndef f(): ...\n",
        "from pkg.new import New\ndef f(x=New()): ...\n",
        "from pkg.new import New\nx = (New\n  (1))\n",
        "from pkg.new import New\nx = New \\\n  (1)\n",
        "from pkg.new import New\nx = [New(y) for y in z]\n",
        "from pkg.new import New\nraise Error(New())\n",
        "from pkg.new import New\ndef f():\n    case = New()\n",
        "from pkg.new import New\nmatch x:\n    case 1: y = New()\n",
        "from pkg.new import New\nmatch x:\n    case y if New(): ...\n",
        "def f():\n    from pkg.new import New\n    return New()\n",
    ],
)
def test_a_call_of_a_governed_class_is_an_instance(text: str) -> None:
    item = only(imports_in(text), BUILT)
    assert (item.symbol, item.severity) == ("pkg.new:New", Severity.INFO)


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.new import New\nraise New()\n",
        "from pkg.new import New\nraise New('x') from e\n",
        "from pkg.new import New\n@New\ndef f(): ...\n",
        "from pkg.new import New\nclass A(New): ...\n",
        "from pkg.new import New\nNew.create()\n",
        "from pkg.new import New\nmatch x:\n    case New(): ...\n",
        "from pkg.new import New\nmatch x:\n    case [New(a=1), 2] | New(): ...\n",
        "from pkg.new import New\ndef f(New): return New()\n",
        "from pkg.new import New\nisinstance(x, New)\n",
        "from pkg.new import New\nNew()  # repoint: keep\n",
        "from other import New\nNew()\n",
    ],
)
def test_what_builds_nothing_is_not_one(text: str) -> None:
    assert places(imports_in(text), BUILT) == []


def test_an_instance_in_an_f_string_is_found_where_python_says_where_it_is() -> None:
    audit = imports_in("from pkg.new import New\nx = f'{New()}'\n")
    assert len(places(audit, BUILT)) <= 1


def test_homes_may_build_what_lives_there_and_others_may_not() -> None:
    files = {"pkg/new.py": "class New: ...\nx = New()\n", "app.py": "from pkg.new import New\nNew()\n"}
    audit = audited(files, RENAMED + FORBID)
    item = only(audit, BUILT)
    assert (item.path, item.severity, audit.figures.direct_instantiations) == ("app.py", Severity.WARNING, 1)
    assert audited(files).figures.direct_instantiations == 0


def test_a_function_is_called_and_not_built() -> None:
    homes = {**HOMES, "pkg/new.py": "def New(): ...\n"}
    assert places(imports_in("from pkg.new import New\nNew()\n", homes=homes), BUILT) == []


def test_an_instance_through_a_module_that_passes_the_class_on() -> None:
    audit = audited({"hub.py": "from pkg.new import New as E\n", "app.py": "from hub import E\nE()\n"})
    assert places(audit, BUILT) == ["app.py:2:1 direct-instantiation"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("class New: ...\n", "1:7"),
        ("class Old: ...\n", "1:7"),
        ("async def New(): ...\n", "1:11"),
        ("if x:\n    class New: ...\n", "2:11"),
        ("try:\n    from pkg.new import New\nexcept ImportError:\n    class New: ...\n", "4:11"),
    ],
)
def test_a_further_definition_of_a_governed_name(text: str, where: str) -> None:
    audit = audited({"app.py": text}, homes={"pkg/__init__.py": "", "pkg/new.py": "class New: ...\n"})
    assert places(audit, TWICE) == [f"app.py:{where} duplicate-definition"]
    assert row(audit, "pkg.new:New").duplicates == 1


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    class New: ...\n",
        "def f():\n    class New: ...\n",
        "class A:\n    def New(self): ...\n",
        "New = 1\n",
        "class New: ...  # repoint: keep\n",
        "class Newer: ...\n",
    ],
)
def test_what_is_no_further_definition(text: str) -> None:
    audit = audited({"app.py": text}, homes={"pkg/__init__.py": "", "pkg/new.py": "class New: ...\n"})
    assert places(audit, TWICE) == []


def test_the_home_and_its_types_are_no_further_definition() -> None:
    audit = audited(
        {"pkg/new.pyi": "class New: ...\n"}, homes={"pkg/__init__.py": "", "pkg/new.py": "class New: ...\n"}
    )
    assert places(audit, TWICE) == []


def test_what_to_do_about_a_further_definition_depends_on_where_it_stands() -> None:
    audit = audited({"app.py": "class New: ...\n"})
    mends = {item.path: (item.message, item.mend) for item in audit.occurrences}
    assert mends["pkg/old.py"][0] == "Old is defined here, beside pkg.new.New"
    assert "declare a [[stub]]" in mends["pkg/old.py"][1]
    assert mends["app.py"][1] == "import New from pkg.new instead, or call this one otherwise"


@pytest.mark.parametrize(
    "text",
    [
        "from unittest.mock import patch\npatch('pkg.old.Old')\n",
        "from unittest.mock import patch\n@patch('pkg.old.Old.run')\ndef f(): ...\n",
        "import importlib\nimportlib.import_module('pkg.old')\n",
        "import sys\nsys.modules['pkg.old']\n",
    ],
)
def test_a_string_that_is_used_as_an_old_path(text: str) -> None:
    audit = imports_in(text, WHOLE)
    assert (audit.figures.deprecated_strings, only(audit, TEXT).severity) == (1, Severity.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'pkg.old.Old'\n",
        "'''pkg.old.Old'''\n",
        "from unittest.mock import patch\npatch('pkg.older.Old')\n",
        "from unittest.mock import patch\npatch('pkg.old.Old')  # repoint: keep\n",
    ],
)
def test_a_string_that_is_not(text: str) -> None:
    assert places(imports_in(text), TEXT) == []


def test_a_file_that_does_not_parse_is_told_where_it_names_something_governed() -> None:
    audit = audited({"a.py": "from pkg.old import Old\nx = (\n", "b.py": "x = (\n"})
    item = only(audit, "unparsable")
    assert (item.path, item.severity, item.mend) == (
        "a.py",
        Severity.WARNING,
        "mend the file, or take it out of [scope]",
    )


def test_a_file_that_no_pattern_can_read_is_told_once() -> None:
    manifest = RENAMED + '[[pattern]]\nid = "no-old"\nmessage = "m"\nmatch = "Old()"\n'
    audit = audited({"a.py": "from pkg.old import Old\nOld()\nx = (\n"}, manifest)
    assert len(places(audit, "unparsable")) == 1


def test_patterns_have_rows_of_their_own() -> None:
    manifest = RENAMED + '[[pattern]]\nid = "no-old"\nmessage = "gone"\nmatch = "Old()"\nseverity = "error"\n'
    audit = imports_in("from x import Old\nOld()\nOld()  # repoint: keep\n", manifest)
    (pattern,) = audit.patterns
    assert (pattern.id, pattern.matches, audit.figures.pattern_violations) == ("no-old", 1, 1)
    assert [item.symbol for item in audit.symbols] == ["pkg.new:New"]
    item = only(audit, "pattern:no-old")
    assert (item.symbol, item.subject, item.severity) == ("no-old", "Old()", Severity.ERROR)


def test_modules_are_told_with_what_they_are_by_now() -> None:
    audit = audited({}, RENAMED + '[[stub]]\nmodule = "pkg.old"\n')
    assert [(item.module, item.role, item.state, item.lines) for item in audit.modules] == [
        ("pkg.new", "home", State.IMPLEMENTATION, 1),
        ("pkg.old", "deprecated", State.IMPLEMENTATION, 1),
    ]
    assert audit.figures.implementations == 1
    redirect = audited({}, RENAMED, homes={**HOMES, "pkg/old.py": "from pkg.new import New as Old\n"})
    assert (redirect.modules[1].state, redirect.figures.implementations) == (State.REDIRECT, 0)


def test_a_link_is_no_file() -> None:
    audit = audited({"a.py": "from pkg.old import Old\n"})
    assert audit.files == 4


def test_one_symbol_is_shown_with_all_its_places() -> None:
    files = {"app.py": "from pkg.old import Old\n", "lib.py": "from pkg.new import New\n"}
    whole = audited(files, RENAMED, canonical=True)
    part = narrowed(whole, "New")
    assert [row.symbol for row in part.symbols] == ["pkg.new:New"]
    assert [(item.path, item.code) for item in part.occurrences] == [
        ("app.py", "deprecated-import"),
        ("lib.py", "canonical-import"),
        ("pkg/old.py", "duplicate-definition"),
    ]
    assert "canonical-import" not in {item.code for item in audited(files, RENAMED).occurrences}


def test_a_symbol_that_its_home_lacks_is_told() -> None:
    manifest = RENAMED + '[[canonical]]\nsymbol = "pkg.new:Nwe"\n'
    told = only(audited({}, manifest), "missing-symbol")
    assert (told.path, told.symbol, told.severity) == ("pkg/new.py", "pkg.new:Nwe", Severity.WARNING)
    assert places(audited({}, RENAMED), "missing-symbol") == []
