"""From a manifest and a repository to a plan, end to end."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from repoint.model import EditKind, Plan
from repoint.pipeline import PlanRequest, make_plan
from repoint.planning.plan_file import dump, load
from tests.conftest import MakeRepo, git
from tests.transform_tools import MOVED, RENAMED, applied, found, move, plan_of, told

FILES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\nclass Thing: ...\n",
    "pkg/new.py": "class New: ...\nclass Thing: ...\n",
    "app/a.py": "from pkg.old import Old, Thing\nOld(Thing)\n",
    "app/b.py": "import pkg.old\npkg.old.Old()\n",
    "app/c.py": "x = 1\n",
    "tests/t.py": "import mock\nmock.patch('pkg.old.Old')\n",
    "README.md": "Use pkg.old.Old.\n",
}
MANIFEST = f'name = "case"\n{RENAMED}{MOVED}[[stub]]\nmodule = "pkg.old"\n'


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    return make_repo({path: text.encode() for path, text in FILES.items()})


def planned(repo: Path, manifest: str = MANIFEST, rev: str | None = None, jobs: int | None = 1) -> Plan:
    where = repo.parent / "migration.toml"
    where.write_text(manifest)
    return make_plan(PlanRequest(repo, where, rev, jobs), lambda *_: None)


def test_a_whole_migration(repo: Path) -> None:
    made = planned(repo)
    assert made.applicable, told(made)
    assert made.base == git(repo, "rev-parse", "HEAD").decode().strip()
    assert [[change.path for change in batch.files] for batch in made.batches] == [
        ["tests/t.py"],
        ["app/a.py", "app/b.py"],
        ["pkg/old.py"],
    ]
    counts = made.counts
    assert (counts.files, counts.changed, counts.stubs, counts.strings, counts.uses) == (7, 4, 1, 1, 3)
    assert (made.before.deprecated_imports, made.after.deprecated_imports) == (3, 0)
    assert (made.before.stub_lines, made.after.stub_lines) == (2, 5)
    assert found(made, "path-in-other-file") == [("README.md", 1)]
    result = applied(FILES, made)
    assert result["app/a.py"] == b"from pkg.new import New, Thing\nNew(Thing)\n"
    assert result["app/b.py"] == b"import pkg.new\npkg.new.New()\n"
    assert result["tests/t.py"] == b"import mock\nmock.patch('pkg.new.New')\n"


def test_the_same_input_gives_the_same_bytes(repo: Path) -> None:
    first = dump(planned(repo))
    assert dump(planned(repo, jobs=None)) == first
    assert load(first, "plan") == planned(repo)


def test_uncommitted_changes_are_not_planned(repo: Path) -> None:
    first = dump(planned(repo))
    (repo / "app/a.py").write_text("x = 2\n")
    (repo / "app/new.py").write_text("from pkg.old import Old\n")
    (repo / "app/b.py").unlink()
    assert dump(planned(repo)) == first


def test_any_revision_and_a_bare_repository_give_the_same_plan(repo: Path, tmp_path: Path) -> None:
    first = dump(planned(repo))
    git(repo, "tag", "start")
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    assert dump(planned(tmp_path / "bare.git")) == first
    (repo / "app/a.py").write_text("x = 2\n")
    git(repo, "commit", "-q", "-a", "-m", "next")
    assert dump(planned(repo, rev="start")) == first
    assert dump(planned(repo)) != first


def test_progress_is_told_by_stage(repo: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    where = repo.parent / "migration.toml"
    where.write_text(MANIFEST)
    make_plan(PlanRequest(repo, where), lambda *told: seen.append(told))
    stages = list(dict.fromkeys(stage for stage, _, _ in seen))
    assert stages == ["searching", "analysing", "proving"]
    assert all(0 <= done <= total for _, done, total in seen)
    assert seen[-1] == ("proving", 3, 3)


def test_a_migration_that_matches_nothing_parses_nothing() -> None:
    made = plan_of(FILES, move("nowhere.at:All", "some.where:All"))
    assert not made.batches and not made.findings
    assert (made.counts.candidates, made.counts.analysed, made.counts.statements_parsed) == (0, 0, 0)


def test_libcst_parses_only_statements_that_change_shape_around_comments() -> None:
    files = {f"f{number}.py": "from pkg.old import Old\nOld()\n" for number in range(5)}
    assert plan_of(files).counts.statements_parsed == 0
    files["g.py"] = "from pkg.old import Old, Stays\n"
    assert plan_of(files).counts.statements_parsed == 0
    files["h.py"] = "from pkg.old import (  # both\n    Old,\n    Stays,\n)\n"
    assert plan_of(files).counts.statements_parsed == 1


def test_scope_says_what_is_looked_at() -> None:
    files = {
        "src/pkg/app.py": "from .old import Old\nOld()\n",
        "src/gen/app.py": "from pkg.old import Old\n",
        "tool.pyi": "from pkg.old import Old\n",
        "script": "from pkg.old import Old\n",
    }
    manifest = RENAMED + '[scope]\nroots = ["src"]\nexclude = ["src/gen/**"]\n'
    made = plan_of(files, manifest)
    changed = {change.path for batch in made.batches for change in batch.files}
    assert changed == {"src/pkg/app.py", "tool.pyi"}


def test_another_import_root_is_recognised_by_its_tail() -> None:
    files = {"backend/app/api.py": "from pkg.old import Old\nOld()\n", "backend/main.py": "from app.api import Old\n"}
    result = applied(files, plan_of(files))
    assert result["backend/app/api.py"] == b"from pkg.new import New as Old\nOld()\n"


@pytest.mark.parametrize("reason", ['reason = "on purpose"\n', ""])
def test_excepted_files_stay_and_are_listed(reason: str) -> None:
    text = "from pkg.old import Old\nimport pkg.old\nimport mock\nmock.patch('pkg.old.Old')\n"
    files = {"compat/t.py": text, "a.py": "from pkg.old import Old\n"}
    made = plan_of(files, f'{RENAMED}[[except]]\nfiles = ["compat/**"]\n{reason}')
    assert [change.path for batch in made.batches for change in batch.files] == ["a.py"]
    lines = {line for path, line in found(made, "excepted")}
    assert {1, 4} <= lines
    assert all(("on purpose" in str(item)) is bool(reason) for item in made.findings)


def test_star_imports_are_told() -> None:
    made = plan_of({"a.py": "from pkg.old import *\nOld()\n"})
    assert found(made, "star-import") == [("a.py", 1)] and not made.batches


def test_files_that_patch_and_files_that_look_up_late_are_one_batch() -> None:
    files = {
        "app/late.py": "def f():\n    from pkg.old import Old\n    return Old()\n",
        "app/early.py": "from pkg.old import Old\nOld()\n",
        "tests/t.py": "import mock, app.late\nmock.patch('pkg.old.Old')\n",
    }
    made = plan_of(files)
    together = next(batch for batch in made.batches if any(change.path == "tests/t.py" for change in batch.files))
    assert "app/late.py" in {change.path for change in together.files}


def test_a_patch_of_a_modules_name_is_in_one_batch_with_its_look_ups() -> None:
    files = {
        "app/late.py": "import pkg.old\ndef f(): return pkg.old.go()\n",
        "app/early.py": "from pkg.old import go\ngo()\n",
        "tests/t.py": "import mock\nmock.patch('pkg.old.go')\n",
    }
    made = plan_of(files, move("pkg.old", "pkg.new") + "[batches]\nmax_files = 1\n")
    together = next(batch for batch in made.batches if any(change.path == "tests/t.py" for change in batch.files))
    assert "app/late.py" in {change.path for change in together.files}


def test_roots_without_files_and_modules_of_two_files_are_told() -> None:
    files = {"a/pkg/old.py": "class Old: ...\n", "b/pkg/old.py": "class Old: ...\n", "b/x/y.py": "", "a/x/y.py": ""}
    made = plan_of(files, f'{RENAMED}[scope]\nroots = ["a", "b", "c"]\n')
    assert found(made, "root-empty") == [("c", 1)]
    assert found(made, "module-twice") == [("b/pkg/old.py", 1)]


def test_stubs_first() -> None:
    late = "def f():\n    from pkg.old import Old\n    return Old\n"
    files = {**FILES, "pkg/new.py": FILES["pkg/new.py"] + late}
    del files["tests/t.py"]
    made = plan_of(files, MANIFEST + '[batches]\nstubs = "first"\n')
    assert [change.path for change in made.batches[0].files] == ["pkg/new.py", "pkg/old.py"]


FIRST = '[batches]\nstubs = "first"\n'


def test_users_that_move_after_the_stubs_get_the_same_object() -> None:
    made = plan_of(FILES, MANIFEST + FIRST)
    (check,) = [item for item in made.proof if "no object" in item.name]
    assert made.applicable and check.looked_at > 0 and not check.failed
    assert not found(made, "not-neutral")


def test_a_user_whose_old_module_is_no_stub_changes_what_runs() -> None:
    files = {**FILES, "pkg/apart.py": "class Old: ...\n", "late.py": "from pkg.apart import Old\nOld()\n"}
    made = plan_of(files, MANIFEST + move("pkg.apart:Old", "pkg.new:New") + FIRST)
    assert made.applicable
    assert found(made, "not-neutral") == [("late.py", 2)]


def test_a_stub_that_leads_elsewhere_than_its_users_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    astray = "from pkg.apart import Old\n__all__ = ['Old']\n"
    monkeypatch.setattr("repoint.transforms.stubs.build.render", lambda *_: astray)
    made = plan_of({**FILES, "pkg/apart.py": "class Old: ...\n"}, MANIFEST + FIRST)
    (check,) = [item for item in made.proof if "no object" in item.name]
    assert not made.applicable and check.failed


def test_a_module_is_deleted_after_its_users_moved() -> None:
    made = plan_of(FILES, MANIFEST.replace('module = "pkg.old"', 'module = "pkg.old"\nmode = "delete"') + FIRST)
    assert made.applicable
    assert [change.after for change in made.batches[-1].files] == [None]
    assert len(made.batches) > 1


BOTH = (
    move("pkg.a:A", "pkg.new:New")
    + move("pkg.b:B", "pkg.new:B")
    + '[[stub]]\nmodule = "pkg.a"\n[[stub]]\nmodule = "pkg.b"\nmode = "delete"\n'
)
LEAVING = {
    "pkg/__init__.py": "",
    "pkg/new.py": "class New: ...\nclass B: ...\n",
    "pkg/a.py": "class A: ...\ndef _base(): ...\n",
    "pkg/b.py": "from pkg.a import _base\nclass B: ...\n",
    "app.py": "from pkg.b import B\nB()\n",
}


def test_a_module_goes_before_what_it_uses_is_a_mere_redirect() -> None:
    made = plan_of(LEAVING, BOTH)
    assert made.applicable
    assert [change.path for batch in made.batches for change in batch.files] == ["app.py", "pkg/b.py", "pkg/a.py"]


def test_with_stubs_first_a_module_keeps_what_it_uses_till_it_goes() -> None:
    assert found(plan_of(LEAVING, BOTH + FIRST), "orphan") == [("pkg/b.py", 1)]


def test_a_stub_and_an_interface_file() -> None:
    files = {**FILES, "pkg/old.pyi": "class Old: ...\n"}
    made = plan_of(files, MANIFEST)
    stub = made.batches[-1].files[0]
    assert stub.path == "pkg/old.py" and stub.edits[0].kind is EditKind.STUB


def test_the_collector_is_left_as_it_was(repo: Path) -> None:
    gc.disable()
    try:
        planned(repo)
        assert not gc.isenabled()
    finally:
        gc.enable()
    planned(repo)
    assert gc.isenabled()


def test_the_metrics_count_what_stays() -> None:
    made = plan_of(
        {
            "pkg/old.py": "class Old: ...\n",
            "pkg/new.py": "class New: ...\n",
            "a.py": "from pkg.old import Old\nimport pkg.old as o\no.Old, Old\n",
            "b.py": "from pkg.old import Old  # repoint: keep\nOld()\n",
            "c.py": "import mock\nmock.patch('pkg.old.Old')\nmock.patch('pkg.old.Ol' 'd.x')\n",
        }
    )
    assert (made.before.deprecated_imports, made.after.deprecated_imports) == (3, 1)
    assert (made.before.deprecated_strings, made.after.deprecated_strings) == (2, 1)


@pytest.mark.parametrize("use", ["pkg.old.__doc__", "pkg.old.__file__"])
def test_what_every_module_has_is_no_object_that_moves(use: str) -> None:
    stub = '[[move]]\nold = "pkg.old"\nnew = "pkg.new"\n[[stub]]\nmodule = "pkg.old"\n'
    files = {"pkg/__init__.py": "", "pkg/old.py": "x = 1\n", "pkg/new.py": "x = 1\n"}
    assert plan_of({**files, "late.py": f"import pkg.old\n{use}\npkg.old.x\n"}, stub + FIRST).applicable
