"""A snapshot is the commit, whatever the working copy says, on real repositories of every kind."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from repoint.errors import UsageError
from repoint.sources.git import Git
from repoint.sources.search import Search, Vanished, search
from repoint.sources.snapshot import blob_id, open_snapshot
from tests.conftest import MakeRepo, git

FILES = {"a.py": b"alpha = 1\n", "pkg/b.py": b"beta = alpha\n", "pkg/caf\u00e9.py": b"gamma = 1\n"}


def words(*names: str) -> frozenset[str]:
    return frozenset(names)


def texts(repo: Path, paths: Iterable[str] = FILES, rev: str | None = None) -> dict[str, bytes]:
    return open_snapshot(repo, rev).read(list(paths))


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    return make_repo(FILES)


def test_a_clean_working_copy(repo: Path) -> None:
    snapshot = open_snapshot(repo, None)
    assert snapshot.read(list(FILES)) == FILES
    assert snapshot.commit == git(repo, "rev-parse", "HEAD").decode().strip()
    assert set(snapshot.entries) == set(FILES)
    assert snapshot.folder == repo.resolve()
    source = snapshot.source("pkg/b.py")
    assert (source.mode, source.blob) == ("100644", blob_id(FILES["pkg/b.py"], 40))


def test_searches_find_whole_words_only(repo: Path) -> None:
    snapshot = open_snapshot(repo, None)
    assert search(snapshot, words("alpha")) == ["a.py", "pkg/b.py"]
    assert search(snapshot, words("alph", "gamma")) == ["pkg/caf\u00e9.py"]
    assert search(snapshot, words("nowhere")) == []
    assert search(snapshot, words()) == []


def test_edits_of_the_working_copy_do_not_count(repo: Path) -> None:
    (repo / "a.py").write_bytes(b"delta = 1\n")
    (repo / "pkg/b.py").unlink()
    (repo / "new.py").write_bytes(b"alpha\n")
    snapshot = open_snapshot(repo, None)
    assert snapshot.read(list(FILES)) == FILES
    assert search(snapshot, words("alpha")) == ["a.py", "pkg/b.py"]
    assert search(snapshot, words("delta")) == []


def test_staged_edits_do_not_count(repo: Path) -> None:
    (repo / "a.py").write_bytes(b"delta = 1\n")
    (repo / "added.py").write_bytes(b"alpha\n")
    git(repo, "add", "-A")
    git(repo, "rm", "-q", "--cached", "pkg/b.py")
    assert texts(repo) == FILES
    assert search(open_snapshot(repo, None), words("alpha")) == ["a.py", "pkg/b.py"]


@pytest.mark.parametrize("flag", ["--skip-worktree", "--assume-unchanged"])
def test_files_that_git_does_not_look_at_are_not_trusted(repo: Path, flag: str) -> None:
    git(repo, "update-index", flag, "a.py")
    (repo / "a.py").write_bytes(b"delta = 1\n")
    assert texts(repo) == FILES
    assert search(open_snapshot(repo, None), words("alpha")) == ["a.py", "pkg/b.py"]


def test_sparse_files_come_from_git(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/a.py")
    assert not (repo / "pkg").exists()
    assert texts(repo) == FILES
    assert search(open_snapshot(repo, None), words("beta")) == ["pkg/b.py"]


def test_an_older_revision(repo: Path) -> None:
    (repo / "a.py").write_bytes(b"delta = 1\n")
    git(repo, "commit", "-q", "-a", "-m", "next")
    snapshot = open_snapshot(repo, "HEAD~1")
    assert snapshot.folder is None
    assert snapshot.read(list(FILES)) == FILES
    assert search(snapshot, words("alpha")) == ["a.py", "pkg/b.py"]
    assert search(open_snapshot(repo, "trunk"), words("delta")) == ["a.py"]


def test_a_bare_repository(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    snapshot = open_snapshot(tmp_path / "bare.git", None)
    assert snapshot.folder is None
    assert snapshot.read(list(FILES)) == FILES
    assert search(snapshot, words("gamma")) == ["pkg/caf\u00e9.py"]


def test_from_inside_a_folder_the_whole_repository_is_read(repo: Path) -> None:
    assert texts(repo / "pkg") == FILES


def test_a_linked_working_copy(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert texts(tmp_path / "linked") == FILES


def test_a_sha_256_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "-b", "trunk", "repo")
    repo = tmp_path / "repo"
    (repo / "a.py").write_bytes(b"alpha = 1\n")
    git(repo, "add", "a.py")
    git(repo, "commit", "-q", "-m", "base")
    snapshot = open_snapshot(repo, None)
    assert len(snapshot.commit) == 64
    assert snapshot.source("a.py").blob == blob_id(b"alpha = 1\n", 64)
    assert snapshot.read(["a.py"]) == {"a.py": b"alpha = 1\n"}


@pytest.mark.parametrize(
    ("setting", "attributes"),
    [
        ("core.autocrlf=true", b""),
        ("x.y=z", b"*.py text eol=crlf\n"),
        ("x.y=z", b"*.py working-tree-encoding=UTF-16LE\n"),
    ],
)
def test_bytes_are_those_of_git_whatever_the_checkout_makes_of_them(
    make_repo: MakeRepo, setting: str, attributes: bytes
) -> None:
    repo = make_repo({"a.py": b"alpha = 1\n"})
    (repo / ".gitattributes").write_bytes(attributes)
    git(repo, "add", ".gitattributes")
    git(repo, "commit", "-q", "-m", "attributes")
    git(repo, "config", *setting.split("="))
    (repo / "a.py").unlink()
    git(repo, "checkout", "-q", "--", "a.py")
    assert (repo / "a.py").read_bytes() != b"alpha = 1\n"
    assert texts(repo, ["a.py"]) == {"a.py": b"alpha = 1\n"}
    assert search(open_snapshot(repo, None), words("alpha")) == ["a.py"]


def test_only_files_that_a_filter_changes_are_read_from_git(repo: Path) -> None:
    git(repo, "config", "filter.loud.smudge", "tr a-z A-Z")
    git(repo, "config", "filter.loud.clean", "tr A-Z a-z")
    (repo / ".git/info/attributes").write_text("a.py filter=loud\n")
    (repo / "a.py").unlink()
    git(repo, "checkout", "-q", "--", "a.py")
    snapshot = open_snapshot(repo, None)
    assert (snapshot.folder, snapshot.stale) == (repo.resolve(), {"a.py"})
    assert search(snapshot, words("alpha")) == ["a.py", "pkg/b.py"]
    assert snapshot.read(list(FILES)) == FILES


def test_a_broken_index_is_no_matter(repo: Path) -> None:
    (repo / ".git/index").write_bytes(b"DIRC?")
    snapshot = open_snapshot(repo, None)
    assert snapshot.folder is None
    assert (snapshot.read(list(FILES)), search(snapshot, words("gamma"))) == (FILES, ["pkg/caf\u00e9.py"])


def test_symbolic_links_and_submodules_are_entries_but_not_searched(repo: Path) -> None:
    (repo / "link.py").symlink_to("alpha")
    git(repo, "add", "link.py")
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub.py")
    git(repo, "commit", "-q", "-m", "odd")
    snapshot = open_snapshot(repo, None)
    assert {snapshot.entries[path].mode for path in ("link.py", "sub.py")} == {"120000", "160000"}
    assert search(snapshot, words("alpha")) == ["a.py", "pkg/b.py"]
    assert open_snapshot(repo, "HEAD").read(["link.py"]) == {"link.py": b"alpha"}


def test_a_link_put_in_a_files_place_is_not_followed(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"delta\n")
    (repo / "a.py").unlink()
    (repo / "a.py").symlink_to(tmp_path / "secret")
    assert texts(repo) == FILES


@pytest.mark.parametrize("bare", [False, True])
def test_paths_that_are_not_utf_8_are_told_apart(repo: Path, tmp_path: Path, bare: bool) -> None:
    blob = git(repo, "rev-parse", "HEAD:a.py").strip()
    row = b"100644 %s\tcaf\xe9.py\0" % blob
    git(repo, "update-index", "-z", "--index-info", data=row)
    git(repo, "commit", "-q", "-m", "odd")
    where = repo
    if bare:
        git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
        where = tmp_path / "bare.git"
    snapshot = open_snapshot(where, None)
    assert snapshot.odd_paths == ("caf\\xe9.py",)
    assert search(snapshot, words("alpha")) == ["a.py", "pkg/b.py"]


def test_paths_with_odd_characters(make_repo: MakeRepo) -> None:
    odd = {"with space.py": b"alpha\n", 'quo"te.py': b"alpha\n", "new\nline.py": b"alpha\n", "-dash.py": b"alpha\n"}
    repo = make_repo(odd)
    assert texts(repo, odd) == odd
    assert search(open_snapshot(repo, None), words("alpha")) == sorted(odd)
    assert search(open_snapshot(repo, "HEAD"), words("alpha")) == sorted(odd)


def test_the_users_settings_change_nothing(repo: Path) -> None:
    for name, value in {
        "grep.patternType": "perl",
        "grep.lineNumber": "true",
        "grep.column": "true",
        "grep.fullName": "false",
        "color.ui": "always",
        "core.quotePath": "true",
        "diff.noprefix": "true",
    }.items():
        git(repo, "config", name, value)
    snapshot = open_snapshot(repo, None)
    assert search(snapshot, words("gamma")) == ["pkg/caf\u00e9.py"]
    assert snapshot.read(list(FILES)) == FILES


def test_an_empty_blob(make_repo: MakeRepo) -> None:
    repo = make_repo({"empty.py": b"", "a.py": b"x"})
    assert open_snapshot(repo, "HEAD").read(["empty.py", "a.py"]) == {"empty.py": b"", "a.py": b"x"}
    git(repo, "commit", "-q", "--allow-empty", "-m", "next")
    assert texts(repo, ["empty.py", "a.py"], "HEAD~1") == {"empty.py": b"", "a.py": b"x"}


@pytest.mark.parametrize(
    ("rev", "words_told"),
    [
        ("nowhere", "nowhere names no commit"),
        ("--all", "--all is no revision"),
        ("HEAD:a.py", "names no commit"),
        ("HEAD..HEAD", "names no commit"),
    ],
)
def test_a_revision_that_is_none(repo: Path, rev: str, words_told: str) -> None:
    with pytest.raises(UsageError, match=words_told):
        open_snapshot(repo, rev)


@pytest.mark.skipif(os.name == "nt", reason="no line end in a name there")
def test_a_line_end_in_the_name_of_the_folder(repo: Path, tmp_path: Path) -> None:
    odd = repo.rename(tmp_path / "two\nlines")
    snapshot = open_snapshot(odd, "HEAD")
    assert (snapshot.folder, snapshot.git.place("--git-common-dir")) == (odd.resolve(), odd.resolve() / ".git")
    assert texts(odd) == FILES


def test_what_opening_learns_is_what_git_says(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    for folder in (repo, repo / "pkg", tmp_path / "linked"):
        known = open_snapshot(folder, "HEAD").git
        assert known.places
        assert known.place("--git-common-dir") == Git(folder).place("--git-common-dir") == repo.resolve() / ".git"


def test_a_tag_names_its_commit(repo: Path) -> None:
    git(repo, "tag", "-a", "v1", "-m", "one")
    assert open_snapshot(repo, "v1").commit == open_snapshot(repo, None).commit


def test_no_commit_yet(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    with pytest.raises(UsageError, match="no commit yet"):
        open_snapshot(tmp_path, None)


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="not a git repository"):
        open_snapshot(tmp_path, None)


@pytest.mark.parametrize("kind", ["absent", "file"])
def test_no_folder(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (tmp_path / kind).write_bytes(b"")
    with pytest.raises(UsageError, match=r"no such folder|is not a folder"):
        open_snapshot(tmp_path / kind, None)


def test_no_git(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git was not found"):
        open_snapshot(repo, None)


def test_an_object_that_is_missing_is_named(repo: Path) -> None:
    blob = git(repo, "rev-parse", "HEAD:a.py").decode().strip()
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match=f"blob {blob} is missing"):
        Git(repo).blobs([blob])


@pytest.mark.parametrize(("length", "algorithm"), [(40, "sha1"), (64, "sha256")])
def test_blob_ids(tmp_path: Path, length: int, algorithm: str) -> None:
    assert blob_id(b"x\n", length) == hashlib.new(algorithm, b"blob 2\0x\n").hexdigest()
    git(tmp_path, "init", "-q", f"--object-format={algorithm}")
    done = subprocess.run(
        ["git", "hash-object", "--stdin"], cwd=tmp_path, input=b"x\n", capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == blob_id(b"x\n", length)


def test_what_is_deleted_while_two_searches_go_on_is_found_by_the_one_that_asks_for_it(repo: Path) -> None:
    snapshot = open_snapshot(repo, None)
    (repo / "pkg" / "b.py").unlink()
    searches = [Search(snapshot, words("gamma")), Search(snapshot, words("beta"))]
    assert [one.paths() for one in searches] == [["pkg/caf\u00e9.py"], []]
    vanished = Vanished(snapshot)
    assert [one.late(vanished) for one in searches] == [[], ["pkg/b.py"]]
