"""Strings that name import paths follow; all others are told or left alone."""

from __future__ import annotations

import pytest

from tests.transform_tools import MOVED, RENAMED, WHOLE, check_noop, check_transformed, found, move, plan_of

BOTH = RENAMED + MOVED
MODULES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\nclass Thing: ...\nclass Stays: ...\n",
    "pkg/new.py": "import os\nclass New: ...\nclass Thing: ...\n",
}

CALLS = {
    "from unittest.mock import patch": ["patch(§)", "patch(target=§)", "@patch(§)\ndef f(): ..."],
    "from unittest import mock": ["mock.patch(§)", "mock.patch.dict(§, x=1)"],
    "import unittest.mock": ["unittest.mock.patch(§).start()"],
    "import mock": ["mock.patch(§)"],
    "from unittest.mock import patch as swap": ["swap(§, autospec=True)"],
    "": [
        "def test_x(monkeypatch):\n    monkeypatch.setattr(§, 1)\n    monkeypatch.delattr(§)",
        "def test_x(mocker):\n    mocker.patch(§)",
    ],
}
MODULE_CALLS = {
    "import importlib": ["importlib.import_module(§)", "importlib.import_module(name=§)"],
    "from importlib import import_module": ["import_module(§, None)"],
    "import importlib.util": ["importlib.util.find_spec(§)"],
    "import pkgutil": ["pkgutil.resolve_name(§)"],
    "import runpy": ["runpy.run_module(§)"],
    "import logging": ["logging.getLogger(§)"],
    "import sys": [
        "sys.modules[§]",
        "del sys.modules[§]",
        "sys.modules[§] = 1",
        "§ in sys.modules",
        "sys.modules.get(§)",
        "sys.modules.pop(§, None)",
        "from unittest.mock import patch\npatch.dict('sys.modules', {§: None})",
        "from unittest.mock import patch\npatch.dict(sys.modules, {§: None})",
        "def test_x(monkeypatch):\n    monkeypatch.setitem(sys.modules, §, 1)\n    monkeypatch.delitem(sys.modules, §)",
    ],
    "from unittest.mock import patch": ["patch.multiple(§, Thing=1)", "patch.multiple(§)"],
    "": [
        "__import__(§)",
        "class T(Case):\n    def test(self):\n        self.assertLogs(§)\n        self.assertNoLogs(logger=§)",
        "def test_x(caplog):\n    caplog.set_level(10, §)\n    caplog.at_level(10, logger=§)",
    ],
}


def cases(calls: dict[str, list[str]]) -> list[str]:
    return [f"{head}\n{call}\n" for head, bodies in calls.items() for call in bodies]


def follows(text: str, old: str, new: str, manifest: str = BOTH) -> None:
    check_transformed({**MODULES, "app.py": text.replace("§", old)}, {"app.py": text.replace("§", new)}, manifest)


@pytest.mark.parametrize("text", cases(CALLS))
def test_patch_targets_follow(text: str) -> None:
    follows(text, "'pkg.old.Old'", "'pkg.new.New'")


@pytest.mark.parametrize("text", cases(MODULE_CALLS))
def test_module_paths_follow(text: str) -> None:
    follows(text, "'pkg.old'", "'pkg.new'", WHOLE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'pkg.old.Old.method'", "'pkg.new.New.method'"),
        ('r"pkg.old.Old"', 'r"pkg.new.New"'),
        ('"""pkg.old.Old"""', '"""pkg.new.New"""'),
        ("'pkg.old.Thing'", "'pkg.new.Thing'"),
    ],
)
def test_only_the_path_changes(old: str, new: str) -> None:
    follows("import mock\nmock.patch(§)\n", old, new)


@pytest.mark.parametrize(
    "text",
    [
        "'pkg.old.Stays'",
        "'pkg.older.Old'",
        "'x.pkg.old.Old'",
        "'pkg.old.Older'",
        "'pkg.old'",
        "'pkg.old Old'",
        "''",
        "b'pkg.old.Old'",
        "name",
    ],
)
def test_another_path_is_left_alone(text: str) -> None:
    check_noop({**MODULES, "app.py": f"import mock\nmock.patch({text})\n"}, BOTH)


