"""Paths that mean the same file, inside the tracked tree, wherever the repository is checked out."""

from __future__ import annotations

import pytest

from repoint.planning.paths import MAX_DEPTH, clashes, folded, new_path_problem, path_problem


@pytest.mark.parametrize(
    "path",
    [
        *("a/" * MAX_DEPTH + "b", "x" * 256, "\u00e9" * 128, "a/" * 3_000),
        *("a/\u202eb", "\u2066a", "\u200fa", "a\u061c", "a\u2029b", "a\x9bb"),
        *(".git", "x/.GiT/y", ".g\u200c\u200dit", ".git\ufeff", "\uff0egit/x", "gIT~1", ".git.", ".git ", ".git/"),
        *("c:", "c:/x", "c:\\x", "\\\\host\\x", "//host/x", "\\\\?\\x"),
    ],
)
def test_no_plan_may_write_there(path: str) -> None:
    assert path_problem(path)


@pytest.mark.parametrize(
    "path",
    [
        *("a/" * (MAX_DEPTH - 1) + "b", "x" * 255, "aux.py", "a~1.py", "a?.py", "caf\u00e9", "cafe\u0301", "\u05d0.py"),
        *("a\u200cb.py", "\U0001f600.py", ".gitignore", ".git~1", "git~2", ".gitx/a", "git.git"),
    ],
)
def test_a_tracked_file_may_be_there(path: str) -> None:
    assert path_problem(path) is None


@pytest.mark.parametrize(
    "path",
    [
        *("aux", "AUX.py", "a/con.x/b.py", "nul .py", "com0", "LPT\u00b2.py", "conin$", "prn.tar.gz"),
        *("PROGRA~1", "x/GITMOD~1", "a~10.py", "a?.py", "a*", 'a"b', "a<b", "a>b", "a|b"),
    ],
)
def test_no_plan_may_create_a_file_there(path: str) -> None:
    assert path_problem(path) is None
    assert new_path_problem(path)


@pytest.mark.parametrize("path", ["auxiliary.py", "x/console.py", "com10.py", "lpt.py", "a~b", "null", "\u00e9.py"])
def test_a_plan_may_create_a_file_there(path: str) -> None:
    assert new_path_problem(path) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A/b.py", "a/B.py"),
        ("caf\u00e9", "cafe\u0301"),
        ("CAF\u00c9", "cafe\u0301"),
        ("a\u200db", "ab"),
        ("\u00df", "ss"),
    ],
)
def test_paths_that_some_file_system_takes_for_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def pairs(*paths: str, strict: str) -> list[tuple[str, str]]:
    return list(clashes((path.lower(), path, path in strict.split()) for path in paths))


def test_only_pairs_with_a_strict_one_clash() -> None:
    assert pairs("a", "A", "a/b", strict="") == []
    assert pairs("a", "A", strict="a") == [("A", "a")]
    assert pairs("A", "b", "a/x/y", "a/x", strict="a/x/y") == [("a/x", "a/x/y")]
    assert pairs("A", "a/b", "a/c", strict="a/c") == [("A", "a/c")]
    assert pairs("A", "a/b", "a/c", strict="A") == [("A", "a/b"), ("A", "a/c")]


def test_likenesses_are_no_clashes() -> None:
    assert pairs("a", "a.py", "a-b", "ab", "b/a", "a b", strict="a a.py a-b ab b/a") == []


def test_many_paths_take_no_longer_than_a_sort() -> None:
    alike = [("a", f"A{number}", False) for number in range(50_000)]  # by pairs: a billion steps
    assert list(clashes(alike)) == []
    nested = [("/".join("a" * depth), str(depth), False) for depth in range(1, 1_000)]
    assert len(list(clashes([*nested, ("b", "b", True)]))) == 0
