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
WONDER = 5  # seconds of one stage after which it is told how long it takes
_NARROW = 110  # columns of a terminal below which words count for more than a long bar
_BESIDE = 30  # columns for the numbers and times beside the bar, and for the spaces between


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
        self._lap = _Lap("")

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._progress is None:
            if time.monotonic() - self._since < PATIENCE:
                return
            self._progress = _started()
        if self._task is None:
            self._task = self._progress.add_task(stage, total=total or None, lap=self._lap)
        if stage != self._lap.stage:
            self._lap = _Lap(stage)
        self._progress.update(self._task, description=stage, completed=done, total=total or None, lap=self._lap)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


class _Lap:
    """How long a stage has been at work, as text that grows; nothing for as long as nobody wonders."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self._since = time.monotonic()

    def __str__(self) -> str:
        seconds = int(time.monotonic() - self._since)
        return "" if seconds < WONDER else f"for {seconds} s" if seconds < 120 else f"for {seconds // 60} min"

    def __format__(self, form: str) -> str:
        return str(self)


def _started() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True)
    width = 24 if console.width >= _NARROW else 10
    room = Column(no_wrap=True, overflow="ellipsis", max_width=max(20, console.width - width - _BESIDE))
    shown = Progress(
        TextColumn("{task.description}", markup=False, table_column=room),  # a gate's command may hold brackets
        TextColumn("{task.fields[lap]}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=width),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # what goes to a file is to get there
    )
    shown.start()
    return shown
