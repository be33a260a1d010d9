"""Path patterns: `*` stays within a folder, `**` spans folders."""

from __future__ import annotations

import pytest

from repoint.manifest.globs import first_match, matches


@pytest.mark.parametrize(
    ("glob", "path", "holds"),
    [
        ("**/*.py", "a.py", True),
        ("**/*.py", "a/b/c.py", True),
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("a/*/c.py", "a/b/c.py", True),
        ("a/*/c.py", "a/b/b/c.py", False),
        ("a/**/c.py", "a/c.py", True),
        ("a/**/c.py", "a/b/b/c.py", True),
        ("tests/**", "tests/a/b.py", True),
        ("tests/**", "tests2/a.py", False),
        ("tests/**", "tests", False),
        ("**", "a/b", True),
        ("a?.py", "ab.py", True),
        ("a?.py", "a/.py", False),
        ("[ab].py", "a.py", True),
        ("[ab].py", "c.py", False),
        ("[!ab].py", "c.py", True),
        ("[!ab].py", "a.py", False),
        ("[^a].py", "b.py", True),
        ("[]].py", "].py", True),
        ("[a-c].py", "b.py", True),
        ("a[.py", "a[.py", True),
        ("a+b.(py)", "a+b.(py)", True),
        ("a.py", "axpy", False),
        ("[\\].py", "\\.py", True),
    ],
)
def test_patterns(glob: str, path: str, holds: bool) -> None:
    assert matches(path, (glob,)) is holds


def test_any_pattern_will_do_and_none_never_does() -> None:
    assert matches("b.py", ("a.py", "b.py"))
    assert not matches("b.py", ())


def test_the_first_match_gives_the_rank() -> None:
    globs = ("tests/**", "**/x.py", "**")
    assert [first_match(path, globs) for path in ("tests/x.py", "a/x.py", "b")] == [0, 1, 2]
    assert first_match("b", ("a",)) == 1
