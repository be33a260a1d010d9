"""Every byte that is not a moved name stays, whatever the file is like."""

from __future__ import annotations

import pytest

from tests.transform_tools import MOVED, RENAMED, check_transformed

BOTH = RENAMED + MOVED
PLAIN = "# caf\u00e9\nfrom pkg.old import Old, Stays\n\n\nx = '\u00e9', Old(Stays)  # \u00e9\n"
PLAIN_AFTER = (
    "# caf\u00e9\nfrom pkg.old import Stays\nfrom pkg.new import New\n\n\nx = '\u00e9', New(Stays)  # \u00e9\n"
)


def becomes(before: bytes, after: bytes, manifest: str = RENAMED) -> None:
    check_transformed({"app.py": before}, {"app.py": after}, manifest)


def written(text: str, encoding: str, end: str, final: bool = True) -> bytes:
    head = "" if "utf" in encoding else f"# coding: {encoding}\n"
    text = (head + text) if final else (head + text).rstrip("\n")
    return text.replace("\n", end).encode(encoding)


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(
    ("encoding", "end"),
    [
        *((encoding, end) for encoding in ("utf-8", "utf-8-sig", "latin-1", "cp1252") for end in ("\n", "\r\n")),
        ("utf-8", "\r"),
    ],
)
def test_encodings_and_line_ends(encoding: str, end: str, final: bool) -> None:
    becomes(written(PLAIN, encoding, end, final), written(PLAIN_AFTER, encoding, end, final))


def test_a_declared_encoding_and_old_line_ends() -> None:
    becomes(written(PLAIN, "latin-1", "\r"), written(PLAIN_AFTER, "latin-1", "\r"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"from pkg.old import Old", b"from pkg.new import New"),
        (b"from pkg.old import Old, Stays", b"from pkg.old import Stays\nfrom pkg.new import New"),
        (b"\n\nfrom pkg.old import Old\n\n\n", b"\n\nfrom pkg.new import New\n\n\n"),
        (b"\x0cfrom pkg.old import Old\n\x0c\nOld\n", b"\x0cfrom pkg.new import New\n\x0c\nNew\n"),
        (b"\x0cfrom pkg.old import Old, x\n", b"\x0cfrom pkg.old import x\nfrom pkg.new import New\n"),
        (
            b"if x:\n\tfrom pkg.old import Old, y\n\tOld\n",
            b"if x:\n\tfrom pkg.old import y\n\tfrom pkg.new import New\n\tNew\n",
        ),
        (b"from pkg.old import Old   \nOld \t\n", b"from pkg.new import New   \nNew \t\n"),
        (b"from  pkg.old  import  Old\n", b"from  pkg.new  import  New\n"),
        (b"from pkg.old import Old ;x\n", b"from pkg.new import New ;x\n"),
        (b"from pkg.old import(Old)\n", b"from pkg.new import(New)\n"),
        (b"from pkg.old import \\\n    Old\n", b"from pkg.new import \\\n    New\n"),
        (b"from \\\n  pkg.old \\\n  import Old\n", b"from \\\n  pkg.new \\\n  import New\n"),
        (b"from pkg . old import Old\n", b"from pkg.new import New\n"),
        (b"from pkg.old import (Old,)\n", b"from pkg.new import (New,)\n"),
        (b"from pkg.old import Old as\\\n O\nO\n", b"from pkg.new import New as\\\n O\nO\n"),
        (b"if 1: from pkg.old import Old, x\n", b"if 1: from pkg.old import x; from pkg.new import New\n"),
        (
            b"x; from pkg.old import (\n  Old, y\n)  # c\n",
            b"x; from pkg.old import (\n  y\n); from pkg.new import New  # c\n",
        ),
        (b"from pkg.old import Old, x;\n", b"from pkg.old import x; from pkg.new import New;\n"),
        (
            b"'\xc3\xa9'; from pkg.old import Old; '\xc3\xa9'; Old\n",
            b"'\xc3\xa9'; from pkg.new import New; '\xc3\xa9'; New\n",
        ),
        (b"'\xf0\x9f\x90\x8d', Old\nfrom pkg.old import Old\n", b"'\xf0\x9f\x90\x8d', New\nfrom pkg.new import New\n"),
        (b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nfrom pkg.old import Old\n",
         b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nfrom pkg.new import New\n"),
    ],
)  # fmt: skip
def test_layout_stays(before: bytes, after: bytes) -> None:
    becomes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg.old import Old, Thing, x\n", "from pkg.old import x\nfrom pkg.new import New, Thing\n"),
        ("from pkg.old import Old, Thing as T\nT\n", "from pkg.new import New, Thing as T\nT\n"),
        ("from pkg.old import Old\nfrom pkg.old import Thing\n", "from pkg.new import New, Thing\n"),
        (
            "from pkg.old import Old\n\n# apart\nfrom pkg.old import Thing\n",
            "from pkg.new import New, Thing\n\n# apart\n",
        ),
        (
            "from pkg.old import Old\nx\nfrom pkg.old import Thing\n",
            "from pkg.new import New\nx\nfrom pkg.new import Thing\n",
        ),
        ("from pkg.old import Old, Old as O\nO\n", "from pkg.new import New, New as O\nO\n"),
        ("from pkg.new import *\nfrom pkg.old import Old\n", "from pkg.new import *\nfrom pkg.new import New\n"),
        ("from pkg.new import New as N\nfrom pkg.old import Old\nN\n", "from pkg.new import New as N, New\nN\n"),
    ],
)  # fmt: skip
def test_several_names_and_statements(before: str, after: str) -> None:
    check_transformed({"app.py": before}, {"app.py": after}, BOTH)


def test_names_for_two_homes() -> None:
    check_transformed(
        {"app.py": "from pkg.old import (\n    Old,  # o\n    # t\n    Thing,\n)\n"},
        {"app.py": "from pkg.new import (\n    New,  # o\n)\nfrom lib.x import (\n    # t\n    Thing,\n)\n"},
        RENAMED + '[[move]]\nold = "pkg.old:Thing"\nnew = "lib.x:Thing"\n',
    )
