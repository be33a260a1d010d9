"""Every way to import a governed name, and what the audit takes it for."""

from __future__ import annotations

import pytest

from repoint.measures import Audit
from tests.audit_tools import HOMES, audited, imports_in, only, places, row
from tests.transform_tools import RENAMED, WHOLE, move

NEW = "pkg.new:New"
CANONICAL = '[[canonical]]\nsymbol = "pkg.new:New"\naliases = "forbid"\n'


def counts(audit: Audit, symbol: str = NEW) -> tuple[int, int, int, int, int, int]:
    """Canonical, deprecated, alias, re-export, unresolvable and kept imports of a symbol."""
    found = row(audit, symbol)
    return (
        found.canonical,
        found.deprecated,
        found.alias,
        found.reexport,
        found.unresolvable,
        found.kept,
    )


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.old import Old\n",
        "from pkg.old import Old as Engine\n",
        "from pkg.old import (\n    Old,  # the engine\n)\n",
        "import pkg.old\npkg.old.Old()\npkg.old.Old()\n",
        "import pkg.old as m\nm.Old()\n",
        "from pkg import old\nold.Old()\n",
        "from pkg import old as m\nm.Old()\n",
        "if TYPE_CHECKING:\n    from pkg.old import Old\n",
        "def f():\n    from pkg.old import Old\n    return Old\n",
        "class A:\n    from pkg.old import Old\n",
        "try:\n    from pkg.old import Old\nexcept ImportError:\n    Old = None\n",
        "import os; from pkg.old import Old; import sys\n",
        "import pkg.new\nimport pkg.old\npkg.old.Old()\n",
        "import pkg\nimport pkg.old\npkg.old.Old()\n",
        b"# coding: latin-1\n# \xe9\nfrom pkg.old import Old\n",
        b"\xef\xbb\xbffrom pkg.old import Old\r\n",
        "def f():\n    import pkg.old\n    pkg.old.Old()\n",
    ],
)
def test_a_deprecated_path_counts_once_in_every_form(text: str | bytes) -> None:
    assert counts(imports_in(text)) == (0, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.new import New\n",
        "from pkg.new import New as New\n",
        "import pkg.new\npkg.new.New()\n",
        "import pkg.new as m\nm.New()\n",
        "from pkg import new\nnew.New()\n",
        "import pkg.new\nimport pkg.other\npkg.new.New()\n",
        "import pkg.other\nimport pkg.new\npkg.new.New()\n",
        "def f():\n    from pkg.new import New\n",
    ],
)
def test_a_canonical_path_counts_once_in_every_form(text: str) -> None:
    audit = imports_in(text, homes={**HOMES, "pkg/other.py": ""})
    assert counts(audit) == (1, 0, 0, 0, 0, 0)
    assert (places(audit), audit.figures.canonical_share) == ([], 100.0)


def test_relative_imports_are_followed_from_their_package() -> None:
    files = {
        "pkg/a.py": "from .old import Old\n",
        "pkg/sub/__init__.py": "from ..old import Old as X\n",
        "pkg/sub/b.py": "from .. import old\nold.Old()\n",
        "pkg/sub/c.py": "from ..new import New\n",
    }
    assert counts(audited(files)) == (1, 3, 0, 0, 0, 0)


def test_several_names_of_one_statement_stand_at_their_own_places() -> None:
    audit = imports_in("from pkg.old import Old, Old as B\nx = 1; from pkg.old import Old as C\n")
    assert places(audit) == [
        "app.py:1:21 deprecated-import",
        "app.py:1:26 deprecated-import",
        "app.py:2:28 deprecated-import",
    ]


def test_columns_are_characters() -> None:
    audit = imports_in("x = 'é𝒳'; from pkg.old import Old\n")
    assert places(audit) == ["app.py:1:31 deprecated-import"]


