"""Redirects in, a finding out for each that does not give the object at its new path when it is really imported.

Runs the repository's own code, in processes of their own with a time limit, on a temporary copy of the files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from repoint.errors import UsageError
from repoint.model import Finding, Frozen, Severity
from repoint.pipeline import Watch
from repoint.sources.snapshot import Snapshot
from repoint.sources.working_tree import checked_out
from repoint.verifying import probe


class RunTime(Frozen, frozen=True):
    """Which Python imports (this one if None), and for how many seconds at most."""

    python: Path | None = None
    timeout: float = 60.0


class Redirect(Frozen, frozen=True):
    """A stub: its file, all names that it gives, and the homes (module and name) of those that have one."""

    module: str
    path: str
    names: tuple[str, ...]
    homes: dict[str, tuple[str, ...]]

    @property
    def modules(self) -> list[str]:
        """The modules of the homes."""
        return sorted({home[0] for home in self.homes.values()} - {self.module})


class Told(Frozen, frozen=True):
    """What one process told: the modules it could not import, with the error and the package that was missing.

    `compared` holds None for each name that both paths give alike, else what is wrong.
    """

    failed: dict[str, tuple[str, str | None]]
    compared: dict[str, str | None]


def run_redirects(
    redirects: list[Redirect],
    snapshot: Snapshot,
    roots: tuple[str, ...],
    first_party: frozenset[str],
    how: RunTime,
    watch: Watch,
) -> tuple[int, list[Finding]]:
    """How many names were compared, and what is wrong. `first_party` are the top-level names of the repository's."""
    found: list[Finding] = []
    compared = 0
    if not redirects:
        return 0, found
    with checked_out(snapshot) as folder:
        paths = [str(folder / root) for root in roots]
        for done, redirect in enumerate(redirects):
            watch("importing", done, len(redirects))
            homes_first = _ask(redirect, [*redirect.modules, redirect.module], folder, paths, how)
            old_first = _ask(redirect, [redirect.module, *redirect.modules], folder, paths, how)
            compared += len(homes_first.compared.keys() | old_first.compared.keys())
            found += _judged(redirect, homes_first, old_first, first_party)
    return compared, found


def _ask(redirect: Redirect, order: list[str], folder: Path, paths: list[str], how: RunTime) -> Told:
    """Import the modules in this order, in a process of its own, and compare."""
    with tempfile.TemporaryDirectory(prefix="repoint-", ignore_cleanup_errors=True) as temporary:
        asked, told = Path(temporary, "asked.json"), Path(temporary, "told.jsonl")
        names = {name: redirect.homes.get(name) for name in redirect.names}
        question = {"roots": paths, "modules": order, "old": redirect.module, "names": names}
        asked.write_bytes(msgspec.json.encode(question))
        python = str(how.python or sys.executable)
        try:
            done = subprocess.run(
                [python, "-B", "-W", "ignore", probe.__file__, str(asked), str(told)],
                cwd=folder,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=how.timeout,
            )
            end = f"the process ended with code {done.returncode}"
        except subprocess.TimeoutExpired:
            end = f"it took longer than {how.timeout:g} seconds"
        except OSError as error:
            raise UsageError(f"cannot be run: {error.strerror}", where=python, mend="name a Python") from None
        return _read(told, order, end)


def _read(told: Path, order: list[str], end: str) -> Told:
    """What the process told; a module at whose import it stopped failed by the way that it ended."""
    failed: dict[str, tuple[str, str | None]] = {}
    compared: dict[str, str | None] = {}
    at, finished = order[0], False
    for event in _events(told):
        match event["event"]:
            case "importing":
                at = event["module"]
            case "failed":
                failed[event["module"]] = event["error"], event["missing"]
            case "compared":
                compared[event["name"]] = None if event["same"] else event["error"] or "another object"
            case _:
                finished = True
    if not finished:
        failed.setdefault(at, (end, at))
    return Told(failed, compared)


def _events(told: Path) -> Iterator[dict[str, Any]]:
    lines = told.read_bytes().splitlines() if told.exists() else []
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError:
            return  # the process was stopped as it wrote


def _judged(redirect: Redirect, homes_first: Told, old_first: Told, first_party: frozenset[str]) -> Iterator[Finding]:
    """A redirect that leads nowhere or elsewhere is an error; what cannot be imported anyhow is a warning."""
    barred = [home for home in redirect.modules if home in homes_first.failed]
    for home in barred:
        why = homes_first.failed[home][0]
        message = f"{home}, a home of {redirect.module}, cannot be imported, so that nothing is known of it: {why}"
        yield _finding(redirect, "cannot-import", Severity.WARNING, message, "run it where it can be imported")
    if not barred:
        yield from _failures(redirect, (("after", homes_first), ("before", old_first)), first_party)
    wrong = {**old_first.compared, **homes_first.compared}
    wrong |= {name: why for name, why in old_first.compared.items() if why is not None}
    for name, reason in sorted(wrong.items()):
        if reason is not None:
            place = redirect.homes.get(name)
            same = f"is not {'.'.join(place)}" if place else "is not to be had"
            message = f"{redirect.module}.{name} {same}: {reason}"
            yield _finding(redirect, "broken-redirect", Severity.ERROR, message, "let the stub take it from its home")


def _failures(redirect: Redirect, orders: Iterable[tuple[str, Told]], first_party: frozenset[str]) -> Iterator[Finding]:
    """Imports that fail though each home can be imported by itself."""
    told: set[str] = set()
    for order, outcome in orders:
        for module, (why, missing) in outcome.failed.items():
            if module in told:
                continue
            told.add(module)
            message = f"{module} cannot be imported {order} its homes: {why}"
            if module != redirect.module:
                message = f"{module} cannot be imported after {redirect.module}: {why}"
            if missing is not None and (missing == module or missing.partition(".")[0] not in first_party):
                yield _finding(redirect, "cannot-import", Severity.WARNING, message, "run it where it can be imported")
            else:
                yield _finding(redirect, "broken-redirect", Severity.ERROR, message, "correct the stub's imports")


def _finding(redirect: Redirect, code: str, severity: Severity, message: str, mend: str) -> Finding:
    return Finding(redirect.path, 1, 1, code, severity, message, mend)