@pytest.mark.parametrize("text", ["'pkg.old' '.Old'", "'pkg.old\\x2eOld'"])
def test_a_path_in_pieces_is_told(text: str) -> None:
    made = check_noop({**MODULES, "app.py": f"import mock\nmock.patch({text})\n"}, BOTH, ["string-not-rewritten"])
    assert found(made, "string-not-rewritten") == [("app.py", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "f'pkg.old.Old'",
        "f'pkg.old.{name}'",
        "'pkg.old.' + 'Old'",
        "'%s.Old' % 'pkg.old'",
    ],
)
def test_a_path_put_together_is_told(text: str) -> None:
    made = plan_of({**MODULES, "app.py": f"import mock\nmock.patch({text})\n"}, BOTH)
    assert not made.batches
    assert any((finding.path, finding.line) == ("app.py", 2) for finding in made.findings)


@pytest.mark.parametrize(
    "text",
    [
        "def patch(x): ...\npatch('pkg.old.Old')\n",
        "from x import patch\npatch('pkg.old.Old')\n",
        "x.patch('pkg.old.Old')\n",
        "x = 'pkg.old.Old'\n",
        '"""See pkg.old.Old."""\n',
        "print('use pkg.old.Old, or pkg.old:Old')\n",
        "x = ['pkg.old.Old', {'pkg.old:Old': 1}]\n",
    ],
)
def test_a_path_elsewhere_is_told_and_stays(text: str) -> None:
    made = check_noop({**MODULES, "app.py": text}, BOTH)
    assert set(found(made, "path-in-text")) == {("app.py", text.count("\n"))}


@pytest.mark.parametrize("target", ["Nope", "Nope.x", "os2"])
def test_a_target_that_the_new_module_lacks_is_told(target: str) -> None:
    made = check_noop(
        {**MODULES, "app.py": f"import mock\nmock.patch('pkg.old.{target}')\n"}, WHOLE, ["patch-target-missing"]
    )
    assert found(made, "patch-target-missing") == [("app.py", 2)]


@pytest.mark.parametrize("target", ["New", "New.x", "os", "os.path"])
def test_a_target_that_the_new_module_has_follows(target: str) -> None:
    follows("import mock\nmock.patch(§)\n", f"'pkg.old.{target}'", f"'pkg.new.{target}'", WHOLE)


def test_what_an_unknown_module_has_is_not_told() -> None:
    check_transformed(
        {"app.py": "import mock\nmock.patch('pkg.old.Old')\n"}, {"app.py": "import mock\nmock.patch('pkg.new.New')\n"}
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("'pkg.old'", "'pkg.new'"), ("'pkg.old.Thing'", "'pkg.new.Thing'"), ("'pkg.old:Thing'", "'pkg.new:Thing'")],
)
def test_exact_rewrites_any_string_that_is_a_path(old: str, new: str) -> None:
    follows("x = [§]\n", old, new, WHOLE + '[rewrite]\nstrings = "exact"\n')


@pytest.mark.parametrize("text", ["x = 'pkg.old.Absent'", "x = ' pkg.old'", "x = 'a:pkg.old'"])
def test_exact_leaves_prose_alone(text: str) -> None:
    check_noop({**MODULES, "app.py": f"{text}\n"}, WHOLE + '[rewrite]\nstrings = "exact"\n')


def test_exact_symbols() -> None:
    follows(
        "x = [§]\n",
        "'pkg.old:Old', 'pkg.old.Old'",
        "'pkg.new:New', 'pkg.new.New'",
        BOTH + '[rewrite]\nstrings = "exact"\n',
    )


def test_off_leaves_every_string_alone() -> None:
    made = check_noop(
        {**MODULES, "app.py": "import mock\nmock.patch('pkg.old.Old')\n"}, BOTH + '[rewrite]\nstrings = "off"\n'
    )
    assert found(made, "path-in-text") == [("app.py", 2)]


@pytest.mark.parametrize(
    "call", ["load(§)", "load(§, 1)", "load(target=§)", "load(name=§)", "load(path=§)", "load(logger=§)", "t.load(§)"]
)
def test_known_calls_of_the_manifest(call: str) -> None:
    follows(
        f"from tools import load\nimport tools as t\n{call}\n",
        "'pkg.old:Old'",
        "'pkg.new:New'",
        BOTH + '[rewrite]\nknown_calls = ["tools.load"]\n',
    )


