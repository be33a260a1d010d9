"""But for imports, names and named strings, nothing may differ."""

from __future__ import annotations

import pytest

from repoint.model import Edit, EditKind
from repoint.proof.examine import examine
from repoint.proof.model import Subject
from tests.proof_tools import edits_between, pairs, proved, refused, subject, told

HEAD, MOVED = "from a import O\n", "from b import O\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = O(1)\n", "x = O(2)\n"),
        ("x = O(1)\n", "x = O(1.0)\n"),
        ("x = O(0.0)\n", "x = O(-0.0)\n"),
        ("x = O(b'a')\n", "x = O('a')\n"),
        ("x = O('a')\n", "x = O(u'a')\n"),
        ("x = O + 1\n", "x = O - 1\n"),
        ("x = O is y\n", "x = O is not y\n"),
        ("x = O(a=1)\n", "x = O(b=1)\n"),
        ("x = O(1, 2)\n", "x = O(1)\n"),
        ("x = O()\ny = O()\n", "x = O()\n"),
        ("x = O()\n", "x = O()\nx()\n"),
        ("x = O()\ndel x\n", "del x\nx = O()\n"),
        ("@O\n@O\ndef f(): ...\n", "@O\ndef f(): ...\n"),
        ("def f(a: O): ...\n", "def f(b: O): ...\n"),
        ("def f(a: O): ...\n", "def f(*a: O): ...\n"),
        ("def f(): O\n", "def g(): O\n"),
        ("def f(): O\n", "async def f(): O\n"),
        ("class A(O): ...\n", "class B(O): ...\n"),
        ("x = [O for a in b]\n", "x = {O for a in b}\n"),
        ("x = [O for a in b if a]\n", "x = [O for a in b]\n"),
        ("x = f'{O}'\n", "x = f'{O!r}'\n"),
        ("x = f'{O} a'\n", "x = f'{O} b'\n"),
        ("try: O\nexcept E: O\n", "try: O\nexcept E as e: O\n"),
        ("x = O  # type: int\n", "x = O\n"),
        ("x = O.a().b\n", "x = O.a().c\n"),
        ("O.a = 1\n", "O = 1\n"),
        ("if O:\n    pass\n", "if O:\n    x\n"),
        ("def f():\n    pass\n    O\n", "def f():\n    O\n"),
        ("match O:\n    case 1: pass\n", "match O:\n    case 2: pass\n"),
        ("for x in O: pass\n", "for x in O: pass\nelse: O\n"),
        ("def f():\n    nonlocal_ = O\n    global x, y\n", "def f():\n    nonlocal_ = O\n    global x\n"),
    ],
)
@pytest.mark.parametrize("head", [HEAD, ""])
def test_what_differs_is_refused(before: str, after: str, head: str) -> None:
    refused(head + before, (MOVED if head else "") + after, "check:")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from a import b, c, d\nimport e\n", "import e\nfrom a import b, d, c\n"),
        ("if x:\n    from a import b\n", "if x:\n    pass\n"),
        ("if x: from a import b; y = b\n", "if x: from c import b; from d import e; y = b\n"),
        (
            "x = 1; from a import b; y = [\n    b]; z = lambda: b\n",
            "x = 1; from c import b; y = [\n    b]; z = lambda: b\n",
        ),
        ("from a import (  # é\r\n    b,\r\n)\r\nb\r\n", "from c import (  # é\r\n    b,\r\n)\r\nb\r\n"),
        ("\ufefffrom a import b\nb\n", "\ufefffrom c import b\nb\n"),
        ("'''Doc.'''\nfrom a import b\nb\n", "'''Doc.'''\nfrom c import b\nb\n"),
        ("from a import b\nx = 1  # type:ignore\nb\n", "from c import b\nx = 1  # type:ignore\nb\n"),
        ("from a import b\nx = (  # type: int\n1, b)\n", "from c import b\nx = (  # type: int\n1, b)\n"),
        ("\x0cfrom a import b\nx = b\n", "\x0cfrom c import b\nx = b\n"),
    ],
)
def test_imports_may_come_and_go(before: str, after: str) -> None:
    proved(before, after)


