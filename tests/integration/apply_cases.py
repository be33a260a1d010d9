"""One small migration in three batches, with every kind of change: what tests of `apply` are about."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import msgspec

from repoint.execution.apply import Applied, ApplyOptions, apply
from repoint.model import Edit, FileChange, Plan
from tests.builders import added, batch, deleted, plan, replaced
from tests.conftest import git

BRANCH = "repoint/case"
EDITED = "pkg/caf\u00e9/edited.py"  # not ASCII: git quotes such a path wherever it is not asked not to
BEFORE: dict[str, bytes] = {
    EDITED: b"from old import Old\n\nOld()\n",
    "pkg/crlf.py": b"from old import Old\r\nOld()\r\n",
    "pkg/latin.py": b"# coding: latin-1\nfrom old import Old  # d\xe9j\xe0\n",
    "tools/run.py": b"#!/usr/bin/env python\nfrom old import Old\n",
    "old.py": b"class Old: ...\n",
    "dead/gone.py": b"x = 1\n",
    "untouched.py": b"y = 1\n",
}
NEW = {"pkg/new/deep/stub.py": "from new import New\n", "empty.py": ""}


def three_batches(base: str) -> Plan:
    """The plan for a repository that holds BEFORE, as SHA-1."""

    def renamed(path: str, *pairs: tuple[str, str], encoding: str = "utf-8") -> FileChange:
        return replaced(path, BEFORE[path], *pairs, encoding=encoding)

    return plan(
        batch(
            1,
            renamed("tools/run.py", ("old import Old", "new import New")),
            added("empty.py", ""),
            title="tools",
        ),
        batch(
            2,
            renamed(EDITED, ("old import Old", "new import New"), ("Old()", "New()")),
            renamed("pkg/crlf.py", ("old import Old", "new import New"), ("Old()", "New()")),
            renamed("pkg/latin.py", ("old import Old  # déjà", "new import New  # déjà"), encoding="latin-1"),
            added("pkg/new/deep/stub.py", NEW["pkg/new/deep/stub.py"]),
        ),
        batch(
            3,
            renamed("old.py", ("class Old: ...", "from new import New as Old")),
            deleted("dead/gone.py", b"x = 1\n"),
            title="stubs",
        ),
        base=base,
    )


def after() -> dict[str, bytes]:
    """The whole tree once the plan is applied."""
    changed = {
        path: data.replace(b"old import Old", b"new import New").replace(b"Old()", b"New()")
        for path, data in BEFORE.items()
    }
    changed["old.py"] = b"from new import New as Old\n"
    del changed["dead/gone.py"]
    return changed | {path: text.encode() for path, text in NEW.items()}


def head(repo: Path, rev: str = "HEAD") -> str:
    return git(repo, "rev-parse", "--verify", rev).decode().strip()


def plan_of(repo: Path) -> Plan:
    return three_batches(head(repo))


def in_sha256(made: Plan, base: str) -> Plan:
    """The same plan with the ids of a SHA-256 repository."""
    blobs = {None: None} | {_sha1(data): _sha256(data) for data in (*BEFORE.values(), *after().values())}

    def converted(change: FileChange) -> FileChange:
        return msgspec.structs.replace(change, before=blobs[change.before], after=blobs[change.after])

    batches = tuple(msgspec.structs.replace(b, files=tuple(map(converted, b.files))) for b in made.batches)
    return msgspec.structs.replace(made, batches=batches, base=base)


def _sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(b"blob %d\0" % len(data) + data).hexdigest()


def with_edits(change: FileChange, *edits: Edit) -> FileChange:
    return msgspec.structs.replace(change, edits=edits)


def run(repo: Path, made: Plan | None = None, **options: object) -> Applied:
    """Apply the three batches, or `made`."""
    said = replace(ApplyOptions(repo=repo), **options)  # type: ignore[arg-type]
    return apply(made or plan_of(repo), said, lambda stage, done, total: None)


def tree(repo: Path, rev: str = BRANCH) -> dict[str, bytes]:
    """Every path of a commit and its bytes."""
    paths = git(repo, "ls-tree", "-r", "-z", "--name-only", "--full-tree", rev).decode().split("\0")[:-1]
    return {path: git(repo, "cat-file", "blob", f"{rev}:{path}") for path in paths}


def files(repo: Path) -> dict[str, bytes]:
    """Every file of the working tree and its bytes."""
    found = (Path(folder, name) for folder, _, names in os.walk(repo) for name in names)
    return {
        path.relative_to(repo).as_posix(): path.read_bytes()
        for path in found
        if ".git" not in path.relative_to(repo).parts
    }


def status(repo: Path) -> str:
    return git(repo, "status", "--porcelain").decode()


def is_sound(repo: Path) -> bool:
    """True where git finds nothing wrong; objects that nothing points to are no fault."""
    return b"error" not in git(repo, "fsck", "--strict", "--no-dangling")
