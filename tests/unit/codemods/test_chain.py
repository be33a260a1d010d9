"""A file goes through codemods one after the other: what stands, what does not, and at which line it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from repoint.codemods.chain import Done, Lost
from repoint.codemods.values import Fate, Outcome
from repoint.model import Severity, splice
from tests.unit.codemods.asking import Transform, chained, step


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def same(text: str) -> str:
    return text


def once(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text if new in text else text.replace(old, new)


def warn(*warnings: str) -> Transform:
    return lambda text: Outcome(Fate.DONE, text, warnings=warnings)


def told(done: Done) -> list[tuple[str, int]]:
    return [(item.code, item.line) for item in done.remarks]


def result(data: bytes, done: Done) -> bytes:
    return splice(data, done.edits, done.encoding)


def test_each_codemod_sees_what_the_ones_before_it_made() -> None:
    data = b"a = 1\nb = 2\n"
    done, asked = chained(data, swap("1", "3"), swap("2", "4"))
    assert [(at, subject.text) for at, subject in asked.questions] == [
        (0, "a = 1\nb = 2\n"),
        (1, "a = 3\nb = 2\n"),
        (0, "a = 3\nb = 4\n"),
        (1, "a = 3\nb = 4\n"),
    ]
    assert [(edit.start, edit.before, edit.after, edit.rule) for edit in done.edits] == [
        (4, "1", "3", "codemod:a"),
        (10, "2", "4", "codemod:b"),
    ]
    assert (done.changed, done.asked, done.failed, told(done)) == ({0, 1}, {0, 1}, set(), [])


def test_none_is_asked_again_of_a_text_that_it_left_alone() -> None:
    _, asked = chained(b"a = 1\n", swap("1", "2"), same)
    assert [at for at, _ in asked.questions] == [0, 1, 0]
    _, asked = chained(b"a = 1\n", same, same)
    assert [at for at, _ in asked.questions] == [0, 1]


def test_a_codemod_whose_words_come_by_another_is_asked_then() -> None:
    tables = (step("a", prefilter=("one",)), step("b", prefilter=("two",)))
    done, asked = chained(b"x = 'one'\n", swap("one", "two"), swap("two", "six"), tables=tables)
    assert [at for at, _ in asked.questions] == [0, 1]
    assert result(b"x = 'one'\n", done) == b"x = 'six'\n"
    assert chained(b"x = 'two'\n", same, same, tables=tables[:1])[1].questions == []


def test_words_are_looked_for_in_the_encoding_of_the_file() -> None:
    tables = (step("a", prefilter=("é",)),)
    data = b"# coding: latin-1\nx = '\xe9'\n"
    done, _ = chained(data, swap("é", "è"), tables=tables)
    assert result(data, done) == b"# coding: latin-1\nx = '\xe8'\n"


@pytest.mark.parametrize(
    ("path", "module", "package"),
    [
        ("pkg/sub/m.py", "pkg.sub.m", "pkg.sub"),
        ("src/pkg/__init__.py", "pkg", "pkg"),
        ("pkg/__init__.pyi", "pkg", "pkg"),
        ("m.py", "m", ""),
        ("bin/run-it.py", "", ""),
        ("__init__.py", "", ""),
    ],
)
def test_a_codemod_is_told_where_it_is(path: str, module: str, package: str) -> None:
    _, asked = chained(b"", same, path=path, module=module)
    ((_, subject),) = asked.questions
    assert (subject.path, subject.module, subject.package) == (path, module, package)


@pytest.mark.parametrize(
    ("data", "line", "expected"),
    [
        (b"a\nb\nc\n", 2, 2),
        (b"a\nb\nc", 3, 3),
        (b"a\nb\n", 99, 2),
        (b"a\nb\n", 0, 1),
        (b"", 7, 1),
        (b"\xef\xbb\xbfa\nb\n", 2, 2),
        (b"a\r\nb\r\nc\r\n", 3, 3),
        (b"a\rb\rc\r", 3, 3),
        (b"a\x0c\nb\nc\n", 3, 3),
        ("a = '\u2028'\nb\nc\n".encode(), 3, 3),
        (b"# coding: latin-1\nx = '\xe9'\nb\n", 3, 3),
    ],
)
def test_lines_are_those_of_the_file(data: bytes, line: int, expected: int) -> None:
    done, _ = chained(data, warn(f"{line}:3: mind this"))
    assert told(done) == [("codemod-warning", expected)]


def test_lines_are_those_before_all_codemods() -> None:
    data = b"import os\nx = 1\ny = 2\n"
    done, _ = chained(data, once("x = 1\n", "\n\n# more\nx = 1\n"), warn("6: here", "2: and here", "9" * 5000 + ": x"))
    assert told(done) == [("codemod-warning", 3), ("codemod-warning", 2), ("codemod-warning", 1)]


@pytest.mark.parametrize(
    ("data", "made", "reason"),
    [
        (b"x = 1\n", "x = (\n", "no Python"),
        (b"x = 1\n", "return 1\n", "no Python"),
        (b"x = 1\n", "x = '\0'\n", "another text than was meant"),
        (b"x = 1\n", "\ufeffx = 1\n", "another text than was meant"),
        (b"x = 1\n", "# coding: latin-1\nx = 'é'\n", "another text than was meant"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: cp1252\nx = '\x80'\n", "another text than was meant"),
        (b"# coding: latin-1\nx = '\xe9'\n", "x = 'é'\n", "another text than was meant"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = '→'\n", "cannot hold '→' in iso-8859-1"),
        (b"x = 1\n", "x = y\n", "`y` is read in the result (line 1 of it)"),
        (
            b"class A: ...\n__all__ = ['A']\n",
            "class B: ...\n__all__ = ['A']\n",
            "`A` is in `__all__` in the result",
        ),
    ],
)
def test_what_cannot_stand_is_not_taken(data: bytes, made: str, reason: str) -> None:
    done, _ = chained(data, lambda text: made, same)
    (remark,) = done.remarks
    assert (remark.code, remark.severity) == ("codemod-not-proved", Severity.ERROR)
    assert reason in remark.message
    assert (done.edits, done.changed, done.failed, done.asked) == ((), set(), {0}, {0, 1})


def test_a_name_that_is_missing_is_told_at_its_place() -> None:
    data = b"x = 1\ny = 2\nz = 3\n"
    done, _ = chained(data, once("x", "# more\n\nx"), swap("y = 2", "y = two"))
    assert told(done) == [("codemod-not-proved", 2)]
    assert result(data, done) == b"# more\n\nx = 1\ny = 2\nz = 3\n"


def test_what_is_no_python_is_told_at_its_place() -> None:
    data = b"a = 'x'\nb = 1\n\nc = 'x'\n"
    done, _ = chained(
        data, once("a", "# more\n\na"), lambda text: text.replace("a = 'x'", "a = 'y'").replace("c = 'x'", "c = '")
    )
    assert told(done) == [("codemod-not-proved", 4)]


@pytest.mark.parametrize("data", [b"x = (\n", b"def f(a, a): ...\n", b"x = '\xe9'\n", b"\0"])
def test_what_was_no_python_before_is_left_alone(data: bytes) -> None:
    done, asked = chained(data, swap("x", "y"))
    assert told(done) == [("unparsable", 1)]
    assert (asked.questions, done.failed) == ([], {0})


def test_a_codemod_that_fails_hinders_no_other() -> None:
    data = b"a = 1\n"
    done, asked = chained(data, swap("1", "2"), lambda text: Outcome(Fate.FAILED, reason="no"))
    assert told(done) == [("codemod-failed", 1)]
    assert result(data, done) == b"a = 2\n"
    assert [at for at, _ in asked.questions] == [0, 1, 0]


def test_one_that_is_given_up_is_neither_asked_nor_failed() -> None:
    done, _ = chained(b"a = 1\n", swap("1", "2"), lambda text: Outcome(Fate.UNTRIED))
    assert (done.untried, done.failed, done.asked, len(done.edits)) == ({1}, set(), {0}, 1)


def test_what_never_settles_is_not_taken_at_all() -> None:
    data = b"x = 1\ny = 2\n"
    done, _ = chained(data, swap("x", "z"), swap("2", "22"))
    assert told(done) == [("codemod-not-idempotent", 2)]
    assert (done.edits, done.changed, done.failed) == ((), set(), {0, 1})
    tables = (step("a"), step("b", idempotent=False))
    done, _ = chained(data, swap("x", "z"), swap("2", "22"), tables=tables)
    assert (told(done), result(data, done)) == ([], b"z = 1\ny = 22\n")


def test_codemods_that_undo_each_other_are_told() -> None:
    done, _ = chained(b"x = 1\n", swap("1", "2"), swap("2", "1"))
    assert told(done) == [("codemod-overlap", 1), ("codemod-not-idempotent", 1)]
    assert done.edits == ()


def test_one_that_fails_on_the_result_does_not_settle() -> None:
    def restless(text: str) -> str | Outcome:
        return Outcome(Fate.FAILED, reason="what?") if "2" in text else "x = 2\n"

    done, _ = chained(b"x = 1\n", restless)
    assert "fails on it: what?" in done.remarks[0].message


@pytest.mark.parametrize(
    ("data", "made", "kept"),
    [
        (b"x = 1  # repoint: keep\n", "x = 2  # repoint: keep\n", 1),
        (b"x = 1  # repoint: keep\n", "import os\nx = 1  # repoint: keep\n", 0),
        (b"y = 1\nx = 1  # repoint: keep\n", "y = 2\nx = 1  # repoint: keep\n", 0),
        (b"y = 1\nx = 1  # repoint: keep\nz = 1\n", "y = 1\nx = 1  # repoint: keep\nz = 2\n", 0),
        (b"y = 1\nx = 1  # repoint: keep\nz = 1\n", "y = 1\nz = 1\n", 2),
        (b"y = 1\nx = 1  # repoint: keep\nz = 1\n", "y = 1\nx = 1\nz = 1\n", 2),
        (b"y = 1\r\nx = 1  # repoint: keep\r\n", "y = 2\r\nx = 1  # repoint: keep\r\nz = 1\r\n", 0),
    ],
)
def test_lines_that_say_so_are_kept(data: bytes, made: str, kept: int) -> None:
    done, _ = chained(data, lambda text: made)
    assert told(done) == ([("codemod-kept", kept)] if kept else [])
    assert result(data, done) == (data if kept else made.encode())


def test_only_what_another_wrote_is_overlapped() -> None:
    data = b"len('one')\nx = 1\n"
    done, _ = chained(data, swap("one", "two"), swap("len", "str"), swap("two", "six"))
    assert told(done) == [("codemod-overlap", 1)]
    assert "codemod c rewrites here what codemod:a wrote" in done.remarks[0].message
    assert [edit.rule for edit in done.edits] == ["codemod:b", "codemod:a+codemod:c"]


@pytest.mark.parametrize(
    ("before", "after", "lost", "gained"),
    [
        ("def f(): ...\n", "def g(): ...\n", (Lost("f", 0, imported=False),), {"g"}),
        ("from a import f\n", "from b import g\n", (Lost("f", 0, imported=True),), {"g"}),
        ("class A: ...\n", "from a import A\n", (), set()),
        ("x = 1\n", "def __getattr__(name): ...\n", (), {"__getattr__"}),
        ("x = 1\n", "from a import *\n", (), set()),
        ("def f():\n    x = 1\n", "def f():\n    y = 1\n", (), set()),
    ],
)
def test_names_that_come_and_go_are_told(before: str, after: str, lost: tuple[Lost, ...], gained: set[str]) -> None:
    done, _ = chained(before.encode(), lambda text: after)
    assert (done.lost, done.gained) == (lost, gained)


def test_what_another_codemod_gives_back_is_not_lost() -> None:
    tables = (step("a", idempotent=False), step("b", idempotent=False))
    done, _ = chained(b"x = 1\ny = 2\n", swap("x = 1\n", ""), lambda text: f"{text}x = 1\n", tables=tables)
    assert (done.lost, done.gained) == ((), set())


@pytest.mark.parametrize(
    ("data", "made"),
    [
        (b"", "x = 1\n"),
        (b"x = 1\n", ""),
        (b"\xef\xbb\xbf", "x = 1\n"),
        (b"\xef\xbb\xbfx = 1\r\n", "x = 1\r\ny = 2"),
        (b"if 1:\n\tx = 1", "if 1:\n\tx = 2\n"),
    ],
)
def test_small_files_come_out_as_they_are_meant(data: bytes, made: str) -> None:
    done, _ = chained(data, lambda text: made)
    assert told(done) == []
    assert result(data, done).removeprefix(b"\xef\xbb\xbf") == made.encode()
    assert result(data, done).startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
