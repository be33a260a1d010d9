"""Which names a stub owes to others, where their homes are, and what is said of that which is lost."""

from __future__ import annotations

import pytest

from repoint.model import Plan
from tests.transform_tools import Sources, applied, found, plan_of, told

MOVED = '[[move]]\nold = "pkg.old:A"\nnew = "pkg.new:B"\n'
STUB = '[[stub]]\nmodule = "pkg.old"\n'
HOME = {"pkg/__init__.py": "", "pkg/new.py": "class B: ...\n"}


def planned(
    old: str, more: str = "", *, move: str = MOVED, path: str = "pkg/old.py", **others: str
) -> tuple[Plan, str]:
    """The plan that makes a stub of `old`, and the stub; what can be applied, is planned again."""
    files: Sources = {**HOME, path: old, **{f"{name.replace('__', '/')}.py": text for name, text in others.items()}}
    made = plan_of(files, move + STUB + more)
    result = applied(files, made)
    if made.applicable:
        assert not plan_of(result, move + STUB + more).batches
    return made, result.get(path, b"").decode()


FALLBACK = "try:\n    from fast import loads\nexcept ImportError:\n    from json import loads\n"


def test_a_fallback_whose_arms_differ_has_no_single_home() -> None:
    made, _ = planned(FALLBACK, app="from pkg.old import loads\n")
    assert found(made, "orphan") == [("app.py", 1)]
    (orphan,) = [finding for finding in made.findings if finding.code == "orphan"]
    for arm in ("fast", "json"):
        assert f'[[move]] old = "pkg.old:loads" new = "{arm}:loads"' in orphan.mend


@pytest.mark.parametrize(
    "block",
    [
        FALLBACK,
        "import sys\nif sys.flags.debug:\n    from fast import loads\nelse:\n    from json import loads\n",
        "try:\n    from fast import loads\nexcept ImportError:\n    loads = None\n",
        "from json import loads\ntry:\n    from fast import loads\nexcept ImportError:\n    pass\n",
    ],
)
def test_a_kept_fallback_is_carried_whole_and_its_users_stay(block: str) -> None:
    app = "from pkg.old import loads\nloads\n"
    made, text = planned(block, 'keep = ["loads"]\n', app=app)
    assert made.applicable and not found(made, "orphan")
    assert block.removeprefix("import sys\n").removeprefix("from json import loads\n") in text
    assert '__all__ = ["loads"]' in text
    assert all(change.path != "app.py" for batch in made.batches for change in batch.files)


def test_a_fallback_elsewhere_is_the_home_of_its_name() -> None:
    _, text = planned("from pkg.compat import loads\n", pkg__compat=FALLBACK, app="from pkg.old import loads\n")
    assert "from pkg.compat import loads\n" in text


@pytest.mark.parametrize(
    "block",
    [
        "try:\n    from .impl import X\nexcept ImportError:\n    from impl import X\n",
        "if 1:\n    from .impl import X\nelse:\n    from pkg.impl import X\n",
        "from json import X\nfrom .impl import X\n",
    ],
)
def test_arms_that_lead_to_one_definition_are_one_home(block: str) -> None:
    made, text = planned(block, pkg__impl="X = 1\n", app="from pkg.old import X\nX\n")
    assert made.applicable and "from pkg.impl import X\n" in text


def test_an_unused_fallback_goes_without_a_word() -> None:
    made, text = planned("try:\n    from fast import loads\nexcept ImportError:\n    loads = None\n")
    assert "loads" not in text and not made.findings


def test_names_of_a_star_import_have_their_homes_there() -> None:
    made, text = planned(
        "from .impl import *\n", pkg__impl="X = 1\nY = 2\n", app="from pkg.old import X\nimport pkg.old\npkg.old.Y\nX\n"
    )
    assert made.applicable and "from pkg.impl import X, Y\n" in text


def test_a_name_of_a_star_import_from_elsewhere_is_an_orphan() -> None:
    made, _ = planned("from lib import *\n", app="from pkg.old import X\n")
    (orphan,) = [finding for finding in made.findings if finding.code == "orphan"]
    assert 'new = "lib:X"' in orphan.mend


GETATTR = "def __getattr__(name):\n    if name == 'dyn': return 42\n    raise AttributeError(name)\nclass A: ...\n"


@pytest.mark.parametrize("app", ["from pkg.old import dyn\n", "import pkg.old\npkg.old.dyn\n"])
def test_a_name_that_getattr_may_serve_is_an_orphan(app: str) -> None:
    made, _ = planned(GETATTR, app=app)
    assert [path for path, _ in found(made, "orphan")] == ["app.py"]
    assert "`keep` `__getattr__`" in told(made)


def test_a_getattr_is_lost_kept_or_dropped() -> None:
    made, _ = planned(GETATTR)
    assert found(made, "name-lost") == [("pkg/old.py", 1)]
    assert not planned(GETATTR, 'drop = ["__getattr__"]\n')[0].findings
    made, text = planned(GETATTR, 'keep = ["__getattr__"]\n', app="from pkg.old import dyn\n")
    assert made.applicable and not made.findings
    assert "def __getattr__(name):\n    if name == 'dyn'" in text and '__all__ = ["A"]' in text


