"""A repository with a plan, ready to be applied and disturbed: what an unbroken run makes of it, and what must hold."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.injection_tools import copy_codemod

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "fixtures" / "repos" / "execution_engines"
MIGRATION = ROOT / "codemods" / "execution_engine" / "migration.toml"
BRANCH = "repoint/execution-engine"
ENVIRONMENT = {
    # Coverage would write files of its own, in processes that are killed or may not write.
    **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_NAME": who.lower() for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": f"{who.lower()}@localhost" for who in ("AUTHOR", "COMMITTER")},
}
FORMATTER = (
    "import pathlib, sys\n"
    "for path in map(pathlib.Path, sys.argv[1:]):\n"
    "    path.write_bytes(path.read_bytes() + b'# formatted\\n')\n"
)
GATE = "import ast, pathlib, os\nfor path in open(os.environ.get('REPOINT_FILES', os.devnull)).read().split():\n"
GATE += "    if os.path.exists(path): ast.parse(pathlib.Path(path).read_bytes())\n"


@dataclass(frozen=True)
class Source:
    """Files of a repository, and the migration that is planned for it, which is called execution-engine."""

    files: Path = EXAMPLE
    migration: Path = MIGRATION


@dataclass(frozen=True)
class Kind:
    """A way to apply: on the branch that is checked out or not, with or without gates, a formatter and hooks."""

    name: str
    checked_out: bool = False
    gates: bool = False
    hooks: bool = False


KINDS = (
    Kind("on a branch that is not checked out"),
    Kind("on the branch that is checked out", checked_out=True),
    Kind("with gates and a formatter", gates=True),
    Kind("checked out, with gates, a formatter and hooks", checked_out=True, gates=True, hooks=True),
)


@dataclass(frozen=True)
class Scene:
    """A repository `origin` that is copied for each run; `trees` are those of the batches.

    A whole run takes `seconds`, and `slow_seconds` where each move of a ref is made to take a while.
    """

    kind: Kind
    folder: Path
    command: tuple[str, ...]
    base: str
    trees: tuple[str, ...] = ()
    seconds: float = 0.0
    slow_seconds: float = 0.0

    @property
    def origin(self) -> Path:
        return self.folder / "origin"

    def copy(self, name: str, *, slow: bool = False) -> Path:
        """A repository of its own for one run. A `slow` one spends its time between commits, not before them."""
        repo = Path(shutil.copytree(self.origin, self.folder / name, symlinks=True))
        if slow:
            hook = repo / ".git" / "hooks" / "reference-transaction"
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\nsleep 0.02\n")
            hook.chmod(0o755)
        return repo

    def apply(self, repo: Path, below: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """The whole command, to its end; `below` is a program that runs it."""
        words = (*below, *self.command, "--repo", str(repo))
        return subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=False)

    def wrong(self, repo: Path) -> list[str]:
        """What must not be, whenever a run was broken off: an unsound repository, or half a batch."""
        found = [f"fsck: {line}" for line in faults(repo)]
        trees = trees_of(repo, self.base)
        if trees != list(self.trees[: len(trees)]):
            found.append(f"the branch does not hold whole batches: {len(trees)} commits")
        if not self.kind.checked_out and (dirt := git(repo, "status", "--porcelain")):
            found.append(f"the working tree was touched: {dirt}")
        return found

    def wrong_at_the_end(self, repo: Path) -> list[str]:
        """What must not be after a run that went on and came to its end."""
        found = [f"fsck: {line}" for line in faults(repo)]
        if trees_of(repo, self.base) != list(self.trees):
            found.append("the branch does not hold every batch")
        if dirt := git(repo, "status", "--porcelain"):
            found.append(f"the working tree differs: {dirt}")
        left = {path.name for path in (repo / ".git/repoint").iterdir()} - {"lock", "logs", "cache"}
        locks = {path.name for path in (repo / ".git").rglob("*.lock")}
        worktrees = git(repo, "worktree", "list").count("\n") - 1
        if left or locks or worktrees:
            found.append(f"left behind: {left or ''} {locks or ''} {worktrees} worktrees")
        return found


def git(repo: Path, *words: str) -> str:
    """What git says; raises where it fails."""
    words = ("git", "--no-optional-locks", *words)
    return subprocess.run(words, cwd=repo, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout


def faults(repo: Path) -> list[str]:
    """What `git fsck` complains of; objects that nothing points to are no fault."""
    done = subprocess.run(
        ("git", "fsck", "--strict", "--no-dangling", "--no-progress"),
        cwd=repo,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if not line.startswith("notice:")] or ([] if not done.returncode else ["fails"])


def trees_of(repo: Path, base: str) -> list[str]:
    """The trees on the branch since the base, oldest first."""
    if not git(repo, "branch", "--list", BRANCH):
        return []
    return git(repo, "log", "--reverse", "--format=%T", f"{base}..{BRANCH}").split()


def make(kind: Kind, folder: Path, source: Source = Source()) -> Scene:
    """A repository, planned, and applied once in a copy to see what is to come of it."""
    repoint = (sys.executable, "-m", "repoint")
    folder.mkdir(parents=True)
    origin = Path(shutil.copytree(source.files, folder / "origin"))
    git(origin, "init", "-q", "-b", "trunk")
    git(origin, "add", "-A", "-f")
    git(origin, "commit", "-q", "-m", "before")
    shutil.rmtree(origin / ".git" / "hooks")
    if kind.checked_out:
        git(origin, "switch", "-q", "-c", BRANCH)
    if kind.hooks:
        (origin / ".git/hooks").mkdir()
        (origin / ".git/hooks/pre-commit").write_text("#!/bin/sh\nexit 0\n")
        (origin / ".git/hooks/pre-commit").chmod(0o755)
    manifest = _manifest(kind, folder, source.migration)
    plan = folder / "plan.json"
    words = (*repoint, "-q", "plan", str(manifest), "--repo", str(origin), "--out", str(plan))
    subprocess.run(words, env=ENVIRONMENT, check=True)
    asked = ("--run-hooks",) if kind.hooks else ()
    command = (*repoint, "apply", str(plan), "--manifest", str(manifest), *asked)
    scene = Scene(kind, folder, command, git(origin, "rev-parse", "HEAD").strip())
    seconds, slow_seconds = (_measured(scene, scene.copy(f"unbroken-{slow}", slow=slow)) for slow in (False, True))
    return replace(
        scene,
        trees=tuple(trees_of(folder / "unbroken-False", scene.base)),
        seconds=seconds,
        slow_seconds=slow_seconds,
    )


def _measured(scene: Scene, repo: Path) -> float:
    """The seconds of an undisturbed run."""
    since = time.monotonic()
    done = scene.apply(repo)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return time.monotonic() - since


def _manifest(kind: Kind, folder: Path, migration: Path) -> Path:
    text = migration.read_text(encoding="utf-8")
    if kind.gates:
        text += f"\n[after]\nrun = {json.dumps([[sys.executable, '-c', FORMATTER]])}\n"
        text += f"\n[gates]\neach = {json.dumps([[sys.executable, '-c', GATE]])}\n"
    path = folder / "migration.toml"
    path.write_text(text, encoding="utf-8")
    if migration == MIGRATION:
        copy_codemod(folder)
    return path


def resumed(scene: Scene, repo: Path, mended: Callable[[], None] = lambda: None) -> list[str]:
    """What is wrong in a repository whose run was broken off, and after the same command went on to the end."""
    found = scene.wrong(repo)
    mended()
    done = scene.apply(repo)
    if done.returncode:
        found.append(f"going on exits with {done.returncode}: {done.stderr.strip()}")
    return found + scene.wrong_at_the_end(repo)
