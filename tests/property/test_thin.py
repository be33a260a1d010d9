"""What is left of a thinned file after its edits compiles only if all of the file does."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from functools import cache
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from repoint.model import Edit, EditKind, splice
from repoint.proof.examine import examine
from repoint.proof.model import Subject
from repoint.proof.parsed import Source, encoding_of
from repoint.proof.thin import outline

FILES = ("textwrap", "bisect", "contextlib", "functools", "abc", "dataclasses", "enum", "ast", "calendar", "copy")
PLANTED = (
    "(", ")", "[", "}", '"', '"""', "'''", "\\\n", "\n", "\n    ", "#", ":", "=", ",", ";", "import", "from . import *",
    "from __future__ import annotations\n", "global self\n", "nonlocal self\n", "return 1\n", "yield", "await x",
    "pass", "def f(a, a): pass\n", "class X:", "lambda", "@", "\t", "*", "del f()\n", "0777", "break\n",
    "async with a: pass\n",
)  # fmt: skip
_NAME = re.compile(rb"\b[A-Za-z_]\w+\b")


@cache
def library(name: str) -> tuple[bytes, bytes, tuple[tuple[int, int], ...]]:
    """A module of the standard library, its outline, and where its words are."""
    data = Path(ast.__file__).with_name(f"{name}.py").read_bytes().replace(b"\r\n", b"\n")
    words = tuple(match.span() for match in _NAME.finditer(data))
    return data, outline(Source(data, encoding_of(data)), ast.parse(data)), words


def compiles(data: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            symtable.symtable(data, "after", "exec")  # type: ignore[arg-type]
        except (SyntaxError, ValueError):
            return False
    return True


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=150, deadline=None)
def test_a_file_that_no_longer_compiles_is_never_proved(name: str, data: st.DataObject) -> None:
    before, outlined, words = library(name)
    places = sorted(data.draw(st.sets(st.sampled_from(words), min_size=1, max_size=2)))
    edits = tuple(
        Edit(start, end, before[start:end].decode(), data.draw(st.sampled_from(PLANTED)), EditKind.USE, "test")
        for start, end in places
    )
    after = splice(before, edits, "utf-8")
    assume(not compiles(after))
    assert examine(Subject(f"{name}.py", name, "", before, after, edits, outlined)).faults


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=30, deadline=None)
def test_a_renamed_import_is_judged_alike_with_and_without_an_outline(name: str, data: st.DataObject) -> None:
    before, outlined, words = library(name)
    start, end = data.draw(st.sampled_from(words))
    edits = (Edit(start, end, before[start:end].decode(), "renamed", EditKind.USE, "test"),)
    subject = Subject(f"{name}.py", name, "", before, splice(before, edits, "utf-8"), edits, outlined)
    assert examine(subject) == examine(Subject(*(getattr(subject, key) for key in Subject.__struct_fields__[:-1])))