def test_a_read_counts_at_the_import_that_loads_it() -> None:
    audit = imports_in("import pkg.new\nimport pkg.old\npkg.old.Old()\npkg.new.New()\n")
    assert counts(audit) == (1, 1, 0, 0, 0, 0)
    assert places(audit, "deprecated-import") == ["app.py:2:8 deprecated-import"]


def test_a_comment_keeps_the_import_that_it_stands_beside() -> None:
    text = "import pkg.new\nimport pkg.old  # repoint: keep\npkg.old.Old()\npkg.new.New()\n"
    assert counts(imports_in(text)) == (1, 0, 0, 0, 0, 1)


def test_a_fallback_counts_both_of_its_arms() -> None:
    text = "try:\n    from pkg.new import New\nexcept ImportError:\n    from pkg.old import Old as New\nNew()\n"
    assert counts(imports_in(text)) == (1, 1, 0, 0, 0, 0)


def test_a_fallback_of_modules_counts_both_of_its_arms() -> None:
    text = "try:\n    import pkg.new as m\nexcept ImportError:\n    import pkg.old as m\nm.New()\n"
    audit = imports_in(text)
    assert counts(audit)[:2] == (1, 0)
    assert places(audit, "deprecated-import") == ["app.py:4:12 deprecated-import"]


@pytest.mark.parametrize("text", ["import pkg.old\n", "from pkg import old\n", "import pkg.old as m\nuse(m)\n"])
def test_a_module_that_is_imported_and_not_read_counts_as_a_module(text: str) -> None:
    audit = imports_in(text, RENAMED + '[[stub]]\nmodule = "pkg.old"\n')
    assert counts(audit, "pkg.old") == (0, 1, 0, 0, 0, 0)
    assert only(audit, "deprecated-import").message == "pkg.old is deprecated"


def test_a_star_import_of_an_old_module_is_one_deprecated_import() -> None:
    audit = imports_in("from pkg.old import *\n")
    item = only(audit, "deprecated-import")
    assert (item.symbol, item.subject) == ("pkg.old", "pkg.old:*")
    assert "star import of pkg.old" in item.message


@pytest.mark.parametrize(
    "text",
    [
        "Old = 1\nOld\n",
        "import pkg.older\n",
        "from pkg.old_factory import Old\n",
        "from other.pkg.old import Old\n",
        "def f(Old): return Old()\n",
        "x.old.Old()\n",
        "# from pkg.old import Old\n",
        "'''from pkg.old import Old'''\n",
        "import pkg\n",
        "from pkg import other\n",
    ],
)
def test_what_only_looks_like_one_counts_nothing(text: str) -> None:
    files = {"app.py": text, "pkg/old_factory.py": "x = 1\n", "other/pkg/old.py": "x = 1\n", "pkg/other.py": ""}
    audit = audited(files)
    codes = {item.code for item in audit.occurrences} - {"unresolvable-import", "duplicate-definition"}
    assert (counts(audit)[:4], codes) == ((0, 0, 0, 0), set())


def test_a_whole_module_takes_its_submodules_along() -> None:
    homes = {
        "pkg/__init__.py": "",
        "pkg/old/__init__.py": "A = 1\n",
        "pkg/old/sub.py": "B = 1\n",
        "pkg/new/__init__.py": "A = 1\n",
        "pkg/new/sub.py": "B = 1\n",
    }
    files = {
        "a.py": "from pkg.old import A\n",
        "b.py": "from pkg.old.sub import B\n",
        "c.py": "from pkg.old import sub\n",
        "d.py": "import pkg.old.sub\npkg.old.sub.B\n",
        "e.py": "import pkg.old.sub as s\ns.B\n",
        "f.py": "from pkg import old\nold.sub.B\n",
        "g.py": "import pkg.old\n",
    }
    audit = audited(files, WHOLE, homes=homes)
    assert sorted(item.path for item in audit.occurrences if item.code == "deprecated-import") == [
        "a.py", "b.py", "c.py", "d.py", "e.py", "f.py", "g.py",
    ]  # fmt: skip
    assert audit.figures.deprecated_imports == 7


