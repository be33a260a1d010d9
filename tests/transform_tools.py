"""Two verbs that make a test: `check_transformed` and `check_noop`, over repositories given as paths and sources.

Every plan is carried out in memory and planned again: what is not idempotent fails here, not in a test of its own.
Text is dedented, bytes are taken as they are.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from repoint.model import Plan, Severity, splice
from repoint.pipeline import PlanRequest, make_plan
from repoint.sources.snapshot import blob_id
from tests.objects import commit_files

Sources = Mapping[str, str | bytes]

_numbers = itertools.count(1)


def move(old: str, new: str) -> str:
    """The manifest's text for one move."""
    return f'[[move]]\nold = "{old}"\nnew = "{new}"\n'


RENAMED = move("pkg.old:Old", "pkg.new:New")
MOVED = move("pkg.old:Thing", "pkg.new:Thing")
WHOLE = move("pkg.old", "pkg.new")


def check_transformed(before: Sources, after: Sources, manifest: str = RENAMED, codes: Collection[str] = ()) -> Plan:
    """Planning `before` gives `after` (which names the changed files only), and then nothing more.

    `codes` are the codes of all warnings and errors that the plan is to hold.
    """
    source = _bytes(before)
    made = plan_of(source, manifest)
    wanted = {**source, **_bytes(after)}
    result = applied(source, made)
    assert _shown(result) == _shown(wanted), told(made)
    assert sorted(_codes(made)) == sorted(set(codes)), told(made)
    again = plan_of(result, manifest)
    assert not again.batches, "planned again, it changes: " + _changes(again)
    return made


def check_noop(before: Sources, manifest: str = RENAMED, codes: Collection[str] = ()) -> Plan:
    """Planning `before` changes no file."""
    return check_transformed(before, {}, manifest, codes)


def plan_of(files: Sources, manifest: str = RENAMED, *, jobs: int | None = 1) -> Plan:
    """The plan for a repository of one commit that holds `files`."""
    text = manifest if "name =" in manifest.partition("[")[0] else f'name = "case"\n{manifest}'
    where = _repository() / f"{next(_numbers)}.toml"
    where.write_text(text, encoding="utf-8")
    rev = _commit(_bytes(files))
    request = PlanRequest(_repository(), where, rev, jobs, cache=False)  # nothing comes from another test's files
    return make_plan(request, lambda stage, done, total: None)


def committed(files: Sources) -> tuple[Path, str]:
    """A commit that holds `files`: its repository, and the ref that names it."""
    return _repository(), _commit(_bytes(files))


def applied(files: Sources, plan: Plan) -> dict[str, bytes]:
    """`files` after all batches of `plan`; every new blob's id is checked on the way."""
    result = _bytes(files)
    for change in (change for batch in plan.batches for change in batch.files):
        data = splice(result.get(change.path, b""), change.edits, change.encoding)
        if change.after is None:
            del result[change.path]
            continue
        assert blob_id(data, 40) == change.after
        result[change.path] = data
    return result


def told(plan: Plan) -> str:
    """All findings of a plan, as text."""
    return "\n".join(map(str, plan.findings))


def found(plan: Plan, code: str) -> list[tuple[str, int]]:
    """Paths and lines of the findings with `code`."""
    return [(finding.path, finding.line) for finding in plan.findings if finding.code == code]


def _codes(plan: Plan) -> set[str]:
    return {finding.code for finding in plan.findings if finding.severity is not Severity.INFO}


def _changes(plan: Plan) -> str:
    return "; ".join(
        f"{change.path}: {edit.before!r} → {edit.after!r}"
        for batch in plan.batches
        for change in batch.files
        for edit in change.edits
    )


def _bytes(files: Sources) -> dict[str, bytes]:
    return {path: data if isinstance(data, bytes) else source(data).encode() for path, data in files.items()}


def source(text: str) -> str:
    """`text` as a test writes it: indented like its surroundings, after a first line break."""
    return textwrap.dedent(text.removeprefix("\n")) if text.startswith("\n") else text


def _shown(files: Mapping[str, bytes]) -> dict[str, str]:
    """Files as text, so that pytest shows a difference by lines."""
    return {path: data.decode("utf-8", "backslashreplace") for path, data in files.items()}


@cache
def _repository() -> Path:
    """One bare repository for all tests of a process; every test has commits of its own there."""
    folder = Path(tempfile.mkdtemp(prefix="repoint-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    return folder


def _commit(files: Mapping[str, bytes]) -> str:
    """A commit without parents; returns its id."""
    return commit_files(_repository(), files, f"refs/heads/case-{next(_numbers)}")
