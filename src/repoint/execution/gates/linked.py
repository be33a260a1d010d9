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
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from repoint.errors import Refused
from repoint.execution import places
from repoint.execution.repository.git import Git, GitFailed, Repository, names
from repoint.execution.repository.lock import shared_folder

CEILINGS = "GIT_CEILING_DIRECTORIES"
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

    def show(self, commit: str, paths: Sequence[str] = ()) -> None:
        """Bring the files to a commit; what commands left there goes, ignored files aside, such as caches.

        The files at `paths` are there even where a sparse checkout leaves them out.
        """
        self._forget_compiled(commit)
        self.git.run(*self.no_hooks, "checkout", "-q", "-f", "--detach", commit)
        try:
            self.git.run("clean", "-q", "-ffd")
        except GitFailed:
            _open(self.top)
            self.git.run("clean", "-q", "-ffd")
        self._fill(paths)

    def show_tree(self, commit: str, tree: str, paths: Sequence[str]) -> None:
        """Bring files and index to a tree, while HEAD stands at `commit`."""
        self.show(commit)
        self._forget_compiled(tree)
        self.git.run("read-tree", "--reset", "-u", tree)
        self._fill(paths)

    def _fill(self, paths: Sequence[str]) -> None:
        if paths and self.git.ask("config", "--type=bool", "--get", "core.sparseCheckout") == "true":
            given = "".join(f"{path}\0" for path in paths).encode("utf-8")
            self.git.run("update-index", "--no-skip-worktree", "-z", "--stdin", stdin=given)
            self.git.run("checkout-index", "-f", "-q", "-u", "-z", "--stdin", stdin=given)

    def refuse_gone(self, who: str) -> None:
        """Raises Refused where a command has removed the worktree that it ran in."""
        if not (self.top / ".git").is_file():
            raise Refused(
                f"{who} removed the worktree that it ran in", where=str(self.top), mend="make it leave that alone"
            )

    def _forget_compiled(self, goal: str) -> None:
        """Python takes compiled code for current by the second and the size; a rewrite may keep both (PEP 3147)."""
        for path in names(self.git.run("diff-index", "-z", "--name-only", "--ignore-submodules=all", goal)):
            place = self.top / path
            for compiled in (
                place.parent.glob(f"__pycache__/{escape(place.stem)}.*.pyc") if place.suffix == ".py" else ()
            ):
                compiled.unlink(missing_ok=True)


@contextmanager
def linked(repo: Repository, commit: str) -> Iterator[Linked]:
    """A linked worktree at `commit` for the block. The repository's lock is held.

    Raises Refused where it cannot be made.
    """
    clear(repo)
    folder = Path(tempfile.gettempdir(), f"{_PREFIX}{secrets.token_hex(6)}").resolve()
    top = folder / _name(repo)
    if os.pathsep in str(top):
        what = f"a worktree for gates cannot be made where {os.pathsep!r} stands in the path"
        raise Refused(what, where=str(folder), mend="set TMPDIR to another folder")
    try:
        _record(repo, folder)
        folder.mkdir(mode=0o700)
    except OSError as error:
        what = f"a worktree for gates cannot be made: {error.strerror}"
        raise Refused(what, where=str(folder), mend="set TMPDIR to another folder") from error
    try:
        # No git that runs there may find a repository above, such as the user's own around TMPDIR.
        ceilings = os.pathsep.join(filter(None, [str(folder), os.environ.get(CEILINGS)]))
        made = Linked(Git(top, ((CEILINGS, ceilings),)), top, folder)
        _add(repo, made, commit)
        yield made
    finally:
        clear(repo)


def _name(repo: Repository) -> str:
    """As the user's own folder is called: some tools take names from it."""
    name = repo.top.name if repo.top else ""
    return name if name and os.pathsep not in name else "worktree"


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
        folder = Path(json.loads(places.gates(repo.common_dir).read_bytes())["folder"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        folder = Path()  # cut off while it was written: nothing was made yet
    if folder.is_absolute() and _OURS.fullmatch(folder.name):
        _remove(folder)
        for admin in repo.common_dir.glob("worktrees/*/gitdir"):
            _forget_worktree(admin, folder)
    places.gates(repo.common_dir).unlink(missing_ok=True)


def _forget_worktree(admin: Path, folder: Path) -> None:
    """What git keeps of a linked worktree, where that is one in our folder (gitrepository-layout)."""
    with suppress(OSError):
        place = admin.parent / os.fsdecode(admin.read_bytes()).rstrip("\r\n")
        if Path(os.path.normpath(place)).parent.parent == folder:
            _remove(admin.parent)


def _remove(folder: Path) -> None:
    for _ in range(3):  # a command that outlived its killed parent may still write
        if folder.is_symlink() or not folder.exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        _open(folder)


def _open(folder: Path) -> None:
    """Folders below that may not be read or written, and on Windows files, may be from now on. Links are left alone."""
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *(files if os.name == "nt" else ())):
            place = Path(parent, name)
            with suppress(OSError):
                if not place.is_symlink():
                    place.chmod(place.stat().st_mode | stat.S_IRWXU)


def _record(repo: Repository, folder: Path) -> None:
    record = places.gates(repo.common_dir)
    shared_folder(record.parent)
    with record.open("w", encoding="utf-8") as file:
        json.dump({"folder": str(folder)}, file)
        file.flush()
        os.fsync(file.fileno())
