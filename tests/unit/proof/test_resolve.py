"""Where dotted paths lead: along re-exports, stars, aliases, conditions and lazy tables, to what is made there."""

from __future__ import annotations

import pytest

from repoint.proof.resolve import Missing, Origin, Tree, Unknown
from tests.unit.proof.trees import tree

HOME = "class A:\n    x = 1\n_hidden = 1\n"


def end(module: str, path: str = "pkg.m.A", **more: str) -> list[str]:
    """What `path` stands for where `module` is the text of `pkg.m`, and `pkg.home` makes `A`."""
    files = {"pkg/__init__.py": "", "pkg/home.py": HOME, "pkg/m.py": module}
    files |= {name.replace("__", "/") + ".py": text for name, text in more.items()}
    shown = []
    for meaning in tree(files).origins(path):
        mark = {Origin: "", Missing: "-", Unknown: "?"}[type(meaning)]
        shown.append(mark + (meaning.path if not isinstance(meaning, Origin) else str(meaning)))
    return sorted(shown)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("class A: pass", "pkg.m.A"),
        ("A = make()", "pkg.m.A"),
        ("from pkg.home import A", "pkg.home.A"),
        ("from .home import A", "pkg.home.A"),
        ("from . import home\nA = home.A", "pkg.home.A"),
        ("import pkg.home as h\nA = h.A", "pkg.home.A"),
        ("import pkg.home\nA: type = pkg.home.A", "pkg.home.A"),
        ("from pkg.home import A as B\nA = B", "pkg.home.A"),
        ("from pkg.home import *", "pkg.home.A"),
        ("from pkg.home import A\nclass A: pass", "pkg.m.A"),
        ("class A: pass\nfrom pkg.home import *", "pkg.home.A"),
        ("from pkg.home import *\nclass A: pass", "pkg.m.A"),
        ("from pkg import home as A", "pkg.home"),
        ("import json as A", "?json"),
        ("from typing import List as A", "?typing.List"),
        ("from outside import *", "?outside.A"),
        ("from pkg.gone import A", "-pkg.gone.A"),
        ("from pkg.home import Other as A", "-pkg.home.Other"),
        ("from .... import A", "-.A"),
        ("", "-pkg.m.A"),
        ("A: int", "-pkg.m.A"),
        ("A = 1\ndel A", "-pkg.m.A"),
        ("from pkg import home\nA = home.A\ndel home", "pkg.home.A"),
        ("for kind in b: A = kind\ndel kind", "pkg.m.A"),
        ("from pkg import home\nB = A = home.A", "pkg.home.A"),
        ("from pkg import home\nA, B = home.A", "pkg.m.A"),
        ("def f():\n    from pkg.home import A", "-pkg.m.A"),
        ("def f():\n    global A\n    A = 1", "pkg.m.A"),
        ("class C:\n    A = 1", "-pkg.m.A"),
        ("[A for A in b]", "-pkg.m.A"),
        ("if (A := 1): pass", "pkg.m.A"),
        ("for A, *b in c: pass", "pkg.m.A"),
        ("match c:\n    case [1, *A]: pass", "pkg.m.A"),
        ("match c:\n    case {1: 2, **A}: pass", "pkg.m.A"),
        ("try:\n    pass\nexcept E as e:\n    A = lambda b: (A := b)", "pkg.m.A"),
        ("with c as (A, b): pass", "pkg.m.A"),
        ("if x:\n    from pkg.home import A\nelse:\n    A = None", "pkg.home.A pkg.m.A"),
        ("try:\n    from pkg.home import A\nexcept ImportError:\n    A = None", "pkg.home.A pkg.m.A"),
        ("try:\n    from pkg.gone import A\nexcept ImportError:\n    A = None", "-pkg.gone.A pkg.m.A"),
        ("with x:\n    A = 1\nfrom pkg.home import A", "pkg.home.A"),
        ("if TYPE_CHECKING:\n    from pkg.home import A", "pkg.home.A"),
        ("if TYPE_CHECKING:\n    from pkg.home import A\nelse:\n    A = 1", "pkg.m.A"),
        ("def __getattr__(name): ...", "?pkg.m.A"),
        ("H = {'A': ('pkg.home', 'A')}\ndef __getattr__(name): ...", "pkg.home.A"),
        ("H = {'B': ('pkg.home', 'A')}\ndef __getattr__(name): ...", "-pkg.m.A"),
        ("globals()['A'] = 1", "?pkg.m.A"),
        ("here = globals()\nhere['A'] = 1", "?pkg.m.A"),
        ("A = ValueError", "pkg.m.A"),
        ("this is no Python", "?pkg.m.A"),
        ("from pkg.m import A", "-pkg.m.A"),
        ("A = B.x\nB = A.y", "?"),
    ],
)
def test_ends(text: str, ends: str) -> None:
    found = end(text)
    if ends == "?":
        assert found[0].startswith("?")
    else:
        assert found == ends.split()


