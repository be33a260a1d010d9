"""The check of changed files before they may stand in a plan: new bytes in, findings out where they are no Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from repoint.analysis.parse import Unparsable, check
from repoint.model import Finding, Frozen, Severity
from repoint.sources.workers import Task, Workers

AT_ONCE = 400_000


class Changed(Frozen, frozen=True):
    """A file as it will be."""

    path: str
    data: bytes


class Checks:
    """Checks files in worker processes while this one goes on to change others."""

    def __init__(self, crew: Workers) -> None:
        self._crew = crew
        self._tasks: list[Task[Changed, Finding | None]] = []
        self._gathered: list[Changed] = []
        self._count = 0

    def add(self, changed: Changed) -> None:
        """Have this file checked, soon."""
        self._gathered.append(changed)
        self._count += 1
        if sum(len(item.data) for item in self._gathered) > AT_ONCE:
            self._send()

    def _send(self) -> None:
        task = self._crew.start(verify, self._gathered, size=lambda item: len(item.data), died=_died)
        self._tasks.append(task)
        self._gathered = []

    def results(self, watch: Callable[[str, int, int], None]) -> list[Finding]:
        """Everything found in the files added; waits for it."""
        self._send()
        found: list[Finding | None] = []
        for task in self._tasks:
            found += task.results(partial(self._tell, watch, len(found)))
        return [finding for finding in found if finding is not None]

    def _tell(self, watch: Callable[[str, int, int], None], before: int, done: int) -> None:
        watch("checking", before + done, self._count)


def verify(changed: Changed) -> Finding | None:
    """None where the new bytes parse; an error, which refuses the plan, where they do not."""
    try:
        check(changed.data)
    except Unparsable as error:
        message = f"would not parse after the migration: {error.reason}"
        return Finding(
            changed.path,
            error.line,
            1,
            "not-proved",
            Severity.ERROR,
            message,
            "report this file to the maintainers",
        )
    return None


def _died(item: Changed) -> Finding:
    return Finding(item.path, 1, 1, "not-proved", Severity.ERROR, "the parser died of the new text", "report this file")
