"""Imports of modules: every form keeps its form, and every use keeps an import that serves it."""

from __future__ import annotations

import pytest

from tests.transform_tools import MOVED, RENAMED, WHOLE, check_noop, check_transformed, found, move, plan_of

FAR = move("pkg.old:Old", "lib.new:New")
TO_TOP = move("pkg.old", "new")


def becomes(before: str, after: str, manifest: str = WHOLE, codes: tuple[str, ...] = ()) -> None:
    check_transformed({"app.py": before}, {"app.py": after}, manifest, codes)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import pkg.old\npkg.old.x\n", "import pkg.new\npkg.new.x\n"),
        ("import pkg.old.sub\npkg.old.sub.x\n", "import pkg.new.sub\npkg.new.sub.x\n"),
        ("import pkg.old as m\nm.x\n", "import pkg.new as m\nm.x\n"),
        ("from pkg import old\nold.x\n", "from pkg import new\nnew.x\n"),
        ("from pkg import old as m\nm.x\n", "from pkg import new as m\nm.x\n"),
        ("from pkg import old as old\nold.x\n", "from pkg import new as old\nold.x\n"),
        ("from pkg.old import x\n", "from pkg.new import x\n"),
        ("from pkg.old.sub import x\n", "from pkg.new.sub import x\n"),
        ("from pkg.old import sub\nsub.x\n", "from pkg.new import sub\nsub.x\n"),
        ("import pkg . old\npkg . old . x\n", "import pkg.new\npkg . new . x\n"),
        ("import pkg.old\n(pkg  # a\n .old  # b\n .x)\n", "import pkg.new\n(pkg  # a\n .new  # b\n .x)\n"),
        ("import pkg.old\npkg.x\npkg.old\n", "import pkg.new\npkg.x\npkg.new\n"),
        ("from pkg import other, old\nold(other)\n", "from pkg import other, new\nnew(other)\n"),
        (
            "def f():\n    import pkg.old\n    return pkg.old.x\n",
            "def f():\n    import pkg.new\n    return pkg.new.x\n",
        ),
        ("from pkg import old\n__all__ = ['old']\n", "from pkg import new as old\n__all__ = ['old']\n"),
    ],
)
def test_a_whole_module_moves_in_the_form_it_had(before: str, after: str) -> None:
    becomes(before, after)


def test_a_submodule_is_known_by_its_file() -> None:
    files = {"pkg/old/__init__.py": "", "pkg/old/sub.py": "x = 1\n"}
    files |= {path.replace("old", "new"): text for path, text in files.items()}
    check_transformed(
        {**files, "app.py": "import pkg.old\npkg.old.sub.x\n"}, {"app.py": "import pkg.new\npkg.new.sub.x\n"}, WHOLE
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import pkg.old\npkg.old.x\n", "import new\nnew.x\n"),
        ("from pkg import old\nold.x\n", "import new\nnew.x\n"),
        ("from pkg import old as m\nm.x\n", "import new as m\nm.x\n"),
        ("from pkg import old, other\nold.x\n", "from pkg import other\nimport new\nnew.x\n"),
        ("from pkg.old import x\n", "from new import x\n"),
        ("import pkg.old\npkg.old.x\npkg.y\n", "import pkg, new\nnew.x\npkg.y\n"),
    ],
)
def test_a_module_moves_to_the_top(before: str, after: str) -> None:
    if before.endswith("pkg.y\n"):
        after = "import pkg\nimport new\nnew.x\npkg.y\n"
    becomes(before, after, TO_TOP)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg import old\nnew = 1\nold.x\n", "from pkg import new as old\nnew = 1\nold.x\n"),
        ("from pkg import old\ndef f(new): return old\n", "from pkg import new as old\ndef f(new): return old\n"),
    ],
)
def test_a_clash_keeps_the_modules_local_name(before: str, after: str) -> None:
    becomes(before, after, codes=("name-clash",))


def test_code_that_sees_names_keeps_the_modules_local_name() -> None:
    becomes("from pkg import old\nold.x\nexec(y)\n", "from pkg import new as old\nold.x\nexec(y)\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import pkg.old\npkg.old.Old()\n", "import lib.new\nlib.new.New()\n"),
        ("import pkg.old as m\nm.Old()\n", "import lib.new as m\nm.New()\n"),
        ("from pkg import old\nold.Old()\n", "from lib import new\nnew.New()\n"),
        ("from pkg import old as m\nm.Old.x\n", "from lib import new as m\nm.New.x\n"),
        ("import pkg.old as m\nm.Old(m.y)\n", "import pkg.old as m\nimport lib.new\nlib.new.New(m.y)\n"),
        ("import pkg.old\nlib = pkg.old.Old\n", "import lib.new as lib_new\nlib = lib_new.New\n"),
        ("from pkg import old\nold.y, old.Old\n", "from pkg import old\nfrom lib import new\nold.y, new.New\n"),
        ("import pkg.old\nclass C(pkg.old.Old): ...\n", "import lib.new\nclass C(lib.new.New): ...\n"),
        (
            "import pkg.old\ndef f(lib): return pkg.old.Old\n",
            "import lib.new as lib_new\ndef f(lib): return lib_new.New\n",
        ),
        ("import lib\nimport pkg.old\npkg.old.Old(lib)\n", "import lib\nimport lib.new\nlib.new.New(lib)\n"),
    ],
)
def test_symbols_read_through_their_module(before: str, after: str) -> None:
    becomes(before, after, FAR)


