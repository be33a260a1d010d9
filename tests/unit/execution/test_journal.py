"""Trailers: what a commit message says, and which batches a branch is found to hold."""

from __future__ import annotations

from pathlib import Path

from repoint.execution.git import Git
from repoint.execution.journal import Stamp, applied, message
from tests.builders import added, batch
from tests.conftest import MakeRepo, git

PLAN, OTHER = "a" * 64, "b" * 64


def committed(repo: Path, text: bytes) -> str:
    git(repo, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", data=text)
    return git(repo, "rev-parse", "HEAD").decode().strip()


def stamped(position: int, plan: str = PLAN) -> bytes:
    return message(batch(position, added("a.py", "")), Stamp("case", plan, position, 5))


def test_message() -> None:
    assert stamped(2) == (
        b"refactor(imports): pkg\n\n1 file\n\n"
        b"Repoint-Migration: case\nRepoint-Plan: " + PLAN.encode() + b"\nRepoint-Batch: 2/5\n"
    )


def test_only_this_plan_s_batches_since_the_base(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    committed(repo, stamped(5))
    base = git(repo, "rev-parse", "HEAD").decode().strip()
    for text in (stamped(1), b"work\n", stamped(2, OTHER), stamped(3) + b"Signed-off-by: A <a@localhost>\n"):
        committed(repo, text)
    assert applied(Git(repo), base, "HEAD", PLAN) == {1, 3}
    assert applied(Git(repo), base, base, PLAN) == set()


def test_squashed_commits_count_for_all_their_batches(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    committed(repo, b"squashed\n\n" + stamped(1) + b"\n" + stamped(2))
    assert applied(Git(repo), "HEAD~", "HEAD", PLAN) == {1, 2}


def test_a_quoted_trailer_does_not_count(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    committed(repo, b"about\n\n" + b"".join(b"    " + line for line in stamped(1).splitlines(keepends=True)))
    assert applied(Git(repo), "HEAD~", "HEAD", PLAN) == set()


def test_reverts_and_their_reverts(make_repo: MakeRepo) -> None:
    repo = make_repo({})
    base = git(repo, "rev-parse", "HEAD").decode().strip()
    first = committed(repo, stamped(1))
    revert = committed(repo, f"Revert\n\nThis reverts commit {first}.\n".encode())
    assert applied(Git(repo), base, "HEAD", PLAN) == set()
    committed(repo, f"Reapply\n\nThis reverts commit {revert}.\n".encode())
    assert applied(Git(repo), base, "HEAD", PLAN) == {1}
