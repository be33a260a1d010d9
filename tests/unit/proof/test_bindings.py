"""Every name must mean what it meant: what is proved, what is refused, and the pairs left to the repository."""

from __future__ import annotations

import sys

import pytest

from tests.proof_tools import pairs, proved, refused

IMPORT = "from pkg.old import Old\n"
MOVED = "from pkg.new import New\n"
PAIR = ("pkg.old.Old", "pkg.new.New")


def renamed(body: str) -> tuple[str, str]:
    """A file that imports and uses `Old`, where § stands for the name, before and after."""
    return IMPORT + body.replace("§", "Old"), MOVED + body.replace("§", "New")


@pytest.mark.parametrize(
    "body",
    [
        "x = §()\n",
        "def f(a: § = §()) -> '§':\n    return [§ for a in §.b if (lambda: §)()]\n",
        "class A(§):\n    b = §\n    def m(self):\n        return §\n",
        "def f():\n    global §\n    § = None\n    del §\n",
        "def f(Old):\n    return Old\n\n\nx = §\n",
        "x = [Old for Old in y], §\n",
        "x = f'{§!r:>{§.width}}'\n",
        "try:\n    §\nexcept § as e:\n    raise\n",
        "match x:\n    case §(a, b=§.c): pass\n",
        "x = []  # type: list[§]\n",
        "def f(a,  # type: §\n      ):\n    # type: (...) -> §\n    for b in a:  # type: §\n        pass\n",
        "x: Literal['Old'] | Annotated['§', 'Old']\n",
        "def f():\n    class A:\n        Old = 1\n        def m(self):\n            return §\n",
        "class A:\n    Old = 1\n    x = Old\n    y = [§ for _ in x]\n",
        "@§.register\ndef f(): ...\n",
        "if (n := §.a): n\n",
        "def f():\n    x = §\n    def g():\n        nonlocal x\n        x = §\n",
        "§ += 1\n",
        "if x:\n    § = None\n§\n",
        "class A:\n    New = 1\n    x = [§ for _ in New]\n",
        "match x:\n    case [*§]: ...\n    case {1: 2, **§}: ...\n    case 1 as §: ...\n§\n",
        "try: ...\nexcept E as §: ...\n§\n",
        "try: ...\nexcept* §: ...\n",
        "x = TypeVar('Old', '§', bound='§'), NewType('Old', '§'), cast('§', 'Old')\n",
        "x: Annotated['§', 'Old'] = Literal['Old']\n",
        "class A:\n    def __m(self, __Old=1):\n        return __Old, §\n",
    ],
)
def test_uses_that_follow_are_one_pair(body: str) -> None:
    examined = proved(*renamed(body))
    assert {(b.partition("Old")[0] + "Old", a.partition("New")[0] + "New") for b, a in pairs(examined)} == {PAIR}
    assert examined.lost == ("Old",)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("def f(New):\n    return §\n", "a parameter"),
        ("def f(*, New=1):\n    return lambda: §\n", "a parameter"),
        ("def f():\n    New = 1\n    return §\n", "assigned"),
        ("def f():\n    def g():\n        return §\n    New = 1\n", "assigned"),
        ("x = [§ for New in y]\n", "assigned"),
        ("x = [New for New in [1] for z in §]\n", "assigned"),
        ("x = lambda New: §\n", "`New` is a parameter"),
        ("x = [[§ for New in y] for z in y]\n", "`New` is assigned"),
        ("class A:\n    New = 1\n    x = [_ for _ in §]\n", "assigned"),
        ("def f():\n    New = 1\n    def g():\n        nonlocal New\n        New = §\n", "assigned"),
        ("if x:\n    New = None\n§\n", "assigned"),
        ("from c import New\n§\n", ""),
        ("class A:\n    New = 1\n    x = §\n", "assigned"),
        ("def f():\n    if (New := 1): return §\n", "assigned"),
        ("def f():\n    try: pass\n    except E as New: §\n", "an `except … as`"),
        ("def f(x):\n    match x:\n        case [New, *_]: return §\n", "a capture"),
        ("def f(x):\n    match x:\n        case {**New}: return §\n", "a capture"),
        ("def f():\n    def New(): ...\n    return §\n", "a function"),
        ("def f():\n    class New: ...\n    return §\n", "a class"),
        ("def f():\n    for New in x: §\n", "assigned"),
        ("def f():\n    with x as New: §\n", "assigned"),
        ("def f():\n    from z import New\n    return §\n", ""),
        ("def f():\n    import New.y\n    return §\n", ""),
        ("def New(): ...\nx = §\n", "a function"),
        ("def f():\n    global New\n    New = 1\nx = §\n", "assigned"),
        ("def f():\n    del New\n    return §\n", "deleted"),
        ("def f(New):\n    x: list['§']\n", "a parameter"),
        ("def f(x, New):\n    # type: (int, int) -> int\n    y = x  # type: §\n", "a parameter"),
        ("try: pass\nexcept E as New: pass\nx = §\n", "an `except … as`"),
    ],
)
def test_a_capture_is_refused(body: str, what: str) -> None:
    refused_or_paired(body, what)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of 3.12")