@pytest.mark.parametrize("line", ["pkg = 1", "def pkg(): ...", "for pkg in x: ..."])
def test_a_module_variable_that_is_bound_again_is_told(line: str) -> None:
    check_noop({"app.py": f"import pkg.old\npkg.old.Old()\n{line}\n"}, FAR, ["module-kept"])


@pytest.mark.parametrize("manifest", [FAR, WHOLE])
def test_an_import_that_nothing_uses(manifest: str) -> None:
    if manifest is WHOLE:
        becomes("import pkg.old\n", "import pkg.new\n")
    else:
        check_noop({"app.py": "import pkg.old\n"}, manifest)


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.engine import core\ncore.x\n",
        "import pkg.engine.core\npkg.engine.core.x\n",
        "from pkg.engine.core import x\n",
        "import sys\nsys.modules['pkg.engine.core']\n",
    ],
)
def test_a_move_below_itself_leaves_the_new_path_alone(text: str) -> None:
    check_noop({"app.py": text}, move("pkg.engine", "pkg.engine.core"))


def test_a_move_below_itself_rewrites_the_old_path() -> None:
    becomes(
        "import pkg.engine\nfrom pkg.engine import x\npkg.engine.x\n",
        "import pkg.engine.core\nfrom pkg.engine.core import x\npkg.engine.core.x\n",
        move("pkg.engine", "pkg.engine.core"),
    )


def test_a_module_moves_into_its_package() -> None:
    becomes("import pkg.a.b\npkg.a.b.x\n", "import pkg.a\npkg.a.x\n", move("pkg.a.b", "pkg.a"))


def test_a_home_that_would_import_its_own_module_is_refused() -> None:
    made = check_noop({"lib/new.py": "import pkg.old\npkg.old.Old()\n"}, FAR, ["home-imports-itself"])
    assert found(made, "home-imports-itself") == [("lib/new.py", 1)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from .old import x\n", "from .new import x\n"),
        ("from . import old\nold.x\n", "from . import new\nnew.x\n"),
        ("from.old import x\n", "from .new import x\n"),
        ("from .sub.old import y\nfrom .old import x, z\n", "from .sub.old import y\nfrom .new import x, z\n"),
    ],
)
def test_relative_imports_stay_relative_under_keep(before: str, after: str) -> None:
    files = {"pkg/__init__.py": "", "pkg/old.py": "", "pkg/new.py": ""}
    check_transformed({**files, "pkg/app.py": before}, {"pkg/app.py": after}, WHOLE + '[rewrite]\nrelative = "keep"\n')


def test_relative_keep_counts_the_fewest_dots() -> None:
    check_transformed(
        {"pkg/a/app.py": "from ..old import Old\nOld()\n", "far/app.py": "from .x import y\n"},
        {"pkg/a/app.py": "from ..b.new import New\nNew()\n"},
        move("pkg.old:Old", "pkg.b.new:New") + '[rewrite]\nrelative = "keep"\n',
    )


def test_relative_keep_goes_absolute_where_no_dots_lead() -> None:
    check_transformed(
        {"pkg/app.py": "from .old import Old\nOld()\n"},
        {"pkg/app.py": "from lib.new import New\nNew()\n"},
        FAR + '[rewrite]\nrelative = "keep"\n',
    )


@pytest.mark.parametrize("line", ["import pkg.old  # repoint: keep", "from pkg import old  # repoint: keep"])
def test_a_line_may_ask_to_be_left_alone(line: str) -> None:
    use = "pkg.old" if line.startswith("import") else "old"
    made = check_noop({"app.py": f"{line}\n{use}.Old()\n"}, RENAMED)
    assert found(made, "kept") == [("app.py", 1)]


@pytest.mark.parametrize("glue", [", ", "\nimport "])
def test_another_import_of_the_package_is_enough(glue: str) -> None:
    becomes(
        f"import pkg.old{glue}pkg.b\npkg.old.Old(pkg.b.x)\n", f"import lib.new{glue}pkg.b\nlib.new.New(pkg.b.x)\n", FAR
    )


