"""Moves to builtins, homes that import themselves, and names that collapse into one."""

from __future__ import annotations

import pytest

from tests.transform_tools import RENAMED, check_noop, check_transformed, found, move

LIST = move("typing:List", "builtins:list")
TIMEOUT = move("pkg.errors:Timeout", "builtins:TimeoutError")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from typing import List\nx: List[int]\n", "x: list[int]\n"),
        ("from typing import Any, List\nx: List[Any]\n", "from typing import Any\nx: list[Any]\n"),
        ("import os\nfrom typing import List  # types\n\nx: List\n", "import os\n\nx: list\n"),
        ("if x:\n    from typing import List\n", "if x:\n    pass\n"),
        ("def f():\n    from typing import List\n", "def f():\n    pass\n"),
        ("if x: from typing import List\n", "if x: pass\n"),
        ("import os; from typing import List; import sys\nList\n", "import os; import sys\nlist\n"),
        ("import os; from typing import List\nList\n", "import os\nlist\n"),
        ("import os; from typing import List  # c\nList\n", "import os  # c\nlist\n"),
        ("from typing import List", ""),
        ("x = 1\nfrom typing import List", "x = 1"),
        ("x = 1\r\nfrom typing import List", "x = 1"),
        ("from typing import List as L\nL\n", "from builtins import list as L\nL\n"),
        ("from typing import List\n__all__ = ['List']\n", "from builtins import list as List\n__all__ = ['List']\n"),
        ("import typing\ntyping.List[typing.Any]\n", "import typing\nimport builtins\nbuiltins.list[typing.Any]\n"),
        ("x: 'List[int]'\nfrom typing import List\n", "x: 'list[int]'\n"),
    ],
)
def test_a_builtin_needs_no_import(before: str, after: str) -> None:
    check_transformed({"app.py": before.encode()}, {"app.py": after.encode()}, LIST)


@pytest.mark.parametrize(
    "text",
    [
        "def list(): ...\nList\n",
        "def f(list): return List\n",
        "list = 1\nList\n",
        "del List\n",
        "if x:\n    List = 1\n",
        "if x:\n    from other import List\n",
        "def f():\n    global List\n    List = 1\n",
    ],
)
def test_a_builtin_that_the_file_shadows_is_imported(text: str) -> None:
    check_transformed(
        {"app.py": f"from typing import List\n{text}"},
        {"app.py": f"from builtins import list as List\n{text}"},
        LIST,
        ["name-clash"],
    )


def test_a_file_that_reads_the_builtin_means_the_same() -> None:
    check_transformed({"app.py": "from typing import List\nlist(List)\n"}, {"app.py": "list(list)\n"}, LIST)


def test_a_new_name_that_is_read_as_a_builtin_is_a_clash() -> None:
    manifest = move("pkg.old:Timeout", "pkg.new:TimeoutError")
    check_transformed(
        {
            "reads.py": "from pkg.old import Timeout\ntry: ...\nexcept TimeoutError: raise Timeout\n",
            "other.py": "from pkg.old import Timeout\nTimeout\n",
        },
        {
            "reads.py": "from pkg.new import TimeoutError as Timeout\ntry: ...\nexcept TimeoutError: raise Timeout\n",
            "other.py": "from pkg.new import TimeoutError\nTimeoutError\n",
        },
        manifest,
        ["name-clash"],
    )


DISTINCT = {"pkg/old.py": "class Old: ...\n", "pkg/new.py": "class New: ...\n"}
IMPORTS = "from pkg.old import Old\nfrom pkg.new import New\n"


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("assert Old != New", "warning"),
        ("x = Old is New", "warning"),
        ("x = {Old: 1, New: 2}", "warning"),
        ("try: ...\nexcept Old: ...\nexcept New: ...", "warning"),
        ("try: ...\nexcept (Old, New): ...", "warning"),
        ("class C(Old, New): ...", "error"),
    ],
)
def test_two_names_that_become_one_are_told(text: str, severity: str) -> None:
    made = check_transformed(
        {**DISTINCT, "app.py": f"{IMPORTS}{text}\n"},
        {"app.py": f"from pkg.new import New\n{text}\n".replace("Old", "New")},
        codes=["collapse"],
    )
    (told,) = [finding for finding in made.findings if finding.code == "collapse"]
    assert told.severity.value == severity
    assert made.applicable is (severity != "error")


@pytest.mark.parametrize(
    "text", ["x = [Old, New]", "isinstance(x, (Old, New))", "f(Old, New)", "x = {Old: 1}, {New: 2}"]
)
def test_where_two_may_be_one_nothing_is_told(text: str) -> None:
    made = check_transformed(
        {**DISTINCT, "app.py": f"{IMPORTS}{text}\n"},
        {"app.py": f"from pkg.new import New\n{text}\n".replace("Old", "New")},
    )
    assert not found(made, "collapse")


