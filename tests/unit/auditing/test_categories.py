"""Which category an import falls into that takes no old path, or may keep it."""

from __future__ import annotations

import pytest

from repoint.model import Severity
from tests.audit_tools import HOMES, audited, imports_in, only, places, row
from tests.transform_tools import RENAMED, WHOLE

NEW = "pkg.new:New"
STUB = '[[stub]]\nmodule = "pkg.old"\n'
CANONICAL = '[[canonical]]\nsymbol = "pkg.new:New"\naliases = "forbid"\n'


@pytest.mark.parametrize(
    "passing",
    [
        {"hub.py": "from pkg.new import New\n"},
        {"hub.py": "from pkg.new import *\n"},
        {"hub.py": "from far import New\n", "far.py": "from pkg.new import New\n"},
        {"hub.py": "from far import *\n", "far.py": "from pkg.new import *\n"},
        {"hub/__init__.py": "from .far import New\n", "hub/far.py": "from pkg.new import New\n"},
        {"hub.py": "from pkg.old import Old as New\n"},
        {"hub.py": "try:\n    from pkg.new import New\nexcept ImportError:\n    from pkg.new import New\n"},
    ],
)
def test_a_name_from_a_module_that_only_passes_it_on(passing: dict[str, str]) -> None:
    audit = audited({**passing, "app.py": "from hub import New\n"})
    item = next(item for item in audit.occurrences if item.path == "app.py")
    assert (item.code, item.symbol, item.subject) == ("reexport-import", NEW, "hub:New")
    assert item.mend == "import New from pkg.new"


@pytest.mark.parametrize(
    "passing",
    [
        {"hub.py": "from pkg.new import New as Engine\n"},
        {"hub.py": "from pkg.old import Old as Engine\n"},
        {"hub.py": "from far import Engine\n", "far.py": "from pkg.new import New as Engine\n"},
        {"hub.py": "from far import First as Engine\n", "far.py": "from pkg.new import New as First\n"},
        {"hub.py": "from far import *\n", "far.py": "from pkg.new import New as Engine\n"},
    ],
)
@pytest.mark.parametrize("text", ["from hub import Engine\n", "from hub import Engine as E\n"])
def test_a_name_that_is_passed_on_under_another_one(passing: dict[str, str], text: str) -> None:
    audit = audited({**passing, "app.py": text})
    assert [item.code for item in audit.occurrences if item.path == "app.py" and item.code.endswith("-import")] == [
        "reexport-import"
    ]


def test_a_name_of_the_same_spelling_that_is_another_thing_is_left_alone() -> None:
    audit = audited({"hub.py": "class New: ...\n", "app.py": "from hub import New\n"})
    assert places(audit) == []


def test_a_reexport_weighs_where_the_symbol_has_one_path() -> None:
    files = {"hub.py": "from pkg.new import New\n", "app.py": "from hub import New\n"}
    assert only(audited(files), "reexport-import").severity is Severity.INFO
    assert only(audited(files, RENAMED + CANONICAL), "reexport-import").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("from pkg.nowhere import New\n", "there is no module pkg.nowhere"),
        ("from pkg.nowhere import Old\n", "there is no module pkg.nowhere"),
    ],
)
def test_a_governed_name_from_a_module_that_is_not_there(text: str, message: str) -> None:
    item = only(imports_in(text), "unresolvable-import")
    assert (item.message, item.mend, item.symbol) == (message, "import New from pkg.new", NEW)


@pytest.mark.parametrize(
    "text", ["from elsewhere import New\n", "from pkg.nowhere import other\n", "import pkg.nowhere\n"]
)
def test_what_others_or_nobody_has_is_not_told(text: str) -> None:
    assert places(imports_in(text)) == []


def test_a_name_that_a_home_does_not_have() -> None:
    item = only(imports_in("from pkg.new import Missing\n"), "unresolvable-import")
    assert (item.symbol, item.message) == ("pkg.new:Missing", "pkg.new has no Missing")
    assert item.mend == "correct the import, or take it out"


