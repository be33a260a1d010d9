"""What modules bind, and where names of re-exporters are really defined."""

from __future__ import annotations

import pytest

from repoint.analysis.namespace import Bound, Namespace, read_namespace
from repoint.analysis.namespaces import Found, Namespaces, Origin
from repoint.model import Failed, SourceFile
from repoint.names import module_of


def read(text: str, path: str = "pkg/m.py") -> Namespace | Failed:
    return read_namespace(SourceFile(path, "100644", "", text.encode()), module_of(path))


def namespace(text: str, path: str = "pkg/m.py") -> Namespace:
    found = read(text, path)
    assert isinstance(found, Namespace)
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("class A: x = 1", "A"),
        ("def f(): x = 1", "f"),
        ("async def f(): pass", "f"),
        ("a = b = 1", "a b"),
        ("(a, [b, *c]) = d", "a b c"),
        ("a: int = 1", "a"),
        ("a: int", ""),
        ("a += 1", "a"),
        ("a.b = c[0] = 1", ""),
        ("for a in b:\n    c = 1\nelse:\n    d = 1", "a c d"),
        ("with x as a:\n    b = 1", "a b"),
        ("while x:\n    a = 1", "a"),
        ("try:\n    a = 1\nexcept E:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1", "a b c d"),
        ("if x:\n    a = 1\nelif y:\n    b = 1\nelse:\n    c = 1", "a b c"),
        ("match x:\n    case 1:\n        a = 1", "a"),
        ("if (a := 1): pass", "a"),
        ("[b for b in c]", ""),
        ("import a.b, c as d", "a d"),
        ("from a import b, c as d", "b d"),
        ("print(1)", ""),
    ],
)
def test_what_statements_bind(text: str, names: str) -> None:
    assert namespace(text).names == frozenset(names.split())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[(a := b) for b in c]", "a"),
        ("match x:\n    case [a, *b]: pass", "a"),
        ("match x:\n    case 1 as a: pass", "a"),
    ],
)
def test_what_expressions_and_patterns_bind(text: str, name: str) -> None:
    assert name in namespace(text).names


def test_an_import_knows_where_it_leads() -> None:
    found = namespace(
        "import a.b\nimport a.b as c\nfrom . import d\nfrom ..e import f as g\nfrom x import *\n", "p/q/m.py"
    )
    assert [(item.name, item.module, item.origin) for item in found.bindings] == [
        ("a", "a", None),
        ("c", "a.b", None),
        ("d", "p.q", "d"),
        ("g", "p.e", "f"),
    ]
    assert found.stars == ("x",)


def test_conditions_and_type_checking_are_told() -> None:
    found = namespace(
        "import typing as t\nif t.TYPE_CHECKING:\n    from a import A\nelse:\n    from b import A\ndef B(): ...\n"
    )
    assert [(item.name, item.conditional, item.type_checking) for item in found.bindings] == [
        ("t", False, False),
        ("A", True, True),
        ("A", True, False),
        ("B", False, False),
    ]
    assert found.of("B")[0].how is Bound.FUNCTION


@pytest.mark.parametrize(
    ("text", "exported"),
    [
        ("", None),
        ("__all__ = ['a', 'b']", ("a", "b")),
        ("__all__ = ('a',)\n__all__ += ['b']", ("a", "b")),
        ("__all__: list[str] = ['a']", ("a",)),
        ("__all__ = [*other, 'a']", None),
        ("__all__ = names()", None),
        ("__all__ = ['a', b]", None),
        ("__all__: list[str]", None),
    ],
)
def test_what_dunder_all_lists(text: str, exported: tuple[str, ...] | None) -> None:
    assert namespace(text).exported == exported


def test_a_module_getattr_makes_it_dynamic() -> None:
    assert namespace("def __getattr__(name): ...").dynamic
    assert not namespace("__getattr__ = None").dynamic


def test_a_file_that_does_not_parse_fails() -> None:
    assert read("def (:\n") == Failed("pkg/m.py", 1, "invalid syntax")


def tree(files: dict[str, str]) -> Namespaces:
    by_module = {module_of(path): path for path in files}

    def load(module: str) -> Namespace | Failed | None:
        path = by_module.get(module)
        return None if path is None else read(files[path], path)

    return Namespaces(frozenset(by_module), load)


