"""The working tree as a commit that nobody sees: a folder in, a `Snapshot` out; and a commit's files as a folder.

Neither writes to the repository: objects and index lie in a temporary folder, which goes with the context.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repoint.errors import UsageError
from repoint.sources.environment import STAGED_INDEX
from repoint.sources.git import Git
from repoint.sources.snapshot import Snapshot, open_snapshot

_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "repoint"), ("EMAIL", "repoint@localhost"), ("DATE", "@0 +0000"))
}
# No monitor that knows another index, and no hooks.
_SETTINGS = ("-c", "core.fsmonitor=false", "-c", "core.splitIndex=false", "-c", f"core.hooksPath={os.devnull}")


@contextmanager
def working_tree(folder: Path) -> Iterator[Snapshot]:
    """The files on disk, tracked and untracked ones that are not ignored, as the child of HEAD.

    Raises UsageError where there is no working tree.
    """
    with _tree_of(folder, "--worktree", ("add", "--all", ".")) as found:
        yield found


@contextmanager
def staged_tree(folder: Path) -> Iterator[Snapshot]:
    """What the next commit would hold, the index, as the child of HEAD. Raises UsageError as `working_tree` does."""
    with _tree_of(folder, "--staged", hook=True) as found:
        yield found


@contextmanager
def _tree_of(folder: Path, option: str, *commands: tuple[str, ...], hook: bool = False) -> Iterator[Snapshot]:
    """A copy of the index (in a `hook`, of its commit's own), after these commands of git, as a commit."""
    git = Git(folder)
    top = git.place("--show-toplevel", ok=(0, 128))
    if top is None:
        git.run("rev-parse", "--git-dir")  # says so where there is no repository at all
        raise UsageError("has no working tree", where=str(folder), mend=f"name one with --repo, or leave out {option}")
    with tempfile.TemporaryDirectory(prefix="repoint-") as temporary:
        place = Path(temporary)
        (place / "objects").mkdir()
        known = [str(_path(git, "objects")), *filter(None, [os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")])]
        environment = {
            **_NOBODY,
            "GIT_INDEX_FILE": str(place / "index"),
            "GIT_OBJECT_DIRECTORY": str(place / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(known),
        }
        index = (_index_of_hook(git) if hook else None) or _path(git, "index")
        if index.exists():
            shutil.copy2(index, place / "index")  # so that git need not read what did not change
        own = Git(top, environment)
        for command in commands:
            own.run(*_SETTINGS, *command)
        tree = own.run(*_SETTINGS, "write-tree").decode().strip()
        head = own.run("rev-parse", "-q", "--verify", "HEAD^{commit}", ok=(0, 1, 128)).decode().strip()
        commit = own.run("commit-tree", tree, *(("-p", head) if head else ()), "-m", "working tree").decode().strip()
        yield open_snapshot(top, commit, environment)


@contextmanager
def checked_out(snapshot: Snapshot) -> Iterator[Path]:
    """A temporary folder with all files of the commit."""
    with tempfile.TemporaryDirectory(prefix="repoint-", ignore_cleanup_errors=True) as temporary:
        place = Path(temporary)
        folder = place / "files"
        folder.mkdir()
        environment = {
            **snapshot.git.environment,
            "GIT_DIR": str(snapshot.git.place("--git-dir")),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(place / "index"),
            "GIT_LFS_SKIP_SMUDGE": "1",
        }
        git = Git(folder, environment)
        git.run(*_SETTINGS, "read-tree", "--no-sparse-checkout", snapshot.commit)
        git.run(*_SETTINGS, "checkout-index", "--all", "--quiet", "--force")
        yield folder


def _index_of_hook(git: Git) -> Path | None:
    """The index that the commit in progress is made of, where it is one of this repository."""
    index, place = Path(os.environ.get(STAGED_INDEX, "")), git.place("--git-dir")
    return index if place is not None and index.parent == place.resolve() else None


def _path(git: Git, name: str) -> Path:
    place = git.place("--git-path", name)
    assert place is not None  # git has an answer for any name
    return place
