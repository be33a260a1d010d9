"""Users of what is gone, read in workers: a file that vanishes comes from git, a file that kills its reader is told."""

from __future__ import annotations

import pytest

from repoint.planning import proving
from repoint.planning.look import Passed
from tests.transform_tools import RENAMED, found, plan_of

FILES = {
    "pkg/__init__.py": "",
    "pkg/old.py": "class Old: ...\ndef helper(): ...\n",
    "pkg/new.py": "class New: ...\n",
    "a.py": "from pkg.old import Old\n",
    "b.py": "import pkg.old\n",
}
STUB = f'{RENAMED}[[stub]]\nmodule = "pkg.old"\ndrop = ["helper"]\n'


def test_what_a_worker_cannot_read_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_sift", lambda lost, item: Passed.UNREAD)
    assert plan_of(FILES, STUB).applicable


def test_a_reader_that_dies_refuses_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_sift", lambda lost, item: Passed.DEADLY)
    made = plan_of(FILES, STUB)
    assert not made.applicable
    assert ("b.py", 1) in found(made, "not-proved")
    told = next(item.message for item in made.findings if item.path == "b.py")
    assert "nobody knows whether it uses what is gone" in told
