"""Parts of a plan: what `--batch` and `--skip` mean, groups that stay whole, and figures that fit what is left."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from repoint.errors import UsageError
from repoint.model import Batch, FileChange, Metrics, ModuleStatus, Plan, State
from repoint.planning.plan_file import digest, dump, load
from repoint.planning.selection import select
from tests.builders import batch, blob_id, changed, edit, plan

DATA = b"from old import Old\n"
STUB = b"class Old: ...\n\n\n"


def user(path: str) -> FileChange:
    return changed(path, DATA, edit(5, "old", "new"))


def stub(path: str) -> FileChange:
    whole = edit(0, STUB.decode(), "from new import Old\n")
    return changed(path, STUB, replace(whole, kind="stub"))


def made() -> Plan:
    tests = batch(1, user("tests/legacy/a.py"), user("tests/legacy/b.py"), user("tests/new.py"), title="tests")
    tests = replace(tests, id="01-tests", groups=(("tests/legacy/a.py", "tests/new.py"),))
    app = replace(batch(2, user("app/x.py"), user("app/y.py"), title="app"), id="02-app")
    odd = replace(batch(3, user("5/z.py"), title="5"), id="03-5")
    last = replace(
        batch(4, stub("pkg/old.py"), stub("pkg/old.pyi"), title="redirect pkg.old"), id="04-redirect-pkg-old"
    )
    whole = plan(tests, app, odd, replace(last, id="04-redirect-pkg-old", groups=(("pkg/old.py", "pkg/old.pyi"),)))
    return replace(
        whole,
        after=Metrics(0, 0, 2),
        modules=(ModuleStatus("pkg.old", State.IMPLEMENTATION, State.REDIRECT, 3, 1),),
        counts=replace(whole.counts, changed=8, uses=0, strings=0, stubs=2),
    )


def ids(found: Plan) -> list[str]:
    return [item.id[:2] for item in found.batches]


def paths(found: Plan) -> list[str]:
    return [change.path for item in found.batches for change in item.files]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("1", ["01"]),
        ("2-3", ["02", "03"]),
        ("1,3-4", ["01", "03", "04"]),
        ("4,1", ["01", "04"]),
        ("-2", ["01", "02"]),
        ("3-", ["03", "04"]),
        ("02-app", ["02"]),
        ("03-5", ["03"]),
        ("02-app, 4", ["02", "04"]),
        ("01", ["01"]),
    ],
)
def test_batches_are_named_by_position_span_and_id(text: str, taken: list[str]) -> None:
    assert ids(select(made(), text).plan) == taken
    assert ids(select(made(), None, (text,)).plan) == [at for at in ("01", "02", "03", "04") if at not in taken]


def test_nothing_left_out_is_the_plan_itself() -> None:
    whole = made()
    for part in (select(whole), select(whole, "1-"), select(whole, "-4"), select(whole, "1,2,3,04-redirect-pkg-old")):
        assert part.plan is whole and part.whole is whole and part.notes == ()
    empty = plan()
    assert select(empty).plan is empty


def test_both_options_together() -> None:
    assert ids(select(made(), "1-3", ("2", "04-redirect-pkg-old")).plan) == ["01", "03"]


def test_a_glob_takes_whole_groups_and_says_so() -> None:
    part = select(made(), None, ("tests/legacy/**", "app/y.py"))
    assert paths(part.plan) == ["app/x.py", "5/z.py", "pkg/old.py", "pkg/old.pyi"]
    assert part.notes == ("tests/new.py is left out with tests/legacy/a.py: they only make sense together",)
    part = select(made(), None, ("tests/new.py",))
    assert paths(part.plan)[:1] == ["tests/legacy/b.py"]
    assert part.plan.batches[0].groups == () and part.plan.batches[0].message == "refactor(imports): tests"
    assert part.notes == ("tests/legacy/a.py is left out with tests/new.py: they only make sense together",)


def test_a_group_that_is_named_whole_or_not_taken_needs_no_note() -> None:
    assert select(made(), None, ("tests/**",)).notes == ()
    assert select(made(), "2-", ("tests/new.py",)).notes == ()


@pytest.mark.parametrize(
    ("text", "skip", "told"),
    [
        (
            "5",
            (),
            "--batch: '5' is no batch of the plan; there are 1 to 4: 01-tests, 02-app, 03-5, 04-redirect-pkg-old",
        ),
        ("0", (), "--batch: '0' is no batch of the plan; there are 1 to 4: "),
        ("2-9", (), "--batch: '2-9' is no batch of the plan"),
        ("3-2", (), "--batch: '3-2' is no batch of the plan"),
        ("7-", (), "--batch: '7-' is no batch of the plan"),
        ("-", (), "--batch: '-' is no batch of the plan"),
        ("", (), "--batch: '' is no batch of the plan"),
        ("1,", (), "--batch: '1,' is no batch of the plan"),
        ("9" * 5000, (), "is no batch of the plan"),
        ("02", ("2",), "--batch and --skip: leave nothing of the plan"),
        ("app", (), "--batch: 'app' is no batch of the plan"),
        (None, ("8",), "--skip: '8' is no batch of the plan"),
        (None, ("lib/**",), "--skip: 'lib/**' is no batch, and fits no file of the plan"),
        (None, ("**",), "--batch and --skip: leave nothing of the plan"),
    ],
)
def test_what_is_no_part_of_the_plan(text: str | None, skip: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(made(), text, skip)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_of_many_batches_some_are_shown() -> None:
    many = plan(*(replace(batch(n, user(f"{n}.py")), id=f"{n:02}-a") for n in range(1, 13)))
    with pytest.raises(UsageError, match=r"there are 1 to 12: 01-a, 02-a, 03-a, 04-a, 05-a, \.\.\., 12-a$"):
        select(many, "13")
    with pytest.raises(UsageError, match="the plan has no batches"):
        select(plan(), "1")


def test_figures_are_of_what_is_left() -> None:
    part = select(made(), "-3").plan
    assert (part.counts.changed, part.counts.stubs, part.counts.imports) == (6, 0, made().counts.imports)
    assert part.after.stub_lines == 2 + 2 * 2
    assert part.modules == (ModuleStatus("pkg.old", State.IMPLEMENTATION, State.IMPLEMENTATION, 3, 3),)
    stubs = select(made(), "4").plan
    assert (stubs.counts.changed, stubs.counts.stubs, stubs.after, stubs.modules) == (
        2,
        2,
        made().after,
        made().modules,
    )


def test_an_effective_plan_is_a_plan_with_a_digest_of_its_own() -> None:
    whole = made()
    one, other = select(whole, "1-2").plan, select(whole, None, ("3-4",)).plan
    assert load(dump(one), "") == one == other
    assert digest(one) == digest(other) != digest(whole)
    assert one.batches[0] == whole.batches[0]


def test_a_deleted_file_without_text_is_a_stub_too() -> None:
    gone = FileChange("pkg/old.py", "100644", "utf-8", blob_id(b""), None, ())
    whole = plan(batch(1, user("a.py")), Batch("02-delete", "delete", "delete", (gone,)))
    whole = replace(whole, modules=(ModuleStatus("pkg.old", State.IMPLEMENTATION, State.GONE, 0, 0),))
    assert select(whole, "1").plan.modules[0].after is State.IMPLEMENTATION
