"""A rollback that is killed at any point leaves the old state or the new one, and the next command tidies up.

A child counts its changes of files and those git calls that write, and dies before the one that it is told, as under
SIGKILL: no handler runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from repoint.cli.recovery import recover_if_interrupted
from tests.integration.apply_cases import BEFORE, after, files, head, is_sound, run, status, three_batches
from tests.integration.rollback_cases import applied, back, tree

CHILD = textwrap.dedent(
    """
    import itertools, os, sys
    from pathlib import Path
    from repoint.execution.repository.git import Git
    from repoint.execution.rollback import RollbackOptions, rollback
    import git.cmd

    WRITE = {"update-ref", "read-tree", "update-index", "write-tree", "commit-tree", "checkout-index"}

    def work(repo, how, stop):
        steps = itertools.count()

        def mortal(function):
            def wrapper(*args, **kwargs):
                is_git = len(args) > 1 and isinstance(args[1], tuple)
                if (not is_git or WRITE & set(args[1])) and next(steps) == stop:
                    os._exit(9)
                return function(*args, **kwargs)
            return wrapper

        Git._execute = mortal(Git._execute)
        Path.unlink, Path.replace, os.fsync = mortal(Path.unlink), mortal(Path.replace), mortal(os.fsync)
        rollback(RollbackOptions(repo, to="1", how=how), None, lambda stage, done, total: None)
        os._exit(0)

    how, *repos = sys.argv[1:]
    for stop, repo in enumerate(repos):
        stop = 3 * stop + (how == "hard")  # every third step will do, each kind is among them
        if not (pid := os.fork()):  # the imports of all children are paid for once
            work(Path(repo), how, stop)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(code, flush=True)
        if code != 9:
            break
    """
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="makes its many children by fork")
@pytest.mark.parametrize("how", ["revert", "hard"])
def test_killed_anywhere(tmp_path: Path, how: str) -> None:
    template = applied(tmp_path)
    made = three_batches(head(template, "trunk"))
    old, kept = head(template, "HEAD^{tree}"), head(template, "HEAD~2^{tree}")
    found = {old: after(), kept: tree(template, "HEAD~2")}
    repos = [shutil.copytree(template, tmp_path / f"copy{n}", symlinks=True) for n in range(16)]
    child = subprocess.run([sys.executable, "-c", CHILD, how, *map(str, repos)], capture_output=True, check=False)
    codes = child.stdout.decode().split()
    assert (child.returncode, codes[-1], set(codes[:-1])) == (0, "0", {"9"}), child.stderr.decode()
    assert len(codes) > 8

    def tidied_up(repo: Path) -> bool:
        """Whether the rollback had come about; either way nothing of it is left half-way."""
        now = head(repo, "HEAD^{tree}")
        recover_if_interrupted(repo)
        assert (files(repo), status(repo)) == (found[now], "")
        assert {path.name for path in (repo / ".git/repoint").iterdir()} <= {"lock", "follow.new"}
        assert not list((repo / ".git").rglob("*.lock"))
        return now == kept

    moved = [tidied_up(repo) for repo in repos[: len(codes)]]
    assert moved == sorted(moved) and not moved[0] and moved[-1]
    early, late = repos[moved.index(True) - 1], repos[moved.index(True)]
    for repo in (early, late):
        assert is_sound(repo)
        back(repo, every=True, how=how)
        assert (files(repo), status(repo)) == (BEFORE, "")
        assert len(run(repo, made).commits) == 3


def test_the_next_rollback_finishes_one_that_was_cut_off(tmp_path: Path) -> None:
    repo = applied(tmp_path)
    code = (
        "import sys; from pathlib import Path; from repoint.execution.checkout import follow, worktree\n"
        "worktree._PATIENCE, settle = 0.0, follow.settle\n"
        "follow.settle = lambda repo: (repo.git_dir / 'index.lock').touch() or settle(repo)\n"
        "from repoint.execution.rollback import *\n"
        "from repoint.execution import rollback as module\n"
        "module.worktree.refuse_dirty = lambda *told: None\n"
        "rollback(RollbackOptions(Path(sys.argv[1])), None, lambda *told: None)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(repo)], capture_output=True, check=False)
    assert b"another git process is at work" in done.stderr
    (repo / ".git/index.lock").unlink()
    again = back(repo)
    assert [item.batches for item in again.taken] == [("2/3",)]
    assert any("the working tree is at" in note for note in again.notes)
    assert (files(repo), status(repo)) == (tree(repo), "")
