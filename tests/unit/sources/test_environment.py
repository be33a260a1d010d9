"""A hook's environment names its own repository; what is left of it names none."""

from __future__ import annotations

import os
from pathlib import Path

from repoint.sources.environment import STAGED_INDEX, leave_hook


def test_what_names_a_repository_goes_and_all_else_stays() -> None:
    environ = {"GIT_DIR": ".git", "GIT_INDEX_FILE": "x", "GIT_WORK_TREE": ".", "GIT_EDITOR": "ed", "PATH": "p"}
    leave_hook(environ)
    assert environ == {"GIT_EDITOR": "ed", "PATH": "p", STAGED_INDEX: str(Path("x").resolve())}
    leave_hook(environ)
    assert STAGED_INDEX not in environ


def test_objects_that_a_push_brings_can_be_read_but_are_not_written_to() -> None:
    environ = {"GIT_OBJECT_DIRECTORY": "brought", "GIT_ALTERNATE_OBJECT_DIRECTORIES": "kept"}
    leave_hook(environ)
    assert environ == {"GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(["brought", "kept"])}
