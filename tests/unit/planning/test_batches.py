"""Batches: groups stay whole, lower risk comes first, stubs have batches of their own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from repoint.manifest.schema import Batches, GroupBy, StubsWhen
from repoint.model import Batch, FileChange
from repoint.names import Symbol
from repoint.planning.batches import StubChange, arrange, groups_of, joined, separated
from repoint.planning.owners import Owners, read


def change(path: str) -> FileChange:
    return FileChange(path, "100644", "utf-8", "a" * 40, "b" * 40, ())


def stub(path: str, *homes: str) -> StubChange:
    module = path.removesuffix(".py").replace("/", ".")
    return StubChange(module, f"redirect {module}", (change(path),), frozenset(homes))


def plan(
    paths: list[str], links: Sequence[tuple[str, str]] = (), made: Sequence[StubChange] = (), **settings: object
) -> list[tuple[str, ...]]:
    return [files(batch) for batch in arranged(paths, list(links), list(made), **settings)]


def arranged(
    paths: list[str],
    links: list[tuple[str, str]],
    made: list[StubChange],
    owners: Owners | None = None,
    **settings: object,
) -> tuple[Batch, ...]:
    changes = {path: change(path) for path in paths}
    return arrange(changes, groups_of(paths, links), made, Batches(**settings), owners)


def files(batch: Batch) -> tuple[str, ...]:
    return tuple(item.path for item in batch.files)


@pytest.mark.parametrize(
    ("links", "groups"),
    [
        ([], [("a",), ("b",), ("c",), ("d",)]),
        ([("a", "b")], [("a", "b"), ("c",), ("d",)]),
        ([("d", "c"), ("c", "a")], [("a", "c", "d"), ("b",)]),
        ([("a", "b"), ("c", "d"), ("b", "d")], [("a", "b", "c", "d")]),
        ([("a", "elsewhere")], [("a",), ("b",), ("c",), ("d",)]),
        ([("a", "a")], [("a",), ("b",), ("c",), ("d",)]),
    ],
)
def test_links_join_files(links: list[tuple[str, str]], groups: list[tuple[str, ...]]) -> None:
    assert groups_of("dcba", links) == groups


def test_one_batch_for_each_package_tests_first() -> None:
    assert plan(["b/y.py", "a/x/1.py", "a/x/2.py", "a/z/1.py", "tests/t.py", "top.py"]) == [
        ("tests/t.py",),
        ("a/x/1.py", "a/x/2.py"),
        ("a/z/1.py",),
        ("b/y.py",),
        ("top.py",),
    ]


def test_depth_counts_folders() -> None:
    assert plan(["a/b/c/1.py", "a/d/1.py"], depth=1) == [("a/b/c/1.py", "a/d/1.py")]
    assert len(plan(["a/b/c/1.py", "a/b/d/1.py"], depth=3)) == 2


def test_each_file_its_own_batch() -> None:
    assert plan(["a/1.py", "a/2.py"], by=GroupBy.FILE) == [("a/1.py",), ("a/2.py",)]
    assert plan(["a/1.py", "a/2.py"], [("a/1.py", "a/2.py")], by=GroupBy.FILE) == [("a/1.py", "a/2.py")]


def test_a_group_comes_with_its_riskiest_file() -> None:
    assert plan(["tests/t.py", "tests/u.py", "app/x.py"], [("tests/t.py", "app/x.py")]) == [
        ("tests/u.py",),
        ("app/x.py", "tests/t.py"),
    ]


def test_max_files_never_divides_a_group() -> None:
    paths = [f"a/{number}.py" for number in range(5)]
    links = [("a/0.py", "a/1.py"), ("a/1.py", "a/2.py")]
    made = arranged(paths, links, [], max_files=2)
    assert [files(batch) for batch in made] == [tuple(paths[:3]), tuple(paths[3:])]
    assert [batch.title for batch in made] == ["a (1/2)", "a (2/2)"]


def test_every_file_is_in_one_batch() -> None:
    paths = [f"p{number % 7}/{number}.py" for number in range(60)]
    made = plan(paths, [(paths[0], paths[9]), (paths[3], paths[4])], max_files=3)
    assert sorted(path for batch in made for path in batch) == sorted(paths)


def test_ids_are_ordered_and_messages_carry_the_title() -> None:
    made = arranged(["a/1.py", "tests/t.py"], [], [stub("pkg/old.py")], message="chore: {title}")
    assert [batch.id for batch in made] == ["01-tests", "02-a", "03-redirect-pkg-old"]
    assert [batch.message for batch in made] == ["chore: tests", "chore: a", "chore: redirect pkg.old"]


def test_a_title_without_letters_gives_an_id_too() -> None:
    (made,) = arranged(["_/x.py"], [], [])
    assert made.id == "01-root"


def test_stubs_come_last_each_alone() -> None:
    made = plan(["pkg/a.py", "tests/t.py"], [], [stub("pkg/old.py", "pkg/a.py"), stub("pkg/other.py")])
    assert made == [("tests/t.py",), ("pkg/a.py",), ("pkg/old.py",), ("pkg/other.py",)]


def test_stubs_first_take_their_homes_groups_along() -> None:
    made = plan(
        ["pkg/home.py", "pkg/user.py", "tests/t.py"],
        [("pkg/home.py", "tests/t.py")],
        [stub("pkg/old.py", "pkg/home.py")],
        stubs=StubsWhen.FIRST,
    )
    assert made == [("pkg/home.py", "pkg/old.py", "tests/t.py"), ("pkg/user.py",)]


def test_stubs_that_share_a_home_share_a_batch() -> None:
    both = [stub("pkg/a.py", "pkg/home.py"), stub("pkg/c.py"), stub("pkg/b.py", "pkg/home.py")]
    made = arranged(["pkg/home.py"], [], both, stubs=StubsWhen.FIRST)
    assert [files(batch) for batch in made] == [("pkg/a.py", "pkg/b.py", "pkg/home.py"), ("pkg/c.py",)]
    assert made[0].title == "redirect pkg.a and redirect pkg.b"


def test_a_home_that_does_not_change_is_no_part_of_it() -> None:
    made = plan(["pkg/user.py"], [], [stub("pkg/old.py", "pkg/home.py")], stubs=StubsWhen.FIRST)
    assert made == [("pkg/old.py",), ("pkg/user.py",)]


def test_nothing_changed_gives_no_batch() -> None:
    assert plan([]) == []


def test_a_tested_identity_is_told_where_other_users_move_in_other_batches() -> None:
    symbol = Symbol("pkg.old", "Old")
    made = (Batch("01", "a", "a", (change("a.py"),)), Batch("02", "b", "b", (change("b.py"),)))
    moved = {"a.py": frozenset({symbol}), "b.py": frozenset({symbol})}
    (finding,) = separated(made, moved, {"a.py": {symbol: 7}, "b.py": {}})
    assert (finding.path, finding.line, finding.code) == ("a.py", 7, "identity-over-batches")
    assert separated(made[:1], {"a.py": moved["a.py"]}, {"a.py": {symbol: 7}}) == []


@pytest.mark.parametrize("when", list(StubsWhen))
def test_a_stub_and_the_pyi_beside_it_are_one_commit(when: StubsWhen) -> None:
    both = StubChange(
        "pkg.old", "redirect pkg.old", (change("pkg/old.py"), change("pkg/old.pyi")), frozenset({"pkg/home.py"})
    )
    made = plan(["pkg/home.py"], [], [both], stubs=when)
    if when is StubsWhen.FIRST:
        assert made == [("pkg/home.py", "pkg/old.py", "pkg/old.pyi")]
    else:
        assert made == [("pkg/home.py",), ("pkg/old.py", "pkg/old.pyi")]


def owned(text: str, paths: list[str], links: list[tuple[str, str]], **settings: object) -> tuple[Batch, ...]:
    owners = read(text.encode(), "CODEOWNERS")
    return arranged(paths, links, [stub("a/old.py")], owners, by=GroupBy.OWNER, **settings)


def test_what_the_same_owners_look_after_is_one_batch() -> None:
    text = "/a/ @org/one\n/b/ @two @org/one\n/c/ @org/one @two\n/tests/a/ @org/one\n"
    made = owned(text, ["a/1.py", "b/1.py", "c/1.py", "d.py", "tests/a/t.py", "tests/b/t.py"], [])
    assert [(batch.title, files(batch)) for batch in made] == [
        ("@org/one", ("a/1.py", "tests/a/t.py")),
        ("@org/one, @two", ("b/1.py", "c/1.py")),
        ("no owner", ("d.py", "tests/b/t.py")),
        ("redirect a.old", ("a/old.py",)),
    ]
    assert made[0].id == "01-org-one" and made[0].message == "refactor(imports): @org/one"


def test_a_group_goes_to_the_owners_of_its_riskiest_file() -> None:
    links = [("tests/t.py", "app/x.py")]
    first, second, _ = owned("/tests/ @qa\n/app/ @dev\n", ["tests/t.py", "tests/u.py", "app/x.py"], links)
    assert (first.title, files(first)) == ("@qa", ("tests/u.py",))
    assert (second.title, files(second)) == ("@dev", ("app/x.py", "tests/t.py"))


def test_max_files_splits_what_an_owner_has_with_the_lower_risk_first() -> None:
    made = owned("* @all\n", ["a/1.py", "a/2.py", "tests/t.py"], [("a/1.py", "a/2.py")], max_files=2)
    assert [(batch.title, files(batch)) for batch in made[:-1]] == [
        ("@all (1/2)", ("tests/t.py",)),
        ("@all (2/2)", ("a/1.py", "a/2.py")),
    ]


def test_a_batch_tells_its_groups() -> None:
    links = [("a/1.py", "a/3.py"), ("a/2.py", "tests/t.py")]
    both = StubChange("pkg.old", "redirect pkg.old", (change("pkg/old.py"), change("pkg/old.pyi")), frozenset())
    made = arranged(["a/1.py", "a/2.py", "a/3.py", "a/4.py", "tests/t.py"], links, [both, stub("pkg/other.py")])
    assert [batch.groups for batch in made] == [
        (("a/1.py", "a/3.py"), ("a/2.py", "tests/t.py")),
        (("pkg/old.py", "pkg/old.pyi"),),
        (),
    ]
    (one,) = joined(made[1:], "delete", Batches())
    assert one.groups == (("pkg/old.py", "pkg/old.pyi"),) and len(one.files) == 3


def test_a_stub_that_comes_first_is_a_group_with_its_homes() -> None:
    made = [stub("pkg/old.py", "pkg/home.py"), stub("pkg/alone.py")]
    links = [("pkg/home.py", "tests/t.py")]
    paths = ["pkg/home.py", "pkg/user.py", "tests/t.py"]
    batches = arranged(paths, links, made, stubs=StubsWhen.FIRST)
    assert [batch.groups for batch in batches] == [(("pkg/home.py", "pkg/old.py", "tests/t.py"),), (), ()]


def missed(path: str, *modules: str, gone: bool = False, homes: tuple[str, ...] = ()) -> StubChange:
    """A stub that lacks what these modules use."""
    made = replace(stub(path, *homes), missed_by=frozenset(modules))
    changes = tuple(replace(item, after=None) for item in made.changes) if gone else made.changes
    return replace(made, changes=changes)


@pytest.mark.parametrize("when", list(StubsWhen))
def test_who_uses_what_a_stub_lacks_becomes_a_stub_before_it(when: StubsWhen) -> None:
    made = [missed("p/a.py", "p.b"), missed("p/b.py", "p.c"), stub("p/c.py")]
    assert plan([], [], made, stubs=when) == [("p/c.py",), ("p/b.py",), ("p/a.py",)]


def test_what_is_deleted_comes_last_but_for_who_uses_what_a_stub_lacks() -> None:
    made = [missed("p/a.py", "p.b", gone=True), missed("p/b.py", gone=True), missed("p/c.py", "p.d"), stub("p/d.py")]
    assert plan([], [], made) == [("p/d.py",), ("p/c.py",), ("p/b.py",), ("p/a.py",)]
    made = [missed("p/a.py", "p.b"), missed("p/b.py", gone=True), stub("p/c.py")]
    assert plan([], [], made) == [("p/c.py",), ("p/b.py",), ("p/a.py",)]


def test_stubs_that_lack_what_the_others_use_are_one_commit() -> None:
    made = [missed("p/a.py", "p.b"), missed("p/b.py", "p.c"), missed("p/c.py", "p.a", "p.d"), stub("p/d.py")]
    assert plan([], [], made) == [("p/d.py",), ("p/a.py", "p/b.py", "p/c.py")]
    first = [missed("p/a.py", "p.b"), missed("p/b.py", "p.a", homes=("p/home.py",)), stub("p/c.py")]
    batches = arranged(["p/home.py"], [], first, stubs=StubsWhen.FIRST)
    assert [(batch.title, batch.groups) for batch in batches] == [
        ("redirect p.c", ()),
        ("redirect p.a and redirect p.b", (("p/a.py", "p/b.py", "p/home.py"),)),
    ]
