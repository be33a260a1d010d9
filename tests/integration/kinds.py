"""Commands through the command line, with what they say on stderr: for tests of many kinds of repositories."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from repoint.cli import main
from repoint.errors import Exit
from tests.conftest import git
from tests.integration.migrated import FILES, MANIFEST

Captured = pytest.CaptureFixture[bytes]

CHANGED = {
    "app/a.py": b"from pkg.new import New, Thing\nNew(Thing)\n",
    "app/b.py": b"import pkg.new\npkg.new.New()\n",
    "pkg/old.py": None,  # a stub, whatever its text
}


class Said(NamedTuple):
    """What a command ended with and wrote to stderr."""

    code: int
    error: str


class Place:
    """A repository of some kind, with a manifest and a plan file beside it."""

    def __init__(self, repo: Path, beside: Path, captured: Captured) -> None:
        self.repo = repo
        self.manifest, self.plan_file = beside / "migration.toml", beside / "p.json"
        self.captured = captured
        if not self.manifest.exists():
            self.manifest.write_text(MANIFEST)

    def at(self, repo: Path) -> Place:
        """The same manifest and plan file with another repository."""
        return Place(repo, self.manifest.parent, self.captured)

    def plan(self, *args: str) -> Said:
        return self._run("plan", str(self.manifest), "--out", str(self.plan_file), *args)

    def diff(self, *args: str) -> Said:
        return self._run("diff", str(self.plan_file), *args)

    def apply(self, *args: str) -> Said:
        return self._run("apply", str(self.plan_file), *args)

    def verify(self, *args: str) -> Said:
        return self._run("verify", str(self.manifest), *args)

    def _run(self, *args: str) -> Said:
        self.captured.readouterr()
        code = main([*args, "--repo", str(self.repo)])
        return Said(code, self.captured.readouterr().err.decode("utf-8", "surrogateescape"))


def refused(said: Said, *words: str, code: int = Exit.REFUSED) -> None:
    """One line on stderr that holds the words, with the exit code of a refusal."""
    assert (said.code, said.error.count("\n")) == (code, 1), said
    assert said.error.startswith("repoint: error: ") and said.error.endswith("\n")
    for word in words:
        assert word in said.error, said.error


def works(place: Place, branch: str | None = None) -> None:
    """Every command does its work and complains of nothing; the branch holds the migration, and HEAD stands."""
    onto = ("--branch", branch) if branch else ()
    verified = ("--rev", branch) if branch else ()
    for said in (place.plan(), place.diff(), place.apply(*onto), place.verify(*verified)):
        assert said == Said(Exit.DONE, "")
    is_migrated(place.repo, branch or "repoint/case")


def is_migrated(repo: Path, rev: str) -> None:
    """The commit holds what the migration makes of FILES."""
    found = {path: git(repo, "cat-file", "blob", f"{rev}:{path}") for path in FILES}
    expected = {path: CHANGED.get(path, text.encode()) for path, text in FILES.items()}
    assert b"from pkg.new import New as Old" in found["pkg/old.py"]
    assert found | {"pkg/old.py": None} == expected


def as_another_user(work: Callable[[], object]) -> None:
    """Run `work` in a child that is not root, so that permissions count; its assertion errors are raised here."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        failure = b""
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()
        except BaseException as error:
            failure = f"{type(error).__name__}: {error}".encode()
        os.write(write, failure[:60_000])
        sys.stdout.flush()
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        failure = told.read()
    os.waitpid(child, 0)
    assert not failure, failure.decode()


def given_away(folder: Path) -> None:
    """The folder and all that it holds belong to the user of `as_another_user`."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)
