"""What users copy: the hook of pre-commit and the pipelines of `docs/ci.md` are run on a real repository."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeRepo, git

ROOT = Path(__file__).parents[2]
YAML = next((name for name in ("yaml", "yaml_ft") if importlib.util.find_spec(name)), "")
HOOK = ROOT / ".pre-commit-hooks.yaml"
MANIFEST = b"""name = "engines"

[[move]]
old = "app.old:Engine"
new = "app.new:UserEngine"
"""
OLD_IMPORT = b"from app.old import Engine\n"
FILES = {
    "migration.toml": MANIFEST,
    "app/__init__.py": b"",
    "app/new.py": b"class UserEngine: ...\n",
    "app/old.py": b"from app.new import UserEngine as Engine\n",
    "app/known.py": OLD_IMPORT,
    "app/user.py": b"from app.new import UserEngine\n",
}


def read(text: str) -> Any:
    """A YAML document, by the parser that LibCST brings along."""
    return importlib.import_module(YAML).safe_load(text)


def run(words: list[str], repo: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`repoint` as a pipeline calls it."""
    assert words[0] == "repoint"
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=repo,
        env={**os.environ, "PYTHONUTF8": "1", **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def hook() -> list[str]:
    """The command that pre-commit runs: what the hook says, then the user's own `args`."""
    (only,) = read(HOOK.read_text("utf-8"))
    return [*shlex.split(only["entry"]), "migration.toml"]


def blocks() -> list[Any]:
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    return [read(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def test_the_hook_is_one_that_pre_commit_takes() -> None:
    (only,) = read(HOOK.read_text("utf-8"))
    assert only["id"] == blocks()[0]["repos"][0]["hooks"][0]["id"]
    assert (only["language"], only["pass_filenames"], only["require_serial"]) == ("python", False, True)
    assert {"name", "entry", "types_or"} <= only.keys()


def test_the_hook_refuses_what_is_staged_and_nothing_else(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    (repo / "app" / "user.py").write_bytes(FILES["app/user.py"] + OLD_IMPORT)
    passed = run(hook(), repo)
    assert (passed.returncode, "nothing new" in passed.stdout) == (0, True), passed
    git(repo, "add", "-A")
    refused = run(hook(), repo)
    assert refused.returncode == 1, refused
    assert "app/user.py:2:21: app.old.Engine is deprecated" in refused.stdout
    assert "app/known.py" not in refused.stdout


def test_the_hook_refuses_a_commit(make_repo: MakeRepo) -> None:
    repo = with_hook(make_repo)
    git(repo, "add", "-A")
    assert commit(repo).returncode == 1
    (repo / "app" / "user.py").write_bytes(FILES["app/user.py"] + b"\n")
    git(repo, "add", "-A")
    done = commit(repo)
    assert done.returncode == 0, done


@pytest.mark.parametrize("options", [["--all"], ["app/user.py"], ["--include", "app/user.py"]])
def test_the_hook_sees_what_a_commit_stages_itself(options: list[str], make_repo: MakeRepo) -> None:
    """`git commit -a` and `git commit PATH` make the commit of an index of their own."""
    repo = with_hook(make_repo)
    refused = commit(repo, *options)
    assert refused.returncode == 1, refused
    assert b"app.old.Engine is deprecated" in refused.stdout + refused.stderr


def test_the_index_of_a_hook_is_that_of_its_own_repository(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo(FILES)
    (tmp_path / "index").write_bytes((repo / ".git" / "index").read_bytes())
    (repo / "app" / "user.py").write_bytes(FILES["app/user.py"] + OLD_IMPORT)
    git(repo, "add", "-A")
    assert run(hook(), repo, GIT_INDEX_FILE=str(tmp_path / "index")).returncode == 1


def with_hook(make_repo: MakeRepo) -> Path:
    """A repository with the hook installed, and an old import in the working tree."""
    repo = make_repo(FILES)
    words = [Path(sys.executable).as_posix(), "-m", *hook()]
    script = repo / ".git" / "hooks" / "pre-commit"
    script.parent.mkdir(exist_ok=True)
    script.write_bytes(f"#!/bin/sh\nexec {shlex.join(words)}\n".encode())
    script.chmod(0o755)
    (repo / "app" / "user.py").write_bytes(FILES["app/user.py"] + OLD_IMPORT)
    return repo


def commit(repo: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "commit", "-q", "-m", "more", *options], cwd=repo, capture_output=True, check=False)


def test_every_recipe_is_yaml_with_steps_that_run_something() -> None:
    _, workflow, pipeline = blocks()
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert workflow["jobs"]["audit"]["permissions"]["security-events"] == "write"
    assert pipeline["imports"]["artifacts"]["paths"] == ["audit.json", "audit.html"]


def commands() -> list[str]:
    """Each call of `repoint` in the pipelines."""
    if not YAML:
        return []
    _, workflow, pipeline = blocks()
    lines = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    lines += [*pipeline["imports"]["script"], *pipeline["imports"]["after_script"]]
    return [line for line in dict.fromkeys(lines) if line.startswith("repoint ")]


@pytest.mark.parametrize("line", commands())
def test_a_pipeline_says_what_a_branch_brings_in(line: str, make_repo: MakeRepo, tmp_path: Path) -> None:
    origin = make_repo(FILES)
    repo = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(origin), str(repo))
    base = git(repo, "rev-parse", "HEAD").decode().strip()
    (repo / "app" / "user.py").write_bytes(FILES["app/user.py"] + OLD_IMPORT)
    git(repo, "commit", "-q", "-a", "-m", "more")
    for name, value in {"$BASE": "trunk", "$CI_MERGE_REQUEST_DIFF_BASE_SHA": base}.items():
        line = line.replace(name, value)
    words = shlex.split(line.partition(" >> ")[0])
    done = run(words, repo)
    out = Path(repo, words[words.index("--out") + 1]).read_text("utf-8") if "--out" in words else done.stdout
    assert done.returncode == (1 if words[1] == "check" else 0), done
    assert "app.old.Engine is deprecated" in re.sub(r"[\\`]", "", out)
    assert ("known.py" in out) == ("--diff" not in words)


if not YAML:
    pytest.skip("no parser of YAML comes with LibCST here", allow_module_level=True)
