"""Takes what a long job reports of itself, shows it on stderr where a person is watching."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 0.5  # seconds without a sign of life that nobody minds


class Watch(Protocol):
    """Called with the stage's name, how much of it is done and how much there is (0: not known)."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """The watch where nobody watches."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Watch]:
    """A watch for the block: a bar on stderr after half a second, gone again at the end."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    """One line: the stage at work. Rich is not imported for jobs that end before anyone minds."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._progress is None:
            if time.monotonic() - self._since < PATIENCE:
                return
            self._progress = _started()
        if self._task is None:
            self._task = self._progress.add_task(stage, total=total or None)
        self._progress.update(self._task, description=stage, completed=done, total=total or None)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def _started() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    shown.start()
    return shown