def test_what_is_imported_from_below_a_home_of_a_package_is_canonical() -> None:
    homes = {"pkg/__init__.py": "", "pkg/new/__init__.py": "A = 1\n", "pkg/new/sub.py": "B = 1\n"}
    files = {
        "a.py": "from pkg.new.sub import B\n",
        "b.py": "from pkg.new import sub\n",
        "c.py": "import pkg.new.sub\npkg.new.sub.B\n",
        "d.py": "from pkg.old.sub import B\n",
    }
    audit = audited(files, WHOLE, homes=homes)
    assert (audit.figures.deprecated_imports, audit.figures.canonical_share) == (1, 75.0)


def test_the_longest_old_path_wins() -> None:
    manifest = WHOLE + move("pkg.old:Thing", "pkg.third:Thing")
    files = {"a.py": "from pkg.old import Thing, Other\n", "pkg/third.py": "class Thing: ...\n"}
    audit = audited({**files, "pkg/old.py": "class Thing: ...\nclass Other: ...\n"}, manifest)
    assert (counts(audit, "pkg.third:Thing")[1], counts(audit, "pkg.new:Other")[1]) == (1, 1)


def test_an_old_path_without_a_file_is_deprecated_and_not_unresolvable() -> None:
    manifest = RENAMED + move("pkg.gone.engine:Engine", "pkg.new:New")
    audit = imports_in("from pkg.gone.engine import Engine\nimport pkg.gone.engine as e\ne.Engine\n", manifest)
    assert counts(audit) == (0, 2, 0, 0, 0, 0)


def test_several_roots_give_modules_their_names() -> None:
    manifest = '[scope]\nroots = ["src", "lib"]\n' + RENAMED
    files = {f"src/{path}": text for path, text in HOMES.items()} | {
        "src/app.py": "from pkg.old import Old\n",
        "lib/tool.py": "from pkg.old import Old\n",
        "lib/rel/__init__.py": "from ..pkg.old import Old\n",
    }
    audit = audited(files, manifest, homes={})
    assert counts(audit) == (0, 2, 0, 0, 0, 0)


def test_excluded_files_are_not_counted() -> None:
    manifest = '[scope]\nexclude = ["legacy/**"]\n' + RENAMED
    audit = audited({"legacy/a.py": "from pkg.old import Old\n", "a.py": "from pkg.old import Old\n"}, manifest)
    assert (audit.files, places(audit)) == (4, ["a.py:1:21 deprecated-import"])


def test_a_home_outside_the_repository() -> None:
    manifest = move("typing:List", "builtins:list") + move("mock:patch", "unittest.mock:patch")
    audit = imports_in(
        "from typing import List\nfrom mock import patch\nfrom unittest.mock import patch as p\n", manifest
    )
    assert counts(audit, "builtins:list")[:2] == (0, 1)
    assert counts(audit, "unittest.mock:patch") == (0, 1, 1, 0, 0, 0)


def test_an_alias_is_a_violation_where_the_manifest_forbids_it() -> None:
    text = "from pkg.new import New as Engine\n"
    assert only(imports_in(text), "alias-import").severity == "info"
    audit = imports_in(text, RENAMED + CANONICAL)
    item = only(audit, "alias-import")
    assert (item.severity, item.message) == ("warning", "New is called Engine here")
    assert item.mend == "import it as New, and call it so"


def test_an_attribute_of_a_class_is_no_name_of_a_module() -> None:
    """Below a module that another moves to as a whole, everything is governed; a class has no names to import."""
    files = {"user.py": "from pkg.new import New\nNew.make()\n", "pkg/new.py": "class New: ...\ndef make(): ...\n"}
    audit = audited(files, move("pkg.whole", "pkg.new") + move("pkg.old:make", "pkg.new:make"), homes={})
    assert [item.code for item in audit.occurrences if item.code == "unresolvable-import"] == []
    assert counts(audit)[4] == 0