def test_a_known_call_without_a_path() -> None:
    check_noop(
        {"app.py": "from tools import load\nload()\nload(*x)\nload(y=1)\n'pkg.old'\n"},
        BOTH + '[rewrite]\nknown_calls = ["tools.load"]\n',
    )


@pytest.mark.parametrize(
    "call",
    [
        "from unittest.mock import patch\npatch.object(m, '§')",
        "from unittest.mock import patch\npatch.object(target=m, attribute='§')",
        "def test_x(monkeypatch):\n    monkeypatch.setattr(m, '§', 1)",
        "def test_x(monkeypatch):\n    monkeypatch.delattr(m, '§')",
        "def test_x(mocker):\n    mocker.spy(m, '§')",
        "def test_x(mocker):\n    mocker.patch.object(m, '§')",
    ],
)
def test_an_attributes_name_follows(call: str) -> None:
    check_transformed(
        {**MODULES, "app.py": f"import pkg.old as m\n{call}\n".replace("§", "Old")},
        {"app.py": f"import pkg.new as m\n{call}\n".replace("§", "New")},
    )


@pytest.mark.parametrize(
    "text",
    [
        "type(x).__name__ == 'Old'",
        "'Old' != x.__class__.__qualname__",
        "x.__name__ in ('Old', 'Other')",
        "import pkg.old\ngetattr(pkg.old, 'Old')",
        "hasattr(x, 'Old')",
    ],
)
def test_a_name_told_as_text_is_told(text: str) -> None:
    made = check_noop({**MODULES, "app.py": f"{text}\n"}, RENAMED, ["name-told-as-text"])
    assert found(made, "name-told-as-text") == [("app.py", text.count("\n") + 1)]


@pytest.mark.parametrize("text", ["type(x).__name__ == 'Thing'", "x == 'Old'", "'Old'", "x.__name__ = 'Older'"])
def test_a_name_that_stays_the_same_is_not_told(text: str) -> None:
    made = check_noop({**MODULES, "app.py": f"{text}\n"}, BOTH)
    assert not made.findings


@pytest.mark.parametrize("text", ["import mock\nmock.patch('pkg.old.Old')  # repoint: keep\n"])
def test_a_string_may_ask_to_be_left_alone(text: str) -> None:
    made = check_noop({**MODULES, "app.py": text}, BOTH)
    assert found(made, "kept") == [("app.py", 2)]


def test_a_builtin_is_never_patched_for_all_code() -> None:
    check_noop(
        {"app.py": "import mock\nmock.patch('pkg.old.Old')\n"},
        move("pkg.old:Old", "builtins:TimeoutError"),
        ["patch-target-missing"],
    )


@pytest.mark.parametrize(
    ("call", "new"),
    [
        ("importlib.import_module('.old', 'pkg')", "importlib.import_module('pkg.new', 'pkg')"),
        ("importlib.import_module('.old.x', 'pkg')", "importlib.import_module('pkg.new.x', 'pkg')"),
        ("importlib.import_module('..old', __package__)", "importlib.import_module('pkg.new', __package__)"),
        ("importlib.import_module('..old', __spec__.parent)", "importlib.import_module('pkg.new', __spec__.parent)"),
        (
            'importlib.import_module(name=".old", package="pkg")',
            'importlib.import_module(name="pkg.new", package="pkg")',
        ),
    ],
)
def test_a_module_told_relative_to_a_package_becomes_absolute(call: str, new: str) -> None:
    head = "import importlib\n"
    check_transformed({**MODULES, "pkg/inner/app.py": head + call}, {"pkg/inner/app.py": head + new}, WHOLE)


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ("import_module('.old', 'other')", True),
        ("import_module('.old')", False),
        ("import_module('....old', 'pkg')", True),
        ("import_module('.old', package)", False),
        ("import_module('.old', 3)", False),
    ],
)
def test_a_module_told_relative_to_another_package_stays(call: str, known: bool) -> None:
    files = {**MODULES, "app.py": f"from importlib import import_module\n{call}\n"}
    check_noop(files, WHOLE, [] if known else ["string-not-rewritten"])
