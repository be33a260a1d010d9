"""Killed at any point: the branch stands at a batch, and the next command ends where an unbroken run would.

A child counts its git calls and its changes of files, and dies before the one that it is told, as under
SIGKILL: no handler runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from repoint.errors import Refused
from repoint.execution.checkout import follow
from repoint.execution.repository.lock import held
from repoint.model import Plan
from repoint.planning.plan_file import digest, dump
from tests.conftest import MakeRepo, git
from tests.integration.apply_cases import (
    BEFORE,
    BRANCH,
    EDITED,
    after,
    files,
    head,
    is_sound,
    plan_of,
    run,
    status,
    tree,
)

STUB = "pkg/new/deep/stub.py"
FOLLOW = "read-tree -m -u [0-9a-f]"
"""The git call that changes the working tree."""

CHILD = textwrap.dedent(
    """
    import itertools, os, re, sys
    from pathlib import Path
    from repoint.execution.checkout import follow
    from repoint.execution.apply import ApplyOptions, apply
    from repoint.execution.repository.git import Git
    from repoint.planning.plan_file import read
    import git.cmd

    def work(what, repo, stop):
        steps = itertools.count()

        def mortal(function):
            def wrapper(*args, **kwargs):
                said = " ".join(args[1]) if len(args) > 1 and isinstance(args[1], tuple) else ""
                if stop in (f"{next(steps)}",) or (said and re.match(stop, said)):
                    os._exit(9)
                return function(*args, **kwargs)
            return wrapper

        Git._execute = mortal(Git._execute)
        Path.unlink, Path.replace, os.fsync = mortal(Path.unlink), mortal(Path.replace), mortal(os.fsync)
        if what == "recover":
            follow.recover(repo)
        else:
            apply(read(Path(what)), ApplyOptions(repo=repo), lambda stage, done, total: None)
        os._exit(0)

    what, *jobs = sys.argv[1:]
    for repo, stop in zip(jobs[::2], jobs[1::2], strict=True):
        if len(jobs) == 2:
            work(what, Path(repo), stop)
        if not (pid := os.fork()):  # the imports of all children are paid for once
            work(what, Path(repo), stop)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(code)
        if code != 9:
            break
    """
)

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="makes its many children by fork")


def killed(what: Path | str, repo: Path, stop: int | str) -> bool:
    """Apply the plan file `what`, or "recover", in a process that dies at `stop`; False if it ended."""
    command = [sys.executable, "-c", CHILD, str(what), str(repo), str(stop)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, 9), done.stderr.decode()
    return done.returncode == 9


def killed_everywhere(what: Path | str, make: Callable[[int], Path], steps: int) -> list[Path]:
    """One repository for each third step at which `what` was killed, until it comes to its end."""
    repos = [make(step) for step in range(0, steps, 3)]
    jobs = [str(word) for number, repo in enumerate(repos) for word in (repo, 3 * number)]
    done = subprocess.run([sys.executable, "-c", CHILD, str(what), *jobs], capture_output=True, check=False)
    codes = done.stdout.decode().split()
    assert (done.returncode, codes[-1], set(codes[:-1])) == (0, "0", {"9"}), done.stderr.decode()
    return repos[: len(codes) - 1]


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    made = make_repo(BEFORE)
    shutil.rmtree(made / ".git/hooks")
    git(made, "switch", "-q", "-c", BRANCH)
    return made


@pytest.fixture
def made(repo: Path) -> Plan:
    return plan_of(repo)


@pytest.fixture
def plan_file(made: Plan, tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_bytes(dump(made))
    return path


@pytest.fixture
def copied(repo: Path, tmp_path: Path) -> Callable[[int], Path]:
    return lambda number: shutil.copytree(repo, tmp_path / f"copy{number}", symlinks=True)


def is_at_a_batch(repo: Path, made: Plan) -> bool:
    """True where the branch holds whole batches of the plan, in order, and nothing else."""
    form = "--format=%(trailers:valueonly,separator=%x20)"
    lines = git(repo, "log", "--reverse", form, f"{made.base}..{BRANCH}").decode().splitlines()
    return lines == [f"case {digest(made)} {n}/3" for n in range(1, len(lines) + 1)]


def is_finished(repo: Path) -> bool:
    left = [path.name for path in (repo / ".git/repoint").iterdir()]
    locks = list((repo / ".git").rglob("*.lock"))
    return (files(repo), tree(repo), status(repo), left, locks) == (after(), after(), "", ["lock"], [])


@forks
def test_apply_killed_anywhere_goes_on(made: Plan, plan_file: Path, copied: Callable[[int], Path]) -> None:
    repos = killed_everywhere(plan_file, copied, steps=100)
    assert len(repos) > 20

    def goes_on(number: int, repo: Path) -> bool:
        assert is_at_a_batch(repo, made)
        if number % 2:  # another command was first
            follow.recover(repo)
            assert (status(repo), files(repo)) == ("", tree(repo, "HEAD"))
            assert follow.recover(repo) is None
        run(repo, made)
        assert is_at_a_batch(repo, made)
        return is_finished(repo)

    with ThreadPoolExecutor(2) as pool:  # `tests/reliability` has more patience
        assert all(pool.map(goes_on, range(len(repos)), repos))
    assert all(is_sound(repo) for repo in repos[::6])


@forks
def test_recovery_killed_anywhere_is_recovered(repo: Path, plan_file: Path, copied: Callable[[int], Path]) -> None:
    assert killed(plan_file, repo, FOLLOW)
    half_done(repo)
    repos = killed_everywhere("recover", copied, steps=40)
    assert len(repos) > 5
    for other in repos:
        follow.recover(other)
        assert is_finished(other)


def half_done(repo: Path) -> None:
    """What a kill in the midst of git's own work may leave: new, half written, and removed files."""
    new = after()
    (repo / EDITED).write_bytes(new[EDITED])
    (repo / "pkg/crlf.py").write_bytes(new["pkg/crlf.py"][:20])
    (repo / "pkg/latin.py").unlink()
    (repo / STUB).parent.mkdir(parents=True)
    (repo / STUB).write_bytes(b"")
    (repo / "empty.py").write_bytes(b"")
    (repo / "dead/gone.py").unlink()


