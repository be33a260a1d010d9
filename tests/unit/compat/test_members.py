"""Members that the new class lacks: every way to use one is told, and what cannot be known is not."""

from __future__ import annotations

import pytest

from tests.unit.compat.compared import NEW, OLD, check, compare

HAS = """
class Old:
    LIMIT = 3
    def __init__(self): self.state = 1
    def gone(self): ...
    def kept(self): ...
    @classmethod
    def make(cls): ...
"""
LACKS = """
class New:
    def __init__(self): ...
    def kept(self): ...
"""


@pytest.mark.parametrize(
    "user",
    [
        "Old.make()  #: member-missing",
        "print(Old.LIMIT)  #: member-missing",
        "Old.kept",
        "from pkg import old\nold.Old.make()  #: member-missing",
        "import pkg.old\npkg.old.Old.make()  #: member-missing",
        "import pkg.old as o\nclass C:\n    x = o.Old.LIMIT  #: member-missing",
        "from pkg.old import Old as Legacy\nLegacy.make()  #: member-missing",
        "def f():\n    from pkg.old import Old\n    return Old.make()  #: member-missing",
        "try:\n    from pkg.old import Old\nexcept ImportError:\n    Old = None\nOld.make()  #: member-missing",
    ],
)
def test_members_of_the_class(user: str) -> None:
    check(HAS, LACKS, user)


@pytest.mark.parametrize(
    "user",
    [
        "from unittest.mock import patch\n@patch('pkg.old.Old.gone')  #: member-missing\ndef test(m): ...",
        "from unittest.mock import patch\nwith patch('pkg.old.Old.kept'): ...",
        "from unittest.mock import patch\nwith patch('pkg.old.Old.gone', create=True): ...",
        "from unittest.mock import patch\nfrom pkg.old import Old\n"
        "def test():\n    with patch.object(Old, 'gone'): ...  #: member-missing",
        "from unittest.mock import patch\nfrom pkg.old import Old\n"
        "def test():\n    with patch.object(Old, 'gone', create=True): ...",
        "from pkg.old import Old\ndef test(monkeypatch):\n    monkeypatch.setattr(Old, 'gone', 1)  #: member-missing",
        "from pkg.old import Old\ndef test(monkeypatch):\n    monkeypatch.setattr(Old, 'gone', 1, raising=False)",
        "from pkg.old import Old\nsetattr(Old, 'gone', 1)",
    ],
)
def test_members_named_by_patches(user: str) -> None:
    check(HAS, LACKS, user)


@pytest.mark.parametrize(
    "user",
    [
        "x = Old()\nx.gone()  #: member-missing\nx.kept()",
        "def f():\n    x = Old()\n    return x.state  #: member-missing",
        "def f():\n    x = Old()\n    def g(): return x.gone  #: member-missing\n    return g",
        "def f(x: Old): x.gone()  #: member-missing",
        "def f(x: 'Old' = None): ...",
        "from typing import Optional\nfrom pkg.old import Old\n"
        "def f(x: Optional[Old] = None): x.gone()  #: member-missing",
        "class T:\n    def f(self):\n        self.x = Old()\n        self.x.gone()  #: member-missing",
        "class T:\n    def f(self):\n        self.x = Old()\n"
        "    def g(self):\n        self.x.gone()  #: member-missing",
    ],
)
def test_members_of_sure_instances(user: str) -> None:
    check(HAS, LACKS, user)