def test_the_getattr_of_a_lazy_stub_serves_what_its_all_lists() -> None:
    made, _ = planned("class A: ...\n", 'mode = "lazy"\n', app="from pkg.old import Nope\n")
    assert made.applicable and found(made, "absent-name") == [("app.py", 1)]


def test_a_whole_module_that_moves_with_its_getattr() -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/new.py": GETATTR,
        "pkg/old.py": GETATTR,
        "app.py": "from pkg.old import dyn\ndyn\n",
    }
    manifest = '[[move]]\nold = "pkg.old"\nnew = "pkg.new"\n' + STUB
    made = plan_of(files, manifest)
    assert made.applicable and not found(made, "name-lost")
    assert b"__getattr__" not in applied(files, made)["pkg/old.py"]


@pytest.mark.parametrize("new", ["pkg.new:B", "pkg.new"])
def test_a_module_that_names_move_to_is_no_stub(new: str) -> None:
    old = "pkg.old:A" if ":" in new else "pkg.old"
    files = {**HOME, "pkg/old.py": "class A: ...\nclass B: ...\n", "app.py": "from pkg.old import A\n"}
    manifest = f'[[move]]\nold = "{old}"\nnew = "{new}"\n[[stub]]\nmodule = "pkg.new"\n'
    made = plan_of(files, manifest)
    assert found(made, "stub-of-a-home") == [("pkg/new.py", 1)] and not made.applicable
    if ":" in new:
        assert plan_of(files, manifest + 'keep = ["B"]\n').applicable


def test_a_home_that_becomes_a_stub_itself_is_none() -> None:
    files = {
        **HOME,
        "pkg/old.py": "from .mid import X, Y, Z\n",
        "pkg/mid.py": "from .deep import Y\nX = 1\nZ = 2\n",
        "pkg/deep.py": "Y = 1\n",
        "app.py": "from pkg.old import X\nfrom pkg.old import Y\nfrom pkg.old import Z\n",
    }
    made = plan_of(files, STUB + '[[stub]]\nmodule = "pkg.mid"\nkeep = ["Z"]\n')
    assert found(made, "orphan") == [("app.py", 1)]
    stub = applied(files, made)["pkg/old.py"].decode()
    assert "from pkg.deep import Y\n" in stub and "from pkg.mid import Z\n" in stub


PACKAGE = {"path": "pkg/old/__init__.py", "pkg__old__sub": "S = 3\n"}


@pytest.mark.parametrize(
    ("init", "loaded"),
    [
        ("from . import sub\nclass A: ...\n", True),
        ("from .sub import S\nclass A: ...\n", True),
        ("import pkg.old.sub\nclass A: ...\n", True),
        ("class A: ...\n", False),
    ],
)
def test_submodules_of_a_package_stay_where_they_are(init: str, loaded: bool) -> None:
    app = "import pkg.old\nfrom pkg.old import A, sub\nA, sub.S, pkg.old.sub.S, pkg.old.__name__\n"
    made, text = planned(init, **PACKAGE, app=app)
    assert made.applicable and not made.findings, told(made)
    assert ("from pkg.old import sub\n" in text) is loaded
    assert "import from pkg.new instead" in text


@pytest.mark.parametrize(("mode", "loaded"), [("redirect", False), ("lazy", True)])
def test_a_submodule_that_a_redirect_loads_is_not_loaded_twice(mode: str, loaded: bool) -> None:
    app = "import pkg.old\nfrom pkg.old import S\nS, pkg.old.sub.S\n"
    made, text = planned("from .sub import S\n", f'mode = "{mode}"\n', **PACKAGE, app=app)
    assert made.applicable and ("from pkg.old import sub\n" in text) is loaded


def test_patches_below_a_submodule_are_no_uses_of_the_package() -> None:
    made, text = planned("class A: ...\n", **PACKAGE, app="import mock\nmock.patch('pkg.old.sub.S')\n")
    assert made.applicable and "sub" not in text


def test_a_submodule_is_loaded_after_what_it_may_import() -> None:
    _, text = planned(
        "def K(): ...\nfrom . import sub\n", 'keep = ["K"]\n', **PACKAGE, app="import pkg.old\npkg.old.sub.S\n"
    )
    assert text.index("def K()") < text.index("from pkg.old import sub")


@pytest.mark.parametrize(
    "statement",
    [
        "REG.append('old')",
        "setup()",
        "def local(): ...\nlocal()",
        "sys.path.insert(0, 'x')",
        "os.environ['X'] = '1'",
        "sys.modules[__name__] = sys",
        "globals()['x'] = 1",
        "try:\n    setup()\nexcept OSError:\n    pass",
        "if REG:\n    del os.environ['X']",
    ],
)
def test_an_effect_of_the_import_that_is_lost_is_told(statement: str) -> None:
    old = f"import os, sys\nfrom pkg.new import B as A, REG, setup\n{statement}\n"
    made, _ = planned(old, 'mode = "warn"\n')
    ((path, line),) = found(made, "effect-lost")
    assert path == "pkg/old.py" and line >= 3 and made.applicable


