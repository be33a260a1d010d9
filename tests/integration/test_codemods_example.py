"""Three codemods as steps of one plan on the bundled example; and a file for each way in which one can fail."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import git

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "fixtures" / "repos" / "execution_engines"
CODEMODS = ROOT / "tests" / "fixtures" / "codemods" / "three_kinds"
PLACE = "netra_backend/app/wishes"

# What the first line of a planted file asks for: the finding's code, its severity, and a part of its message.
WISHES = {
    "skip": ("codemod-skipped", "info", "is generated"),
    "raise": ("codemod-failed", "warning", "LookupError: no such thing (misbehave.py:"),
    "exit": ("codemod-exited", "warning", "SystemExit"),
    "loop": ("codemod-timeout", "warning", "within 1 s"),
    "eat memory": ("codemod-memory", "warning", "more than 1024 MiB"),
    "die": ("codemod-died", "warning", "exit code 0"),
    "write": ("codemod-failed", "warning", "may not write files"),
    "print": ("codemod-printed", "info", "looked at a file much of it"),
    "warn": ("codemod-warning", "warning", "this takes a person"),
    "return nothing": ("codemod-failed", "warning", ""),
    "break syntax": ("codemod-not-proved", "error", "is no Python: 'return' outside function"),
    "name nothing": ("codemod-not-proved", "error", "`amount` is read"),
    "grow": ("codemod-not-idempotent", "error", "would change it once more"),
    "touch kept": ("codemod-kept", "warning", "repoint: keep"),
}
MISBEHAVE = f"""
[[codemod]]
id = "misbehave"
kind = "libcst"
ref = "misbehave:Misbehave"
files = ["{PLACE}/*.py"]
timeout = "1s"
memory = "1GiB"
"""
BODY = "\n\ndef price():\n    return 1\n\n\nKEPT = 1  # repoint: keep\n"


def repoint(*words: object, code: int = 0) -> str:
    command = [sys.executable, "-m", "repoint", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def example(folder: Path, planted: dict[str, str] | None = None) -> Path:
    """The example with more files, committed."""
    repo = folder / "repo"
    shutil.copytree(EXAMPLE, repo, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in (planted or {}).items():
        (repo / path).parent.mkdir(exist_ok=True)
        (repo / path).write_text(text)
    for words in (("init", "-q", "-b", "trunk"), ("add", "-A"), ("commit", "-q", "-m", "base")):
        git(repo, *words)
    return repo


def manifest(folder: Path, more: str = "") -> Path:
    """The migration with its codemods beside it, and more tables."""
    for path in CODEMODS.iterdir():
        shutil.copy(path, folder)
    target = folder / "migration.toml"
    target.write_text(target.read_text() + more)
    return target


def planned(repo: Path, migration: Path, code: int = 0) -> dict[str, Any]:
    plan = migration.parent / "steps.plan.json"
    repoint("plan", migration, "--repo", repo, "--out", plan, code=code)
    found: dict[str, Any] = json.loads(plan.read_bytes())
    return found


def test_a_codemod_of_libcst_another_and_one_of_bowler_are_steps_of_one_plan(tmp_path: Path) -> None:
    repo, migration = example(tmp_path), manifest(tmp_path)
    plan = planned(repo, migration)

    steps = {edit["rule"] for batch in plan["batches"] for file in batch["files"] for edit in file["edits"]}
    assert steps == {"codemod:users", "codemod:definition", "codemod:commas"}
    assert {item["id"]: item["changed"] for item in plan["codemods"]} == {"users": 1, "definition": 1, "commas": 13}
    assert all(item["failed"] == 0 for item in plan["codemods"])

    repoint("apply", tmp_path / "steps.plan.json", "--manifest", migration, "--repo", repo)
    subjects = git(repo, "log", "--format=%s", "trunk..repoint/codemod-steps").decode().splitlines()
    assert len(subjects) == len(plan["batches"]) >= 1
    git(repo, "switch", "-q", "repoint/codemod-steps")
    context = (repo / "netra_backend/app/services/user_execution_context.py").read_text()
    assert "def checked_context(context: UserExecutionContext,) -> UserExecutionContext:" in context
    engine = (repo / "netra_backend/app/agents/supervisor/user_execution_engine.py").read_text()
    assert "import UserExecutionContext, checked_context\n" in engine
    assert "self.context = checked_context(context)\n" in engine
    for path in repo.glob("netra_backend/**/*.py"):
        ast.parse(path.read_bytes())
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert subprocess.run(tests, cwd=repo, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_each_way_to_fail_is_a_finding_and_nothing_else_is_spoilt(tmp_path: Path) -> None:
    planted = {f"{PLACE}/{wish.replace(' ', '_')}.py": f"# wish: {wish}{BODY}" for wish in WISHES}
    planted["netra_backend/app/services/matching.py"] = "def f(x):\n    match x:\n        case 1: ...\n"
    repo = example(tmp_path, planted)
    bowler = '\n[[codemod]]\nid = "all"\nkind = "bowler"\nref = "rename_functions:rename_function"\n'
    bowler += 'args = { old = "nothing_of_the_kind", new = "other" }\nprefilter = ["match x"]\n'
    plan = planned(repo, manifest(tmp_path, MISBEHAVE + bowler), code=3)

    told = {(item["path"], item["code"]): item for item in plan["findings"]}
    for wish, (code, severity, message) in WISHES.items():
        finding = told[f"{PLACE}/{wish.replace(' ', '_')}.py", code]
        assert (finding["severity"], message in finding["message"]) == (severity, True), finding
    assert told[f"{PLACE}/warn.py", "codemod-warning"]["line"] == 3
    assert told[f"{PLACE}/touch_kept.py", "codemod-kept"]["line"] == 7
    unread = told["netra_backend/app/services/matching.py", "codemod-unreadable"]
    assert (unread["severity"], unread["line"]) == ("warning", 2)

    changed = {file["path"] for batch in plan["batches"] for file in batch["files"]}
    assert not [path for path in changed if path.startswith(PLACE)]
    assert len(changed) == 15  # with `matching`, which LibCST can read
    assert git(repo, "status", "--porcelain") == b""


@pytest.mark.slow
def test_files_that_a_codemod_fails_on_hold_up_nothing_or_all_as_the_manifest_says(tmp_path: Path) -> None:
    repo = example(tmp_path, {f"{PLACE}/one.py": f"# wish: raise{BODY}", f"{PLACE}/two.py": f"# wish: skip{BODY}"})
    migration = manifest(tmp_path, MISBEHAVE)
    assert planned(repo, migration)["applicable"]
    repoint("apply", tmp_path / "steps.plan.json", "--manifest", migration, "--repo", repo)
    migration.write_text(migration.read_text() + 'on_failure = "refuse"\n')
    plan = planned(repo, migration, code=3)
    errors = [(item["path"], item["code"]) for item in plan["findings"] if item["severity"] == "error"]
    assert errors == [(f"{PLACE}/one.py", "codemod-failed")]
