"""Codemods are a step of the plan, after moves and patterns and before stubs: real repositories, real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit, NotProved
from repoint.model import EditKind, FileChange, Finding, Plan, Severity
from repoint.pipeline import read_manifest
from repoint.planning.plan_file import read
from repoint.planning.selection import select
from repoint.proving_again import require_proof
from repoint.sources.snapshot import open_snapshot
from tests.conftest import MakeRepo, git
from tests.integration.migrated import MANIFEST, commit, repository, run

CODEMODS = '''
import libcst as cst
from libcst.codemod import Codemod


class Swap(Codemod):
    """Writes one text for another, wherever it stands."""

    def __init__(self, context, pairs, once=True):
        super().__init__(context)
        self.pairs, self.once = pairs, once

    def transform_module_impl(self, tree):
        code = tree.code
        for old, new in self.pairs.items():
            if not (self.once and new in code):
                code = code.replace(old, new)
        return cst.parse_module(code)


class Where(Codemod):
    def transform_module_impl(self, tree):
        self.warn(f"2: {self.context.full_module_name} in {self.context.full_package_name}")
        return tree
'''
PATTERN = '[[pattern]]\nid = "logged"\nmatch = "print($A)"\nfix = "log($A)"\nmessage = "m"\n'


def table(name: str, pairs: dict[str, str], more: str = "") -> str:
    inline = ", ".join(f"{json.dumps(old)} = {json.dumps(new)}" for old, new in pairs.items())
    return (
        f'[[codemod]]\nid = "{name}"\nkind = "libcst"\nref = "mods:Swap"\nargs = {{ pairs = {{ {inline} }} }}\n{more}\n'
    )


def placed(make_repo: MakeRepo, files: dict[str, str], manifest: str) -> Path:
    repo = repository(make_repo, files, MANIFEST + manifest)
    (repo.parent / "mods.py").write_text(CODEMODS)
    return repo


def planned(repo: Path, code: Exit = Exit.DONE, *args: str) -> Plan:
    assert run(repo, "plan", "--out", "p.json", *args) == code
    return read(repo.parent / "p.json")


def changes(made: Plan) -> dict[str, FileChange]:
    return {change.path: change for batch in made.batches for change in batch.files}


def told(made: Plan, code: str) -> list[Finding]:
    return [finding for finding in made.findings if finding.code == code]


def test_steps_run_in_their_order_and_each_edit_says_whose_it_is(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "app/d.py": "import os\nfrom pkg.old import Old\n\nprint(Old(1))\nx = 'a'\n",
        "lib/e.py": "# Old\nx = 'b'\n",
        "tools/by-hand.py": "x = 'a'\n",
        "docs/no.txt": "x = 'a'\n",
    }
    tables = table("first", {"'a'": "'b'"}, "prefilter = [\"'a'\"]")
    tables += table("second", {"'b'": "'c'", "log(New": "log( New"}, "exclude = ['lib/**']")
    repo = placed(make_repo, files, PATTERN + tables)
    made = planned(repo)
    found = {path: [(edit.kind, edit.rule) for edit in change.edits] for path, change in changes(made).items()}
    assert found["app/d.py"] == [
        (EditKind.IMPORT, "move"),
        (EditKind.IMPORT, "move"),
        (EditKind.CODEMOD, "move+pattern:logged+codemod:second"),
        (EditKind.CODEMOD, "codemod:first+codemod:second"),
    ]
    assert found["tools/by-hand.py"] == [(EditKind.CODEMOD, "codemod:first+codemod:second")]
    assert found["pkg/old.py"] == [(EditKind.STUB, "stub")]
    assert "lib/e.py" not in found
    overlaps = [(item.path, item.line, item.message) for item in told(made, "codemod-overlap")]
    assert overlaps == [
        ("app/d.py", 4, "codemod second rewrites here what move and pattern:logged wrote"),
        ("app/d.py", 5, "codemod second rewrites here what codemod:first wrote"),
        ("tools/by-hand.py", 1, "codemod second rewrites here what codemod:first wrote"),
    ]
    assert [(item.id, item.changed, item.failed) for item in made.codemods] == [("first", 2, 0), ("second", 2, 0)]
    capsys.readouterr()

    # two runs and two ways to share the work give the same bytes, and so does a bare clone
    once = (repo.parent / "p.json").read_bytes()
    git(repo, "clone", "-q", "--bare", str(repo), str(repo.parent / "bare.git"))
    assert run(repo.parent / "bare.git", "plan", "--out", "q.json", "--jobs", "3") == Exit.DONE
    assert (repo.parent / "q.json").read_bytes() == once
    capsys.readouterr()
    manifest = str(repo.parent / "migration.toml")
    assert main(["why", "app/d.py:5", manifest, "--repo", str(repo)]) == Exit.DONE
    assert "move+pattern" not in (shown := capsys.readouterr().out)
    assert "changes (codemod) by codemod:first, then by codemod:second" in " ".join(shown.split())
    assert main(["why", "tools/by-hand.py:1", manifest, "--repo", str(repo)]) == Exit.DONE
    assert "The file names no old path, so that no move changes it." in capsys.readouterr().out
    assert main(["diff", str(repo.parent / "p.json"), "--repo", str(repo), "--stat"]) == Exit.DONE
    assert "tools/by-hand.py" in capsys.readouterr().out

    # nothing is left to do once it is applied
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    git(repo, "switch", "-q", "repoint/case")
    wanted = "import os\nfrom pkg.new import New\n\nlog( New(1))\nx = 'c'\n"
    assert (repo / "app/d.py").read_text() == wanted
    assert run(repo, "plan", "--out", "q.json", "--check") == Exit.DONE
    assert run(repo, "verify") == Exit.DONE


def test_what_codemods_see_and_say_of_files(make_repo: MakeRepo) -> None:
    files = {
        "src/lib/__init__.py": "x = 1\n",
        "src/lib/sub/a.py": "\nx = 1\n",
        "src/run-it.py": "x = 1",
        "app/a.py": "# more\nfrom pkg.old import Old\nOld()\n",
        "app/kept.py": "x = 1\n",
    }
    where = '[[codemod]]\nid = "where"\nkind = "libcst"\nref = "mods:Where"\nfiles = ["src/**", "app/a.py", "pkg/*"]\n'
    idle = table("idle", {"q": "r"}, 'files = ["no/**"]')
    scope = '[scope]\nroots = ["src", "."]\n[[except]]\nfiles = ["src/**"]\n'
    repo = placed(make_repo, files, where + idle + scope)
    git(repo, "rm", "-q", "--cached", "app/kept.py")
    made = planned(repo)
    lines = [(item.path, item.line, item.message.partition(": ")[2]) for item in told(made, "codemod-warning")]
    assert lines == [
        ("app/a.py", 2, "app.a in app"),
        ("pkg/__init__.py", 1, "pkg in pkg"),
        ("pkg/new.py", 2, "pkg.new in pkg"),
        ("pkg/other.py", 1, "pkg.other in pkg"),
        ("src/lib/__init__.py", 1, "lib in lib"),
        ("src/lib/sub/a.py", 2, "lib.sub.a in lib.sub"),
        ("src/run-it.py", 1, "None in None"),
    ]
    (item,) = told(made, "codemod-idle")
    assert (item.path, "codemod idle" in item.message) == ("no/**", True)
    assert [(run.asked, run.warnings) for run in made.codemods] == [(7, 7), (0, 0)]


def test_a_prefilter_that_the_moves_rewrite_is_told(make_repo: MakeRepo) -> None:
    files = {"app/a.py": "from pkg.old import Old\nOld()\n"}
    late = table("late", {"(": "(1"}, 'prefilter = ["Old("]')
    fits = table("fits", {"q": "r"}, 'prefilter = ["New(", "Old("]')
    made = planned(placed(make_repo, files, late + fits))
    (item,) = told(made, "codemod-idle")
    assert (item.path, "codemod late only until" in item.message) == ("app/a.py", True)


def test_a_name_and_its_users_go_in_one_commit(make_repo: MakeRepo) -> None:
    files = {
        "lib/tool.py": "# tools to load\ndef load(): ...\n",
        "web/a.py": "from lib.tool import load\nload()\n",
        "deep/b.py": "import lib.tool\nlib.tool.load()\n",
        "kept/c.py": "from lib import tool\ntool.load()\n",
        "other/d.py": "def load(): ...\n",
    }
    rename = table("rename", {"load": "fetch"}, 'files = ["lib/**", "web/**", "deep/**", "other/**"]')
    made = planned(placed(make_repo, files, rename))
    groups = [group for batch in made.batches for group in batch.groups]
    assert groups == [("deep/b.py", "lib/tool.py", "web/a.py")]
    (item,) = told(made, "codemod-loses-name")
    assert (item.path, item.line) == ("lib/tool.py", 2)
    assert "codemod rename takes `load` from lib.tool, which kept/c.py mentions" in item.message


def test_an_import_that_would_find_nothing_refuses_the_plan(make_repo: MakeRepo) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/tool.py": "def load(): ...\n\n\ndef more(): ...\n",
        "pkg/use.py": "from pkg.old import Old\nfrom lib.tool import load\n",
        "kept/d.py": "from lib.tool import load\n",
    }
    rename = table("rename", {"load": "fetch", "more": "less"}, 'files = ["lib/**"]')
    made = planned(placed(make_repo, files, rename), Exit.NOT_PROVED)
    (item,) = told(made, "codemod-loses-name")
    assert (item.path, item.line, item.severity) == ("lib/tool.py", 1, Severity.ERROR)
    assert "takes `load` from lib.tool, which kept/d.py, pkg/use.py import" in item.message
    assert made.proof[-1].failed == 1


def test_what_a_step_before_would_take_back_refuses_the_plan(make_repo: MakeRepo) -> None:
    files = {"lib/a.py": "from pkg.old import Old\n\n\nOld()\n", "lib/b.py": "log(1)\n", "lib/c.py": "# c\nx = 'g'\n"}
    back = table("back", {"New": "Old", "pkg.new": "pkg.old"}, 'files = ["lib/a.py"]')
    again = table("again", {"log": "print"}, 'files = ["lib/b.py"]')
    grow = table("grow", {"g'": "gg'"}, 'files = ["lib/c.py"]').replace("} }", "}, once = false }")
    made = planned(placed(make_repo, files, PATTERN + back + again + grow), Exit.NOT_PROVED)
    found = [(item.path, item.line) for item in told(made, "codemod-not-idempotent")]
    assert found == [("lib/a.py", 1), ("lib/b.py", 1), ("lib/c.py", 2)]
    assert "lib/b.py" not in changes(made)
    assert {edit.kind for edit in changes(made)["lib/a.py"].edits} == {EditKind.IMPORT, EditKind.USE}
    (check,) = [check for check in made.proof if check.name == "rewrites by codemods parse and settle"]
    assert (check.looked_at, check.failed) == (3, 3)


def test_parts_of_such_a_plan_are_proved_by_the_codemods_as_they_are(make_repo: MakeRepo) -> None:
    files = {"app/a.py": "from pkg.old import Old\nOld()\nx = 'a'\n", "lib/e.py": "x = 'a'\n"}
    repo = placed(make_repo, files, table("swap", {"'a'": "'b'"}))
    made = planned(repo)
    migration, snapshot = read_manifest(repo.parent / "migration.toml"), open_snapshot(repo, made.base)
    parts = (select(made, "1"), select(made, None, ("app/a.py",)), select(made, None, ("lib/e.py",)))
    for part in parts:
        require_proof(part, migration, snapshot, lambda *_: None, jobs=1)
    (repo.parent / "mods.py").write_text(CODEMODS.replace("code.replace(old, new)", "code.missing"))
    with pytest.raises(NotProved) as caught:
        require_proof(parts[1], migration, snapshot, lambda *_: None, jobs=1)
    assert "lib/e.py:1" in str(caught.value)
    assert "are not those that the manifest's codemods make now: codemod swap leaves the file" in str(caught.value)


def test_what_never_ends_is_done_once_and_verified(make_repo: MakeRepo) -> None:
    grow = table("grow", {"x": "xx"}, 'idempotent = false\nfiles = ["lib/**"]').replace("} }", "}, once = false }")
    repo = placed(make_repo, {"lib/a.py": "x = 1\n"}, grow)
    planned(repo)
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == Exit.DONE
    git(repo, "switch", "-q", "repoint/case")
    assert (repo / "lib/a.py").read_text() == "xx = 1\n"
    assert run(repo, "verify") == Exit.DONE
    commit(repo, "lib/a.py", "xx = 1\nfrom pkg.old import Old\n")
    assert run(repo, "verify") == Exit.NOT_PROVED


def test_all_codemods_that_cannot_run_are_told_at_once(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = '[[codemod]]\nkind = "libcst"\nref = "mods:Nothing"\n[[codemod]]\nkind = "bowler"\nref = "nowhere:f"\n'
    repo = placed(make_repo, {}, wrong + table("right", {"a": "b"}))
    assert run(repo, "plan", "--out", "p.json") == Exit.USAGE
    lines = capsys.readouterr().err.splitlines()
    numbers = [at for at, line in enumerate((MANIFEST + wrong).splitlines(), 1) if line.startswith("ref")]
    assert [f"migration.toml:{number}: " in line for number, line in zip(numbers, lines, strict=True)] == [True, True]
    assert "Nothing" in lines[0]
    assert "nowhere" in lines[1]
    assert not (repo.parent / "p.json").exists()
