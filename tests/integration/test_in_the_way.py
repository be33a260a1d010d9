"""What is in the way of `apply`, in a working tree, among the refs or on the disk: one line, nothing half-done."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repoint.errors import Exit
from repoint.planning.plan_file import dump
from tests.builders import added, batch, plan, replaced
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import BEFORE, BRANCH, after, files, head, plan_of, status, tree
from tests.integration.kinds import Captured, Place, Said, as_another_user, given_away, refused

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other modes, links and shells")
STUB = "pkg/new/deep/stub.py"
DONE = Said(Exit.DONE, "")


@pytest.fixture
def place(make_repo: MakeRepo, tmp_path: Path, capsysbinary: Captured) -> Place:
    """The three batches of `apply_cases`, with their branch checked out."""
    repo = make_repo(BEFORE)
    shutil.rmtree(repo / ".git/hooks")
    git(repo, "switch", "-q", "-c", BRANCH)
    (tmp_path / "p.json").write_bytes(dump(plan_of(repo)))
    return Place(repo, tmp_path, capsysbinary)


def attempt(repo: Path, *args: str) -> int:
    """A git command that may stop at a conflict."""
    return subprocess.run(["git", *args], cwd=repo, capture_output=True, check=False).returncode


# The working tree


def _folder_for_file(repo: Path) -> None:
    (repo / "old.py").unlink()
    (repo / "old.py").mkdir()


def _link_for_file(repo: Path) -> None:
    (repo / "old.py").unlink()
    (repo / "old.py").symlink_to("untouched.py")


def _link_for_folder(repo: Path) -> None:
    (repo / "pkg").rename(repo.parent / "moved")
    (repo / "pkg").symlink_to(repo.parent / "moved", target_is_directory=True)


def _mode(repo: Path) -> None:
    (repo / "old.py").chmod(0o755)


def _deleted_as_planned(repo: Path) -> None:
    (repo / "dead/gone.py").unlink()


def _intent_to_add(repo: Path) -> None:
    (repo / "empty.py").write_text("mine\n")
    git(repo, "add", "-N", "empty.py")


def _unmerged(repo: Path, path: str = "old.py") -> None:
    blob = git(repo, "rev-parse", "HEAD:untouched.py").decode().strip()
    rows = "".join(f"100644 {blob} {stage}\t{path}\n" for stage in (1, 2, 3))
    git(repo, "update-index", "--index-info", data=f"0 {'0' * 40}\t{path}\n{rows}".encode())


def _unmerged_elsewhere(repo: Path) -> None:
    _unmerged(repo, "untouched.py")


def _ignored_file(repo: Path) -> None:
    (repo / ".git/info/exclude").write_text("pkg/new/\n")
    (repo / STUB).parent.mkdir(parents=True)
    (repo / STUB).write_text("mine\n")


def _nested_repository(repo: Path) -> None:
    (repo / "pkg/new").mkdir()
    git(repo / "pkg/new", "init", "-q")


def _unseen_by_the_monitor(repo: Path) -> None:
    monitor = repo.parent / "monitor"
    monitor.write_text("#!/bin/sh\nprintf 'token\\0'\n")
    monitor.chmod(0o755)
    git(repo, "config", "core.fsmonitor", str(monitor))
    git(repo, "config", "core.fsmonitorHookVersion", "2")
    git(repo, "update-index", "--fsmonitor")
    git(repo, "status")
    (repo / "old.py").write_text("mine, and not seen\n")
    assert status(repo) == ""


def _index_lock(repo: Path) -> None:
    (repo / ".git/index.lock").touch()


def _broken_index(repo: Path) -> None:
    (repo / ".git/index").write_bytes(b"DIRC, or what is left of it")


IN_THE_WAY = [
    (_folder_for_file, "uncommitted changes where repoint writes: old.py; commit or stash them"),
    pytest.param(_link_for_file, "uncommitted changes where repoint writes: old.py", marks=posix),
    pytest.param(_link_for_folder, "uncommitted changes where repoint writes: pkg/café/edited.py, pkg", marks=posix),
    pytest.param(_mode, "uncommitted changes where repoint writes: old.py", marks=posix),
    (_deleted_as_planned, "uncommitted changes where repoint writes: dead/gone.py"),
    (_intent_to_add, "uncommitted changes where repoint writes: empty.py"),
    (_unmerged, "files that are not merged: old.py; resolve them and `git add` them"),
    (_unmerged_elsewhere, "files that are not merged: untouched.py"),
    (_ignored_file, f"untracked files where repoint writes: {STUB}; move them away"),
    (_nested_repository, "another repository where repoint writes: pkg/new; move it away"),
    pytest.param(_unseen_by_the_monitor, "uncommitted changes where repoint writes: old.py", marks=posix),
    (_index_lock, "index.lock: another git process is at work in the working tree; let it finish (or remove"),
    (_broken_index, "git diff-index: "),
]


@pytest.mark.parametrize(("disturb", "words"), IN_THE_WAY)
def test_in_the_way(place: Place, monkeypatch: pytest.MonkeyPatch, disturb: Callable[[Path], None], words: str) -> None:
    monkeypatch.setattr("repoint.execution.checkout.worktree._PATIENCE", 0.0)
    disturb(place.repo)
    found = files(place.repo)
    refused(place.apply("--dry-run"), words)
    assert place.apply().code == Exit.REFUSED
    assert (head(place.repo), files(place.repo)) == (head(place.repo, "trunk"), found)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_was_told_not_to_look_at(place: Place, flag: str) -> None:
    git(place.repo, "update-index", flag, "old.py", "dead/gone.py")
    (place.repo / "old.py").write_text("mine, and of another length\n")
    tip = head(place.repo)
    refused(place.apply(), "the working tree cannot follow", "'old.py' not uptodate")
    assert (head(place.repo), (place.repo / "old.py").read_text()) == (tip, "mine, and of another length\n")
    git(place.repo, "update-index", flag.replace("--", "--no-"), "old.py", "dead/gone.py")
    (place.repo / "old.py").write_bytes(BEFORE["old.py"])
    assert place.apply() == DONE
    assert files(place.repo) == after()


def _sparse_index(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--cone", "--sparse-index", "tools")


def _no_cone(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/pkg/crlf.py", "/old.py")


@pytest.mark.parametrize(("sparse", "kept"), [(_sparse_index, "tools/run.py"), (_no_cone, "pkg/crlf.py")])
def test_outside_of_a_sparse_checkout_nothing_appears(place: Place, sparse: Callable[[Path], None], kept: str) -> None:
    sparse(place.repo)
    before = files(place.repo).keys()
    assert place.apply() == DONE
    assert (tree(place.repo), status(place.repo)) == (after(), "")
    found = files(place.repo)
    assert found[kept] == after()[kept]
    assert found.keys() <= before | {"empty.py"} and STUB not in found
    assert found.items() <= after().items()


SETTINGS = ["index.version=4", "core.splitIndex=true", "core.untrackedCache=true", "feature.manyFiles=true"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_kind_of_index_is_followed(place: Place, setting: str) -> None:
    git(place.repo, "config", *setting.split("="))
    git(place.repo, "update-index", "--force-write-index")
    git(place.repo, "status")
    assert place.apply() == DONE
    assert (files(place.repo), status(place.repo)) == (after(), "")


@posix
@pytest.mark.parametrize("setting", ["true", "false"])
def test_modes_are_those_of_the_tree(place: Place, setting: str) -> None:
    git(place.repo, "update-index", "--chmod=+x", "tools/run.py")
    git(place.repo, "commit", "-q", "-m", "mode")
    git(place.repo, "reset", "-q", "--hard")
    if setting == "false":
        git(place.repo, "config", "core.fileMode", setting)
        (place.repo / "tools/run.py").chmod(0o644)
    assert place.apply() == DONE
    assert git(place.repo, "ls-tree", "HEAD", "tools/run.py").startswith(b"100755")
    assert (place.repo / "tools/run.py").stat().st_mode & 0o100
    assert status(place.repo) == ""


def test_names_that_differ_by_case_only(place: Place) -> None:
    """Whoever takes them for one, be it git or the file system: both are there, and both are written."""
    for name in ("Mod.py", "mod.py"):
        blob = git(place.repo, "hash-object", "-w", "--stdin", data=f"x = '{name}'\n".encode()).decode().strip()
        git(place.repo, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    git(place.repo, "commit", "-q", "-m", "mod")
    git(place.repo, "config", "core.ignoreCase", "true")
    git(place.repo, "switch", "-q", "--detach")
    changes = [replaced(name, f"x = '{name}'\n".encode(), ("x =", "y =")) for name in ("Mod.py", "mod.py")]
    place.plan_file.write_bytes(dump(plan(batch(1, *changes), base=head(place.repo))))
    assert place.apply("--branch", "other") == DONE
    assert git(place.repo, "show", "other:Mod.py") == b"y = 'Mod.py'\n"
    assert git(place.repo, "show", "other:mod.py") == b"y = 'mod.py'\n"


def test_composed_and_decomposed_names(place: Place) -> None:
    names = ["caf\u00e9.py", "cafe\u0301.py"]
    data = b"from old import Old\n"
    for name in names:
        (place.repo / name).write_bytes(data)
    if len({*map(str, place.repo.glob("caf*.py"))}) < 2 or len(files(place.repo)) < len(BEFORE) + 2:
        pytest.skip("this file system takes them for one")
    git(place.repo, "config", "core.precomposeUnicode", "true")
    git(place.repo, "add", "-A")
    git(place.repo, "commit", "-q", "-m", "names")
    made = plan(batch(1, *(replaced(name, data, ("old", "new")) for name in names)), base=head(place.repo))
    place.plan_file.write_bytes(dump(made))
    assert place.apply() == DONE
    assert {(place.repo / name).read_bytes() for name in names} == {b"from new import Old\n"}


@posix
def test_a_shared_repository_stays_shared(place: Place) -> None:
    git(place.repo, "config", "core.sharedRepository", "group")
    before = {*(place.repo / ".git").rglob("*")}
    mask = os.umask(0o077)
    try:
        assert place.apply() == DONE
    finally:
        os.umask(mask)
    made = [path for path in (place.repo / ".git").rglob("*") if path not in before and "repoint/" not in str(path)]
    made += [place.repo / ".git/index", place.repo / f".git/refs/heads/{BRANCH}"]
    assert len(made) > 10 and all(path.stat().st_mode & 0o040 for path in made if path.is_file())


# Work under way


def conflicting(repo: Path) -> None:
    """`other` holds two commits that conflict with one on the branch."""
    git(repo, "branch", "other")
    for branch, text in ((BRANCH, "a\n"), ("other", "b\n")):
        git(repo, "switch", "-q", branch)
        (repo / "untouched.py").write_text(text)
        git(repo, "commit", "-q", "-a", "-m", text.strip())
    (repo / "more.py").write_text("b\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "more")
    git(repo, "switch", "-q", BRANCH)


def _merge(repo: Path) -> None:
    assert attempt(repo, "merge", "other")


def _cherry_pick(repo: Path) -> None:
    assert attempt(repo, "cherry-pick", "other~2..other")


def _between_cherry_picks(repo: Path) -> None:
    _cherry_pick(repo)
    git(repo, "checkout", "-q", "--theirs", "untouched.py")
    git(repo, "commit", "-q", "-a", "-m", "picked")
    assert not (repo / ".git/CHERRY_PICK_HEAD").exists()


def _revert(repo: Path) -> None:
    (repo / "untouched.py").write_text("c\n")
    git(repo, "commit", "-q", "-a", "-m", "c")
    assert attempt(repo, "revert", "--no-edit", "HEAD~1")


def _am(repo: Path) -> None:
    (repo.parent / "mail").write_bytes(git(repo, "format-patch", "--stdout", "other~2..other"))
    assert attempt(repo, "am", str(repo.parent / "mail"))


def _rebase(repo: Path) -> None:
    assert attempt(repo, "rebase", "--merge", "other")


def _rebase_by_am(repo: Path) -> None:
    assert attempt(repo, "rebase", "--apply", "other")


UNDER_WAY = [
    (_merge, "a merge is going on; finish or abort it first"),
    (_cherry_pick, "a cherry-pick is going on"),
    (_between_cherry_picks, "a cherry-pick or a revert of several commits is going on"),
    (_revert, "a revert is going on"),
    (_am, "git am is going on"),
    (_rebase, "a rebase of the branch is going on; finish it first"),
    (_rebase_by_am, "a rebase of the branch is going on"),
]


@pytest.mark.parametrize(("work", "words"), UNDER_WAY)
def test_work_under_way(place: Place, work: Callable[[Path], None], words: str) -> None:
    conflicting(place.repo)
    work(place.repo)
    found = files(place.repo), status(place.repo)
    refused(place.apply(), words)
    assert (files(place.repo), status(place.repo)) == found


def test_work_under_way_does_not_mind_another_branch(place: Place) -> None:
    conflicting(place.repo)
    _merge(place.repo)
    found = files(place.repo), status(place.repo)
    assert place.apply("--branch", "another") == DONE
    assert (tree(place.repo, "another"), (files(place.repo), status(place.repo))) == (after(), found)


@posix
def test_a_branch_that_a_rebase_elsewhere_is_to_update(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in "12":
        git(place.repo, "commit", "-q", "--allow-empty", "-m", number)
        git(place.repo, "branch", f"step{number}")
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "sed -i.old 1ibreak")
    if attempt(place.repo, "rebase", "-i", "--update-refs", "HEAD~2"):
        pytest.skip("this git updates no other refs")
    refused(place.apply("--branch", "step1"), "a rebase of the branch is going on; finish it first")


def test_bisect_is_left_alone(place: Place) -> None:
    for number in "123":
        git(place.repo, "commit", "-q", "--allow-empty", "-m", number)
    git(place.repo, "bisect", "start", "HEAD", "HEAD~3")
    at = head(place.repo)
    assert place.apply() == DONE
    assert (head(place.repo), files(place.repo)) == (at, BEFORE)
    git(place.repo, "bisect", "reset")
    assert (files(place.repo), status(place.repo)) == (after(), "")


# Refs


@pytest.mark.parametrize(
    ("there", "wanted"), [("repoint", "repoint/x"), ("feature/a/b", "feature"), ("feature/a", "feature/a/b/c")]
)
def test_a_branch_in_the_way_of_another(place: Place, there: str, wanted: str) -> None:
    git(place.repo, "switch", "-q", "--detach")
    git(place.repo, "branch", "-D", BRANCH)
    git(place.repo, "branch", there)
    git(place.repo, "branch", "feature2/a/b/c")  # in nobody's way
    git(place.repo, "pack-refs", "--all")
    words = f"refs/heads/{wanted}: the branch {there} is in its way; name another one with --branch, or rename"
    refused(place.apply("--dry-run", "--branch", wanted), words)
    assert place.apply("--branch", wanted).code == Exit.REFUSED
    assert place.apply("--dry-run", "--branch", f"{there}-too") == DONE


def test_a_branch_that_differs_by_case(place: Place) -> None:
    git(place.repo, "branch", "Work/One")
    git(place.repo, "config", "core.ignoreCase", "true")
    for name in ("work/one", "WORK/one/two", "work"):
        refused(place.apply("--dry-run", "--branch", name), "the branch Work/One is in its way")
    git(place.repo, "config", "core.ignoreCase", "false")
    if not (place.repo / ".git/refs/heads/work").exists():
        assert place.apply("--dry-run", "--branch", "work/one") == DONE


@pytest.mark.parametrize("text", ["", "what is this\n", f"{'1' * 40}\n", "ref: refs/heads/nowhere\n"])
def test_a_ref_that_names_no_commit(place: Place, text: str) -> None:
    ref = place.repo / ".git/refs/heads/odd"
    ref.write_text(text)
    words = "is a symbolic ref to refs/heads/nowhere" if "nowhere" in text else "stands at no commit; remove it, or"
    refused(place.apply("--branch", "odd"), "refs/heads/odd: ", words)
    assert ref.read_text() == text


def test_head_by_way_of_a_symbolic_branch(place: Place) -> None:
    git(place.repo, "symbolic-ref", "refs/heads/alias", f"refs/heads/{BRANCH}")
    git(place.repo, "symbolic-ref", "HEAD", "refs/heads/alias")
    assert place.apply() == DONE
    assert (files(place.repo), status(place.repo)) == (after(), "")


@pytest.mark.parametrize("lock", [f"refs/heads/{BRANCH}", "HEAD"])
def test_a_stale_lock_of_a_ref(place: Place, lock: str) -> None:
    (place.repo / f".git/{lock}.lock").touch()
    refused(place.apply(), f"{lock}.lock: another git process is at work on the branch; let", "(or remove the file, if")
    assert (files(place.repo), status(place.repo)) == (BEFORE, "")
    (place.repo / f".git/{lock}.lock").unlink()
    assert place.apply() == DONE
    assert (files(place.repo), status(place.repo)) == (after(), "")


def test_locks_of_what_apply_does_not_write(place: Place) -> None:
    git(place.repo, "pack-refs", "--all")
    for name in ("packed-refs", "config"):
        (place.repo / f".git/{name}.lock").touch()
    assert place.apply() == DONE


@posix
def test_a_hook_that_forbids_it(place: Place) -> None:
    hook = place.repo / ".git/hooks/reference-transaction"
    hook.parent.mkdir()
    hook.write_text('#!/bin/sh\ntest "$1" != prepared\n')
    hook.chmod(0o755)
    refused(place.apply(), f"refs/heads/{BRANCH}: git cannot move the branch: ref updates aborted by hook; mend that")
    assert (files(place.repo), status(place.repo)) == (BEFORE, "")


# The disk


@pytest.fixture
def open_to_all(place: Place) -> Iterator[Place]:
    """A copy of the repository where another user may go, as in pytest's own folder nobody may."""
    folder = Path(tempfile.mkdtemp(prefix="repoint-test-"))
    folder.chmod(0o755)
    shutil.copytree(place.repo, folder / "repo")
    shutil.copy(place.plan_file, folder)
    assert place.apply("--dry-run") == DONE  # all modules are imported: the other user may not read them
    yield Place(folder / "repo", folder, place.captured)
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


