"""The summary of a plan, for people and for programs."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from repoint.model import (
    Check,
    CodemodRun,
    EditKind,
    MissingMember,
    ModuleStatus,
    Orphan,
    Place,
    Plan,
    Severity,
    State,
    Unsettled,
)
from repoint.reporting.layout import plain
from repoint.reporting.summary import NextSteps, edits_by_kind, summary, summary_json
from tests.builders import batch, changed, edit, finding, plan, replaced

STEPS = NextSteps("case.plan.json", "migration.toml")
DATA = b"from old import Old\nOld()\n"


def example(**options: object) -> Plan:
    rename = changed("pkg/a.py", DATA, edit(5, "old", "new"), edit(20, "Old", "New", kind=EditKind.USE))
    return plan(batch(1, rename), batch(2, replaced("b.py", DATA, ("old", "new")), title="b"), **options)  # type: ignore[arg-type]


def text(made: Plan, steps: NextSteps = STEPS, places: int | None = 5) -> str:
    return plain(summary(made, steps, places=places))


def test_the_whole_of_it() -> None:
    assert text(example(findings=(finding(mend="rename one of the two"),))) == (
        "case at 000000000000: 2 batches, 2 files, 3 edits\n"
        "Looked at 10,377 files; 230 may name an old path.\n"
        "\n"
        "  edits\n"
        "  import  2\n"
        "  use     1\n"
        "\n"
        "                      before  after\n"
        "  deprecated imports     414      0\n"
        "  deprecated strings      10      0\n"
        "  stub lines               0     31\n"
        "\n"
        "  module   before          after     lines  then\n"
        "  pkg.old  implementation  redirect  1,556    31\n"
        "\n"
        "  two definitions  new  uses  differ  lacking\n"
        "  pkg.old:Old      New     7       3  spin 2\n"
        "\n"
        "  batch  title  files  edits\n"
        "  01     pkg        1      2\n"
        "  02     b          1      1\n"
        "\n"
        "warning[clash]: 1 place\n"
        "  pkg/a.py:1: `New` is taken\n"
        "  mend: rename one of the two\n"
        "\n"
        "Proved for 2 files: parses.\n"
        "\n"
        "Written to case.plan.json. Next:\n"
        "  repoint diff case.plan.json\n"
        "  repoint apply case.plan.json --manifest migration.toml\n"
    )


def test_a_failed_check_is_told() -> None:
    made = replace(example(applicable=False), proof=(Check("parses", 3, 0), Check("no cycle", 40, 2)))
    shown = text(made)
    assert "Not proved: no cycle (2 of 40)\n" in shown
    assert "Proved for" not in shown


def test_the_members_missed_most_are_named() -> None:
    lacking = tuple(MissingMember(name, uses) for name, uses in [("a", 9), ("b", 8), ("c", 7), ("d", 2), ("e", 0)])
    made = replace(example(), comparisons=(replace(example().comparisons[0], members_missing=lacking),))
    assert "a 9, b 8, c 7, +1 more\n" in text(made)


def test_of_many_old_modules_those_that_change_are_shown() -> None:
    (changing,) = example().modules
    still = [ModuleStatus(f"pkg.m{at}", State.IMPLEMENTATION, State.IMPLEMENTATION, 9, 9) for at in range(40)]
    shown = text(replace(example(), modules=(changing, *still)))
    assert changing.module in shown
    assert "pkg.m7" not in shown
    assert "40 old modules as before\n" in shown
    assert "pkg.m7" in text(replace(example(), modules=(changing, *still[:20])))
    assert "40 old modules as before\n" in text(replace(example(), modules=tuple(still)))


def test_findings_are_grouped_worst_first_and_cut_short() -> None:
    many = tuple(finding("pkg/a.py", line, mend="same") for line in range(1, 18))
    worse = finding("z.py", 3, code="lost", severity=Severity.ERROR, message="lost")
    told = finding("b.md", 9, code="mention", severity=Severity.INFO)
    shown = text(plan(findings=(*many, told, worse)))
    assert shown.index("error[lost]: 1 place") < shown.index("warning[clash]: 17 places")
    assert shown.index("warning[clash]") < shown.index("info[mention]")
    assert "+12 more" in shown
    assert shown.count("mend: same") == 1
    everything = text(plan(findings=many), places=None)
    assert "more" not in everything
    assert "pkg/a.py:17:" in everything


def test_an_orphan_is_one_block_with_its_uses_and_what_to_paste() -> None:
    uses = (Place("app.py", 3, "pkg.old.run"), Place("lib.py", 12, "pkg.old.run"))
    read = Orphan("run", False, "keep", uses, ("pkg.new:run",))
    patched = Orphan("log", True, "drop", uses[:1], ())
    told = finding("app.py", 3, code="orphan", severity=Severity.ERROR)
    unsettled = Unsettled("pkg.old", (read, patched), ("a", "run"), ("log",))
    made = replace(plan(findings=(told,)), unsettled=(unsettled,))
    assert (
        text(made, places=1)
        .partition("\n\n")[2]
        .startswith(
            """\
