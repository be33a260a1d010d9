"""Brings a checked-out working tree after its branch: takes two commits, moves files and index.

An intent record says what is under way before the branch first moves. Whoever finds one after a kill finishes
the follow, or takes it back where the branch is no longer checked out, and never takes what a half-done
follow left for the user's edits.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from repoint.errors import Refused
from repoint.execution.checkout import intents, worktree
from repoint.execution.checkout.intents import Intent
from repoint.execution.repository.branch import tip_of
from repoint.execution.repository.commits import Entry, Tree
from repoint.execution.repository.git import GitFailed, Repository, listed, names, open_repository
from repoint.execution.repository.lock import Busy, held
from repoint.planning.paths import folders_of


@dataclass(frozen=True)
class _Change:
    """A path that the follow touches, at its old and its new version; None where there is no file."""

    old: Entry | None
    new: Entry | None


@dataclass(frozen=True)
class _Found:
    """The paths that differ from the index: left half-way by a follow, not there at all, or edited."""

    half: set[str]
    gone: set[str]
    edited: set[str]


def recover(repo_path: Path) -> str | None:
    """Finish or take back what an interrupted run left in the working tree; a line to print of it, or None.

    Raises Refused, and touches nothing, where the user has edited one of the files since.
    """
    repo = open_repository(repo_path)
    if not intents.is_pending(repo):
        return None
    try:
        with held(repo.common_dir):
            return settle(repo)
    except Busy:
        return None  # that apply is alive


def settle(repo: Repository) -> str | None:
    """Let the working tree follow an announced branch, however far an earlier try came. The lock is held.

    Gives a line to print where files or index were moved. Raises Refused where something of the user's is in
    the way.
    """
    intent = intents.read(repo)
    if intent is None:
        return None
    _free_stale_lock(repo, intent)
    tip = tip_of(repo.git, intent.ref)
    goal = tip if tip in intent.targets and worktree.is_checked_out(repo, intent.ref) else None
    changes = _changes(repo, intent.old, goal or intent.targets[-1])
    index = _index_entries(repo)
    said = None
    if goal and all(index.get(path) == change.new for path, change in changes.items()):
        said = _restore(repo, intent, {path: _Change(change.new, change.old) for path, change in changes.items()})
    elif not goal and not intent.started:
        pass  # nothing in the working tree was touched
    elif not (moved := [path for path, change in changes.items() if index.get(path) != change.old]):
        said = _advance(repo, intent, goal, changes) if goal else _restore(repo, intent, changes)
    elif goal:
        raise _in_the_way(
            repo, moved, "got staged changes meanwhile", f"`git restore --source={intent.old[:12]} --staged` them"
        )
    intents.forget(repo)
    return said


def _advance(repo: Repository, intent: Intent, goal: str, changes: dict[str, _Change]) -> str:
    """The index is at `intent.old`: bring the working tree back there as well, then both to `goal`."""
    found = _sort_out(repo, changes, intent.started)
    if found.edited:
        raise _in_the_way(
            repo, sorted(found.edited), "were edited meanwhile", "move them elsewhere, without a stash or a commit"
        )
    with worktree.index_held(repo, intent.token):
        index = worktree.copy_index(repo, intents.home(repo))
        intents.write(repo, intent.begun())
        _write_versions(repo, index, {path: changes[path].old for path in found.half | found.gone})
        worktree.refresh(repo, index)
        _read_tree(repo, index, intent.old, goal)
        _install(repo, index)
    return f"finished an interrupted run: the working tree is at {goal[:12]}, the tip of {_short(intent.ref)}"


def _restore(repo: Repository, intent: Intent, changes: dict[str, _Change]) -> str | None:
    """The index holds `old` of every change: bring what a half-done follow left back there; edits stay."""
    found = _sort_out(repo, changes, intent.started)
    half = sorted(found.half | found.gone) if intent.started else sorted(found.half)
    if not half:
        return None
    with worktree.index_held(repo, intent.token):
        index = worktree.copy_index(repo, intents.home(repo))
        _write_versions(repo, index, {path: changes[path].old for path in half})
        _install(repo, index)
    return f"an interrupted run had left these files half-way, they are as in the index again: {listed(half)}"


def _sort_out(repo: Repository, changes: dict[str, _Change], started: bool) -> _Found:
    """Only what git takes for changed is compared: an untouched file need not give its blob again (line ends, say)."""
    touched = {path for path, change in changes.items() if not change.old and os.path.lexists(_in(repo, path))}
    touched |= changes.keys() & (worktree.changed(repo).keys() | (_unwatched(repo) if started else set()))
    differs = worktree.differing(repo, {path: changes[path].old for path in touched})
    ahead = differs - worktree.differing(repo, {path: changes[path].new for path in differs})
    rest = {path for path in differs - ahead if not _is_behind_a_link(repo, path)}
    gone = {path for path in rest if not os.path.lexists(_in(repo, path))}
    partial = {path for path in rest - gone if started and _is_partial(repo, path, changes[path])}
    return _Found(ahead | partial, gone, differs - ahead - gone - partial)


def _is_behind_a_link(repo: Repository, path: str) -> bool:
    """True where a folder of the path is a link: what lies behind it is none of ours."""
    return any(_in(repo, folder).is_symlink() for folder in folders_of(path))


def _in(repo: Repository, path: str) -> Path:
    assert repo.top
    return repo.top / path


def _is_partial(repo: Repository, path: str, change: _Change) -> bool:
    """True for the head of a file that git was about to write."""
    place = _in(repo, path)
    if place.is_symlink() or not place.is_file():
        return False
    found = place.read_bytes()
    versions = (entry for entry in (change.old, change.new) if entry)
    return any(_checked_out_bytes(repo, path, entry).startswith(found) for entry in versions)


def _checked_out_bytes(repo: Repository, path: str, entry: Entry) -> bytes:
    """The file as git would write it into the working tree, filters and line ends included."""
    return repo.git.run("cat-file", "--filters", f"--path={path}", entry.blob)


def _write_versions(repo: Repository, index: Path, versions: dict[str, Entry | None]) -> None:
    """Write the version of every path that the index holds, and remove the files that have none."""
    kept = [path for path, entry in versions.items() if entry]
    repo.git.run(
        *("checkout-index", "-f", "-q", "-u", "-z", "--stdin"),
        stdin="".join(f"{path}\0" for path in kept).encode("utf-8", "surrogateescape"),
        index=index,
    )
    for path in versions.keys() - set(kept):
        _in(repo, path).unlink(missing_ok=True)
        with suppress(OSError):  # the first folder that holds something else ends it
            for folder in reversed(folders_of(path)):
                _in(repo, folder).rmdir()


def _read_tree(repo: Repository, index: Path, old: str, new: str) -> None:
    try:
        repo.git.run("read-tree", "-m", "-u", old, new, index=index)
    except GitFailed as error:
        (problem,) = error.problems
        raise Refused(
            f"the commits are made, but the working tree could not follow: {problem.what}",
            where=str(repo.top),
            mend=problem.mend or "mend that, then run the same command again",
        ) from error


def _install(repo: Repository, index: Path) -> None:
    try:
        index.replace(worktree.index_of(repo))
    except OSError as error:  # Windows, while another program has it open
        raise Refused(
            f"the index cannot be replaced: {error.strerror}",
            where=str(repo.top),
            mend="run the same command again",
        ) from error


def _in_the_way(repo: Repository, paths: list[str], what: str, mend: str) -> Refused:
    return Refused(
        f"the working tree is not at the tip of its branch yet, as these files {what}: {listed(paths)}",
        where=str(repo.top),
        mend=f"{mend}, then run the same command again",
    )


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/")


def _changes(repo: Repository, old: str, new: str) -> dict[str, _Change]:
    """What differs between two commits."""
    out = repo.git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    found: dict[str, _Change] = {}
    fields = iter(out.split(b"\0")[:-1])
    for head in fields:
        old_mode, new_mode, old_blob, new_blob, _ = head.decode("ascii").removeprefix(":").split(" ")
        path = next(fields).decode("utf-8", "surrogateescape")
        found[path] = _Change(_entry(old_mode, old_blob), _entry(new_mode, new_blob))
    return found


def _entry(mode: str, blob: str) -> Entry | None:
    return Entry(mode, blob) if mode.strip("0") else None


def _index_entries(repo: Repository) -> Tree:
    found: Tree = {}
    for line in repo.git.run("ls-files", "-s", "-z").split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, blob, _ = head.decode("ascii").split(" ")
        found[path.decode("utf-8", "surrogateescape")] = Entry(mode, blob)
    return found


def _unwatched(repo: Repository) -> set[str]:
    """The paths that git was told to take for unchanged."""
    return {name[2:] for name in names(repo.git.run("ls-files", "-v", "-z")) if name[0].islower()}


def _free_stale_lock(repo: Repository, intent: Intent) -> None:
    """Remove the locks that a killed follow left; only the holder of the repository's lock may."""
    (intents.home(repo) / "index.lock").unlink(missing_ok=True)
    lock = worktree.lock_of(repo)
    with suppress(FileNotFoundError):
        if lock.read_bytes() == intent.token.encode("ascii"):
            lock.unlink()
