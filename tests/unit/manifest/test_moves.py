"""The table of moves: chains collapse, circles are named, the longest old path wins."""

from __future__ import annotations

import pytest

from repoint.manifest.moves import MoveCycle, MoveTable, collapse, prefixes
from repoint.names import Symbol


def symbols(*pairs: tuple[str, str]) -> dict[Symbol, Symbol]:
    return {Symbol(*old.split(":")): Symbol(*new.split(":")) for old, new in pairs}


def test_prefixes_are_the_longest_first() -> None:
    assert list(prefixes("a.b.c")) == ["a.b.c", "a.b", "a"]


@pytest.mark.parametrize(
    ("moved", "modules", "old", "end"),
    [
        (symbols(("a:X", "b:Y"), ("b:Y", "c:Z")), {}, "a:X", "c:Z"),
        (symbols(("a:X", "b:Y"), ("b:Y", "c:Z"), ("c:Z", "d:W")), {}, "a:X", "d:W"),
        (symbols(("a:X", "b:X")), {"b": "c"}, "a:X", "c:X"),
        (symbols(("a:X", "b.c:X")), {"b": "d"}, "a:X", "d.c:X"),
        (symbols(("b:X", "c:X")), {"a": "b"}, "a:X", "c:X"),
        (symbols(("b.sub:X", "c:Z"), ("c:Z", "d:Z")), {"a": "b"}, "a.sub:X", "d:Z"),
        (symbols(("b:X", "c:X"), ("a:X", "d:X")), {"a": "b"}, "a:X", "d:X"),
    ],
)
def test_chains_of_symbols_lead_to_their_end(
    moved: dict[Symbol, Symbol], modules: dict[str, str], old: str, end: str
) -> None:
    table = collapse(moved, modules)
    assert table.symbols[Symbol(*old.split(":"))] == Symbol(*end.split(":"))


def test_chains_of_modules_lead_to_their_end() -> None:
    table = collapse({}, {"a": "b", "b": "c.d", "c": "e"})
    assert table.modules == {"a": "e.d", "b": "e.d", "c": "e"}


@pytest.mark.parametrize(
    ("moved", "modules", "path"),
    [
        (symbols(("a:X", "b:Y"), ("b:Y", "a:X")), {}, ("a:X", "b:Y", "a:X")),
        ({}, {"a": "b", "b": "a"}, ("a", "b", "a")),
        (symbols(("a:X", "b:X")), {"b": "a"}, ("a:X", "b:X", "a:X")),
    ],
)
def test_a_circle_names_every_stop(moved: dict[Symbol, Symbol], modules: dict[str, str], path: tuple[str, ...]) -> None:
    with pytest.raises(MoveCycle) as caught:
        collapse(moved, modules)
    assert caught.value.path == path
    assert str(caught.value) == " → ".join(path)


def test_a_move_below_itself_never_matches_twice() -> None:
    table = collapse({}, {"pkg.engine": "pkg.engine.core"})
    assert table.module("pkg.engine") == "pkg.engine.core"
    assert table.module("pkg.engine.util") == "pkg.engine.core.util"
    assert table.module("pkg.engine.core") is None
    assert table.module("pkg.engine.core.deep") is None
    assert table.path("pkg.engine.core.X") is None


def test_the_longest_old_path_wins() -> None:
    table = MoveTable(symbols(("a.b:X", "s:X")), {"a": "m", "a.b": "n"})
    assert table.module("a.b.c") == "n.c"
    assert table.module("a.c") == "m.c"
    assert table.module("ab") is None
    assert table.path("a.b.X.method") == ("a.b.X", "s.X")
    assert table.path("a.b.Y") == ("a.b", "n")
    assert table.path("a.q") == ("a", "m")
    assert table.path("z") is None


def test_a_symbol_follows_its_module() -> None:
    table = MoveTable(symbols(("a:X", "b:Y")), {"a": "c", "p.q": "r"})
    assert table.symbol("a", "X") == Symbol("b", "Y")
    assert table.symbol("a", "Other") == Symbol("c", "Other")
    assert table.symbol("p", "q") is None  # a top-level module is no name of a package
    assert table.symbol("z", "X") is None


def test_what_the_table_touches() -> None:
    table = MoveTable(symbols(("a:X", "b:Y")), {"c": "d"})
    assert table.touched_modules == {"a", "c"}
    assert table.homes == {"b", "d"}
    assert table.dotted_symbols == {"a.X": Symbol("b", "Y")}


def test_what_is_declared_wins_over_what_is_derived() -> None:
    table = MoveTable(symbols(("a:X", "b:Y"))).extended(symbols(("a:X", "z:Z"), ("a:W", "c:W")))
    assert table.symbols == symbols(("a:X", "b:Y"), ("a:W", "c:W"))