@pytest.mark.parametrize(
    "body",
    [
        "def f[New](x: §): ...\n",
        "class A[New](§): ...\n",
        "class A[New]:\n    def m(self):\n        return §\n",
        "type A[New] = list[§]\n",
    ],
)
def test_a_capture_by_a_type_parameter_is_refused(body: str) -> None:
    refused_or_paired(body, "a type parameter")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of 3.12")
@pytest.mark.parametrize(
    "body",
    ["def f[T: §](x: T) -> §: ...\n", "class A[T](§): x: §\n", "type A[T: §] = list[§]\n", "type A = §\n"],
)
def test_uses_around_type_parameters_follow(body: str) -> None:
    assert pairs(proved(*renamed(body))) == {PAIR}


def refused_or_paired(body: str, what: str) -> None:
    """A capture by another import comes out as a pair that the repository will refuse, or as a fault."""
    before, after = renamed(body)
    if what:
        refused(before, after, what)
        return
    with pytest.raises(AssertionError):
        assert pairs(proved(before, after)) == {PAIR}


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        # forgotten: one of several uses keeps the old name
        (IMPORT + "x = Old\ny = Old\n", MOVED + "x = New\ny = Old\n", "`Old` is bound by nothing"),
        (IMPORT + "def f(x: 'Old'): ...\n", MOVED + "def f(x: 'Old'): ...\n", "`Old` is bound by nothing"),
        (IMPORT + "x = 1  # type: Old\n", MOVED + "x = 1  # type: Old\n", "`Old` is bound by nothing"),
        (IMPORT + "x = cast('Old', y)\n", MOVED + "x = cast('Old', y)\n", "`Old` is bound by nothing"),
        (IMPORT + "__all__ = ['Old']\n", MOVED + "__all__ = ['Old']\n", "`Old` is bound by nothing"),
        (IMPORT + "__all__ += ['Old']\n", MOVED + "__all__ += ['Old']\n", "`Old` is bound by nothing"),
        (IMPORT + "__all__.append('Old')\n", MOVED + "__all__.append('Old')\n", "`Old` is bound by nothing"),
        (IMPORT + "def f():\n    global Old\n    Old = 1\n", MOVED + "def f():\n    global Old\n    New = 1\n", "Old"),
        ("from a import b as c\nc()\n", "from a import b\nc()\n", "`c` is bound by nothing"),
        (IMPORT + "x = Old\n", "x = Old\n", "`Old` is bound by nothing"),
        ("import a.b\na.b.c\n", "a.b.c\n", "`a` is bound by nothing"),
        # spelled otherwise, but one name for the compiler: \N{MATHEMATICAL BOLD CAPITAL O}ld
        (IMPORT + "x = \U0001d40eld\n", MOVED + "x = \U0001d40eld\n", "`Old` is bound by nothing"),
        # a builtin of the new name, which the file reads
        ("from a import T\nprint(T)\n", "from b import T, T as print\nprint(T)\n", "was the builtin"),
        (
            "def f():\n    return open\nfrom a import x\nx\n",
            "def f():\n    return open\nfrom b import open\nopen\n",
            "builtin",
        ),
        (
            "def f():\n    return y\nfrom a import x\nx\n",
            "def f():\n    return y\nfrom b import y\ny\n",
            "bound by nothing",
        ),
        ("class A:\n    from a import b\n", "class A:\n    from c import d\n", "the class has it no more"),
        (
            "class A:\n    from a import __b\n    __b\n",
            "class A:\n    from c import __d\n    __b\n",
            "bound by nothing",
        ),
        (IMPORT + "try: ...\nexcept E as Old: ...\nOld\n", MOVED + "try: ...\nexcept E as Old: ...\nNew\n", "Old"),
        # places
        (IMPORT + "x = Old\n", "x = New\n" + MOVED, "above what binds it"),
        ("x = 1\n" + IMPORT + "def f(): Old\nf()\n", "x = 1\ndef f(): New\nf()\n" + MOVED, "left its place"),
        (
            "try:\n    from a import b\nexcept E: b = 0\n",
            "from c import b\ntry:\n    pass\nexcept E: b = 0\n",
            "stands where no import of it stood",
        ),
        (
            "if TYPE_CHECKING:\n    from a import b\nx: 'b'\n",
            "from c import b\nif TYPE_CHECKING:\n    pass\nx: 'b'\n",
            "where no import of it stood",
        ),
        ("def f():\n    from a import b\n    b\n", "from c import b\ndef f():\n    b\n", "where no import of it stood"),
        ("from a import b\ndef f():\n    b\n", "def f():\n    from c import b\n    b\n", "place"),
        (
            "if x:\n    from a import b\nelse:\n    from c import b\nb\n",
            "if x:\n    from d import b\nelse:\n    pass\nb\n",
            "place",
        ),
        ("x = 1\nfrom a import b\ny = b\n", "x = 1\ny = b\nfrom c import b\n", "above what binds it"),
        # what `import a.b` loads
        ("import a.b.c\nimport a.d\nx = a.b.c.X\n", "import a.d\nx = a.b.c.X\n", "nothing loads as much"),
        ("import a.b\nx = a.b.X\n", "import a\nimport c\nx = c.b.X\n", "nothing loads as much"),
        # what no import binds
        ("def f(a):\n    return a.b\n", "def f(a):\n    return a.c\n", "no import binds"),
        ("def f(a, b):\n    return a\n", "def f(a, b):\n    return b\n", "a parameter"),
        ("x = 1\ny = x\n", "z = 1\ny = z\n", "no import binds"),
        ("x = len\n", "x = max\n", "no import binds either"),
    ],
)
def test_what_lost_its_meaning_is_refused(before: str, after: str, text: str) -> None:
    refused(before, after, text)