def test_a_ring_of_reexports_ends() -> None:
    assert end("from pkg.n import A", pkg__n="from pkg.m import A") == ["-pkg.m.A"]
    assert end("from pkg.n import *", pkg__n="from pkg.m import *") == ["-pkg.m.A"]
    ring = "from pkg.n import A\nif x:\n    from pkg.home import A"
    assert end(ring, pkg__n="from pkg.m import A") == ["pkg.home.A"]


@pytest.mark.parametrize(
    ("exported", "name", "found"),
    [
        ("__all__ = ['A']", "A", True),
        ("__all__ = []", "A", False),
        ("__all__ = ['_hidden']", "_hidden", True),
        ("__all__ = []\n__all__ += ('A',)", "A", True),
        ("__all__ = [] + ['A']", "A", True),
        ("__all__ = []\n__all__.append('A')", "A", True),
        ("__all__ = []\n__all__.extend(['A'])", "A", True),
        ("__all__ = ['A']\n__all__ = ['B']", "A", False),
        ("__all__ = ['A', 'B']\n__all__.remove('A')", "A", False),
        ("if x:\n    __all__ = ['A']", "A", True),
        ("__all__ = names()", "A", None),
        ("", "_hidden", False),
        ("", "A", True),
        ("", "gone", False),
    ],
)
def test_what_a_star_brings(exported: str, name: str, found: bool | None) -> None:
    assert tree({"home.py": f"{HOME}{exported}\n"}).exports("home", name) is found


def test_submodules_stand_behind_what_the_package_binds() -> None:
    files = {"pkg/__init__.py": "from pkg.tool import tool\n", "pkg/tool.py": "def tool(): ...\n", "pkg/other.py": ""}
    found = tree(files)
    assert found.origins("pkg.tool") == {Origin("pkg.tool", "tool")}
    assert found.origins("pkg.tool.tool") == {Origin("pkg.tool", "tool")}
    assert found.origins("pkg.other") == {Origin("pkg.other", "")}
    assert found.origins("pkg.other.x") == {Missing("pkg.other.x")}
    assert found.origins("pkg.none.x") == {Missing("pkg.none.x")}
    assert found.origins("os.path.join") == {Unknown("os.path.join")}
    assert found.origins("pkg.tool.tool.cache") == {Origin("pkg.tool", "tool.cache")}


def test_a_package_that_imports_its_own_submodule() -> None:
    files = {"pkg/__init__.py": "from . import sub, gone\nA = sub.A\n", "pkg/sub.py": "A = 1\n"}
    found = tree(files)
    assert found.origins("pkg.sub") == {Origin("pkg.sub", "")}
    assert found.origins("pkg.A") == {Origin("pkg.sub", "A")}
    assert found.origins("pkg.gone") == {Missing("pkg.gone")}


def test_folders_without_an_init_are_packages() -> None:
    found = tree({"space/deep/m.py": "A = 1\n", "pkg/__init__.py": "", "pkg/m.py": ""})
    assert found.origins("space.deep.m.A") == {Origin("space.deep.m", "A")}
    assert found.origins("space.deep") == {Origin("space.deep", "")}
    assert found.is_package("space.deep")
    assert not found.is_package("pkg.m")


def test_a_package_that_extends_its_path_may_have_any_submodule() -> None:
    found = tree({"pkg/__init__.py": "__path__ = extend_path(__path__, __name__)\n", "m.py": "from pkg.x import A\n"})
    assert found.origins("m.A") == {Unknown("pkg.x.A")}


def test_files_are_read_once() -> None:
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return b"A = 1\nB = 2\n"

    found = Tree({"m": "m.py", "n": "n.py"}, read)
    assert found.resolves("m.A")
    assert found.resolves("m.B")
    assert set(asked) == {"m.py"}


def test_a_type_stub_has_its_modules_name() -> None:
    found = tree({"pkg/m.py": "", "pkg/m.pyi": "", "a-script.py": ""})
    assert found.module_at("pkg/m.pyi") == "pkg.m"
    assert found.module_at("a-script.py") == ""
