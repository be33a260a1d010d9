"""`repoint prune` on real repositories: what goes, what stays, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repoint.cli import main
from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.migrated import BRANCH, FILES, MANIFEST, MOVES, commit, migrated, repository, run

Captured = pytest.CaptureFixture[str]
SECOND = '[[stub]]\nmodule = "pkg.older"\n'
OLDER = {"pkg/older.py": "from pkg.old import Old\n\n__all__ = ['Old']\n"}


def pruning(repo: Path, capsys: Captured, *args: str, code: int = Exit.DONE) -> dict[str, Any]:
    capsys.readouterr()
    assert run(repo, "prune", "--json", "--out", "prune.json", *args) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def names(document: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    return [item["module"] for item in document["pruned"]], [(i["module"], i["reason"]) for i in document["kept"]]


def test_an_unused_stub_is_deleted_and_applied(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = migrated(make_repo, {"pkg/old.pyi": "class Old: ...\n"})
    assert names(pruning(repo, capsys)) == (["pkg.old"], [])
    assert main(["apply", str(repo.parent / "prune.json"), "--repo", str(repo)]) == Exit.DONE
    tree = git(repo, "ls-tree", "-r", "--name-only", "repoint/case-prune").decode().split()
    assert tree == sorted(FILES.keys() - {"pkg/old.py"})
    log = git(repo, "log", f"{BRANCH}..repoint/case-prune", "--format=%s%n%(trailers:key=Repoint-Migration)").decode()
    assert log.split("\n")[:2] == ["refactor(imports): delete 1 unused stub", "Repoint-Migration: case-prune"]
    git(repo, "switch", "-q", "repoint/case-prune")
    assert names(pruning(repo, capsys)) == ([], [])


def test_the_plan_lies_beside_you_and_the_summary_tells_what_to_do(
    make_repo: MakeRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    repo = migrated(make_repo)
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert run(repo, "prune") == Exit.DONE
    shown = capsys.readouterr().out
    assert shown.startswith("case-prune at ") and "1 of 1 stub can be pruned" in shown
    assert "repoint apply case.prune.plan.json" in shown
    assert (tmp_path / "case.prune.plan.json").exists()


@pytest.mark.parametrize(
    ("path", "text", "use"),
    [
        ("app/late.py", "x = 1\nfrom pkg.old import Old\n", "app/late.py:2: pkg.old.Old"),
        ("app/late.py", "import pkg\n\npkg.old.Old()\n", "app/late.py:3: pkg.old.Old"),
        ("pkg/late.py", "def f():\n    from . import old\n", "pkg/late.py:2: pkg.old"),
        ("app/late.py", "from pkg.old import *\n", "app/late.py:1: pkg.old"),
        ("app/late.py", "from pkg.old import Old  # repoint: keep\n", "app/late.py:1: pkg.old.Old"),
        ("app/late.py", "import importlib\nimportlib.import_module('pkg.old')\n", "app/late.py:2: pkg.old"),
        ("tests/t.py", "import mock\nmock.patch('pkg.old.Old')\n", "tests/t.py:2: pkg.old.Old"),
        ("app/broken.py", "from pkg.old import (\n", "app/broken.py:1: pkg.old (the file does not parse)"),
        ("pyproject.toml", '[project.scripts]\ncase = "pkg.old:Old"\n', "pyproject.toml:2: pkg.old"),
    ],
)
def test_a_used_stub_stays_with_its_uses(make_repo: MakeRepo, capsys: Captured, path: str, text: str, use: str) -> None:
    repo = migrated(make_repo)
    commit(repo, path, text)
    capsys.readouterr()
    assert run(repo, "prune", "--check", "--out", "p.json") == Exit.DONE
    assert "pkg.old stays: is used" in (shown := capsys.readouterr().out)
    assert f"  {use}\n" in shown
    assert "Nothing to prune." in shown


def test_prose_is_no_use(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = migrated(make_repo)
    commit(repo, "README.md", "Once there was pkg.old.\n")
    document = pruning(repo, capsys, "--check", code=Exit.PENDING)
    assert names(document) == (["pkg.old"], [])
    assert [(item["code"], item["path"]) for item in document["findings"]] == [("path-in-other-file", "README.md")]


def test_a_used_stub_does_not_block_another(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = migrated(make_repo)
    commit(repo, "pkg/older.py", "from pkg.new import New\n\n__all__ = ['New']\n")
    commit(repo, "app/late.py", "from pkg.old import Old\n")
    (repo.parent / "migration.toml").write_text(MANIFEST + SECOND)
    assert names(pruning(repo, capsys)) == (["pkg.older"], [("pkg.old", "is used")])


def test_stubs_that_only_each_other_use_go_in_one_commit(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = migrated(make_repo)
    commit(repo, "pkg/older.py", OLDER["pkg/older.py"])
    (repo.parent / "migration.toml").write_text(MANIFEST + SECOND)
    assert names(pruning(repo, capsys)) == (["pkg.old", "pkg.older"], [])
    plan = json.loads((repo.parent / "prune.json").read_text())
    assert [len(batch["files"]) for batch in plan["batches"]] == [2]
    commit(repo, "app/late.py", "from pkg.older import Old\n")  # which keeps both
    assert names(pruning(repo, capsys)) == ([], [("pkg.old", "is used"), ("pkg.older", "is used")])


def test_an_implementation_stays(make_repo: MakeRepo, capsys: Captured) -> None:
    repo = repository(make_repo)
    document = pruning(repo, capsys)
    assert names(document) == ([], [("pkg.old", "is no redirect yet")])
    assert [use["path"] for use in document["kept"][0]["uses"]] == ["app/a.py", "app/a.py", "app/b.py", "app/b.py"]


def test_a_package_stays_while_a_module_lies_in_it(make_repo: MakeRepo, capsys: Captured) -> None:
    manifest = f'name = "case"\n{MOVES.replace("pkg.old", "old")}[[stub]]\nmodule = "old"\n'
    files = {"old/__init__.py": "from pkg.new import New as Old\n__all__ = ['Old']\n", "old/tool.py": "x = 1\n"}
    repo = repository(make_repo, files, manifest)
    document = pruning(repo, capsys)
    assert document["kept"][0]["uses"] == [
        {"path": "old/tool.py", "line": 1, "what": "old.tool (a module in this package)"}
    ]
    git(repo, "rm", "-q", "old/tool.py")
    git(repo, "commit", "-q", "-m", "less")
    assert names(pruning(repo, capsys)) == (["old"], [])


def test_a_lazy_stub_and_one_with_kept_definitions_go_too(make_repo: MakeRepo, capsys: Captured) -> None:
    kept = MANIFEST.replace('drop = ["dump"]', 'mode = "lazy"\nkeep = ["dump"]')
    repo = migrated(make_repo, manifest=kept)
    document = pruning(repo, capsys)
    assert [(item["module"], item["state"]) for item in document["pruned"]] == [("pkg.old", "partial")]
    assert document["applicable"]


class TestSince:
    @pytest.fixture
    def repo(self, make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-05-10T12:00:00+00:00")
        repo = migrated(make_repo)
        git(repo, "tag", "v1", f"{BRANCH}~1")
        git(repo, "tag", "v2")
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-07-01T12:00:00+00:00")
        commit(repo, "app/c.py", "x = 1\n")
        return repo

    @pytest.mark.parametrize("point", ["2024-05-09", "v1"])
    def test_a_young_stub_stays(self, repo: Path, capsys: Captured, point: str) -> None:
        assert names(pruning(repo, capsys, "--since", point)) == ([], [("pkg.old", f"younger than {point}")])

    @pytest.mark.parametrize("point", ["2024-05-10", "v2", "HEAD"])
    def test_an_old_one_goes(self, repo: Path, capsys: Captured, point: str) -> None:
        assert names(pruning(repo, capsys, "--since", point)) == (["pkg.old"], [])

    @pytest.mark.parametrize("point", ["v3", "--all", "2024-5-1"])
    def test_what_is_neither_is_a_usage_error(self, repo: Path, capsys: Captured, point: str) -> None:
        assert run(repo, "prune", f"--since={point}", "--out", "p.json") == Exit.USAGE
        assert f"{point} is no day and names no commit" in capsys.readouterr().err
