"""`repoint init` on real repositories: a manifest that `plan` takes, and what is refused."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from repoint.cli import main
from repoint.errors import Exit
from repoint.proposing.run import InitRequest, propose
from tests.conftest import MakeRepo, git

EXAMPLE = Path(__file__).resolve().parents[1] / "fixtures" / "repos" / "execution_engines"
AGENTS = "netra_backend.app.agents"
ENGINE = f"{AGENTS}.supervisor.user_execution_engine:UserExecutionEngine"

FILES = {
    "src/pkg/__init__.py": b"",
    "src/pkg/old.py": b'"""Deprecated: use pkg.new.Thing."""\nclass Thing:\n    a = 1\n',
    "src/pkg/new.py": b"class Thing:\n    a = 1\n",
    "src/pkg/user.py": b"from pkg.old import Thing\nfrom pkg.new import Thing as T\nThing.a\n",
    "src/pkg/broken.py": b"def\n",
    "src/pkg/vendor/lib.py": b"from pkg.old import Thing\n",
    "tests/test_user.py": b"from pkg.old import Thing\nfrom tests.helpers import x\n",
    "tests/helpers.py": b"x = 1\n",
}
MOVES = [{"old": "pkg.old:Thing", "new": "pkg.new:Thing"}]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: str = "migration.toml") -> dict[str, object]:
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))


def test_it_proposes_what_the_planner_takes(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(FILES)
    assert main(["init", "--repo", str(repo), "--jobs", "1"]) == Exit.DONE
    assert "repoint plan migration.toml --repo" in capsys.readouterr().out
    manifest = written()
    assert manifest["move"] == MOVES
    assert manifest["scope"] == {"roots": [".", "src"], "exclude": ["**/vendor/**"]}
    assert manifest["canonical"] == [{"symbol": "pkg.new:Thing"}]
    assert manifest["targets"] == {"deprecated_imports": "== 0", "canonical_share": ">= 95%"}
    text = Path("migration.toml").read_text(encoding="utf-8")
    assert "# likely: docstring says: Deprecated: use pkg.new.Thing." in text
    assert 'old = "pkg.old:Thing"  # 2 imports' in text
    assert "src/pkg/broken.py:1: invalid syntax" in text
    assert main(["plan", "migration.toml", "--repo", str(repo), "--jobs", "1"]) == Exit.DONE
    assert main(["init", "--repo", str(repo), "--out", "again.toml", "--jobs", "2"]) == Exit.DONE
    assert Path("again.toml").read_text(encoding="utf-8") == text


def test_the_example_is_understood(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = shutil.copytree(EXAMPLE, tmp_path / "repo")
    git(repo, "init", "-q", "-b", "trunk")
    git(repo, "add", "-A", "-f")
    git(repo, "commit", "-q", "-m", "base")
    assert main(["init", "--repo", "repo", "--jobs", "1"]) == Exit.DONE
    moves = {move["old"]: move["new"] for move in written()["move"]}  # type: ignore[attr-defined]
    assert moves[f"{AGENTS}.supervisor.execution_engine:ExecutionEngine"] == ENGINE
    context = "netra_backend.app.services.user_execution_context:UserExecutionContext"
    assert moves[f"{AGENTS}.supervisor.execution_engine:UserExecutionContext"] == context
    assert main(["plan", "migration.toml", "--repo", "repo", "--jobs", "1"]) == Exit.DONE


def test_what_the_planner_refuses_is_a_comment(make_repo: MakeRepo) -> None:
    new = b"from pkg.old import Thing as Old\nclass Thing(Old):\n    a = 1\n"
    repo = make_repo({**FILES, "src/pkg/new.py": new})
    assert main(["init", "--repo", str(repo), "--jobs", "1"]) == Exit.DONE
    text = Path("migration.toml").read_text(encoding="utf-8")
    assert "# not active, because the planner says: src/pkg/new.py:1:" in text
    assert "move" not in written()
    assert main(["plan", "migration.toml", "--repo", str(repo), "--jobs", "1"]) == Exit.DONE


def test_nothing_is_overwritten_unasked(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(FILES)
    Path("migration.toml").write_text("mine")
    assert main(["init", "--repo", str(repo)]) == Exit.REFUSED
    assert capsys.readouterr().err == (
        "repoint: error: migration.toml: is there already; name another file with --out, or give --force\n"
    )
    assert Path("migration.toml").read_text() == "mine"
    assert main(["--quiet", "init", "--repo", str(repo), "--force", "--jobs", "1"]) == Exit.DONE
    assert capsys.readouterr().out == ""
    assert written()["move"] == MOVES


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "no/such/m.toml"], "no/such/m.toml: lies in no folder that exists; make the folder"),
        (["--name", "a b"], "--name 'a b' cannot be a branch's name; use letters"),
        (["--rev", "nothing"], "nothing names no commit; name a commit"),
    ],
)
def test_mistakes_are_told_in_one_line(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    repo = make_repo(FILES)
    assert main(["init", "--repo", str(repo), *arguments]) == Exit.USAGE
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert not Path("migration.toml").exists()


def test_json_tells_programs_all_of_it(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(FILES)
    assert main(["init", "--repo", str(repo), "--json", "--name", "things", "--jobs", "1"]) == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    (move,) = told["moves"]
    assert (move["old"], move["certainty"], move["basis"], move["imports"]) == ("pkg.old:Thing", "likely", "note", 2)
    assert told["name"] == written()["name"] == "things"
    assert told["unreadable"] == [{"path": "src/pkg/broken.py", "line": 1, "reason": "invalid syntax"}]


def test_a_commit_is_read_and_not_the_working_tree(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    git(repo, "rm", "-q", "-r", "src", "tests")
    git(repo, "commit", "-q", "-m", "nothing left", "--allow-empty")
    assert main(["init", "--repo", str(repo), "--rev", "HEAD~1", "--jobs", "1"]) == Exit.DONE
    assert written()["move"] == MOVES
    assert main(["init", "--repo", str(repo), "--out", "empty.toml", "--jobs", "1"]) == Exit.DONE
    assert written("empty.toml") == {"name": "canonical-imports", "scope": {"roots": ["."]}}
    assert main(["plan", "empty.toml", "--repo", str(repo)]) == Exit.DONE


def test_a_file_that_was_edited_is_read_as_git_has_it(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    (repo / "src/pkg/old.py").write_bytes(b"class Thing: ...\n")
    assert main(["init", "--repo", str(repo), "--jobs", "1"]) == Exit.DONE
    assert written()["move"] == MOVES


def test_a_second_run_reads_what_changed_and_says_the_same(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    cache = repo / ".git" / "repoint" / "cache"
    command = ["init", "--repo", str(repo), "--jobs", "1", "--out"]
    assert main([*command, "none.toml", "--no-cache"]) == Exit.DONE
    assert not cache.exists()
    assert main([*command, "cold.toml"]) == Exit.DONE
    asked: list[tuple[str, int]] = []
    proposed = propose(InitRequest(repo, jobs=1), lambda what, _, count: asked.append((what, count)))
    assert {count for what, count in asked if what == "reading"} <= {0, 1}  # what does not parse is not kept
    cold = Path("cold.toml").read_bytes()
    assert Path("none.toml").read_bytes() == cold == proposed.data


def test_a_name_whose_move_was_left_out_is_not_called_homeless(make_repo: MakeRepo) -> None:
    deprecated = b'"""This module is deprecated."""\nfrom pkg.new import One, Two\n'
    files = {
        "pkg/__init__.py": b"",
        "pkg/old.py": deprecated,
        "pkg/new.py": b"class One: ...\nclass Two: ...\n",
        "pkg/a.py": b"from pkg.old import One, Two, three\n",
        "pkg/b.py": b"from pkg.old import One\n",
    }
    assert main(["init", "--repo", str(make_repo(files)), "--limit", "1"]) == Exit.DONE
    text = Path("migration.toml").read_text(encoding="utf-8")
    assert '#     "Two",  # 1 import; its move to pkg.new:Two was left out' in text
    assert '#     "three",  # 1 import\n' in text