CHAIN = {
    "pkg/__init__.py": "from .api import A, missing\nfrom .star import *\nimport pkg.deep as d\n",
    "pkg/api.py": "from pkg.deep import A as A, B as Other\nimport os\nfrom lib import Z\n",
    "pkg/deep.py": "class A: ...\nB = 1\n_p = 2\n",
    "pkg/star.py": "from .deep import *\nfrom .listed import *\n",
    "pkg/listed.py": "__all__ = ['_q']\n_q = r = 1\n",
    "pkg/dynamic.py": "def __getattr__(name): ...\n",
    "pkg/outer.py": "from lib import *\n",
    "pkg/circle.py": "from .circle2 import X\n",
    "pkg/circle2.py": "from .circle import X\n",
    "pkg/broken.py": "def (:\n",
    "pkg/guarded.py": "try:\n    from lib import G\nexcept ImportError:\n    from .deep import A as G\n",
    "pkg/fallback.py": "try:\n    from lib import G\nexcept ImportError:\n    G = None\n",
    "pkg/agreed.py": "try:\n    from .api import A\nexcept ImportError:\n    from .deep import A\n",
    "pkg/root.py": "try:\n    from pkg.deep import A\nexcept ImportError:\n    from deep import A\n",
    "pkg/last.py": "from lib import A\nfrom .deep import A\n",
    "pkg/inner/__init__.py": "from . import sub\n",
    "pkg/inner/sub.py": "",
    "pkg/redefined.py": "from .deep import A\nclass A(A): ...\n",
    "pkg/broken_user.py": "from .broken import A\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "found", "end"),
    [
        ("pkg.deep:A", Found.DEFINED, "pkg.deep:A"),
        ("pkg.api:Other", Found.DEFINED, "pkg.deep:B"),
        ("pkg:A", Found.DEFINED, "pkg.deep:A"),
        ("pkg:B", Found.DEFINED, "pkg.deep:B"),
        ("pkg:_p", Found.ABSENT, "pkg:_p"),
        ("pkg:_q", Found.ABSENT, "pkg:_q"),
        ("pkg.star:_q", Found.DEFINED, "pkg.listed:_q"),
        ("pkg:r", Found.ABSENT, "pkg:r"),
        ("pkg:d", Found.MODULE, "pkg.deep:"),
        ("pkg:deep", Found.MODULE, "pkg.deep:"),
        ("pkg:missing", Found.ABSENT, "pkg.api:missing"),
        ("pkg.api:os", Found.MODULE, "os:"),
        ("pkg.api:Z", Found.OUTSIDE, "lib:Z"),
        ("pkg.dynamic:x", Found.UNKNOWN, "pkg.dynamic:x"),
        ("pkg.outer:x", Found.UNKNOWN, "pkg.outer:x"),
        ("pkg.circle:X", Found.UNKNOWN, "pkg.circle:X"),
        ("pkg.broken_user:A", Found.UNKNOWN, "pkg.broken:A"),
        ("pkg.guarded:G", Found.DEFINED, "pkg.guarded:G"),
        ("pkg.fallback:G", Found.DEFINED, "pkg.fallback:G"),
        ("pkg.agreed:A", Found.DEFINED, "pkg.deep:A"),
        ("pkg.root:A", Found.DEFINED, "pkg.deep:A"),
        ("pkg.last:A", Found.DEFINED, "pkg.deep:A"),
        ("pkg.inner:sub", Found.MODULE, "pkg.inner.sub:"),
        ("pkg.redefined:A", Found.DEFINED, "pkg.redefined:A"),
        ("elsewhere:x", Found.OUTSIDE, "elsewhere:x"),
    ],
)
def test_where_a_name_is_really_defined(path: str, found: Found, end: str) -> None:
    origin = tree(CHAIN).origin(*path.split(":"))
    assert (origin.found, f"{origin.module}:{origin.name}") == (found, end)


def test_the_chain_names_every_stop() -> None:
    assert tree(CHAIN).origin("pkg", "A") == Origin(
        Found.DEFINED, "pkg.deep", "A", (("pkg", "A"), ("pkg.api", "A"), ("pkg.deep", "A"))
    )


@pytest.mark.parametrize(
    ("path", "binds"),
    [
        ("pkg.deep:A", True),
        ("pkg.deep:nope", False),
        ("pkg:missing", True),  # bound by an import, whatever that leads to
        ("pkg:deep", True),
        ("pkg.dynamic:x", None),
        ("elsewhere:x", None),
        ("pkg.broken:x", None),
    ],
)
def test_whether_a_module_has_a_name(path: str, binds: bool | None) -> None:
    assert tree(CHAIN).binds(*path.split(":")) is binds


def test_a_circle_of_stars_ends() -> None:
    circle = tree({"a.py": "from b import *\n", "b.py": "from a import *\n"})
    assert not circle.exports("a", "x")
    assert circle.origin("a", "x").found is Found.ABSENT


def test_modules_are_read_once() -> None:
    asked: list[str] = []

    def load(module: str) -> Namespace:
        asked.append(module)
        return namespace("x = 1")

    namespaces = Namespaces(frozenset({"m"}), load)
    assert namespaces.binds("m", "x") and namespaces.binds("m", "x")
    assert asked == ["m"]
