"""Gates: takes a manifest's commands and a commit, runs them in a linked worktree, raises where one says no."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from repoint.errors import GateFailed
from repoint.execution.gates import commands
from repoint.execution.gates.commands import Ended
from repoint.execution.gates.linked import Linked
from repoint.execution.repository.lock import shared_folder
from repoint.manifest import Migration
from repoint.manifest.commands import seconds_of, words_of
from repoint.sources.environment import leave_hook

MEND = "mend what the log tells, or leave the batch out by --skip, and run apply again"
Words = tuple[str, ...]
Told = Callable[[str], None]
"""Told what is about to run."""


@dataclass(frozen=True)
class Orders:
    """What a manifest wants to be run, and what it is told of it.

    `common` are settings of the environment for all commands; `logs` is the folder of their output.
    """

    each: tuple[Words, ...]
    final: tuple[Words, ...]
    after: tuple[Words, ...]
    seconds: float
    roots: tuple[str, ...]
    common: tuple[tuple[str, str], ...]
    logs: Path

    @property
    def any(self) -> bool:
        """Whether there is anything to run."""
        return bool(self.each or self.final or self.after)

    @property
    def gates(self) -> tuple[Words, ...]:
        """Each gate once."""
        return tuple(dict.fromkeys((*self.each, *self.final)))


@dataclass(frozen=True)
class Step:
    """What a command runs for: its log's name, the words for it in messages and, in `brief`, for as long as it runs,
    how much of the plan is on the branch, and its part of the environment."""

    log: str
    about: str
    brief: str
    state: str
    environment: tuple[tuple[str, str], ...]


def orders_of(migration: Migration, orders: Orders) -> Orders:
    """`orders` with the commands of a manifest."""
    manifest = migration.manifest
    return replace(
        orders,
        each=tuple(words_of(command) for command in manifest.gates.each),
        final=tuple(words_of(command) for command in manifest.gates.final),
        after=tuple(words_of(command) for command in manifest.after.run),
        seconds=seconds_of(manifest.gates.timeout),
        roots=manifest.scope.roots,
    )


def begin(orders: Orders) -> None:
    """Make room for the logs of a new run; those of the last one go."""
    with suppress(FileNotFoundError):
        shutil.rmtree(orders.logs)
    for folder in (orders.logs.parent, orders.logs):
        shared_folder(folder)


def run_gate(words: Words, number: int, orders: Orders, place: Linked, step: Step, told: Told, mend: str) -> None:
    """Run a gate in the worktree as it is. Raises GateFailed where it fails."""
    told(f"{step.brief}: {commands.shown(words)}")
    ended = run(words, orders, place, step, number)
    if ended.failure is not None:
        raise failed(ended, f"gate {commands.shown(words)!r}", step, mend)


def run(words: Words, orders: Orders, place: Linked, step: Step, number: int) -> Ended:
    """Run one command of the manifest's; its output goes to a log of its own."""
    log = orders.logs / f"{step.log}-{number}.log"
    ended = commands.run(words, place.top, _environment(orders, place, step), log, seconds=orders.seconds)
    if ended.failure is None:
        place.refuse_gone(commands.shown(words))
    return ended


def failed(ended: Ended, what: str, step: Step, mend: str) -> GateFailed:
    """The error for a command that did not end well."""
    told = f"{what} {ended.failure}, for {step.about}"
    return GateFailed(told, where=str(ended.log), mend=f"{step.state}: {mend}", output=ended.tail())


def _environment(orders: Orders, place: Linked, step: Step) -> dict[str, str]:
    """The user's own, without what ties git to another repository; imports lead into the worktree."""
    kept = dict(os.environ)
    leave_hook(kept)
    roots = [str((place.top / root).resolve()) for root in orders.roots]
    path = os.pathsep.join([*roots, *filter(None, [kept.get("PYTHONPATH")])])
    return kept | {"PYTHONPATH": path} | dict(place.git.settings) | dict(orders.common) | dict(step.environment)