@pytest.fixture
def cut(repo: Path, plan_file: Path) -> Path:
    """The commits are made, and the process died just before the files were to follow."""
    assert killed(plan_file, repo, FOLLOW)
    assert (files(repo), head(repo, f"{BRANCH}~3")) == (BEFORE, head(repo, "trunk"))
    assert (repo / ".git/index.lock").exists()
    return repo


def test_files_left_half_way_are_finished(cut: Path) -> None:
    half_done(cut)
    said = follow.recover(cut)
    assert said is not None and said.startswith("finished an interrupted run")
    assert is_finished(cut)


def test_an_edit_since_is_never_touched(cut: Path) -> None:
    half_done(cut)
    (cut / "old.py").write_bytes(b"mine\n")
    (cut / STUB).write_bytes(b"mine as well\n")
    found = files(cut)
    for attempt in (lambda: follow.recover(cut), lambda: run(cut)):
        with pytest.raises(Refused, match=r"yet, as these files were edited meanwhile: old\.py, pkg/new/"):
            attempt()
    assert files(cut) == found
    for path in (STUB, "old.py"):
        (cut / path).unlink()
    follow.recover(cut)
    assert is_finished(cut)


def test_staged_work_since_is_never_touched(cut: Path) -> None:
    (cut / ".git/index.lock").unlink()
    (cut / "old.py").write_bytes(b"mine\n")
    git(cut, "add", "old.py")
    with pytest.raises(Refused, match=r"these files got staged changes meanwhile: old\.py"):
        follow.recover(cut)
    assert (cut / "old.py").read_bytes() == b"mine\n"
    git(cut, "restore", f"--source={head(cut, 'trunk')}", "--staged", "old.py")
    with pytest.raises(Refused, match=r"these files were edited meanwhile: old\.py; move them elsewhere"):
        follow.recover(cut)
    (cut / "old.py").unlink()
    follow.recover(cut)
    assert is_finished(cut)


def test_until_files_are_written_every_difference_is_the_user_s(repo: Path, plan_file: Path) -> None:
    assert killed(plan_file, repo, "diff-tree")  # all is committed, the follow is only announced
    mine = BEFORE["old.py"][:5]
    (repo / "old.py").write_bytes(mine)
    with pytest.raises(Refused, match=r"these files were edited meanwhile: old\.py; move them elsewhere"):
        follow.recover(repo)
    assert (repo / "old.py").read_bytes() == mine


@pytest.mark.parametrize("how", ["--hard", "--mixed"])
def test_a_reset_by_hand_is_understood(cut: Path, how: str) -> None:
    """After --hard all is done; after --mixed the old files look like edits that undo the migration."""
    (cut / ".git/index.lock").unlink()
    if how == "--mixed":
        half_done(cut)
    git(cut, "reset", "-q", how)
    assert (follow.recover(cut) is None) == (how == "--hard")
    assert is_finished(cut)


def test_an_edit_beside_a_reset_by_hand_stays(cut: Path) -> None:
    (cut / ".git/index.lock").unlink()
    git(cut, "reset", "-q", "--mixed")
    (cut / "old.py").write_bytes(b"mine\n")
    follow.recover(cut)
    assert files(cut) == after() | {"old.py": b"mine\n"}
    assert status(cut) == " M old.py\n"


