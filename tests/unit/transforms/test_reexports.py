"""Surfaces: whatever reaches a binding of another file by its name goes on finding it."""

from __future__ import annotations

import pytest

from tests.transform_tools import RENAMED, Sources, check_noop, check_transformed, found

IMPORT = "from pkg.old import Old\n"
KEPT = "from pkg.new import New as Old\n"
FORBID = RENAMED + '[[canonical]]\nsymbol = "pkg.new:New"\naliases = "forbid"\n'


@pytest.mark.parametrize(
    "others",
    [
        {"app.py": "from lib.api import Old\nOld()\n"},
        {"app.py": "from lib.api import Old as O\nO()\n"},
        {"app.py": "import lib.api\nlib.api.Old()\n"},
        {"app.py": "import lib.api as a\na.Old()\n"},
        {"app.py": "from lib import api\napi.Old()\n"},
        {"app.py": "from lib.api import *\nOld()\n"},
        {"lib/app.py": "from .api import Old\n"},
        {"lib/app.py": "from . import api\napi.Old\n"},
        {"lib/sub/app.py": "from ..api import Old\n"},
        {"app.py": "def f():\n    from lib.api import Old\n    return Old\n"},
        {"app.py": "import lib.api\nx = 'lib.api.Old'\n"},
        {"app.py": "ENTRY = 'lib.api:Old'\n"},
        {"app.py": "from lib.api import (\n    x,\n    Old,\n)\n"},
    ],
)
def test_a_binding_that_others_reach_keeps_its_name(others: Sources) -> None:
    check_transformed({"lib/api.py": f"{IMPORT}Old()\n", **others}, {"lib/api.py": f"{KEPT}Old()\n"})


@pytest.mark.parametrize(
    "others",
    [
        {"hub.py": "import api\n", "app.py": "import hub\nhub.api.Old()\n"},
        {"hub.py": "import api\n", "app.py": "from hub import api as a\na.Old()\n"},
        {"hub.py": "from lib import inner\n", "lib/inner.py": IMPORT, "app.py": "from hub import inner\ninner.Old\n"},
    ],
)
def test_a_binding_that_others_reach_through_a_third_keeps_its_name(others: Sources) -> None:
    files = {"api.py": IMPORT, **others}
    path = "lib/inner.py" if "lib/inner.py" in files else "api.py"
    kept = {name: KEPT for name, text in files.items() if text == IMPORT and name == path}
    check_transformed({name: text for name, text in files.items() if name == path or text != IMPORT}, kept)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("lib/__init__.py", "§"),
        ("tests/conftest.py", "§"),
        ("lib/api.py", "§__all__ = ['Old']\n"),
        ("lib/api.py", "§__all__ = []\n__all__ += ['Old']\n"),
        ("lib/api.py", "class C:\n    §"),
    ],
)
def test_what_is_there_for_others_keeps_its_name(path: str, text: str) -> None:
    check_transformed({path: text.replace("§", IMPORT)}, {path: text.replace("§", KEPT)})


def test_a_redundant_alias_keeps_its_name() -> None:
    check_transformed({"a.py": "from pkg.old import Old as Old\n"}, {"a.py": KEPT})


@pytest.mark.parametrize(
    "text",
    [
        "from lib.other import Old\n",
        "import lib.other\nlib.other.Old\n",
        "x.Old\n",
        "Old = 1\n",
        "from lib.api import x\nx.Old\n",
        "import lib.api\nlib.api.x.Old\n",
        "def f(api): return api.Old\n",
        "from elsewhere import api\nOld = api\n",
    ],
)
def test_who_names_another_thing_holds_nobody_up(text: str) -> None:
    check_transformed(
        {"lib/api.py": f"{IMPORT}Old()\n", "app.py": text}, {"lib/api.py": "from pkg.new import New\nNew()\n"}
    )


@pytest.mark.parametrize("path", ["lib/__init__.py", "tests/conftest.py"])
def test_an_import_inside_a_function_is_no_surface(path: str) -> None:
    check_transformed(
        {path: "def f():\n    from pkg.old import Old\n    return Old\n"},
        {path: "def f():\n    from pkg.new import New\n    return New\n"},
    )


@pytest.mark.parametrize(
    "call",
    [
        "mock.patch('lib.api.§')",
        "mock.patch('lib.api.§.method')",
        "mock.patch.object(lib.api, '§')",
        "mock.patch.object(lib.api, '§', autospec=True)",
    ],
)
def test_strings_follow_a_renamed_binding(call: str) -> None:
    text = f"import mock, lib.api\n{call}\n"
    check_transformed(
        {"lib/api.py": f"{IMPORT}Old()\n", "test_api.py": text.replace("§", "Old")},
        {"lib/api.py": "from pkg.new import New\nNew()\n", "test_api.py": text.replace("§", "New")},
    )