def test_other_encodings() -> None:
    head, new = (b"# coding: latin-1\n\xe9 = 1\nfrom %s\n\xe9; " % name for name in (b"a import O", b"b import N"))
    examined = proved(head + b"x = ['\xe9', O]\n", new + b"x = ['\xe9', N]\n")
    assert pairs(examined) == {("a.O", "b.N")}
    refused(b"# coding: latin-1\nfrom a import b\n", b"# coding: cp1252\nfrom c import b\n", "encoding check")


def test_old_line_ends_count_as_lines() -> None:
    assert pairs(proved(b"from a import O\rx = O\r", b"from b import O\rx = O\r")) == {("a.O", "b.O")}


def test_a_string_must_not_become_a_docstring() -> None:
    refused("def f():\n    import a\n    'text'\n", "def f():\n    'text'\n", "docstring")
    refused("import a\n'text'\n", "'text'\n", "docstring")


def test_future_imports_stay_and_stay_first() -> None:
    refused("from __future__ import annotations\nimport a\n", "import b\n", "__future__")
    refused("from __future__ import division\nimport a\n", "import a\nfrom __future__ import division\n", "__future__")


def test_after_must_compile_as_far_as_its_symbols() -> None:
    refused("import a\n", "import\n", "would not compile")
    refused("def f(x):\n    a.b\nimport a\n", "def f(x):\n    a.b\n    global x\n", "would not compile")
    broken = Subject("a.py", "a", "", b"import\n", b"import a\n", (Edit(6, 6, "", " a", EditKind.IMPORT, "test"),))
    assert "does not compile before" in told(examine(broken))


def test_a_coding_line_that_is_spoilt_is_a_fault_and_no_crash() -> None:
    refused("# coding: utf-8\nimport a\n", "# coding: none\nimport a\n", "would not compile")


def test_edits_must_lead_from_before_to_after() -> None:
    one = subject(HEAD + "x = O\n", MOVED + "x = O\n")
    shorter = Subject(one.path, one.module, one.package, one.before, one.after + b"\n", one.edits)
    assert "do not lead" in told(examine(shorter))
    odd = Edit(0, 4, "FROM", "from", EditKind.IMPORT, "test")
    assert "edit check" in told(examine(Subject("a.py", "a", "", one.before, one.after, (odd,))))


def test_strings_differ_only_where_an_edit_of_strings_is() -> None:
    before, after = b"import m\nx = patch('a.B', y)\n", b"import m\nx = patch('c.D', y)\n"
    at = before.index(b"'a.B'")
    assert pairs(examine(subject(before, after, strings=[(at, at + 5)]))) == {("a.B", "c.D")}
    refused(before, after)
    plain = subject(b"x = 'text'\n", b"x = 'word'\n")
    assert "check" in told(examine(plain))


def test_names_differ_only_where_an_edit_of_uses_is() -> None:
    before, after = (HEAD + "x = O\n").encode(), b"from b import N\nx = N\n"
    edits = tuple(
        Edit(edit.start, edit.end, edit.before, edit.after, EditKind.IMPORT, "test")
        for edit in edits_between(before, after)
    )
    assert "outside every edit of uses" in told(examine(Subject("a.py", "a", "", before, after, edits)))


def test_deep_nesting_is_a_fault_and_no_crash() -> None:
    deep = "x = " + "-" * 2_500 + "O\n"
    examined = examine(subject(HEAD + deep, MOVED + deep))
    assert not examined.faults or "check" in told(examined)


def test_what_is_left_of_a_file_compiles_where_the_file_does() -> None:
    decorated = "@(\n    deco\n)\ndef f():\n    return 1\nO\n"
    proved(HEAD + decorated, MOVED + decorated)
    body = "def f():\n    count = (0,\n        1)\n    def g():\n        nonlocal count; count = O()\n"
    proved(HEAD + body, MOVED + body)


def test_an_import_keeps_its_side_of_a_star() -> None:
    refused("from b import *\nfrom a import O\nO\n", "from c import O\nfrom b import *\nO\n", "star import")
