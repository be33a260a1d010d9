"""Git objects of a plan: takes batches and a tip, gives checked blobs, trees and commits; moves nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from repoint.errors import Refused, Stale
from repoint.execution.repository.git import Git, GitFailed, listed
from repoint.model import FileChange, splice
from repoint.planning.paths import clashes, folded
from repoint.planning.trust import misread
from repoint.sources.snapshot import blob_id

_REGULAR = ("100644", "100755", "100664")  # the last one stands in trees of git's first years


BAD_DATE = "invalid date format"


class Entry(NamedTuple):
    """What a tree or an index holds at a path."""

    mode: str
    blob: str


Tree = dict[str, Entry]


def read_tree(git: Git, commit: str) -> Tree:
    """Every path of a commit's tree, those of symlinks and submodules included."""
    tree: Tree = {}
    for line in git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, blob = head.decode("ascii").split(" ")
        tree[path.decode("utf-8", "surrogateescape")] = Entry(mode, blob)
    return tree


def refuse_stale(tree: Tree, changes: Iterable[FileChange], branch: str) -> None:
    """Raises Refused where a file is not the one that the plan was made of; other files may differ."""
    differ: list[str] = []
    special: list[str] = []
    new: set[str] = set()
    for change in changes:
        found = tree.get(change.path)
        if found and found.mode not in _REGULAR:
            special.append(change.path)
        elif (found.blob if found else None) != change.before:
            differ.append(change.path)
        elif not found:
            new.add(change.path)
    special += _obstructed(tree, new)
    if special:
        raise Refused(
            f"a symlink, a submodule or a file stands in the way of {listed(special)}",
            where=branch,
            mend="plan again on this branch",
        )
    if differ:
        count = f"{len(differ)} file{'s differ' if len(differ) > 1 else ' differs'} from the plan"
        raise Stale(f"stale: {count}: {listed(differ)}", where=branch, mend="plan again on this branch")


def _obstructed(tree: Tree, new: set[str]) -> Iterator[str]:
    """New files that would lie below a tracked file, or be one with it, on some file system if not on this one."""
    if not new:
        return
    for other, path in clashes((folded(path), path, path in new) for path in {*tree, *new}):
        yield f"{path} ({other})" if path in new else f"{other} ({path})"


def write_blobs(git: Git, changes: tuple[FileChange, ...], *, dry: bool) -> None:
    """Splice every change and store the results (a `dry` run only looks whether they are right).

    Raises Refused, and stores nothing, where a result is not the blob that the plan promises.
    """
    made = [change for change in changes if change.after is not None]
    with tempfile.TemporaryDirectory(prefix="repoint-") as folder:
        paths: list[str] = []
        wrong: set[str] = set()
        for number, (change, data) in enumerate(zip(made, _before(git, made), strict=True)):
            path, after = Path(folder, str(number)), _spliced(change, data)
            if blob_id(after, len(change.after or "")) != change.after:
                wrong.add(change.path)
            elif not dry:
                path.write_bytes(after)
                paths.append(f"{path}\n")
        _refuse_broken_promise(wrong)
        if paths:
            stdin = "".join(paths).encode("utf-8", "surrogateescape")
            out = git.run("hash-object", "--no-filters", "--stdin-paths", "-w", stdin=stdin)
            stored = out.decode("ascii").split()
            _refuse_broken_promise({c.path for c, blob in zip(made, stored, strict=True) if blob != c.after})


def _refuse_broken_promise(paths: set[str]) -> None:
    if paths:
        raise Refused(f"the plan's edits do not give the blobs that it promises: {listed(paths)}", mend="plan again")


def _before(git: Git, changes: list[FileChange]) -> Iterator[bytes]:
    """The bytes that each change starts from; empty for a new file."""
    ids = [change.before for change in changes if change.before is not None]
    blobs = read_blobs(git, ids)
    for change in changes:
        yield b"" if change.before is None else next(blobs)


def read_blobs(git: Git, ids: list[str]) -> Iterator[bytes]:
    """The bytes of each blob. Raises Refused where one is missing."""
    out = git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in ids).encode("ascii"))
    at = 0
    for blob in ids:
        end = out.index(b"\n", at)
        head = out[at:end].split(b" ")
        if len(head) != 3 or head[1] != b"blob":
            raise Refused(f"blob {blob} is missing from the repository", mend="fetch it, or plan again")
        at = end + 1 + int(head[2])
        yield out[end + 1 : at]
        at += 1


def _spliced(change: FileChange, data: bytes) -> bytes:
    try:
        after = splice(data, change.edits, change.encoding)
    except (ValueError, LookupError) as error:
        raise Refused(f"the plan does not fit the file: {error}", where=change.path, mend="plan again") from error
    if reason := misread(change, after):
        raise Refused(f"the plan does not fit the file: {reason}", where=change.path, mend="plan again")
    return after


def set_entries(git: Git, index: Path, entries: dict[str, Entry | None], *, id_length: int) -> None:
    """Put entries into an index file; None removes the path."""
    lines = (
        f"{entry.mode} {entry.blob}\t{path}\0" if entry else f"0 {'0' * id_length}\t{path}\0"
        for path, entry in entries.items()
    )
    git.run(
        "update-index",
        "-z",
        "--index-info",
        stdin="".join(lines).encode("utf-8", "surrogateescape"),
        index=index,
    )


def refuse_nameless(git: Git) -> None:
    """Raises Refused where git does not know who commits."""
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        try:
            git.run("var", who)
        except GitFailed as error:
            if BAD_DATE in str(error):
                raise Refused(error.problems[0].what, mend=f"mend {who.replace('IDENT', 'DATE')}") from error
            raise Refused(
                "git does not know who you are",
                mend='run `git config user.name "Your Name"` and `git config user.email you@example.com`',
            ) from error


def is_signing(git: Git) -> bool:
    """True where the user's git signs commits."""
    return git.ask("config", "--type=bool", "--get", "commit.gpgSign") == "true"


def write_commit(git: Git, tree: str, parent: str, message: bytes, *, sign: bool) -> str:
    """The id of a new commit by the user that git knows; nothing points to it yet. Raises Refused."""
    words = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", tree, "-p", parent)
    try:
        return git.run(*words, *(("-S",) if sign else ()), stdin=message).decode("ascii").strip()
    except GitFailed as error:
        (problem,) = error.problems
        if not sign or problem.mend:
            raise
        what = f"the commit cannot be signed: {problem.what.removeprefix('git commit-tree: ')}"
        mend = "mend gpg.format and user.signingKey, or set commit.gpgSign to false"
        raise Refused(what, where=problem.where, mend=mend) from error
