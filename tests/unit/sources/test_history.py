"""What is read from git's log: when files changed, and where a migration began."""

from __future__ import annotations

from pathlib import Path

import pytest

from repoint.errors import UsageError
from repoint.sources.git import Git
from repoint.sources.history import before_migration, changed_after, since
from tests.conftest import MakeRepo, git


def commit(repo: Path, message: str) -> str:
    git(repo, "commit", "-q", "--allow-empty", "-m", message)
    return git(repo, "rev-parse", "HEAD").decode().strip()


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    return make_repo({"a.py": b"x = 1\n"})


def test_a_migration_began_before_its_first_commit(repo: Path) -> None:
    commit(repo, "other\n\nRepoint-Migration: case-prune")
    base = commit(repo, "names `Repoint-Migration: case` in passing")
    first = commit(repo, "one\n\nRepoint-Migration: case\nRepoint-Batch: 1/2")
    last = commit(repo, "two\n\nRepoint-Migration: case\nRepoint-Batch: 2/2")
    where = Git(repo)
    assert before_migration(where, last, "case") == before_migration(where, first, "case") == base
    assert before_migration(where, base, "case") is None
    assert before_migration(where, last, "cas.") is None


def test_a_migration_that_is_all_of_the_history_has_no_base(repo: Path) -> None:
    git(repo, "commit", "-q", "--amend", "-m", "one\n\nRepoint-Migration: case")
    assert before_migration(Git(repo), "HEAD", "case") is None


def test_a_day_counts_to_its_end(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-05-10T23:59:00+02:00")
    git(repo, "commit", "-q", "--amend", "-m", "base")
    where = Git(repo)
    assert changed_after(where, "HEAD", "a.py", since(where, "2024-05-09"))
    assert not changed_after(where, "HEAD", "a.py", since(where, "2024-05-10"))


def test_a_commit_tells_by_descent_not_by_date(repo: Path) -> None:
    where = Git(repo)
    git(repo, "tag", "v1")
    point = since(where, "v1")
    commit(repo, "nothing of the file")
    assert not changed_after(where, "HEAD", "a.py", point)
    (repo / "a.py").write_text("x = 2\n")
    git(repo, "commit", "-q", "-a", "-m", "later")
    assert changed_after(where, "HEAD", "a.py", point)
    assert not changed_after(where, "v1", "a.py", point)


@pytest.mark.parametrize("text", ["v9", "--all", "", "2024-05"])
def test_what_names_nothing_is_told(repo: Path, text: str) -> None:
    with pytest.raises(UsageError, match="is no day and names no commit"):
        since(Git(repo), text)