def test_a_symbol_that_its_home_does_not_have_is_missing() -> None:
    audit = imports_in("from pkg.new import New\n", homes={**HOMES, "pkg/new.py": "x = 1\n"})
    assert row(audit, NEW).defined == "missing"
    assert only(audit, "unresolvable-import").message == "pkg.new has no New"


def test_a_whole_module_that_moves_to_where_nothing_is() -> None:
    audit = audited({"app.py": "from pkg.new import A\n"}, WHOLE, homes={"pkg/__init__.py": ""})
    assert only(audit, "unresolvable-import").message == "there is no module pkg.new"


@pytest.mark.parametrize("text", ["from pkg.new import __doc__\n", "import pkg.new as m\nm.__name__\n"])
def test_names_that_every_module_has_are_not_told(text: str) -> None:
    assert places(imports_in(text)) == []


def test_other_names_of_a_home_are_told_and_count_in_no_share() -> None:
    audit = imports_in("from pkg.new import helper\nfrom pkg.old import Old\n", homes={
        **HOMES, "pkg/new.py": "class New: ...\ndef helper(): ...\n"
    })  # fmt: skip
    found = row(audit, "pkg.new:helper")
    assert (found.governed, found.canonical, found.defined) == (False, 1, "function")
    assert audit.figures.canonical_share == 0.0


def test_every_name_of_a_module_that_moves_as_a_whole_is_governed() -> None:
    audit = audited(
        {"app.py": "from pkg.new import A\n"}, WHOLE, homes={"pkg/__init__.py": "", "pkg/new.py": "A = 1\n"}
    )
    found = row(audit, "pkg.new:A")
    assert (found.governed, found.canonical, found.defined) == (True, 1, "value")


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.old import Old  # repoint: keep\n",
        "from pkg.old import (  # repoint: keep\n    Old,\n)\n",
        "import pkg.old  # repoint: keep\npkg.old.Old\n",
        "from pkg.new import New as Engine  # repoint: keep\n",
        "from pkg.nowhere import New  # repoint: keep\n",
    ],
)
def test_a_comment_keeps_an_import(text: str) -> None:
    audit = imports_in(text, RENAMED + CANONICAL)
    assert [item.code for item in audit.occurrences if item.path == "app.py"] == ["kept-import"]
    assert "a comment says so" in only(audit, "kept-import").message
    assert (row(audit, NEW).kept, audit.figures.canonical_share) == (1, 100.0)


def test_an_exception_keeps_the_imports_and_strings_of_a_file_and_says_why() -> None:
    manifest = RENAMED + CANONICAL + '[[except]]\nfiles = ["tests/**"]\nreason = "tests of the redirect"\n'
    text = "from pkg.old import Old\nfrom pkg.new import New as E\npatch('pkg.old.Old')\n"
    audit = audited({"tests/a.py": f"from unittest.mock import patch\n{text}"}, manifest)
    assert [item.code for item in audit.occurrences if item.path == "tests/a.py"] == ["kept-import"] * 2
    assert audit.occurrences[-1].message.endswith("is meant to stay: tests of the redirect")


def test_what_a_stub_keeps_is_kept() -> None:
    homes = {**HOMES, "pkg/old.py": "class Old: ...\ndef helper(): ...\ndef other(): ...\n"}
    text = "from pkg.old import helper, other, gone\n"
    audit = imports_in(text, RENAMED + STUB + 'keep = ["helper"]\n', homes=homes)
    assert [(item.code, item.symbol) for item in audit.occurrences if item.path == "app.py"] == [
        ("kept-import", "pkg.old:helper"),
        ("deprecated-import", "pkg.old:other"),
        ("unresolvable-import", "pkg.old:gone"),
    ]
    assert only(audit, "deprecated-import").mend == "declare a [[move]] for pkg.old:other, or `keep` it"


