"""Blobs: edits are spliced onto what git holds, and the result must be what the plan promises."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from repoint.errors import Refused
from repoint.execution.repository.commits import Entry, refuse_stale, write_blobs
from repoint.execution.repository.git import Git
from tests.builders import added, blob_id, changed, deleted, edit, replaced
from tests.conftest import MakeRepo, git

DATA = b"# coding: latin-1\r\nname = 'd\xe9j\xe0'\r\n"


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    return make_repo({"a.py": DATA})


def has(repo: Path, blob: str | None) -> bool:
    return blob is not None and Git(repo).ask("cat-file", "-e", blob) is not None


def test_bytes_stay_but_for_the_edits(repo: Path) -> None:
    git(repo, "config", "core.autocrlf", "true")
    change = replaced("a.py", DATA, ("déjà", "à côté"), encoding="latin-1")
    write_blobs(Git(repo), (change, added("new.py", "x\r\n"), deleted("gone.py", b"")), dry=False)
    assert git(repo, "cat-file", "blob", str(change.after)) == DATA.replace(b"d\xe9j\xe0", b"\xe0 c\xf4t\xe9")
    assert git(repo, "cat-file", "blob", blob_id(b"x\r\n")) == b"x\r\n"


def test_dry_stores_nothing(repo: Path) -> None:
    change = added("new.py", "x\n")
    write_blobs(Git(repo), (change,), dry=True)
    assert not has(repo, change.after)


def test_text_that_is_not_in_place(repo: Path) -> None:
    change = msgspec.structs.replace(changed("a.py", DATA), edits=(edit(0, "x", "y"),), after="1" * 40)
    with pytest.raises(Refused, match=r"a\.py: the plan does not fit the file: edit 0:1 does not find"):
        write_blobs(Git(repo), (change,), dry=False)


def test_text_that_the_encoding_cannot_hold(repo: Path) -> None:
    change = msgspec.structs.replace(
        changed("a.py", DATA, encoding="latin-1"), edits=(edit(0, "", "\u20ac"),), after="1" * 40
    )
    with pytest.raises(Refused, match=r"a\.py: the plan does not fit the file: 'latin-1' codec can't encode"):
        write_blobs(Git(repo), (change,), dry=False)


def test_a_blob_that_is_not_there(repo: Path) -> None:
    change = msgspec.structs.replace(changed("a.py", DATA), before="2" * 40, after="1" * 40)
    with pytest.raises(Refused, match=r"blob 2222.* is missing from the repository"):
        write_blobs(Git(repo), (change,), dry=False)


def test_one_wrong_blob_and_none_is_stored(repo: Path) -> None:
    good, wrong = added("new.py", "x\n"), msgspec.structs.replace(added("b.py", "y\n"), after="1" * 40)
    with pytest.raises(Refused, match=r"do not give the blobs that it promises: b\.py"):
        write_blobs(Git(repo), (good, wrong), dry=False)
    assert not has(repo, good.after)


def test_a_blob_that_is_a_tree(repo: Path) -> None:
    tree = git(repo, "rev-parse", "HEAD^{tree}").decode().strip()
    change = msgspec.structs.replace(changed("a.py", DATA), before=tree, after="1" * 40)
    with pytest.raises(Refused, match=r"is missing from the repository"):
        write_blobs(Git(repo), (change,), dry=False)


@pytest.mark.parametrize(
    ("tracked", "path", "told"),
    [
        ("a.py", "A.py", r"A\.py \(a\.py\)"),
        ("caf\u00e9.py", "cafe\u0301.py", "stands in the way"),
        ("A", "a/x.py", r"a/x\.py \(A\)"),
        ("a", "a/x/y.py", r"a/x/y\.py \(a\)"),
        ("pkg/x.py", "Pkg", r"Pkg \(pkg/x\.py\)"),
    ],
)
def test_a_new_file_in_the_way_of_another(tracked: str, path: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        refuse_stale({tracked: Entry("100644", "1" * 40)}, [added(path, "")], "work")


def test_a_new_file_beside_others() -> None:
    tree = {path: Entry("100644", "1" * 40) for path in ("a.py", "A.py", "pkg/x.py", "caf\udce9")}
    refuse_stale(tree, [added("Pkg/y.py", ""), added("a.pyi", "")], "work")
