"""Which names a module reads and does not bind, and which it has for others."""

from __future__ import annotations

import ast
import sys

import pytest

from repoint.codemods.names import first_bound, first_read, names_of

ANNOTATED = "from __future__ import annotations\n"


@pytest.mark.parametrize(
    ("text", "unbound"),
    [
        ("print(x)", {"x"}),
        ("x = 1\nprint(x)", set()),
        ("def f():\n    return x", {"x"}),
        ("def f(x):\n    return lambda: x", set()),
        ("def f():\n    global x\n    x = 1\nx", set()),
        ("def f():\n    global x\n    import x\nx", set()),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2", set()),
        ("class A:\n    y = 1\n    z = y", set()),
        ("class A:\n    y = 1\n    def f(self): return y", {"y"}),
        pytest.param(
            "class A:\n    y = 1\n    z = [y for _ in ()]",
            {"y"},
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="symtable does not tell, since PEP 709"),
        ),
        ("class A:\n    a = __module__, __qualname__\n    def f(self): return __class__, super()", set()),
        ("[y := 1 for _ in ()]\ny", set()),
        ("[y for y in ()]\ny", {"y"}),
        ("del x", set()),
        ("try: x\nexcept NameError as error: error", {"x"}),
        ("try: import a\nexcept ImportError: a = None\na", set()),
        ("if 0:\n    import a\na.b", set()),
        ("import a.b as c\na", {"a"}),
        ("from a import *\nx", set()),
        ("def f(a: T) -> U: ...", {"T", "U"}),
        (f"{ANNOTATED}def f(a: T) -> U: ...\nv: V", {"T", "U", "V"}),
        (f"'''Doc.'''\n{ANNOTATED.strip()}, division\nx: int", set()),
        ("from __future__ import (\n    annotations,\n    division,\n)\nx: int = y", {"y"}),
        ("from __future__ import (division,\n    annotations)\ndef f(a: T): ...", {"T"}),
        ("x: 'T'", set()),
        ("__file__, __name__, __path__, __doc__, __builtins__, __annotations__, __debug__, exit", set()),
        ("match 1:\n    case {'a': x, **y}: x, y", set()),
        ("with open('') as (a, *b): a, b", set()),
        ("'x {y}'\n# z\nf'{w}'", {"w"}),
    ],
)
def test_names_that_nothing_binds(text: str, unbound: set[str]) -> None:
    assert names_of(text).unbound == unbound


@pytest.mark.parametrize(
    ("text", "promised"),
    [
        ("__all__ = ['a', 'b']\na = 1", {"b"}),
        ("__all__ = ['a']\n__all__ += ('b',)\nfrom m import a", {"b"}),
        ("__all__: list[str] = ['a']", {"a"}),
        ("__all__ = ['a']\nfrom m import *", set()),
        ("__all__ = ['a']\ndef __getattr__(name): ...", set()),
        ("__all__ = [*b, name]\nb, name = [], ''", set()),
        ("def f():\n    __all__ = ['a']", set()),
    ],
)
def test_names_that_are_promised_only(text: str, promised: set[str]) -> None:
    assert names_of(text).promised == promised


def test_names_for_others() -> None:
    names = names_of("import a.b, c as d\nfrom e import f\nx = 1\ndef g(): y = 1\nclass H: z = 1\nfor i in (): j = 1")
    assert names.imported == {"a", "d", "f"}
    assert names.defined == {"x", "g", "H", "i", "j"}
    assert names.top == names.imported | names.defined
    assert not names.open


@pytest.mark.parametrize(
    ("text", "line"), [("y\nx\nx", 2), ("y", 1), ("__all__ = [\n'y',\n'x']", 3), ("'x'\nx", 2), ("a\r\rx", 3)]
)
def test_the_line_of_a_name(text: str, line: int) -> None:
    assert first_read(text, "x") == line


def test_what_only_comprehensions_bind_is_nothing_for_others() -> None:
    found = names_of("a = [b for b in ()]\nc = [d for d in ()]\nd = 1\n")
    assert found.defined == {"a", "c", "d"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# x\n'x'\n__all__ = ['x']\n@y\ndef x(): ...", 5),
        ("def f():\n    x = 1\nclass A:\n    x = 2\nlambda: (x := 3)\nx = 4", 6),
        ("if 1:\n    x = 1\nx = 2", 2),
        ("print(y.x)\nfrom a import (\n    b,\n    c as x,\n)", 4),
        ("import y.x\nimport x.y", 2),
        ("match 1:\n    case [*x]: ...", 2),
        ("match 1:\n    case {**x}: ...", 2),
        ("print(x)", 1),
    ],
)
def test_the_line_that_binds_a_name(text: str, line: int) -> None:
    assert first_bound(ast.parse(text), "x") == line
