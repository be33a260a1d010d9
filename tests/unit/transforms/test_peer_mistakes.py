"""What other tools of this kind get wrong, each mistake with a test that it is not made here."""

from __future__ import annotations

import pytest

from tests.transform_tools import MOVED, RENAMED, WHOLE, check_noop, check_transformed, move

BOTH = RENAMED + MOVED


def becomes(before: str, after: str, manifest: str = RENAMED) -> None:
    check_transformed({"app.py": before}, {"app.py": after}, manifest)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg.old import Old as O\nO()\n", "from pkg.new import New as O\nO()\n"),
        ("import pkg.old as m\nm.Old()\n", "import pkg.new as m\nm.New()\n"),
        ("from pkg import old as m\nm.Old()\n", "from pkg import new as m\nm.New()\n"),
        ("from pkg.old import Old as New\nNew()\n", "from pkg.new import New\nNew()\n"),
    ],
)
def test_an_alias_is_not_dropped(before: str, after: str) -> None:
    becomes(before, after)


def test_a_function_local_import_is_not_hoisted() -> None:
    becomes(
        """
        import os

        def f():
            from pkg.old import Old  # late, for the cycle

            return Old(os.name)
        """,
        """
        import os

        def f():
            from pkg.new import New  # late, for the cycle

            return New(os.name)
        """,
    )


def test_a_type_checking_import_is_not_hoisted() -> None:
    becomes(
        """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from pkg.old import Old

        def f(x: "Old") -> None: ...
        """,
        """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from pkg.new import New

        def f(x: "New") -> None: ...
        """,
    )


@pytest.mark.parametrize("error", ["ImportError", "(ImportError, AttributeError)", "ModuleNotFoundError as e"])
def test_a_guarded_import_keeps_its_guard(error: str) -> None:
    becomes(
        f"try:\n    from pkg.old import Old\nexcept {error}:\n    Old = None\nuse(Old)\n",
        f"try:\n    from pkg.new import New\nexcept {error}:\n    New = None\nuse(New)\n",
    )


def test_a_guard_between_two_imports_of_one_name_stays() -> None:
    becomes(
        "try:\n    from pkg.old import Old\nexcept ImportError:\n    from other import Thing as Old\nOld()\n",
        "try:\n    from pkg.new import New\nexcept ImportError:\n    from other import Thing as New\nNew()\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import pkg.old, os\npkg.old.Old(os)\n", "import pkg.new, os\npkg.new.New(os)\n"),
        ("import os, pkg.old as m, sys\nm.Old\n", "import os, pkg.new as m, sys\nm.New\n"),
        ("import os, pkg.old\npkg.old.Old()\n", "import os, pkg.new\npkg.new.New()\n"),
        (
            "from pkg.old import Old, Stays\nOld(Stays)\n",
            "from pkg.old import Stays\nfrom pkg.new import New\nNew(Stays)\n",
        ),
    ],
)
def test_a_sibling_of_the_import_is_not_lost(before: str, after: str) -> None:
    becomes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg.old import Old\nx: 'list[Old]'\n", "from pkg.new import New\nx: 'list[New]'\n"),
        ("from pkg.old import Old\ndef f() -> 'Old': ...\n", "from pkg.new import New\ndef f() -> 'New': ...\n"),
        (
            "from pkg.old import Old\nx = []  # type: list[Old]\n",
            "from pkg.new import New\nx = []  # type: list[New]\n",
        ),
        (
            "from pkg.old import Old\ndef f(a):\n    # type: (Old) -> None\n    pass\n",
            "from pkg.new import New\ndef f(a):\n    # type: (New) -> None\n    pass\n",
        ),
        ("from pkg.old import Old\n__all__ = ['Old']\n", "from pkg.new import New as Old\n__all__ = ['Old']\n"),
        ("from pkg.old import Old\n__all__ += ('Old',)\n", "from pkg.new import New as Old\n__all__ += ('Old',)\n"),
        ("from pkg.old import Old  # noqa: F401\n", "from pkg.new import New as Old  # noqa: F401\n"),
        ("from pkg.old import Old  # noqa: E501,F401\n", "from pkg.new import New as Old  # noqa: E501,F401\n"),
        (
            "from __future__ import annotations\nfrom pkg.old import Old\nx: Old\n",
            "from __future__ import annotations\nfrom pkg.new import New\nx: New\n",
        ),
    ],
)
def test_a_name_that_only_hidden_places_use_follows(before: str, after: str) -> None:
    becomes(before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pkg/app.py", "from .old import Old\nOld()\n", "from pkg.new import New\nNew()\n"),
        ("pkg/sub/app.py", "from ..old import Old\nOld()\n", "from pkg.new import New\nNew()\n"),
        ("pkg/app.py", "from . import old\nold.Old()\n", "from pkg import new\nnew.New()\n"),
    ],
)
def test_a_relative_import_is_not_passed_over(path: str, before: str, after: str) -> None:
    check_transformed({path: before, "pkg/__init__.py": ""}, {path: after})


def test_a_relative_import_beyond_the_top_is_left_alone() -> None:
    check_noop({"app.py": "from ...pkg.old import Old\nOld()\n"})


