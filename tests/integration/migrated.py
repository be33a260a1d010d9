"""A small migration that was planned and applied: what tests of `prune` and `verify` begin with."""

from __future__ import annotations

from pathlib import Path

from repoint.cli import main
from tests.conftest import MakeRepo, git
from tests.transform_tools import move

FILES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\nclass Thing: ...\ndef dump(): ...\n",
    "pkg/new.py": "class New: ...\nclass Thing: ...\n",
    "pkg/other.py": "class New: ...\n",
    "app/__init__.py": "",
    "app/a.py": "from pkg.old import Old, Thing\nOld(Thing)\n",
    "app/b.py": "import pkg.old\npkg.old.Old()\n",
}
MOVES = move("pkg.old:Old", "pkg.new:New") + move("pkg.old:Thing", "pkg.new:Thing")
MANIFEST = f'name = "case"\n{MOVES}[[stub]]\nmodule = "pkg.old"\ndrop = ["dump"]\n'
BRANCH = "repoint/case"


def repository(make_repo: MakeRepo, files: dict[str, str] | None = None, manifest: str = MANIFEST) -> Path:
    """A repository with one commit, and the manifest beside it."""
    repo = make_repo({path: text.encode() for path, text in {**FILES, **(files or {})}.items()})
    (repo.parent / "migration.toml").write_text(manifest)
    return repo


def migrated(make_repo: MakeRepo, files: dict[str, str] | None = None, manifest: str = MANIFEST) -> Path:
    """The same after `plan` and `apply`, with the branch checked out."""
    repo = repository(make_repo, files, manifest)
    assert run(repo, "plan", "--out", "p.json") == 0
    assert main(["apply", str(repo.parent / "p.json"), "--repo", str(repo)]) == 0
    git(repo, "switch", "-q", BRANCH)
    return repo


def run(repo: Path, command: str, *args: str) -> int:
    """A command that takes the manifest; files that it writes lie beside the repository."""
    placed = [str(repo.parent / arg) if arg.endswith(".json") else arg for arg in args]
    return main([command, str(repo.parent / "migration.toml"), "--repo", str(repo), *placed])


def edit(repo: Path, path: str, *change: str) -> None:
    """Replace a text in a file, or give the file another one."""
    target = repo / path
    target.parent.mkdir(exist_ok=True)
    if len(change) == 2:
        before = target.read_text()
        assert change[0] in before
        target.write_text(before.replace(*change))
    else:
        target.write_text(*change)


def commit(repo: Path, path: str, *change: str) -> str:
    """The same, committed."""
    edit(repo, path, *change)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", f"edit {path}")
    return git(repo, "rev-parse", "HEAD").decode().strip()