def test_on_another_branch_it_is_taken_back(cut: Path) -> None:
    (cut / ".git/index.lock").unlink()
    half_done(cut)
    for path in ("empty.py", STUB):  # git would not switch with these
        (cut / path).unlink()
    (cut / "old.py").write_bytes(b"mine\n")
    git(cut, "switch", "-q", "trunk")
    said = follow.recover(cut)
    assert said is not None and "pkg/crlf.py" in said and "old.py" not in said
    assert (files(cut), status(cut)) == (BEFORE | {"old.py": b"mine\n"}, " M old.py\n")
    assert follow.recover(cut) is None


def test_on_a_branch_with_other_files_nothing_is_touched(repo: Path, plan_file: Path) -> None:
    git(repo, "switch", "-q", "-c", "other")
    git(repo, "rm", "-q", "pkg/crlf.py")
    git(repo, "commit", "-q", "-m", "other")
    git(repo, "switch", "-q", BRANCH)
    assert killed(plan_file, repo, FOLLOW)
    (repo / ".git/index.lock").unlink()
    git(repo, "switch", "-q", "-f", "other")
    (repo / "old.py").unlink()
    assert follow.recover(repo) is None
    assert status(repo) == " D old.py\n"
    assert not (repo / ".git/repoint/follow.json").exists()


def test_a_file_removed_before_the_follow_started_stays_so_elsewhere(repo: Path, plan_file: Path) -> None:
    assert killed(plan_file, repo, "diff-tree")
    git(repo, "switch", "-q", "trunk")
    (repo / "old.py").unlink()
    assert follow.recover(repo) is None
    assert status(repo) == " D old.py\n"


def test_while_an_apply_is_alive_nothing_is_recovered(cut: Path) -> None:
    with held(cut / ".git"):
        assert follow.recover(cut) is None
    assert follow.recover(cut) is not None


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_what_lies_behind_a_link_is_never_touched(cut: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "gone.py").write_bytes(b"")
    shutil.rmtree(cut / "dead")
    (cut / "dead").symlink_to(outside, target_is_directory=True)
    with pytest.raises(Refused, match=r"these files were edited meanwhile: dead/gone\.py"):
        follow.recover(cut)
    assert (outside / "gone.py").read_bytes() == b""


def test_commits_since_are_left_alone(cut: Path) -> None:
    (cut / ".git/index.lock").unlink()
    git(cut, "commit", "-q", "-m", "mine, and all of the migration undone")
    found = files(cut)
    assert follow.recover(cut) is None
    assert (files(cut), status(cut)) == (found, "")


def test_a_record_that_cannot_be_read_is_named(cut: Path) -> None:
    (cut / ".git/repoint/follow.json").write_bytes(b"{")
    with pytest.raises(Refused, match=r"follow\.json: is no readable record of an interrupted run"):
        follow.recover(cut)


def test_a_dry_run_does_not_recover(cut: Path, made: Plan) -> None:
    with pytest.raises(Refused, match="an earlier command was interrupted; run it again without --dry-run"):
        run(cut, made, dry_run=True)


def test_another_plan_recovers_first(cut: Path, made: Plan) -> None:
    fewer = msgspec.structs.replace(made, batches=())
    assert any("finished an interrupted run" in note for note in run(cut, fewer).notes)
    assert is_finished(cut)


def test_what_was_finished_is_told_even_where_the_rest_is_refused(cut: Path, made: Plan) -> None:
    with pytest.raises(Refused, match="protected") as caught:
        run(cut, made, branch="main")
    assert [note.partition(":")[0] for note in caught.value.notes] == ["finished an interrupted run"]


@pytest.mark.skipif(os.name == "nt", reason="the filter speaks POSIX shell")
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_git_killed_while_it_writes_files(repo: Path, made: Plan, tmp_path: Path, nth: int) -> None:
    """A smudge filter kills the git that runs it, at the nth file; one file was filtered before, for a trial."""
    count = tmp_path / "count"
    smudge = f'echo >>"{count}"; test $(wc -l <"{count}") -eq {nth + 1} && kill -9 $PPID; cat'
    git(repo, "config", "filter.deadly.smudge", smudge)
    git(repo, "config", "filter.deadly.clean", "cat")
    (repo / ".git/info/attributes").write_text("*.py filter=deadly\n")
    with pytest.raises(Refused, match=r"the commits are made, but the working tree could not follow"):
        run(repo, made)
    assert is_at_a_batch(repo, made)
    assert run(repo, made).already == 3
    assert is_finished(repo)
