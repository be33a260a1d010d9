"""CODEOWNERS: who owns which path, as the forges read it; and a finding for each line that is none."""

from __future__ import annotations

import pytest

from repoint.planning.owners import Owners, read


def owners(text: str, place: str = "CODEOWNERS") -> Owners:
    found = read(text.encode(), place)
    assert found.findings == ()
    return found


@pytest.mark.parametrize(
    ("pattern", "owned", "others"),
    [
        ("*", ["a.py", "a/b/c.py", ".hidden"], []),
        ("*.py", ["a.py", "a/b/c.py"], ["a.pyi", "a.py.txt"]),
        ("/*.py", ["a.py"], ["a/b.py"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["build/logs", "x/build/logs/a"]),
        ("docs/*", ["docs/a.md"], ["docs/b/c.md", "x/docs/a.md"]),
        ("apps/", ["apps/a", "x/apps/b/c"], ["apps", "apps.py"]),
        ("/docs", ["docs", "docs/a/b"], ["docs.py", "x/docs"]),
        ("a/b", ["a/b", "a/b/c"], ["x/a/b"]),
        ("**/logs", ["logs/a", "x/y/logs/a", "logs"], ["xlogs"]),
        ("/a/**/b.py", ["a/b.py", "a/x/y/b.py"], ["a/xb.py", "x/a/b.py"]),
        ("/a/**", ["a/b", "a/b/c"], ["a", "ab"]),
        ("**/" * 30 + "b/", ["b/c", "a/b/c"], ["/".join("a" * 60)]),
        ("/a**b", ["ab", "axxb", "ab/c"], ["a/b"]),
        ("te?t.py", ["test.py", "x/text.py"], ["te/t.py", "tet.py"]),
        ("a\\ b/", ["a b/c"], ["a/c"]),
        ("\\#a", ["#a"], ["a"]),
        ("\\[id\\]/x.py", ["[id]/x.py"], ["i/x.py"]),
        ("a.b", ["a.b"], ["axb"]),
    ],
)
def test_patterns(pattern: str, owned: list[str], others: list[str]) -> None:
    found = owners(f"{pattern} @team\n")
    assert {path for path in (*owned, *others) if found.of(path)} == set(owned)


def test_the_last_pattern_that_fits_decides_even_for_nobody() -> None:
    found = owners("# teams\n\n* @all\n*.py @org/py dev@example.com # and others\n/free/\n/free/x.py @x @@role\n")
    assert found.of("a.md") == ("@all",)
    assert found.of("a.py") == ("@org/py", "dev@example.com")
    assert found.of("free/a.py") == ()
    assert found.of("free/x.py") == ("@@role", "@x")
    assert owners("").of("a.py") == ()


def test_bom_and_line_ends() -> None:
    assert read("\ufeff*.py @a\r\n*.md @b\r\n".encode(), "CODEOWNERS").of("x.py") == ("@a",)


def test_sections_of_gitlab_each_have_their_say() -> None:
    text = """
* @all
[Docs] @docs
docs/
/docs/api/ @api
^[Data Base][2] @dba
model/*.py
[docs]
README.md
[Security][] @sec
/docs/secret/
"""
    found = owners(text)
    assert found.of("x.py") == ("@all",)
    assert found.of("docs/a.md") == ("@all", "@docs")
    assert found.of("docs/api/a.md") == ("@all", "@api")
    assert found.of("lib/model/a.py") == ("@all", "@dba")  # at any depth, without a leading slash
    assert found.of("README.md") == ("@all",)  # the section goes on, with the defaults of its second heading
    assert found.of("docs/secret/a") == ("@all", "@docs", "@sec")


def test_the_place_tells_a_file_of_gitlab() -> None:
    assert owners("a/b @x\n", ".gitlab/CODEOWNERS").of("top/a/b") == ("@x",)
    assert owners("a/b @x\n", ".github/CODEOWNERS").of("top/a/b") == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("!a.py @b", "a pattern cannot be negated here"),
        ("[a-z].py @b", "a pattern has no ranges of characters here"),
        ("a[0].py @b", "a pattern has no ranges of characters here"),
        ("*.py @b, @c", "'@b,' is no owner (@user, @org/team or an address)"),
        ("*.py team", "'team' is no owner (@user, @org/team or an address)"),
        ("*.py @\x1b[2J", "'@\\x1b[2J' is no owner (@user, @org/team or an address)"),
        ("/ @b", "`/` names no path"),
        ("a\\", "a backslash escapes nothing"),
        ("[Docs] docs-team", "'docs-team' is no owner (@user, @org/team or an address)"),
    ],
)
def test_what_is_no_line_is_told_and_does_not_count(line: str, why: str) -> None:
    found = read(f"* @all\n{line}\n".encode(), "docs/CODEOWNERS")
    (told,) = found.findings
    assert (told.path, told.line, told.code, told.severity) == ("docs/CODEOWNERS", 2, "owners-unclear", "warning")
    assert told.message == f"{why}, so that what this line says of owners does not count"
    assert found.of("a.py") == ("@all",)
