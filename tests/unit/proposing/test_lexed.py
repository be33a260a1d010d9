"""Imports without a parser: the same as a parser finds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from repoint.proposing.lexed import imports
from repoint.proposing.read import _imports

TEXTS = [
    "import a, b.c as d\nfrom . import x\nfrom ..y import (\n    z,  # why\n    w as v,\n)\nfrom a import *\n",
    "def f():\n    import a\n    x = 'import b'\n    '''\n    from c import d\n    '''\n"
    "    from e import f, \\\n        g\n",
    "try:\n    import a\nexcept (ImportError, X):\n    import b\ntry:\n    import c\nfinally:\n    import d\n",
    "try:\n    try:\n        import a\n    except ValueError:\n        pass\nexcept Exception:\n    pass\nimport b\n",
    'x = "\\"" + \'"""\' ; import a\nif x: from b import c\n# import d\nr"\\\\"\nimport e\n',
]


OWN = [path.read_text() for path in sorted(Path(__file__).parents[1].rglob("*.py"))[:25]]


@pytest.mark.parametrize("text", [*TEXTS, *OWN])
def test_it_finds_what_a_parser_finds(text: str) -> None:
    parsed = [(i.module, i.name, i.local, i.guarded) for i in _imports(ast.parse(text).body, "p.q", True, False)]
    found = [(i.module, i.name, i.local, i.guarded) for i in imports(text.encode(), "p.q")]
    assert sorted(found) == sorted(parsed)
