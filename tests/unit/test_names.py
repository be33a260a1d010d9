"""Arithmetic of dotted names."""

from __future__ import annotations

import pytest

from repoint.names import (
    Symbol,
    is_at_or_under,
    is_dotted_name,
    is_package_file,
    last,
    module_of,
    parent,
    rebase,
    relative_to,
    resolve_relative,
)


def test_symbol_has_two_spellings() -> None:
    symbol = Symbol("pkg.old", "Name")
    assert (str(symbol), symbol.dotted) == ("pkg.old:Name", "pkg.old.Name")
    assert Symbol.parse("pkg.old:Name") == symbol
    assert Symbol.parse("pkg.old") == Symbol("pkg.old", "")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("a", True),
        ("a.b_c.D1", True),
        ("größe.maß", True),
        ("", False),
        (".", False),
        ("a.", False),
        (".a", False),
        ("a..b", False),
        ("a.1b", False),
        ("a.class", False),
        ("a-b", False),
        ("a.match", True),
    ],
)
def test_dotted_names(text: str, valid: bool) -> None:
    assert is_dotted_name(text) is valid


@pytest.mark.parametrize(("name", "head", "tail"), [("a.b.c", "a.b", "c"), ("a", "", "a"), ("", "", "")])
def test_parent_and_last(name: str, head: str, tail: str) -> None:
    assert (parent(name), last(name)) == (head, tail)


@pytest.mark.parametrize(
    ("name", "top", "holds"),
    [("a.b", "a.b", True), ("a.b.c", "a.b", True), ("a.bc", "a.b", False), ("a", "a.b", False)],
)
def test_at_or_under_ends_at_a_dot(name: str, top: str, holds: bool) -> None:
    assert is_at_or_under(name, top) is holds


def test_rebase_changes_the_head_only() -> None:
    assert rebase("a.b.a.b", "a.b", "x") == "x.a.b"
    assert rebase("a.b", "a.b", "x.y") == "x.y"


@pytest.mark.parametrize(
    ("path", "roots", "module"),
    [
        ("pkg/mod.py", (".",), "pkg.mod"),
        ("pkg/__init__.py", (".",), "pkg"),
        ("pkg/mod.pyi", (".",), "pkg.mod"),
        ("top.py", (".",), "top"),
        ("__init__.py", (".",), ""),
        ("src/pkg/mod.py", (".", "src"), "pkg.mod"),
        ("src/pkg/mod.py", (".",), "src.pkg.mod"),
        ("src/inner/pkg/mod.py", ("src", "src/inner/"), "pkg.mod"),
        ("srcs/pkg/mod.py", ("src", "."), "srcs.pkg.mod"),
        ("pkg/with-dash/mod.py", (".",), ""),
        ("pkg/mod.txt", (".",), ""),
        ("Makefile", (".",), ""),
        ("pkg/two.dots.py", (".",), ""),
    ],
)
def test_module_of_a_path(path: str, roots: tuple[str, ...], module: str) -> None:
    assert module_of(path, roots) == module


@pytest.mark.parametrize(
    ("path", "is_package"),
    [("pkg/__init__.py", True), ("__init__.pyi", True), ("pkg/mod.py", False), ("pkg/__init__x.py", False)],
)
def test_package_files(path: str, is_package: bool) -> None:
    assert is_package_file(path) is is_package


@pytest.mark.parametrize(
    ("package", "level", "module", "absolute"),
    [
        ("a.b", 0, "c", "c"),
        ("a.b", 1, "c", "a.b.c"),
        ("a.b", 1, "", "a.b"),
        ("a.b", 2, "c.d", "a.c.d"),
        ("a.b", 2, "", "a"),
        ("a.b", 3, "c", None),
        ("", 1, "c", None),
    ],
)
def test_relative_imports_resolve(package: str, level: int, module: str, absolute: str | None) -> None:
    assert resolve_relative(package, level, module) == absolute


@pytest.mark.parametrize(
    ("package", "module", "relative"),
    [
        ("a.b", "a.b.c", ".c"),
        ("a.b", "a.c", "..c"),
        ("a.b", "a.b", "."),
        ("a.b", "a", ".."),
        ("a.b.c", "a.x.y", "...x.y"),
        ("a.b", "x.y", None),
        ("", "x", None),
    ],
)
def test_the_fewest_dots(package: str, module: str, relative: str | None) -> None:
    assert relative_to(package, module) == relative
    if relative is not None:
        dots = len(relative) - len(relative.lstrip("."))
        assert resolve_relative(package, dots, relative.lstrip(".")) == module
