"""Star imports of old modules: told, or written out as the names that are really used."""

from __future__ import annotations

from tests.transform_tools import RENAMED, check_noop, check_transformed

EXPAND = RENAMED + '[rewrite]\nstar = "expand"\n'
MODULES = {
    "pkg/__init__.py": "",
    "pkg/new.py": "class New: ...\n",
    "pkg/old.py": "from .new import New as Old\nLIMIT = 2\n_private = 3\n",
}


def test_a_star_import_is_told_and_left() -> None:
    check_noop({**MODULES, "app.py": "from pkg.old import *\nOld()\n"}, RENAMED, ["star-import"])


def test_the_names_that_are_used_are_written_out_those_that_stay_first() -> None:
    check_transformed(
        {**MODULES, "app.py": "import os\nfrom pkg.old import *\nX = Old, LIMIT, os.sep\n"},
        {"app.py": "import os\nfrom pkg.old import LIMIT\nfrom pkg.new import New as Old\nX = Old, LIMIT, os.sep\n"},
        EXPAND,
    )


def test_a_name_that_the_file_binds_itself_is_not_taken() -> None:
    check_transformed(
        {**MODULES, "app.py": "from pkg.old import *\nLIMIT = 1\nX = Old, LIMIT\n"},
        {"app.py": "from pkg.new import New as Old\nLIMIT = 1\nX = Old, LIMIT\n"},
        EXPAND,
    )


def test_a_name_that_others_take_from_the_file_is_written_out_too() -> None:
    check_transformed(
        {**MODULES, "app.py": "from pkg.old import *\nX = Old\n", "user.py": "from app import LIMIT\n"},
        {"app.py": "from pkg.old import LIMIT\nfrom pkg.new import New as Old\nX = Old\n"},
        EXPAND,
    )


def test_a_package_keeps_its_star_since_that_is_its_surface() -> None:
    files = {**MODULES, "lib/__init__.py": "from pkg.old import *\nX = Old\n"}
    check_noop(files, EXPAND, ["star-import"])


def test_a_star_import_of_which_nothing_is_used_is_told() -> None:
    check_noop({**MODULES, "app.py": "from pkg.old import *\n"}, EXPAND, ["star-import"])


def test_a_kept_star_import_is_no_warning() -> None:
    check_noop({**MODULES, "app.py": "from pkg.old import *  # repoint: keep\nOld()\n"}, EXPAND)