@pytest.mark.parametrize(
    "user",
    [
        "x = Old()\nx = other()\nx.gone()",
        "x = Old()\nfor x in y: ...\nx.gone()",
        "x = Old()\ndef f(x): x.gone()",
        "x = Old()\nx.gone = 1\nx.gone()",
        "x = Old()\nif hasattr(x, 'gone'): x.gone()",
        "x = Old()\nsetattr(x, name, 1)\nx.gone()",
        "x = Old() or other()\nx.gone()",
        "def f():\n    global x\n    x = Old()\n    x.gone()",
        "x = Old()\ntry:\n    x.gone()\nexcept AttributeError: ...",
        "def test_x(x: Old): x.gone()",
        "def f(x: Old = Mock()): x.gone()",
        "def f(*x: Old): x.gone()",
        "def f(x: Old):\n    x = other(x)\n    x.gone()",
        "def f(x: Old):\n    if isinstance(x, Sub): x.gone()",
        "def f(x: Old):\n    match x:\n        case Sub(): x.gone()",
        "try:\n    Old.make()\nexcept* AttributeError: ...",
        "class T:\n    def f(self):\n        self.x = Old()\n"
        "    def g(self): self.x = 1\n    def h(self): self.x.gone()",
        "class T:\n    def f(self): self.x = Old()\n"
        "    def g(self):\n        patch.object(self, 'x')\n        self.x.gone()",
        "import pytest\nfrom pkg.old import Old\nwith pytest.raises(AttributeError):\n    Old.make()",
        "if hasattr(Old, 'make'): Old.make()",
        "for name in ['make']:\n    if hasattr(Old, name): Old.make()",
        "Old.make = 1\nOld.make",
        "Old = other\nOld.make()",
        "try:\n    from pkg.old import Old\nexcept ImportError:\n    class Old: ...\nOld.make()",
        "def f(Old): Old.make()",
        "if x:\n    from pkg.old import Old\nelse:\n    from pkg.third import Old\nOld.make()",
        "from pkg.old import Old  # repoint: keep\nOld.make()",
        "Old.__qualname__",
        "Old.never_there",
    ],
)
def test_what_is_not_certain(user: str) -> None:
    check(HAS, LACKS, user)


def test_a_patched_class_is_a_mock() -> None:
    user = """
        from unittest.mock import patch
        def test_patched():
            with patch("pkg.old.Old"):
                from pkg.old import Old
                Old.make()
        @patch("app.Old")
        def test_own_binding(m): ...
        def test_real():
            from pkg.old import Old
            Old.make()  #: member-missing
    """
    check(HAS, LACKS, user)


@pytest.mark.parametrize(
    "replacing",
    [
        "def test_other(): old.Old = fake",
        "def setUp(): support.patch(old, 'Old', fake)",
        "def setUp(): patch('pkg.old.Old').start()",
    ],
)
def test_a_name_that_is_looked_up_in_its_module_may_be_replaced_there(replacing: str) -> None:
    check(HAS, LACKS, f"from pkg import old\nfrom unittest.mock import patch\n{replacing}\ndef test(): old.Old.make()")


def test_a_patched_binding_of_the_file_itself() -> None:
    user = """
        from unittest.mock import patch
        from pkg.old import Old
        @patch("app.Old")
        def test_it(m):
            Old.make()
        @patch(f"{__name__}.Old")
        def test_by_name(m):
            Old.make()
    """
    check(HAS, LACKS, user)


@pytest.mark.parametrize(
    "new",
    [
        "from outside import Base\nclass New(Base): ...",
        "class Meta(type): ...\nclass New(metaclass=Meta): ...",
        "from outside import decorate\n@decorate\nclass New: ...",
        "class New: ...\nNew.make = New.gone = 1",
        "class New: ...\nfor n in y: setattr(New, n, 1)",
        "class New:\n    for n in y: locals()[n] = 1",
        "class Base:\n    @classmethod\n    def make(cls): ...\n    def gone(self): ...\nclass New(Base): ...",
        "class New:\n    if x:\n        def make(self): ...\n        def gone(self): ...",
        "if x:\n    class New: ...",
        "class New: ...\nNew = wrap(New)",
        "New = make_class()",
        "class New: ...\nadd_members(New, 'make', 'gone')",
        "import abc\nclass New(abc.ABC):\n    @classmethod\n    def make(cls): ...\n    def gone(self): ...",
    ],
)
def test_a_new_class_with_members_that_cannot_be_known(new: str) -> None:
    check(HAS, new, "Old.make()\nx = Old()\nx.gone()")


