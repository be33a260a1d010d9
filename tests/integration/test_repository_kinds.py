"""Every kind of repository: `plan`, `diff`, `apply` and `verify` do their work on it, or say in one line why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.kinds import Captured, Place, Said, as_another_user, given_away, is_migrated, refused, works
from tests.integration.migrated import FILES

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other paths, modes and users")


@pytest.fixture
def place(make_repo: MakeRepo, tmp_path: Path, capsysbinary: Captured) -> Place:
    repo = make_repo({path: text.encode() for path, text in FILES.items()})
    shutil.rmtree(repo / ".git/hooks")
    return Place(repo, tmp_path, capsysbinary)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter, as those of pytest may not be."""
    folder = Path(tempfile.mkdtemp(prefix="repoint-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def url(repo: Path) -> str:
    return repo.as_uri()


def clone(place: Place, *args: str, name: str = "clone") -> Place:
    source = place.repo
    git(source, "config", "uploadpack.allowFilter", "true")
    git(source, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(source.parent, "clone", "-q", *args, url(source), name)
    return place.at(source.parent / name)


# Those that work


def _below_the_top(place: Place) -> Place:
    return place.at(place.repo / "app")


def _detached(place: Place) -> Place:
    git(place.repo, "checkout", "-q", "--detach")
    return place


def _bare(place: Place) -> Place:
    return clone(place, "--bare")


def _shallow(place: Place) -> Place:
    git(place.repo, "commit", "-q", "--allow-empty", "-m", "second")
    return clone(place, "--depth", "1")


def _partial(place: Place) -> Place:
    return clone(place, "--filter=blob:none")


def _partial_without_trees(place: Place) -> Place:
    return clone(place, "--filter=tree:0", "--no-checkout")


def _sparse_partial(place: Place) -> Place:
    return clone(place, "--filter=blob:none", "--sparse")


def _linked(place: Place) -> Place:
    git(place.repo, "worktree", "add", "-q", str(place.repo.parent / "linked"))
    return place.at(place.repo.parent / "linked")


def _linked_to_bare(place: Place) -> Place:
    bare = clone(place, "--bare").repo
    git(bare, "worktree", "add", "-q", str(bare.parent / "linked"), "-b", "side")
    return place.at(bare.parent / "linked")


def _worktree_config(place: Place) -> Place:
    linked = _linked_to_bare(place)
    bare = place.repo.parent / "clone"
    git(bare, "config", "extensions.worktreeConfig", "true")
    git(bare, "config", "--worktree", "core.bare", "true")
    git(bare, "config", "--unset", "core.bare")
    return linked


def _separate(place: Place) -> Place:
    git(place.repo, "init", "-q", "--separate-git-dir", str(place.repo.parent / "git dir"))
    return place


def _submodule(place: Place) -> Place:
    outer = place.repo.parent / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(place.repo), "vendor/inner")
    return place.at(outer / "vendor/inner")


def _beside_a_dirty_submodule(place: Place) -> Place:
    source = place.repo.parent / "source"
    shutil.copytree(place.repo, source)
    git(place.repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(source), "app/inner")
    git(place.repo, "commit", "-q", "-m", "submodule")
    git(place.repo, "config", "submodule.recurse", "true")
    (place.repo / "app/inner/pkg/old.py").write_text("dirty\n")
    return place


def _packed_and_borrowed_from(place: Place) -> Place:
    git(place.repo, "branch", "repoint/case")
    git(place.repo, "gc", "-q")
    git(place.repo, "commit-graph", "write", "--reachable")
    git(place.repo.parent, "clone", "-q", "--shared", "--mirror", str(place.repo), "clone")
    return place.at(place.repo.parent / "clone")


def _with_replaced_objects(place: Place) -> Place:
    other = git(place.repo, "hash-object", "-w", "--stdin", data=b"x = 1\n").decode().strip()
    git(place.repo, "replace", "HEAD:pkg/old.py", other)
    git(place.repo, "replace", "HEAD:app", "HEAD:pkg")
    return place


def _without_symlinks(place: Place) -> Place:
    blob = git(place.repo, "hash-object", "-w", "--stdin", data=b"old.py").decode().strip()
    git(place.repo, "update-index", "--add", "--cacheinfo", f"120000,{blob},pkg/link")
    git(place.repo, "commit", "-q", "-m", "link")
    return clone(place, "-c", "core.symlinks=false")


def _reftable(place: Place) -> Place:
    other = place.repo.parent / "reftable"
    made = subprocess.run(["git", "init", "-q", "--ref-format=reftable", str(other)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this git has no reftable")
    git(other, "fetch", "-q", str(place.repo), "trunk")
    git(other, "switch", "-q", "-c", "trunk", "FETCH_HEAD")
    return place.at(other)


WORKING = [
    _below_the_top,
    _detached,
    _bare,
    _partial,
    _partial_without_trees,
    _sparse_partial,
    _packed_and_borrowed_from,
    _with_replaced_objects,
    _without_symlinks,
    _reftable,
]


@pytest.mark.parametrize("kind", WORKING, ids=lambda kind: kind.__name__.lstrip("_"))
def test_every_command_works(place: Place, kind: Callable[[Place], Place]) -> None:
    works(kind(place))


CHECKED_OUT = [_linked, _worktree_config, _separate, _submodule, _beside_a_dirty_submodule, _shallow, _reftable]


@pytest.mark.parametrize("kind", CHECKED_OUT, ids=lambda kind: kind.__name__.lstrip("_"))
def test_a_checked_out_branch_is_followed(place: Place, kind: Callable[[Place], Place]) -> None:
    made = kind(place)
    git(made.repo, "switch", "-q", "-c", "work")
    works(made, "work")
    assert (made.repo / "app/a.py").read_bytes() == b"from pkg.new import New, Thing\nNew(Thing)\n"
    assert git(made.repo, "status", "--porcelain", "--ignore-submodules") == b""


@posix
@pytest.mark.parametrize("name", [b"-a 'quoted\" \xc3\xa9\nline", b"latin-\xe9"])
def test_odd_names_of_the_folder(place: Place, name: bytes) -> None:
    folder = place.repo.parent / os.fsdecode(name)
    try:
        place.repo.rename(folder)
    except OSError:
        pytest.skip("this file system has no such names")
    git(folder, "switch", "-q", "-c", "work")
    works(place.at(folder), "work")


@posix
def test_a_refusal_names_an_odd_folder_in_one_line(place: Place) -> None:
    refused(place.at(place.repo.parent / "two\nlines").plan(), "two<0a>lines: no such folder", code=Exit.USAGE)


@posix
def test_a_link_to_a_folder_of_the_repository(place: Place) -> None:
    (place.repo.parent / "link").symlink_to(place.repo / "app", target_is_directory=True)
    assert place.at(place.repo.parent / "link").plan() == Said(Exit.DONE, "")


def test_a_partial_clone_fetches_no_more_than_is_read(place: Place) -> None:
    (place.repo / "data.bin").write_bytes(b"\0" * 100)
    git(place.repo, "add", "-A")
    git(place.repo, "commit", "-q", "-m", "data")
    place.plan()
    made = clone(place, "--filter=blob:none", "--bare")
    assert made.apply() == Said(Exit.DONE, "")
    missing = git(made.repo, "rev-list", "--objects", "--missing=print", "repoint/case").decode()
    assert git(place.repo, "rev-parse", "HEAD:data.bin").decode().strip() in missing


def test_a_graft_is_no_history(place: Place) -> None:
    git(place.repo, "commit", "-q", "--allow-empty", "-m", "second")
    works(place)
    tip = git(place.repo, "rev-parse", "repoint/case").decode()
    (place.repo / ".git/info/grafts").write_text(tip)
    assert place.apply() == place.verify() == Said(Exit.DONE, "")


# Those that cannot


def test_an_empty_repository(place: Place, tmp_path: Path) -> None:
    place.plan()
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    empty = place.at(tmp_path / "empty")
    for said in (empty.plan(), empty.verify()):
        refused(said, "empty: the repository has no commit yet; commit the files first", code=Exit.USAGE)
    refused(empty.diff(), "is missing; ", code=Exit.USAGE)
    refused(empty.apply(), "the plan's base commit", "is not in this repository; fetch it, or plan again")


@pytest.mark.parametrize(
    ("name", "words"), [("folder", "not a git repository"), ("nowhere", "folder"), ("file", "is not a folder")]
)
def test_no_repository(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    place.plan()
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    none = place.at(tmp_path / name)
    for said in (none.plan(), none.diff(), none.apply(), none.verify(), none.verify("--worktree")):
        refused(said, name, words, code=Exit.USAGE)


def test_in_a_git_directory_what_needs_no_working_tree_works(place: Place) -> None:
    inside = place.at(place.repo / ".git")
    assert inside.plan() == inside.diff() == Said(Exit.DONE, "")
    refused(inside.apply(), "must be run in a work tree; name the working tree", code=Exit.USAGE)


def test_a_base_that_a_shallow_clone_lacks(place: Place) -> None:
    place.plan()
    git(place.repo, "commit", "-q", "--allow-empty", "-m", "second")
    refused(clone(place, "--depth", "1").apply(), "is not in this repository; fetch it, or plan again")


def test_a_migration_that_a_shallow_clone_cuts_off(place: Place) -> None:
    works(place)
    made = clone(place, "--depth", "1", "--branch", "repoint/case")
    words = "shallow clone begins amid the migration case; `git fetch --unshallow`, or say with --base"
    refused(made.verify(), words, code=Exit.USAGE)
    git(made.repo, "fetch", "-q", "--unshallow")
    assert made.verify() == Said(Exit.DONE, "")


def test_a_partial_clone_whose_remote_is_gone(place: Place) -> None:
    place.plan()
    bare, full = clone(place, "--filter=blob:none", "--bare", name="bare"), clone(place, "--filter=blob:none")
    place.repo.rename(place.repo.parent / "gone")
    words = "from promisor remote; this is a partial clone: `git fetch` must reach its remote"
    for said, code in ((bare.plan(), Exit.USAGE), (bare.diff(), Exit.USAGE), (bare.apply(), Exit.REFUSED)):
        refused(said, "could not fetch", words, code=code)
    assert full.plan() == full.apply() == Said(Exit.DONE, "")  # whatever is checked out is there


def test_a_worktree_that_is_gone_or_away(place: Place) -> None:
    place.plan()
    other = place.repo.parent / "other"
    git(place.repo, "worktree", "add", "-q", str(other), "-b", "side")
    refused(place.apply("--branch", "side"), f"another worktree, {other}; say --repo {other}")
    shutil.rmtree(other)
    refused(place.apply("--branch", "side"), f"{other}, which is gone; `git worktree prune`")
    git(place.repo, "worktree", "lock", str(other))
    refused(place.apply("--branch", "side"), "which is locked and away; bring it back, or `git worktree unlock")
    git(place.repo, "worktree", "unlock", str(other))
    git(place.repo, "worktree", "prune")
    assert place.apply("--branch", "side") == Said(Exit.DONE, "")


@posix
def test_worktrees_with_odd_names(place: Place) -> None:
    place.plan()
    folder, other = place.repo.parent / "two\nlines", place.repo.parent / "other\nHEAD 0"
    place.repo.rename(folder)
    git(folder, "switch", "-q", "-c", "work")
    git(folder, "worktree", "add", "-q", str(other), "-b", "side")
    odd = place.at(folder)
    refused(odd.apply("--branch", "side"), "checked out in another worktree")
    assert odd.apply("--branch", "work") == Said(Exit.DONE, "")


# What stands around the repository


def test_a_hook_s_environment_does_not_mislead(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "x.py").write_text("x = 1\n")
    git(other, "add", "-A")
    git(other, "commit", "-q", "-m", "other")
    before = sorted((other / ".git").rglob("*"))

    def as_in_a_hook() -> None:
        for name, value in {"DIR": ".git", "WORK_TREE": ".", "INDEX_FILE": ".git/index", "COMMON_DIR": ".git"}.items():
            monkeypatch.setenv(f"GIT_{name}", str(other / value))
        monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")

    git(place.repo, "switch", "-q", "-c", "work")
    for command in (place.plan, place.diff, place.apply, place.verify):
        as_in_a_hook()
        said = command("--branch", "work") if command == place.apply else command()
        assert said == Said(Exit.DONE, "")
    assert "GIT_DIR" not in os.environ
    is_migrated(place.repo, "work")
    assert sorted((other / ".git").rglob("*")) == before


@posix
def test_in_the_hook_of_a_push_what_is_pushed_can_be_planned(place: Place) -> None:
    """Its objects lie apart until the hook has said yes."""
    served = clone(place, "--bare").repo
    hook = served / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    args = ["plan", str(place.manifest), "--check", "--out", str(place.plan_file), "--rev"]
    code = f"import sys\nfrom repoint.cli import main\nsys.exit(main([*{args!r}, sys.stdin.read().split()[1]]))\n"
    hook.write_text(f"#!{sys.executable}\n{code}")
    hook.chmod(0o755)
    (place.repo / "app/c.py").write_text("from pkg.old import Old\n")
    git(place.repo, "add", "-A")
    git(place.repo, "commit", "-q", "-m", "more")
    done = subprocess.run(["git", "push", str(served), "trunk"], cwd=place.repo, capture_output=True, check=False)
    assert done.returncode and b"pre-receive hook declined" in done.stderr
    assert b"app/c.py" in place.plan_file.read_bytes(), done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_somebody_else(place: Place) -> None:
    place.plan()
    for path in (place.repo, *place.repo.rglob("*")):
        os.chown(path, 65534, 65534)
    words = ("detected dubious ownership", "`git config --global --add safe.directory ", "`, if you trust its owner")
    for command in (place.plan, place.diff, place.apply, place.verify):
        refused(command(), *words, code=Exit.USAGE)


@posix
def test_a_folder_that_may_not_be_entered(place: Place, monkeypatch: pytest.MonkeyPatch, shared: Path) -> None:
    """git is not run in the current folder instead."""
    assert place.plan().code == place.apply("--dry-run").code == Exit.DONE
    closed = shared / "closed"
    closed.mkdir(mode=0o400)
    here = shared / "here"
    shutil.copytree(place.repo, here)
    shutil.copy(place.plan_file, shared / "p.json")
    shutil.copy(place.manifest, shared / "migration.toml")
    given_away(shared)
    monkeypatch.chdir(here)

    def look() -> None:
        there = Place(closed, shared, place.captured)
        for command in (there.plan, there.diff, there.apply, there.verify):
            refused(command(), "closed: may not be entered; mend its permissions", code=Exit.USAGE)

    as_another_user(look)
    assert (
        b"repoint/case"
        not in subprocess.run(
            ["git", "-c", "safe.directory=*", "for-each-ref"], cwd=here, capture_output=True, check=True
        ).stdout
    )
