"""What git wrote to stderr, as one line with its mend; and no process is left behind."""

from __future__ import annotations

import signal

import pytest

from repoint.sources.git import Git, reason
from tests.conftest import MakeRepo

DUBIOUS = """fatal: detected dubious ownership in repository at '/x'
To add an exception for this directory, call:

\tgit config --global --add safe.directory /x
"""
FILTER = """fatal: cannot run x: No such file or directory
error: cannot fork to run external filter 'x'
error: external filter 'x' failed
fatal: a.py: clean filter 'rot' failed
"""
OBJECTS = """error: insufficient permission for adding an object to repository database .git/objects
fatal: Unable to add (null) to database
"""


@pytest.mark.parametrize(
    ("errors", "what", "mend"),
    [
        ("fatal: not a git repository\n", "not a git repository", "name one by --repo"),
        ("error: one\nerror: two\n", "one", ""),
        ("hint: first\nlast\n", "last", ""),
        ("", "exit code 3", ""),
        (DUBIOUS, "detected dubious ownership in repository at '/x'", "safe.directory /x`, if you trust its owner"),
        (FILTER, "a.py: clean filter 'rot' failed", "mend the filter: "),
        (OBJECTS, "insufficient permission for adding an object", "mend its permissions"),
        ("fatal: write error: No space left on device", "write error: No space left on device", "make room, then run"),
        ("warning: x: Permission denied\nfatal: bad object", "bad object", ""),
    ],
)
def test_reason(errors: str, what: str, mend: str) -> None:
    found = reason(errors, 3)
    assert found[0].startswith(what)
    assert mend in found[1] and bool(mend) == bool(found[1])


def test_a_signal_has_its_name() -> None:
    assert reason("warning: x\n", -signal.SIGTERM) == ("ended by SIGTERM", "")


def test_what_nobody_waits_for_any_longer_is_ended(make_repo: MakeRepo) -> None:
    git = Git(make_repo({"a.py": b"x = 1\n"}))
    waiting = git.start("cat-file", "--batch")
    read = git.start("rev-parse", "HEAD")
    assert git.finish(read, "rev-parse").strip()
    git.abandon()
    assert waiting.returncode is not None and read.returncode == 0