error[orphan]: pkg.old has 2 names without a home

  run is used here, and has no home:
    app.py:3
    lib.py:12
  Move it if that is the same thing:
    [[move]]
    old = "pkg.old:run"
    new = "pkg.new:run"

  log is only patched here, and has no home:
    app.py:3
  Move it, with its home for the dots:
    [[move]]
    old = "pkg.old:log"
    new = "..."

  Or leave them in the old module, by what its [[stub]] lists:
    keep = ["a", "run"]
    drop = ["log"]

This plan cannot"""
        )
    )


def test_places_are_in_the_order_of_their_lines() -> None:
    shown = text(plan(findings=(finding(line=10), finding(line=9))))
    assert shown.index("a.py:9:") < shown.index("a.py:10:")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(), "Nothing to do: nothing that could be moved uses an old path.\n"),
        (
            replace(plan(), codemods=(CodemodRun("a", 3, 0, 0, 0),)),
            "neither a move nor a codemod changes a file.\n",
        ),
        (replace(plan(), codemods=(CodemodRun("a", 3, 0, 1, 0),)), "No file changes: those on which a codemod failed"),
        (plan(findings=(finding(severity=Severity.ERROR),)), "cannot be applied because of 1 error"),
        (plan(applicable=False), "cannot be applied because it is not proved"),
    ],
)
def test_what_to_do_next_follows_from_the_plan(made: Plan, said: str) -> None:
    shown = text(made)
    assert said in shown
    assert "repoint apply" not in shown


def test_a_plan_with_gates_is_applied_with_a_word_about_them() -> None:
    made = replace(example(), gated=True)
    assert "--manifest migration.toml" in text(made) and "--no-gates" not in text(made)


def test_commands_can_be_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = NextSteps("my plan.json", "m.toml", "../back end")
    monkeypatch.setattr("repoint.reporting.summary.os.name", "posix")
    assert steps.command("diff", steps.plan) == "repoint diff 'my plan.json' --repo '../back end'"
    monkeypatch.setattr("repoint.reporting.summary.os.name", "nt")
    assert steps.command("diff", steps.plan) == 'repoint diff "my plan.json" --repo "../back end"'


def test_json_is_stable_and_complete() -> None:
    made = example(findings=(finding(),))
    document = json.loads(summary_json(made, "case.plan.json"))
    assert list(document) == [
        "schema_version",
        "name",
        "plan",
        "base",
        "applicable",
        "gated",
        "counts",
        "edits",
        "before",
        "after",
        "modules",
        "comparisons",
        "proof",
        "batches",
        "findings",
        "unsettled",
        "codemods",
    ]
    assert document["batches"][0] == {"id": "01", "title": "pkg", "files": 1, "edits": 2}
    assert document["edits"] == {"import": 2, "use": 1}
    assert document["findings"][0]["severity"] == "warning"
    assert summary_json(made, "p") == summary_json(made, "p")
    assert edits_by_kind(plan()) == []


def test_an_orphan_that_no_block_tells_of_is_told_as_a_finding() -> None:
    shown = text(plan(findings=(finding("app.py", 3, code="orphan", severity=Severity.ERROR, message="is kept"),)))
    assert "error[orphan]: 1 place" in shown and "app.py:3: is kept" in shown
