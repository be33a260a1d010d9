"""Stubs in real interpreters: the same program before and after, pickles through old paths, and a type checker."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from tests.transform_tools import Sources, applied, plan_of, source, told

MOVED = '[[move]]\nold = "pkg.old:A"\nnew = "pkg.new:B"\n'
STUB = '[[stub]]\nmodule = "pkg.old"\n'
HOME = {"pkg/__init__.py": "", "pkg/new.py": "class B:\n    x = 3\n"}
MODES = ["redirect", "warn", "lazy"]


def write(root: Path, files: Sources) -> Path:
    for path, data in files.items():
        where = root / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def run(root: Path, code: str) -> str:
    """What a program prints that is run at `root`."""
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def after(root: Path, files: Sources, manifest: str) -> Path:
    """The tree once the migration is applied."""
    made = plan_of(files, manifest)
    assert made.applicable, told(made)
    return write(root / "after", applied(files, made))


def check_same(root: Path, files: Sources, manifest: str, code: str) -> None:
    """The program says the same before and after the migration."""
    assert run(write(root / "before", files), code) == run(after(root, files, manifest), code) != ""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("protocol", [0, pickle.HIGHEST_PROTOCOL])
def test_a_pickle_from_before_loads_after(tmp_path: Path, mode: str, protocol: int) -> None:
    files = {**HOME, "pkg/old.py": "class A:\n    x = 3\n"}
    dump = f"import pickle, pkg.old\na = pkg.old.A()\na.y = 4\nprint(pickle.dumps([a, pkg.old.A], {protocol}).hex())"
    made = run(write(tmp_path / "before", files), dump).strip()
    load = f"import pickle\na, k = pickle.loads(bytes.fromhex({made!r}))\nprint(a.x, a.y, k.__module__, k.__name__)"
    assert run(after(tmp_path, files, f'{MOVED}{STUB}mode = "{mode}"\n'), load) == "3 4 pkg.new B\n"


@pytest.mark.parametrize("mode", MODES)
def test_a_package_whose_init_becomes_a_stub(tmp_path: Path, mode: str) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/new.py": "class B: x = 3\n",
        "pkg/old/__init__.py": "from . import sub\nfrom .sub import S\nclass A: x = 3\n",
        "pkg/old/sub.py": "S = 5\n",
        "app.py": "import pkg.old as o\nfrom pkg.old import A, S, sub\nprint(A.x, S, sub.S, o.sub.S, o.__name__)\n",
    }
    check_same(tmp_path, files, f'{MOVED}{STUB}mode = "{mode}"\n', "import app")


@pytest.mark.parametrize("mode", MODES)
def test_a_package_that_redirects_to_a_submodule_of_its_own(tmp_path: Path, mode: str) -> None:
    """A module became a package: the old path is its `__init__`, the new one below it."""
    files = {
        "engine/__init__.py": "class Engine: x = 3\n",
        "engine/core.py": "class Core: x = 3\n",
        "app.py": "from engine import Engine\nimport engine as e\nprint(Engine.x, e.Engine.x)\n",
    }
    manifest = (
        f'[[move]]\nold = "engine:Engine"\nnew = "engine.core:Core"\n[[stub]]\nmodule = "engine"\nmode = "{mode}"\n'
    )
    check_same(tmp_path, files, manifest, "import app, engine\nprint(engine.Engine.x)")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["warnings", "importlib", "TYPE_CHECKING", "_HOMES"])
def test_a_stub_exports_names_that_it_has_itself(tmp_path: Path, mode: str, name: str) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/old.py": f"def {name}(): return 1\n",
        "pkg/new.py": f"def {name}(): return 1\n",
    }
    files["app.py"] = f"import pkg.old\ndef f(): return getattr(pkg.old, '{name}')  # repoint: keep\n"
    manifest = f'[[move]]\nold = "pkg.old:{name}"\nnew = "pkg.new:{name}"\n{STUB}mode = "{mode}"\n'
    files["user.py"] = f"from pkg.old import {name}\n"
    check_same(tmp_path, files, manifest, "import app\nprint(app.f()())")


@pytest.mark.parametrize("mode", MODES)
def test_what_is_kept_works_as_before(tmp_path: Path, mode: str) -> None:
    old = source(
        """
        import functools
        from os.path import *
        from pkg.new import B as A
        REG = {}
        REG["a"] = 1
        _n = 0
        def count():
            global _n
            _n += 1
            return _n, REG, join("a", "b"), A.x
        class D(A): pass
        D.attr = 3
        @functools.singledispatch
        def show(x): return "any"
        @show.register
        def _(x: int): return "int"
        try:
            from _no_such_module import loads
        except ImportError:
            from json import loads
        """
    )
    app = "from pkg.old import REG, count, D, show, loads\nprint(REG, count(), count(), D.attr, D.x)\n"
    app += "print(show(1), loads('2'))\n"
    files = {**HOME, "pkg/old.py": old, "app.py": app}
    keep = 'keep = ["REG", "count", "D", "show", "loads"]\n'
    check_same(tmp_path, files, f'{MOVED}{STUB}mode = "{mode}"\n{keep}', "import app")


def test_a_kept_main_block_runs(tmp_path: Path) -> None:
    old = "from pkg.new import B as A\ndef main(): print(A.x)\nif __name__ == '__main__':\n    main()\n"
    code = "import runpy\nrunpy.run_module('pkg.old', run_name='__main__')"
    check_same(tmp_path, {**HOME, "pkg/old.py": old}, f'{MOVED}{STUB}keep = ["__main__"]\n', code)


def test_a_module_told_relative_to_a_package_is_followed(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", "pkg/old.py": "X = 1\n", "pkg/new.py": "X = 1\n"}
    files["pkg/app.py"] = "import importlib\nprint(importlib.import_module('.old', __package__).X)\n"
    manifest = '[[move]]\nold = "pkg.old"\nnew = "pkg.new"\n' + STUB + 'mode = "delete"\n'
    check_same(tmp_path, files, manifest, "import pkg.app")


@pytest.mark.parametrize("mode", MODES)
def test_a_type_checker_sees_the_redirects_of_a_pyi(tmp_path: Path, mode: str) -> None:
    old = "class A: ...\ndef f(x): return x\n"
    files = {**HOME, "pkg/old.py": old, "pkg/old.pyi": "class A: ...\ndef f(x: int) -> int: ...\n"}
    root = after(tmp_path, files, f'{MOVED}{STUB}mode = "{mode}"\nkeep = ["f"]\n')
    (root / "app.py").write_text("from pkg.new import B\nfrom pkg.old import A, f\nb: B = A()\ny: str = f(1)\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "app.py"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    (told_line,) = [line for line in done.stdout.splitlines() if "error" in line and line.startswith("app.py")]
    assert told_line.startswith("app.py:4:")