@pytest.mark.parametrize(
    "statement",
    [
        '"""Docstring."""',
        "...",
        "log = logging.getLogger(__name__)\nlog.setLevel(1)",
        "logging.info('x')",
        "warnings.warn('old')",
        "print('x')",
        "T = {}\nT['a'] = 1\nT.update(b=2)",
        "class K: ...\nK.attr = 1",
        "def f():\n    setup()",
        "assert sys",
    ],
)
def test_what_ends_with_the_module_is_no_lost_effect(statement: str) -> None:
    made, _ = planned(f"import logging, sys, warnings\n{statement}\nclass A: ...\n")
    assert not found(made, "effect-lost"), told(made)


@pytest.mark.parametrize("mode", ["redirect", "warn", "lazy", "delete"])
def test_a_main_block_that_is_lost_is_told(mode: str) -> None:
    old = "class A: ...\ndef main(): ...\nif __name__ == '__main__':\n    main()\n"
    made, _ = planned(old, f'mode = "{mode}"\ndrop = ["main"]\n')
    assert found(made, "main-block-lost") == [("pkg/old.py", 3)] and "python -m pkg.old" in told(made)
    assert not planned(old, f'mode = "{mode}"\ndrop = ["main", "__main__"]\n')[0].findings


def test_a_kept_main_block_is_not_lost() -> None:
    made, text = planned("class A: ...\nif '__main__' == __name__:\n    print(A)\n", 'keep = ["__main__"]\n')
    assert text.endswith("\n\n\nif '__main__' == __name__:\n    print(A)\n") and not made.findings


PYI = {"pkg/old.py": "class A: ...\ndef f(x): ...\n", "pkg/old.pyi": "class A: ...\ndef f(x: int) -> int: ...\n"}


@pytest.mark.parametrize("mode", ["redirect", "warn", "lazy"])
def test_a_pyi_beside_a_stub_redirects_as_well(mode: str) -> None:
    files = {**HOME, **PYI, "app.py": "from pkg.old import A, f\nA\n"}
    manifest = f'{MOVED}{STUB}mode = "{mode}"\nkeep = ["f"]\n'
    made = plan_of(files, manifest)
    result = applied(files, made)
    assert result["pkg/old.pyi"].decode() == (
        '"""Deprecated: import from pkg.new instead."""\n\nfrom pkg.new import B as A\n\n__all__ = ["A", "f"]\n'
        "\n\ndef f(x: int) -> int: ...\n"
    )
    assert [change.path for change in made.batches[-1].files] == ["pkg/old.py", "pkg/old.pyi"]
    assert made.proof[0].name == "parses" and made.proof[0].looked_at == 3, "the `.pyi` is proved as well"
    assert made.applicable and not plan_of(result, manifest).batches


def test_a_pyi_goes_with_its_module() -> None:
    files = {**HOME, **PYI, "pkg/old.py": "class A: ...\n"}
    made = plan_of(files, MOVED + STUB + 'mode = "delete"\n')
    assert made.applicable and applied(files, made).keys() == HOME.keys()


def test_a_pyi_that_does_not_parse_cannot_say_what_is_kept() -> None:
    files = {**HOME, **PYI, "pkg/old.pyi": "def (:\n"}
    made = plan_of(files, MOVED + STUB + 'keep = ["f"]\n')
    assert found(made, "stub-unreadable") == [("pkg/old.pyi", 1)]
    assert plan_of(files, MOVED + STUB + 'drop = ["f"]\n').applicable


def test_a_pyi_alone_is_no_module_to_redirect() -> None:
    files = {**HOME, "pkg/old.pyi": PYI["pkg/old.pyi"]}
    assert found(plan_of(files, MOVED + STUB), "stub-module-missing") == [("pkg/old.py", 1)]
    assert plan_of(files, MOVED + STUB + 'mode = "delete"\n').applicable


@pytest.mark.parametrize(
    "app",
    [
        "import importlib\nimportlib.import_module('.old', 'pkg')\n",
        "from importlib import import_module\nimport_module(name='.old', package='pkg')\n",
        "import importlib.util\nimportlib.util.find_spec('.old', 'pkg')\n",
    ],
)
def test_a_module_told_relative_to_a_package_is_used(app: str) -> None:
    made, _ = planned("class A: ...\n", 'mode = "delete"\n', app=app)
    assert found(made, "deleted-module-used") == [("app.py", 2)]


def test_a_module_told_relative_to_the_own_package_is_used() -> None:
    app = "import importlib\nimportlib.import_module('.old', __package__)\nimportlib.import_module('.old', 'other')\n"
    made, _ = planned("class A: ...\n", 'mode = "delete"\n', pkg__app=app)
    assert found(made, "deleted-module-used") == [("pkg/app.py", 2)]