CLOSED = [
    ([".git/objects"], "insufficient permission for adding an object to repository database"),
    ([".git/refs/heads/repoint"], "case.lock': Permission denied; mend its permissions"),
    ([".git"], "cannot be written: Permission denied; mend its permissions"),
    (["pkg", "dead"], "folders that may not be written: "),
]


@posix
@pytest.mark.parametrize(("names", "words"), CLOSED)
def test_folders_that_may_not_be_written(
    open_to_all: Place, monkeypatch: pytest.MonkeyPatch, names: list[str], words: str
) -> None:
    repo = open_to_all.repo
    monkeypatch.setenv("HOME", str(repo.parent))
    (repo / "old.py").chmod(0o444)  # of no account: git replaces files
    closed = [path for name in names for path in (repo / name, *(repo / name).rglob("*")) if path.is_dir()]
    for path in closed:
        path.chmod(0o555)
    given_away(repo.parent)

    def refuses() -> None:
        refused(open_to_all.apply(), words)
        assert (files(repo), head(repo)) == (BEFORE, head(repo, "trunk"))
        for path in closed:
            path.chmod(0o755)
        assert open_to_all.apply() == DONE
        assert (files(repo), status(repo)) == (after(), "")

    as_another_user(refuses)


@posix
def test_a_folder_for_temporary_files_that_is_gone(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    refused(place.apply(), "nowhere", "No such file or directory; mend that, then run the same command again")
    assert head(place.repo) == head(place.repo, "trunk")


LIMIT = 4096


def _objects(repo: Path) -> tuple[bytes, int]:
    return b"".join(os.urandom(1).hex().encode() + b"\n" for _ in range(3000)), 0


def _branch(repo: Path) -> tuple[bytes, int]:
    log = repo / f".git/logs/refs/heads/{BRANCH}"
    log.write_bytes(log.read_bytes() * 100)
    os.truncate(log, LIMIT - 250)  # for one line more, not for two
    return b"", 1


def _working_tree(repo: Path) -> tuple[bytes, int]:
    return b"#\n" * LIMIT, 2


@posix
@pytest.mark.parametrize("full", [_objects, _branch, _working_tree])
def test_no_room(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, full: Callable[[Path], tuple[bytes, int]]
) -> None:
    """git may write no file of more than a few blocks; the branch stands at a batch, and apply goes on from there."""
    text, committed = full(place.repo)
    first = replaced("old.py", BEFORE["old.py"], ("Old", "New"))
    made = plan(batch(1, first), batch(2, added("big.py", text.decode())), base=head(place.repo))
    place.plan_file.write_bytes(dump(made))
    real, small = shutil.which("git"), tmp_path / "small"
    small.mkdir()
    (small / "git").write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f {LIMIT // 512}\nexec '{real}' \"$@\"\n")
    (small / "git").chmod(0o755)
    with monkeypatch.context() as limited:
        limited.setenv("PATH", str(small), prepend=os.pathsep)
        said = place.apply()
    refused(said, "unable to write file big.py; mend that" if committed == 2 else "File too large; make room, then run")
    assert int(git(place.repo, "rev-list", "--count", f"trunk..{BRANCH}")) == committed
    assert place.apply().code == Exit.DONE
    assert files(place.repo) == BEFORE | {"old.py": b"class New: ...\n", "big.py": text}
    assert status(place.repo) == ""
