"""Patterns with a `fix` are a step of the plan: after the moves, in batches like others, and settled once applied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit, NotProved
from repoint.execution.apply import ApplyOptions, apply
from repoint.model import EditKind, FileChange, Finding, Plan
from repoint.pipeline import read_manifest
from repoint.planning.plan_file import read
from repoint.planning.selection import Selection, select
from repoint.proving_again import require_proof
from repoint.sources.snapshot import open_snapshot
from tests.conftest import MakeRepo, git
from tests.integration.migrated import MANIFEST, commit, repository, run

RULES = """
[[pattern]]
id = "make"
match = "New($$$ARGS)"
fix = "make($$$ARGS)"
message = "engines are made by make()"

[[pattern]]
id = "logged"
match = "print($A)"
fix = "log($A)"
message = "log instead of printing"
files = ["lib/**"]
exclude = ["**/cli.py"]

[[pattern]]
id = "told"
match = "dump()"
message = "only told"
"""
FILES = {
    "lib/c.py": "# no old path\nprint(1)\n",
    "lib/cli.py": "print(1)\n",
    "app/d.py": "from pkg.old import Old\n\nx = [\n    Old(Old(1)),\n]\ny = Old\nprint(1)\ndump()\n",
}


def planned(repo: Path, code: Exit = Exit.DONE) -> Plan:
    assert run(repo, "plan", "--out", "p.json") == code
    return read(repo.parent / "p.json")


def changes(made: Plan) -> dict[str, FileChange]:
    return {change.path: change for batch in made.batches for change in batch.files}


def told(made: Plan, code: str) -> list[Finding]:
    return [finding for finding in made.findings if finding.code == code]


def test_patterns_see_what_the_moves_wrote(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, FILES, MANIFEST + RULES)
    made = planned(repo)
    assert [batch.id for batch in made.batches] == ["01-app", "02-lib", "03-redirect-pkg-old"]
    found = changes(made)
    assert sorted(found) == ["app/a.py", "app/b.py", "app/d.py", "lib/c.py", "pkg/old.py"]
    kinds = [(edit.kind, edit.rule, edit.after) for edit in found["app/d.py"].edits]
    assert kinds == [
        (EditKind.IMPORT, "move", "pkg.new"),
        (EditKind.IMPORT, "move", "New"),
        (EditKind.PATTERN, "move+pattern:make", "make(make(1))"),
        (EditKind.USE, "move", "New"),
    ]
    assert [(edit.kind, edit.rule) for edit in found["lib/c.py"].edits] == [(EditKind.PATTERN, "pattern:logged")]
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    git(repo, "switch", "-q", "repoint/case")
    wanted = "from pkg.new import New\n\nx = [\n    make(make(1)),\n]\ny = New\nprint(1)\ndump()\n"
    assert (repo / "app/d.py").read_text() == wanted
    assert (repo / "lib/c.py").read_text() == "# no old path\nlog(1)\n"
    assert planned(repo).batches == ()
    assert run(repo, "verify") == Exit.DONE


def test_a_plan_says_that_patterns_are_blind_and_counts_them(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = repository(make_repo, FILES, MANIFEST + RULES)
    assert run(repo, "plan", "--out", "p.json", "--json") == Exit.DONE
    made = read(repo.parent / "p.json")
    blind = told(made, "pattern-blind")
    assert [(item.path, item.line) for item in blind] == [("app/a.py", 2), ("lib/c.py", 2)]
    assert "pattern make rewrites 2 places in 2 files by form alone" in blind[0].message
    assert "log instead of printing" in blind[1].mend
    assert json.loads(capsys.readouterr().out)["edits"]["pattern"] == 3
    (check,) = [check for check in made.proof if check.name == "rewrites by patterns parse and settle"]
    assert (check.looked_at, check.failed) == (3, 0)


@pytest.mark.parametrize(
    ("rule", "code", "what"),
    [
        ('match = "print($A)"\nfix = "print(print($A))"', "pattern-not-idempotent", "would change once more"),
        ('match = "print($A)"\nfix = "return $A"', "pattern-not-proved", "is no Python"),
        ('match = "import log"\nfix = "from pkg.old import Old"', "pattern-not-idempotent", "names an old path"),
    ],
)
def test_a_rewrite_that_does_not_settle_refuses_the_plan(make_repo: MakeRepo, rule: str, code: str, what: str) -> None:
    manifest = f'{MANIFEST}[[pattern]]\nid = "bad"\nmessage = "m"\n{rule}\n'
    repo = repository(make_repo, {"lib/c.py": "import pkg.old\nimport log\nx = print(pkg.old.Old)\n"}, manifest)
    made = planned(repo, Exit.NOT_PROVED)
    (finding,) = told(made, code)
    assert what in finding.message
    assert finding.path == "lib/c.py"
    assert finding.line == (2 if "import" in rule else 3)
    assert not made.applicable
    assert {edit.kind for edit in changes(made)["lib/c.py"].edits} == {EditKind.IMPORT, EditKind.USE}


def test_what_patterns_leave_alone_is_told(make_repo: MakeRepo) -> None:
    broken = "def x(:\n    print(1)\n"
    kept = "import pkg.old\n\nprint(1)  # repoint: keep\n"
    repo = repository(make_repo, {"lib/c.py": broken, "lib/d.py": kept}, MANIFEST + RULES)
    made = planned(repo)
    (item,) = told(made, "unparsable")
    assert (item.path, item.line) == ("lib/c.py", 1)
    (item,) = told(made, "kept")
    assert (item.path, item.line, item.column) == ("lib/d.py", 3, 1)


def test_of_two_rewrites_of_one_place_the_first_is_made(make_repo: MakeRepo) -> None:
    more = '[[pattern]]\nid = "late"\nmatch = "print(1)"\nfix = "pass"\nmessage = "m"\n'
    repo = repository(make_repo, {"lib/c.py": "import pkg.old\n\n\nprint(1)\n"}, MANIFEST + RULES + more)
    made = planned(repo)
    (item,) = told(made, "pattern-overtaken")
    assert (item.path, item.line) == ("lib/c.py", 4)
    assert [edit.after for edit in changes(made)["lib/c.py"].edits if edit.kind is EditKind.PATTERN] == ["log(1)"]


def proved(repo: Path, part: Selection) -> None:
    migration, snapshot = read_manifest(repo.parent / "migration.toml"), open_snapshot(repo, part.plan.base)
    require_proof(part, migration, snapshot, lambda *_: None, jobs=1)


def test_parts_of_such_a_plan_are_proved_again(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, FILES, MANIFEST + RULES)
    made = planned(repo)
    for part in (select(made, "1"), select(made, "2"), select(made, None, ("app/a.py",)), select(made)):
        proved(repo, part)
    part = select(made, "2")
    assert len(apply(part.plan, ApplyOptions(repo=repo), lambda *_: None).commits) == 1


def test_rewrites_that_are_not_the_manifests_are_refused(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, FILES, MANIFEST + RULES)
    path = repo.parent / "p.json"
    planned(repo)
    for old, new in (("log(1)", "sys(1)"), ("make(make(1))", "made(make(1))")):
        text = path.read_text()
        assert old in text
        plan = planned(repo)
        forged = changes(plan)["lib/c.py" if "log" in old else "app/d.py"]
        path.write_text(text.replace(old, new).replace(str(forged.after), _blob(repo, forged, old, new)))
        with pytest.raises(NotProved, match=r"not (the file|those|so)|are not those"):
            proved(repo, select(read(path)))
        planned(repo)


def _blob(repo: Path, change: FileChange, old: str, new: str) -> str:
    from repoint.model import splice
    from repoint.sources.snapshot import blob_id

    after = splice((repo / change.path).read_bytes(), change.edits, change.encoding)
    return blob_id(after.replace(old.encode(), new.encode()), 40)


def test_prune_takes_no_notice_of_patterns(make_repo: MakeRepo) -> None:
    repo = repository(make_repo, FILES, MANIFEST + RULES)
    planned(repo)
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    git(repo, "switch", "-q", "repoint/case")
    commit(repo, "lib/c.py", "print(2)\n")
    assert run(repo, "prune", "--out", "q.json") == Exit.DONE
    assert sorted(changes(read(repo.parent / "q.json"))) == ["pkg/old.py"]


def test_patterns_go_with_stubs_that_come_first(make_repo: MakeRepo) -> None:
    first = f'{MANIFEST}[batches]\nstubs = "first"\nby = "file"\n{RULES}'
    repo = repository(make_repo, FILES | {"pkg/new.py": "class New: ...\nclass Thing: ...\n\n\nNew()\n"}, first)
    made = planned(repo)
    assert made.batches[0].id == "01-redirect-pkg-old"
    assert {"lib/c.py", "pkg/new.py"} <= {path for batch in made.batches[1:] for path in changes(made)}
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    git(repo, "switch", "-q", "repoint/case")
    assert (repo / "pkg/new.py").read_text().endswith("\n\n\nmake()\n")
    assert planned(repo).batches == ()


def test_modules_that_become_stubs_are_left_to_their_stub(make_repo: MakeRepo) -> None:
    keeping = MANIFEST.replace('drop = ["dump"]', 'keep = ["dump"]')
    old = "class Old: ...\nclass Thing: ...\n\n\ndef dump():\n    print(1)\n"
    anywhere = RULES.replace('files = ["lib/**"]\nexclude = ["**/cli.py"]\n', "")
    repo = repository(make_repo, {"pkg/old.py": old}, keeping + anywhere)
    made = planned(repo)
    assert [edit.kind for edit in changes(made)["pkg/old.py"].edits] == [EditKind.STUB]
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    git(repo, "switch", "-q", "repoint/case")
    assert "print(1)" in (repo / "pkg/old.py").read_text()
    assert planned(repo).batches == ()


def test_a_pattern_without_any_word_looks_at_its_own_files(make_repo: MakeRepo) -> None:
    rule = '[[pattern]]\nid = "none"\nmatch = "$A == None"\nfix = "$A is None"\nmessage = "m"\nfiles = ["lib/**"]\n'
    files = {"lib/c.py": "x = y == None\n", "app/e.py": "x = y == None\n", "lib/n.txt": "x == None\n"}
    made = planned(repository(make_repo, files, MANIFEST + rule))
    found = {path: change for path, change in changes(made).items() if path in files}
    assert [(path, change.edits[0].after) for path, change in found.items()] == [("lib/c.py", "y is None")]


def test_a_pattern_that_ast_grep_refuses_is_a_usage_error(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = repository(make_repo, manifest=MANIFEST + '[[pattern]]\nid = "bad"\nmatch = "f("\nmessage = "m"\n')
    assert run(repo, "plan", "--out", "p.json") == Exit.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert "migration.toml:" in line
    assert "[[pattern]] bad: `f(` is no Python" in line
    assert not (repo.parent / "p.json").exists()


def test_a_string_that_a_pattern_rewrote_too_is_not_forgotten_when_left_out(make_repo: MakeRepo) -> None:
    rule = '[[pattern]]\nid = "mocked"\nmatch = "patch($A)"\nfix = "mock($A)"\nmessage = "m"\n'
    test = "from unittest.mock import patch\n\n\ndef test():\n    with patch('pkg.old.Old'):\n        pass\n"
    repo = repository(make_repo, {"tests/t.py": test}, MANIFEST + rule)
    made = planned(repo)
    (joined,) = changes(made)["tests/t.py"].edits
    assert (joined.rule, joined.after) == ("move+pattern:mocked", "mock('pkg.new.New')")
    with pytest.raises(NotProved, match=r"tests/t\.py:5: pkg\.old\.Old is patched here, which reaches nothing"):
        proved(repo, select(made, None, ("tests/t.py",)))
