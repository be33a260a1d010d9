"""A repository in which the three batches of `apply_cases` are applied, and what tests of going back do with it."""

from __future__ import annotations

import io
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

from repoint.execution.journal.history import Stamp, message
from repoint.execution.rollback import Ask, RollbackOptions, rollback
from repoint.records import Rollback
from tests.builders import added, batch
from tests.conftest import git
from tests.integration.apply_cases import BEFORE, BRANCH, head, plan_of, run


def applied(folder: Path) -> Path:
    """A repository whose branch BRANCH, checked out, holds all three batches upon `trunk`."""
    repo = folder / "applied"
    for path, data in BEFORE.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_bytes(data)
    git(repo, "init", "-q", "-b", "trunk")
    shutil.rmtree(repo / ".git/hooks")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "base")
    git(repo, "switch", "-q", "-c", BRANCH)
    run(repo, plan_of(repo))
    return repo


def tree(repo: Path, rev: str = "HEAD") -> dict[str, bytes]:
    """Every path of a commit and its bytes, by one git process."""
    with tarfile.open(fileobj=io.BytesIO(git(repo, "archive", "--format=tar", rev))) as archive:
        return {item.name: archive.extractfile(item).read() for item in archive if item.isfile()}  # type: ignore[union-attr]


def back(repo: Path, ask: Ask | None = None, **options: object) -> Rollback:
    """Roll back the last batch, or what the options say."""
    said = replace(RollbackOptions(repo), **options)  # type: ignore[arg-type]
    return rollback(said, ask, lambda stage, done, total: None)


def work(repo: Path, path: str = "untouched.py", data: bytes = b"y = 2\n", subject: str = "work") -> str:
    """Somebody's commit; its id in short."""
    (repo / path).write_bytes(data)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", subject)
    return head(repo)[:10]


def mergeable(repo: Path) -> dict[str, bytes]:
    """One more batch, in the first line of a file, and somebody's later change in its last line.

    Gives the file as it is to be without the batch.
    """
    lines = [b"import old\n", *(b"x%d = 0\n" % n for n in range(9))]
    work(repo, "long.py", b"".join(lines), "long")
    (repo / "long.py").write_bytes(b"".join([b"import new\n", *lines[1:]]))
    git(
        repo,
        "commit",
        "-q",
        "-a",
        "-F",
        "-",
        data=message(batch(1, added("long.py", "")), Stamp("case", "f" * 64, 1, 1)),
    )
    work(repo, "long.py", b"".join([b"import new\n", *lines[1:], b"import later\n"]), "later")
    return {"long.py": b"".join([*lines, b"import later\n"])}