def test_a_re_export_is_one_object_already() -> None:
    check_transformed(
        {
            "pkg/old.py": "from pkg.new import New as Old\n",
            "pkg/new.py": "class New: ...\n",
            "app.py": f"{IMPORTS}Old is New\n",
        },
        {"app.py": "from pkg.new import New\nNew is New\n"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "class New: ...\n<from pkg.old import Old\n>x = §\n",
        "class New: ...\ndef f():\n<    from pkg.old import Old\n>    return §\n",
        "<from pkg.old import Old\n>class New:\n    def f(self) -> '§': ...\n",
        "<from pkg.old import Old\n>class New:\n    def f(self): return §\n",
        "from __future__ import annotations\n<from pkg.old import Old\n>x: §\nclass New: ...\n",
        "<from pkg.old import Old\n>def f(): return §\nclass New: ...\nif __name__ == '__main__':\n    f()\n",
        "New = make()\n<from pkg.old import Old\n>§()\n",
    ],
)
def test_a_home_drops_its_import_of_itself(text: str) -> None:
    """What stands in < > goes."""
    head, _, rest = text.partition("<")
    gone, _, tail = rest.partition(">")
    before, after = (head + gone + tail).replace("§", "Old"), (head + tail).replace("§", "New")
    check_transformed({"pkg/new.py": before}, {"pkg/new.py": after})


@pytest.mark.parametrize(
    "text",
    [
        "from pkg.old import Old as Base\nclass New(Base): ...\n",
        "from pkg.old import Old\nx = Old\nclass New: ...\n",
        "from pkg.old import Old\n",
        "from pkg.old import Old\nif x:\n    class New: ...\n",
        "from pkg.old import Old\nclass New: ...\nOld = wrap(Old)\n",
        "from pkg.old import Old\nclass New: ...\nclass New(New): ...\nOld\n",
        "from pkg.old import Old\nclass New: ...\ndef f(New): return Old\n",
        "class New:\n    def g(self): return f()\ndef f():\n    from pkg.old import Old\n    New = 1\n    return Old\n",
        "from pkg.old import Old\ndef f(): return Old()\nx = f()\nclass New: ...\n",
        "from pkg.old import Old\nclass New: ...\ndef f(): return Old\nf()\n",
        "from pkg.old import Old\nclass D:\n    def __init__(self): Old()\nd = D()\nclass New: ...\n",
    ],
)
def test_a_home_that_needs_the_old_name_is_refused(text: str) -> None:
    made = check_noop({"pkg/new.py": text}, RENAMED, ["home-imports-itself"])
    assert not made.applicable


def test_a_home_drops_its_own_import_inside_a_function_under_the_same_name() -> None:
    check_transformed(
        {
            "pkg/__init__.py": "",
            "pkg/old.py": "class Old: ...\n",
            "pkg/new.py": "class Old: ...\ndef go():\n    from pkg.old import Old\n    return Old()\n",
        },
        {"pkg/new.py": "class Old: ...\ndef go():\n    return Old()\n"},
        move("pkg.old:Old", "pkg.new:Old"),
    )


MANY = move("pkg.old:A", "pkg.new:New") + move("pkg.old:B", "pkg.new:New")
TWO = {"pkg/old.py": "class A: ...\nclass B: ...\n", "pkg/new.py": "class New: ...\n"}


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("match x:\n    case A(): ...\n    case B(): ...\n", True),
        ("match x:\n    case A(): ...\n    case B() if y: ...\n", False),
        ("match x:\n    case A(y=1): ...\n    case B(y=2): ...\n", False),
        ("if isinstance(x, A): ...\nelif isinstance(x, B): ...\n", True),
        ("if isinstance(x, A): ...\nelif y: ...\nelif isinstance(x, B): ...\n", True),
        ("if isinstance(x, A): ...\nif isinstance(x, B): ...\n", False),
        ("if isinstance(x, (A, B)): ...\nelif y: ...\n", False),
        ("if isinstance(x, A) and y: ...\nelif isinstance(x, B): ...\n", False),
    ],
)
def test_branches_that_become_one_are_told(tests: str, told: bool) -> None:
    before = f"from pkg.old import A, B\n{tests}"
    after = f"from pkg.new import New\n{tests}".replace("A", "New").replace("B", "New")
    check_transformed({**TWO, "app.py": before}, {"app.py": after}, MANY, ["collapse"] if told else [])