def test_a_module_that_would_be_missing_is_told_once() -> None:
    files = {"pkg/__init__.py": "", "pkg/old.py": "x = 1\n"}
    users = {f"{name}.py": "import pkg.old as m\nm.x\n" for name in "ab"}
    made = plan_of({**files, **users}, WHOLE)
    assert not made.applicable and len(found(made, "home-missing")) == 1


def test_a_dotted_use_follows_where_another_import_loads_its_new_module() -> None:
    check_transformed(
        {"app.py": "import pkg.new\nfrom pkg.old import x\nprint(pkg.old.Old)\n"},
        {"app.py": "import pkg.new\nfrom pkg.old import x\nprint(pkg.new.New)\n"},
    )


def test_a_dotted_use_that_no_import_loads_is_told() -> None:
    made = check_noop({"app.py": "import pkg.far\nprint(pkg.old.Old)\n"}, codes=["module-kept"])
    assert found(made, "module-kept") == [("app.py", 2)]


@pytest.mark.parametrize(
    ("use", "codes"),
    [("m = pkg\nm.old.x\n", ["module-kept"]), ("getattr(pkg, 'old')\n", ["module-kept", "name-told-as-text"])],
)
def test_an_import_stays_where_its_package_is_passed_on(use: str, codes: list[str]) -> None:
    made = check_noop({"app.py": f"import pkg.old\n{use}"}, WHOLE, codes)
    assert "`pkg` is passed on" in made.findings[0].message


def test_uses_move_beside_a_package_that_is_passed_on() -> None:
    becomes(
        "import pkg.old\nm = pkg\npkg.old.x\n",
        "import pkg.old\nimport pkg.new\nm = pkg\npkg.new.x\n",
        codes=("module-kept",),
    )


def test_a_package_goes_on_importing_what_importers_may_read_from_it() -> None:
    files = {"pkg/__init__.py": "import pkg.old\n", "app.py": "import pkg\npkg.old.x\n"}
    check_transformed(files, {"app.py": "import pkg\nimport pkg.new\npkg.new.x\n"}, WHOLE, ["module-kept"])


BELOW = move("pkg.engine", "pkg.engine.core")
CORE = {"pkg/engine/__init__.py": "from pkg.engine.core import run\n", "pkg/engine/core.py": "def run(): ...\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg import engine\nengine.run(engine.core.run)\n", "from pkg.engine import core\ncore.run(core.run)\n"),
        ("import pkg.engine as e\ne.run(e.core.run)\n", "import pkg.engine.core as e\ne.run(e.run)\n"),
        ("import pkg.engine as e\ne.core\n", "import pkg.engine.core as e\ne\n"),
    ],
)
def test_a_use_at_the_new_place_already_follows_a_move_below_itself(before: str, after: str) -> None:
    check_transformed({**CORE, "app.py": before}, {"app.py": after}, BELOW)


def test_a_submodules_import_serves_the_names_of_its_package() -> None:
    manifest = move("pkg.old.sub:S", "pkg.new:S") + move("pkg.old:f", "pkg.new:f")
    becomes(
        "import pkg.old.sub\npkg.old.f(pkg.old.sub.S)\n",
        "import pkg.new\npkg.new.f(pkg.new.S)\n",
        manifest,
    )


@pytest.mark.parametrize("first", ["old", "new"])
def test_a_module_that_is_imported_already_is_not_imported_twice(first: str) -> None:
    second = "new" if first == "old" else "old"
    imports = f"from pkg import {first}\nfrom pkg import {second}\n"
    becomes(f"{imports}old.x\nnew.y\n", "from pkg import new\nnew.x\nnew.y\n")


HOMES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Thing: ...\n",
    "pkg/new.py": "class Thing: ...\nclass Other: ...\n",
    "pkg/far.py": "class Thing: ...\n",
}


def test_no_import_is_joined_past_a_star_which_may_bind_its_name() -> None:
    before = "from pkg.new import Other\nfrom pkg.far import *\nfrom pkg.old import Thing\nThing\n"
    check_transformed({**HOMES, "app.py": before}, {"app.py": before.replace("old", "new")}, MOVED)


@pytest.mark.parametrize("last", ["Other", "Thing"])
def test_no_import_moves_below_one_that_comes_back_for_it(last: str) -> None:
    before = f"from pkg.old import Thing\nfrom app.sub import Sub\nfrom pkg.new import {last}\n"
    files = {**HOMES, "app/__init__.py": before, "app/sub.py": "from app import Thing\nclass Sub(Thing): ...\n"}
    check_transformed(files, {"app/__init__.py": before.replace("old", "new")}, MOVED)


@pytest.mark.parametrize("spelled", ["import pkg  as\\\n c", "import pkg \\\n as c", "import pkg\fas c"])
def test_a_package_under_another_name_is_seen_however_that_is_spelled(spelled: str) -> None:
    made = plan_of({**HOMES, "app.py": f"{spelled}\nimport pkg.old\nc.old.Thing()\n"}, MOVED)
    assert made.batches
