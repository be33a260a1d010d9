"""Which modules an import loads; the rough reading may find more than the exact one, never less."""

from __future__ import annotations

import pytest

from repoint.proof import loads
from tests.unit.proof.trees import tree

FILES = {
    "pkg/__init__.py": "",
    "pkg/a.py": "",
    "pkg/sub/__init__.py": "",
    "pkg/sub/m.py": "",
    "pkg/sub/n.py": "",
    "space/x.py": "",
    "top.py": "",
}


@pytest.mark.parametrize(
    ("path", "text", "loaded"),
    [
        ("f.py", "import pkg.sub.m", "pkg pkg.sub pkg.sub.m"),
        ("f.py", "import os, top as t", "top"),
        ("f.py", "from pkg.sub import m", "pkg pkg.sub pkg.sub.m"),
        ("f.py", "from pkg.sub import (\n    m,\n    n as o,\n)", "pkg pkg.sub pkg.sub.m pkg.sub.n"),
        ("f.py", "from pkg.sub import (  # a ) b\n    m,\n)", "pkg pkg.sub pkg.sub.m"),
        ("f.py", "from pkg.sub import \\\n    m", "pkg pkg.sub pkg.sub.m"),
        ("f.py", "import os; import top", "top"),
        ("f.py", "import \\\n    top", "top"),
        ("f.py", "if x: import top", "top"),
        ("f.py", "class X: from pkg import a", "pkg pkg.a"),
        ("f.py", "try:\n    import top\nexcept E:\n    from pkg import *", "pkg top"),
        ("f.py", "if x:\n    import top\nelse:\n    import pkg.a", "pkg pkg.a top"),
        ("f.py", "with x:\n  for y in z:\n    while a:\n      match b:\n        case 1:\n          import top", "top"),
        ("f.py", "class X:\n    import top\n    def f(self):\n        import pkg", "top"),
        ("f.py", "def f():\n    import top\n\nasync def g():\n    import pkg", ""),
        ("f.py", "if x:\n    def f():\n        import pkg\n    import top", "top"),
        ("f.py", "def f():\n    pass\nx = 1\nif x:\n    import top", "top"),
        ("f.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import top", ""),
        ("f.py", "if typing.TYPE_CHECKING:\n    import top\nelse:\n    import pkg", "pkg"),
        ("f.py", "if __name__ == '__main__':\n    import top\nelse:\n    import pkg", "pkg"),
        ("f.py", "if not TYPE_CHECKING:\n    import top", "top"),
        ("f.py", "import space.x", "space.x"),
        ("f.py", "import pkg.gone", "pkg"),
        ("pkg/b.py", "from . import a", "pkg.a"),
        ("pkg/b.py", "from .a import x", "pkg.a"),
        ("pkg/b.py", "from pkg import A", "pkg"),
        ("pkg/b.py", "from pkg import a", "pkg.a"),
        ("pkg/b.py", "from .sub.m import x", "pkg.sub pkg.sub.m"),
        ("pkg/sub/__init__.py", "from .m import x", "pkg.sub.m"),
        ("pkg/sub/__init__.py", "from .. import a", "pkg.a"),
        ("f.py", "import top\r\nfrom pkg import a\r\n", "pkg pkg.a top"),
        ("f.py", "no python\nimport top", ""),
    ],
)
def test_loads(path: str, text: str, loaded: str) -> None:
    found = tree({**FILES, path: text})
    module = found.module_at(path)
    exact = loads.exact(found, module)
    assert sorted(exact) == loaded.split()
    assert exact <= loads.rough(found, module)


def test_the_rough_reading_skips_functions() -> None:
    text = "def f():\n    import top\n\n\nclass X:\n    def g(self):\n        from pkg import a\n"
    assert loads.rough(tree({**FILES, "f.py": text}), "f") == frozenset()