@pytest.mark.parametrize(
    "new",
    [
        "class New:\n    def __getattr__(self, name): ...",
        "class New:\n    def __init__(self): self.__dict__.update(a=1)",
        "class New:\n    def __init__(self): setattr(self, name, 1)",
        "class New:\n    def __init__(self): self.gone = 1",
        "class New:\n    def __new__(cls): return other()",
        "class New:\n    __slots__ = ('gone',)",
        "class New:\n    gone: int",
        "class New:\n    @property\n    def gone(self): ...",
        "from pkg.help import extend\nclass New:\n    def __init__(self): extend(self)",
    ],
)
def test_a_new_class_whose_instances_may_have_more(new: str) -> None:
    check(HAS, new, "x = Old()\nx.gone", help="def extend(it):\n    it.gone = 1\n")


def test_inherited_members_of_the_old_class_are_lost_too() -> None:
    old = "from pkg.base import Base\nclass Old(Base): ...\n"
    check(old, LACKS, "Old.shared()  #: member-missing", base="class Base:\n    def shared(self): ...\n")


def test_an_attribute_of_instances_is_none_of_the_class() -> None:
    new = "class New:\n    def __init__(self): self.LIMIT = 3\n"
    _, findings = check("class Old:\n    LIMIT = 3\n", new, "Old.LIMIT  #: member-missing\nx = Old()\nx.LIMIT")
    assert "on its instances only" in findings[0].message


def test_a_property_that_becomes_a_method_and_the_other_way() -> None:
    old = "class Old:\n    @property\n    def a(self): ...\n    def b(self): ...\n    def c(self): ...\n"
    new = """
        class New:
            def a(self): ...
            @property
            def b(self) -> int: ...
            @property
            def c(self): ...
    """
    check(old, new, "x = Old()\nprint(x.a)  #: member-kind\nx.b()  #: member-kind\nx.c()")


def test_a_reexported_name_carries_the_difference_on() -> None:
    files = {
        "pkg/old.py": HAS,
        "pkg/new.py": LACKS,
        "pkg/__init__.py": "from pkg.old import Old\n",
        "app.py": "from pkg import Old\nOld.make()\n",
    }
    _, findings = compare(files)
    assert [(item.path, item.line, item.code) for item in findings] == [("app.py", 2, "member-missing")]


def test_one_object_under_both_paths_is_not_compared() -> None:
    files = {
        "pkg/old.py": "from pkg.new import New\nOld = New\n",
        "pkg/new.py": LACKS,
        "app.py": "from pkg.old import Old\nOld.x\n",
    }
    table, findings = compare(files)
    assert (table[0].same, table[0].compared, findings) == (True, False, ())


def test_a_missing_side_is_not_compared() -> None:
    table, findings = compare({"pkg/new.py": LACKS, "app.py": "from pkg.old import Old\nOld.make()\n"})
    assert (table[0].same, table[0].compared, findings) == (False, False, ())


def test_the_table_counts() -> None:
    table, findings = check(HAS, LACKS, "Old.make()  #: member-missing\nOld.make  #: member-missing\nOld.kept\nOld()")
    assert (table.old, table.new) == (str(OLD), str(NEW))
    assert (table.uses_met, table.uses_differing) == (4, 2)
    assert [(item.name, item.uses) for item in table.members_missing] == [
        ("make", 2), ("LIMIT", 0), ("gone", 0), ("state", 0),
    ]  # fmt: skip
    assert str(findings[0]) == (
        "app.py:2: warning[member-missing]: `Old.make` is used, which the new `New` does not have; "
        "use what the new class offers, add the member there, or keep the old path here"
    )
    assert findings[0].column == 5