def test_a_file_and_the_strings_that_follow_it_are_one_batch() -> None:
    made = check_transformed(
        {"lib/api.py": f"{IMPORT}Old()\n", "tests/t.py": "import mock\nmock.patch('lib.api.Old')\n"},
        {"lib/api.py": "from pkg.new import New\nNew()\n", "tests/t.py": "import mock\nmock.patch('lib.api.New')\n"},
    )
    assert [[change.path for change in batch.files] for batch in made.batches] == [["lib/api.py", "tests/t.py"]]


def test_getattr_reaches_a_binding() -> None:
    check_transformed(
        {"lib/api.py": f"{IMPORT}Old()\n", "app.py": "import lib.api\ngetattr(lib.api, 'Old')\n"},
        {"lib/api.py": f"{KEPT}Old()\n"},
        codes=["name-told-as-text"],
    )


def test_several_levels_all_keep_their_names() -> None:
    check_transformed(
        {
            "a/__init__.py": "from .b import Old\n",
            "a/b/__init__.py": "from .c import Old\n",
            "a/b/c.py": IMPORT,
            "app.py": "from a import Old\nOld()\n",
        },
        {"a/b/c.py": KEPT},
    )


def test_a_re_export_with_a_move_of_its_own() -> None:
    check_transformed(
        {"a/__init__.py": IMPORT, "app.py": "from a import Old\nOld()\n"},
        {"a/__init__.py": KEPT, "app.py": "from pkg.new import New\nNew()\n"},
        RENAMED + '[[move]]\nold = "a:Old"\nnew = "pkg.new:New"\n',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg.new import New as Old\nOld()\n", "from pkg.new import New\nNew()\n"),
        ("from pkg.old import Old as O\nO()\n", "from pkg.new import New\nNew()\n"),
        ("if x:\n    from pkg.new import New as N\nN\n", "if x:\n    from pkg.new import New\nNew\n"),
        ("from pkg.new import New as A, x\nA(x)\n", "from pkg.new import New, x\nNew(x)\n"),
    ],
)  # fmt: skip
def test_a_forbidden_alias_is_undone(before: str, after: str) -> None:
    check_transformed({"app.py": before}, {"app.py": after}, FORBID)


def test_a_forbidden_alias_that_others_reach_stays_and_is_told() -> None:
    made = check_noop(
        {
            "lib/__init__.py": "from pkg.new import New as Old\n",
            "a.py": "from pkg.new import New as N\n__all__ = ['N']\n",
        },
        FORBID,
        ["alias-kept"],
    )
    assert found(made, "alias-kept") == [("a.py", 1), ("lib/__init__.py", 1)]


def test_a_forbidden_alias_that_would_clash_stays_and_is_told() -> None:
    check_noop({"app.py": "from pkg.new import New as Old\nNew = 1\nOld()\n"}, FORBID, ["name-clash"])


def test_a_redirect_may_alias() -> None:
    made = check_noop({"pkg/old.py": "from pkg.new import New as Old\n"}, FORBID)
    assert not made.findings


def test_allowed_aliases_stay() -> None:
    check_noop(
        {"app.py": "from pkg.new import New as Old\nOld()\n"}, RENAMED + '[[canonical]]\nsymbol = "pkg.new:New"\n'
    )


FALLBACKS = """\
try:
    from pkg.old import Old as A
except ImportError:
    A = None
try:
    from pkg.new import New as B
except ImportError:
    B = None
assert A or B
"""


def test_two_aliases_with_fallbacks_of_their_own_do_not_become_one_variable() -> None:
    after = FALLBACKS.replace("pkg.old import Old", "pkg.new import New")
    made = check_transformed({"app.py": FALLBACKS}, {"app.py": after}, FORBID, ["name-clash"])
    assert found(made, "name-clash") == [("app.py", 2), ("app.py", 6)]


def test_two_aliases_of_imports_alone_become_one_variable() -> None:
    before = "from pkg.old import Old as A\nfrom pkg.new import New as B\nA(B)\n"
    check_transformed({"app.py": before}, {"app.py": "from pkg.new import New\nNew(New)\n"}, FORBID)


def test_an_inner_variable_that_hides_one_of_its_own_name_is_no_rival() -> None:
    before = "from pkg.old import Old as A\n\n\ndef f():\n    from pkg.old import Old as A\n\n    del A\n\n\nA()\n"
    after = before.replace("pkg.old import Old as A", "pkg.new import New").replace("del A", "del New")
    check_transformed({"app.py": before}, {"app.py": after.replace("\nA()", "\nNew()")}, FORBID)