def test_a_name_that_a_stub_passes_on_goes_to_where_it_is_defined() -> None:
    homes = {
        **HOMES,
        "pkg/old.py": "from pkg.util import helper\nclass Old: ...\n",
        "pkg/util.py": "def helper(): ...\n",
    }
    item = only(imports_in("from pkg.old import helper\n", RENAMED + STUB, homes=homes), "deprecated-import")
    assert (item.symbol, item.mend) == ("pkg.old:helper", "import helper from pkg.util")


@pytest.mark.parametrize(
    ("manifest", "redirect"),
    [
        (RENAMED, "from pkg.new import New as Old\n"),
        (RENAMED + STUB, "from pkg.new import New as Old\n__all__ = ['Old']\n"),
        (WHOLE, "from pkg.new import New\n"),
        (WHOLE, "from pkg.new import *\n"),
        (RENAMED + STUB, "if TYPE_CHECKING:\n    from pkg.new import New as Old\ndef __getattr__(name): ...\n"),
    ],
)
def test_the_imports_of_a_redirect_are_the_redirect(manifest: str, redirect: str) -> None:
    audit = audited({}, manifest, homes={**HOMES, "pkg/old.py": redirect})
    assert places(audit) == []
    assert sum(item.canonical for item in audit.symbols) == 0


def test_a_redirect_to_what_is_not_there_is_told() -> None:
    homes = {**HOMES, "pkg/old.py": "from pkg.new import Gone\n"}
    assert only(audited({}, WHOLE, homes=homes), "unresolvable-import").message == "pkg.new has no Gone"


def test_a_submodule_of_a_stub_is_a_module_of_its_own() -> None:
    homes = {
        "pkg/__init__.py": "",
        "pkg/new.py": "class New: ...\n",
        "pkg/old/__init__.py": "class Old: ...\n",
        "pkg/old/sub.py": "x = 1\n",
    }
    text = "import pkg.old.sub\npkg.old.sub.x\nfrom pkg.old import sub\nfrom pkg.old.sub import x\n"
    assert places(imports_in(text, RENAMED + STUB, homes=homes)) == []


def test_an_implementation_may_import_a_path_that_is_old_as_well() -> None:
    manifest = (
        RENAMED + STUB + '[[move]]\nold = "pkg.older:Older"\nnew = "pkg.new:New"\n[[stub]]\nmodule = "pkg.older"\n'
    )
    homes = {
        **HOMES,
        "pkg/old.py": "from pkg.older import Older\nclass Old(Older): ...\n",
        "pkg/older.py": "class Older: ...\n",
    }
    assert places(audited({}, manifest, homes=homes)) == ["pkg/old.py:1:23 deprecated-import"]


def test_a_symbol_that_is_passed_on_by_its_home() -> None:
    homes = {**HOMES, "pkg/new.py": "from pkg.impl import New\n", "pkg/impl.py": "class New: ...\n"}
    audit = imports_in("from pkg.new import New\nfrom pkg.impl import New as N\n", homes=homes)
    assert (row(audit, NEW).defined, row(audit, NEW).canonical, places(audit)) == ("import", 1, [])


def test_a_value_is_governed_like_any_other_symbol_but_its_name_says_nothing() -> None:
    manifest = '[[move]]\nold = "pkg.old:logger"\nnew = "pkg.new:logger"\n'
    homes = {"pkg/__init__.py": "", "pkg/old.py": "logger = 1\n", "pkg/new.py": "logger = 1\n"}
    files = {
        "a.py": "from pkg.old import logger\n",
        "b.py": "from pkg.new import logger\n",
        "c.py": "from pkg.nowhere import logger\nlogger = 2\n",
        "d.py": "def logger(): ...\n",
    }
    audit = audited(files, manifest, homes=homes)
    assert row(audit, "pkg.new:logger").defined == "value"
    assert [f"{item.path} {item.code}" for item in audit.occurrences] == ["a.py deprecated-import"]
    assert audit.figures.canonical_share == 50.0
