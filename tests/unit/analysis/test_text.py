"""Bytes to text and back: encodings, marks, line ends, and the offsets between them."""

from __future__ import annotations

import pytest

from repoint.analysis.parse import MAX_BYTES, Unparsable, parse
from repoint.analysis.text import Text, Undecodable


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"", "utf-8", ""),
        ("x = 'é'\n".encode(), "utf-8", "x = 'é'\n"),
        ("\ufeffx = 'é'\n".encode(), "utf-8", "x = 'é'\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", "iso-8859-1", "# coding: latin-1\nx = 'é'\n"),
        (b"#!/usr/bin/python\n# vim: fileencoding=cp1252 :\n'\x80'\n", "cp1252", None),
        (b"# coding: utf8\nx = 1\n", "utf8", None),
    ],
)
def test_the_encoding_is_that_of_pep_263(data: bytes, encoding: str, text: str | None) -> None:
    found = Text(data)
    assert found.encoding == encoding
    assert found.utf8.decode() == (data.decode(encoding) if text is None else text)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"x = 1\ny = '\xe9'\n", 2, "is not UTF-8 and declares no other encoding"),
        (b"x = 1\n\0\n", 2, "holds a NUL byte"),
        (b"# coding: nonsense\n", 1, "nonsense"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, "encoding problem"),
        (b"# coding: ascii\nx = '\xe9'\n", 1, "ascii"),
        (b"# coding: utf-7\nx = '+-'\ny = '+AGE-'\n", 1, "does not survive decoding as utf-7"),
    ],
)
def test_bytes_that_are_no_text_say_why(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(Undecodable) as caught:
        Text(data)
    assert caught.value.line == line
    assert reason in caught.value.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "shift-jis"])
def test_offsets_lead_back_to_the_files_own_bytes(encoding: str) -> None:
    word = "日本" if encoding == "shift-jis" else "été"
    source = ("" if "utf-8" in encoding else f"# coding: {encoding}\n") + f"a = '{word}'; name = '{word}'\n"
    data = source.encode(encoding)
    text = Text(data)
    at = text.utf8.index(b"name")
    assert data[text.raw(at) :].startswith(b"name")
    assert text.slice(at, at + 4) == "name"
    assert text.raw(len(text.utf8)) == len(data)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_the_tokenizer(end: str) -> None:
    text = Text(f"a{end}bé\x0cb{end}{end}c".encode())
    c = text.utf8.index(b"c")
    assert text.line(c) == 4
    assert text.offset(4, 0) == c
    second = text.offset(2, 0)
    assert text.line_span(second) == (second, second + 5)
    assert text.column(second + 4) == 4
    assert text.newline_at(second) == end
    assert text.line_span(c) == (c, c + 1)
    assert text.newline_at(c) == end  # the last line has none of its own


def test_a_file_of_one_line_ends_lines_with_a_line_feed() -> None:
    assert Text(b"x = 1").newline_at(0) == "\n"


def test_parse_gives_the_tree_and_whether_type_comments_were_read() -> None:
    assert parse(b"x = []  # type: int\n")[2] is False
    assert parse(b"x = []  # type: int\n", type_comments=True)[2] is True
    assert parse(b"x = []\n", type_comments=True)[2] is False
    assert parse(b"f(  # type: int\n)\n", type_comments=True)[2] is False


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"x = 1\ndef f(:\n", 2), (b"x = (\n", 1), (b"\0", 1), (b"\n\n'\xff'\n", 3), (b"(" * 3_000 + b")" * 3_000, 1)],
)
def test_what_is_no_python_says_where(data: bytes, line: int) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(data)
    assert caught.value.line == line
    assert caught.value.reason


def test_a_file_too_large_to_parse_is_refused_unread() -> None:
    with pytest.raises(Unparsable, match="larger than 20 MB"):
        parse(b"#" * (MAX_BYTES + 1))


def test_warnings_of_the_parser_are_nobodys_business() -> None:
    parse(b"x = '\\d'\n1 is 1\n")
