"""A linked worktree for commands of the user's: takes a repository and commits, gives a folder that holds them.

It lies in the system's temporary folder, has no branch, and is gone afterwards. A record in the git directory names it
before it is made, so that whoever comes after a kill can remove it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from repoint.errors import Refused
from repoint.execution.git import Git, GitFailed, Repository, names
from repoint.execution.lock import shared_folder

_PREFIX = "repoint-"
_OURS = re.compile(f"{_PREFIX}[0-9a-f]{{12}}")


@dataclass(frozen=True)
class Linked:
    """The worktree `top`, git at work in it, and the folder of our own that it lies in."""

    git: Git
    top: Path
    folder: Path

    @property
    def no_hooks(self) -> tuple[str, str]:
        """The option of git by which it finds no hooks."""
        return ("-c", f"core.hooksPath={self.folder / 'no-hooks'}")

    def show(self, commit: str) -> None:
        """Bring the files to a commit; what commands left there goes, ignored files aside, such as caches."""
        before = self.git.ask("rev-parse", "HEAD") or ""
        self.git.run(*self.no_hooks, "checkout", "-q", "-f", "--detach", commit)
        self.git.run("clean", "-q", "-ffd")
        self._forget_compiled(names(self.git.run("diff-tree", "-r", "-z", "--name-only", before, commit)))

    def show_tree(self, commit: str, tree: str) -> None:
        """Bring files and index to a tree, while HEAD stands at `commit`."""
        self.show(commit)
        self.git.run("read-tree", "-m", "-u", commit, tree)
        self._forget_compiled(names(self.git.run("diff-tree", "-r", "-z", "--name-only", commit, tree)))

    def _forget_compiled(self, paths: Iterable[str]) -> None:
        """Python takes compiled code for current by the second and the size; a rewrite may keep both (PEP 3147)."""
        for path in paths:
            place = self.top / path
            for compiled in place.parent.glob(f"__pycache__/{place.stem}.*.pyc") if place.suffix == ".py" else ():
                compiled.unlink(missing_ok=True)


@contextmanager
def linked(repo: Repository, commit: str) -> Iterator[Linked]:
    """A linked worktree at `commit` for the block. The repository's lock is held.

    Raises Refused where it cannot be made.
    """
    clear(repo)
    folder = Path(tempfile.gettempdir(), f"{_PREFIX}{secrets.token_hex(6)}").resolve()
    top = folder / _name(repo)
    try:
        _record(repo, folder)
        folder.mkdir(mode=0o700)
    except OSError as error:
        what = f"a worktree for gates cannot be made: {error.strerror}"
        raise Refused(what, where=str(folder), mend="set TMPDIR to another folder") from error
    try:
        made = Linked(Git(top), top, folder)
        _add(repo, made, commit)
        yield made
    finally:
        clear(repo)


def _name(repo: Repository) -> str:
    """As the user's own folder is called: some tools take names from it."""
    return repo.top.name if repo.top and repo.top.name else "worktree"


def _add(repo: Repository, made: Linked, commit: str) -> None:
    command = ("worktree", "add", "-q", "--detach", "--lock", "--reason", "repoint runs gates in it")
    try:
        repo.git.run(*made.no_hooks, "-c", "checkout.workers=0", *command, str(made.top), commit)
    except GitFailed as error:
        raise Refused(
            f"a worktree for gates cannot be made: {error.problems[0].what}",
            where=str(made.top),
            mend="mend that, set TMPDIR to another folder, or say --no-gates",
        ) from error


def clear(repo: Repository) -> None:
    """Remove the linked worktree that the record names, if there is one. The repository's lock is held."""
    try:
        folder = Path(json.loads(place(repo.common_dir).read_bytes())["folder"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        folder = Path()  # cut off while it was written: nothing was made yet
    if folder.is_absolute() and _OURS.fullmatch(folder.name):
        _remove(folder)
        for admin in repo.common_dir.glob("worktrees/*/gitdir"):
            _forget_worktree(admin, folder)
    place(repo.common_dir).unlink(missing_ok=True)


def _forget_worktree(admin: Path, folder: Path) -> None:
    """What git keeps of a linked worktree, where that is one in our folder (gitrepository-layout)."""
    with suppress(OSError):
        if Path(admin.read_text(encoding="utf-8").strip()).parent.parent == folder:
            _remove(admin.parent)


def _remove(folder: Path) -> None:
    for _ in range(3):  # a command that outlived its killed parent may still write
        if folder.is_symlink() or not folder.exists():
            return
        if sys.version_info >= (3, 12):
            shutil.rmtree(folder, onexc=_writable_first)
        else:
            shutil.rmtree(folder, onerror=_writable_first)


def _writable_first(remove: Callable[..., object], path: str, reason: object) -> None:
    """Read-only files and folders go as well."""
    with suppress(OSError):
        for place in (Path(path).parent, Path(path)):
            place.chmod(place.stat().st_mode | stat.S_IRWXU)
        if remove in (os.unlink, os.rmdir):
            remove(path)


def _record(repo: Repository, folder: Path) -> None:
    record = place(repo.common_dir)
    shared_folder(record.parent)
    with record.open("w", encoding="utf-8") as file:
        json.dump({"folder": str(folder)}, file)
        file.flush()
        os.fsync(file.fileno())


def place(common_dir: Path) -> Path:
    """Where the record lies."""
    return common_dir / "repoint" / "gates.json"