@pytest.mark.parametrize(
    ("before", "after", "pair"),
    [
        ("import a.b\nx = a.b.C.d\n", "import e.f\nx = e.f.G.d\n", ("a.b.C.d", "e.f.G.d")),
        ("import a.b as c\nx = c.D\n", "from e import f\nx = f.D\n", ("a.b.D", "e.f.D")),
        ("import a.b\nx = a.b.C\n", "from e import F\nx = F\n", ("a.b.C", "e.F")),
        ("import a.b\nimport a.c\nx = a.b.C, a.c.D\n", "import e\nimport a.c\nx = e.C, a.c.D\n", ("a.b.C", "e.C")),
        ("from .b import C\nC\n", "from .d import C\nC\n", ("pkg.b.C", "pkg.d.C")),
        ("from . import b\nb\n", "from . import c as b\nb\n", ("pkg.b", "pkg.c")),
        ("from a import L\nx: L[int]\n", "x: list[int]\n", ("a.L", "builtins.list")),
        ("from a import b\nfrom c import d\nb, d\n", "from c import d\nd, d\n", ("a.b", "c.d")),
        ("from a import b\n__all__ = ['b']\n", "from c import d as b\n__all__ = ['b']\n", ("a.b", "c.d")),
        ("from a import *\nb\n", "from c import b\nb\n", ("a.b", "c.b")),
        ("from a import *\nb\n", "from c import *\nb\n", ("a", "c")),
        (
            "class N: ...\ndef f():\n    from a import O\n    return O()\n",
            "class N: ...\ndef f():\n    return N()\n",
            ("a.O", "pkg.m.N"),
        ),
        (
            "from a import b\ndef f():\n    from c import d\n    return b, d\n",
            "from c import d\ndef f():\n    from c import d\n    return d, d\n",
            ("a.b", "c.d"),
        ),
        ("patch.object(m, 'a')\nimport m\n", "patch.object(m, 'b')\nimport m\n", ("m.a", "m.b")),
    ],
)
def test_pairs(before: str, after: str, pair: tuple[str, str]) -> None:
    assert pair in pairs(proved(before, after, module="pkg.m"))


def test_each_place_of_a_guarded_import_is_paired_with_its_own() -> None:
    before = "try:\n    from a import X\nexcept ImportError:\n    from b import X\nX\n"
    after = "try:\n    from b import X\nexcept ImportError:\n    from c import X\nX\n"
    assert pairs(proved(before, after)) == {("a.X", "b.X"), ("b.X", "c.X")}


def test_a_definition_of_another_module_is_no_home() -> None:
    refused("class N: ...\ndef f():\n    from a import O\n    O\n", "class N: ...\ndef f():\n    N\n", module="")


def test_a_home_that_is_used_above_its_definition_is_refused() -> None:
    before = "from a import O\nclass S(O): ...\nclass N: ...\n"
    refused(before, "class S(N): ...\nclass N: ...\n", "above what binds it")


def test_a_home_that_calls_itself_before_its_definition_is_refused() -> None:
    before = "def f():\n    from a import O\n    return O()\n{}class N: ...\n"
    after = "def f():\n    return N()\n{}class N: ...\n"
    proved(before.format("x = 1\n"), after.format("x = 1\n"))
    refused(before.format("f()\n"), after.format("f()\n"), "before it is defined")
    refused(before.format("@f\ndef g(): f\n"), after.format("@f\ndef g(): f\n"), "before it is defined")
    proved(before.format("def g(): f\n"), after.format("def g(): f\n"))


def test_what_is_imported_anew_is_told() -> None:
    before = "from a import b, c\nif TYPE_CHECKING:\n    import d\ndef f():\n    import g\n    g\nb, c\nx: 'd'\n"
    after = "from a import c\nfrom n import b\n" + before.partition("\n")[2].replace("import d", "import e as d")
    after = after.replace("import g", "import h as g")
    told = [(new.module, new.names, new.line, new.import_time) for new in proved(before, after).imports]
    assert told == [("n", ("b",), 2, True), ("e", (), 4, False), ("h", (), 6, False)]


def test_names_that_are_lost_are_told() -> None:
    assert proved("from a import b, c\nimport d.e\n", "from a import c\n").lost == ("b", "d")
    assert proved("from a import *\nx = 1\n", "x = 1\n").lost == ("*",)