def test_comments_go_with_the_names_they_are_about() -> None:
    becomes(
        """
        from pkg.old import (  # the engine
            # about Old
            Old,  # beside Old
            Stays,  # beside Stays
        )
        use(Old, Stays)
        """,
        """
        from pkg.old import (  # the engine
            Stays,  # beside Stays
        )
        from pkg.new import (
            # about Old
            New,  # beside Old
        )
        use(New, Stays)
        """,
    )


def test_comments_of_a_statement_that_moves_whole_stay() -> None:
    becomes(
        "# above\nfrom pkg.old import (  # opening\n    Old,  # old\n    # between\n    Thing,\n)  # closing\nOld\n",
        "# above\nfrom pkg.new import (  # opening\n    New,  # old\n    # between\n    Thing,\n)  # closing\nNew\n",
        BOTH,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg.new import X\nfrom pkg.old import Old\nOld(X)\n", "from pkg.new import X, New\nNew(X)\n"),
        ("from pkg.old import Old\nfrom pkg.new import X\nOld(X)\n", "from pkg.new import X, New\nNew(X)\n"),
        ("from pkg.new import New\nfrom pkg.old import Old\nOld(New)\n", "from pkg.new import New\nNew(New)\n"),
        ("import pkg.new\nimport pkg.old\npkg.old.Old(pkg.new)\n", "import pkg.new\npkg.new.New(pkg.new)\n"),
        (
            "from pkg.new import (\n    X,\n)\nfrom pkg.old import Old\nOld(X)\n",
            "from pkg.new import (\n    X,\n    New,\n)\nNew(X)\n",
        ),
    ],
)
def test_an_import_of_the_new_module_is_joined_not_doubled(before: str, after: str) -> None:
    becomes(before, after)


def test_a_name_renamed_within_its_module_is_not_doubled() -> None:
    becomes(
        "from pkg.e import Old, New\nuse(Old, New)\n",
        "from pkg.e import New\nuse(New, New)\n",
        move("pkg.e:Old", "pkg.e:New"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from pkg import old\nold.run()\nx.old.run()\nf(old=1)\nold_x = 1\n",
            "from pkg import new\nnew.run()\nx.old.run()\nf(old=1)\nold_x = 1\n",
        ),
        (
            "import pkg.old\npkg.old.run()\nx.pkg.old.run()\nold = 1\nuse(old)\n",
            "import pkg.new\npkg.new.run()\nx.pkg.old.run()\nold = 1\nuse(old)\n",
        ),
        (
            "from pkg import old\ndef f(old):\n    return old.run()\nold.run()\n",
            "from pkg import new\ndef f(old):\n    return old.run()\nnew.run()\n",
        ),
    ],
)
def test_an_object_of_the_modules_name_is_not_renamed(before: str, after: str) -> None:
    becomes(before, after, WHOLE)


def test_nothing_comes_before_a_docstring_or_a_future_import() -> None:
    becomes(
        '"""Doc."""\nfrom __future__ import annotations\nfrom pkg.old import Old, Stays\nx: Old = Stays\n',
        '"""Doc."""\nfrom __future__ import annotations\n'
        "from pkg.old import Stays\nfrom pkg.new import New\nx: New = Stays\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import pkg.old\nuse(pkg.old.Old, pkg.old.Stays)\n",
            "import pkg.old\nimport pkg.new\nuse(pkg.new.New, pkg.old.Stays)\n",
        ),
        (
            "import pkg.old as m\nuse(m.Old, m.Stays)\n",
            "import pkg.old as m\nimport pkg.new\nuse(pkg.new.New, m.Stays)\n",
        ),
        (
            "from pkg import old\nuse(old.Old, old)\n",
            "from pkg import old\nfrom lib import new\nuse(new.New, old)\n",
        ),
    ],
)
def test_an_import_that_is_still_used_stays(before: str, after: str) -> None:
    becomes(before, after, move("pkg.old:Old", "lib.new:New") if "lib" in after else RENAMED)


@pytest.mark.parametrize("rest", ["", ", other"])
def test_a_module_import_that_is_still_used_stays_beside_its_sibling(rest: str) -> None:
    becomes(
        f"from pkg import old{rest}\nuse(old.Old, old.Stays)\n",
        f"from pkg import old{rest}\nfrom pkg import new\nuse(new.New, old.Stays)\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import pkg.old\nuse(pkg.old.Old)\n", "import lib.new\nuse(lib.new.New)\n"),
        (
            "import pkg.old\nuse(pkg.old.Old, pkg.VERSION)\n",
            "import pkg\nimport lib.new\nuse(lib.new.New, pkg.VERSION)\n",
        ),
        ("import pkg.old\ndef f():\n    return pkg.old.Old\n", "import lib.new\ndef f():\n    return lib.new.New\n"),
        (
            "import pkg.old\nlib = 1\nuse(pkg.old.Old, lib)\n",
            "import lib.new as lib_new\nlib = 1\nuse(lib_new.New, lib)\n",
        ),
    ],
)
def test_a_dotted_use_is_not_left_without_its_import(before: str, after: str) -> None:
    becomes(before, after, move("pkg.old:Old", "lib.new:New"))
