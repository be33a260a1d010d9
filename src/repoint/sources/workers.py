"""Runs a pure function over many values, in this process or in several; a worker that dies costs only its value."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

WORTH_A_POOL = 1_500_000


def default_jobs() -> int:
    """The processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else (os.cpu_count() or 1)


class Workers:
    """Runs functions over values; a pool is started when one is first worth it, and kept until `close`."""

    def __init__(self, jobs: int | None) -> None:
        self._count = jobs if jobs is not None else default_jobs()
        self._pool: ProcessPoolExecutor | None = None

    def run(
        self,
        function: Callable[[In], Out],
        items: Sequence[In],
        *,
        size: Callable[[In], int],
        died: Callable[[In], Out],
        done: Callable[[int], None],
    ) -> list[Out]:
        """`function` of every item, in the order of `items`.

        `size` (in bytes) decides whether a pool earns its start-up, and balances it; `died` makes the result for
        an item on which a worker process died. `done` is told how many items are finished.
        """
        if self._count < 2 or len(items) < 4 or sum(map(size, items)) < WORTH_A_POOL:
            return _in_process(function, items, done)
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._count, mp_context=_context())
        chunks = _balanced(items, size, self._count * 6)
        results: dict[int, Out] = {}
        try:
            waiting = {self._pool.submit(_apply, function, [items[at] for at in chunk]): chunk for chunk in chunks}
            failed = _collect(waiting, results, done)
        except BrokenProcessPool:
            failed = [at for at in range(len(items)) if at not in results]
        if failed:
            self.close()
        for at in failed:
            results[at] = _alone(function, items[at], died)
        return [results[at] for at in range(len(items))]

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def run(
    function: Callable[[In], Out],
    items: Sequence[In],
    *,
    size: Callable[[In], int],
    died: Callable[[In], Out],
    jobs: int | None,
    done: Callable[[int], None],
) -> list[Out]:
    """`Workers.run` with processes of its own."""
    workers = Workers(jobs)
    try:
        return workers.run(function, items, size=size, died=died, done=done)
    finally:
        workers.close()


def _collect(
    waiting: dict[Future[list[Out]], list[int]], results: dict[int, Out], done: Callable[[int], None]
) -> list[int]:
    failed: list[int] = []
    for future in as_completed(waiting):
        chunk = waiting[future]
        try:
            results.update(zip(chunk, future.result(), strict=True))
        except BrokenProcessPool:
            failed += chunk
        done(len(results))
    return sorted(failed)


def _in_process(function: Callable[[In], Out], items: Sequence[In], done: Callable[[int], None]) -> list[Out]:
    found: list[Out] = []
    for item in items:
        found.append(function(item))
        done(len(found))
    return found


def _apply(function: Callable[[In], Out], items: list[In]) -> list[Out]:
    gc.disable()  # syntax trees hold no cycles worth looking for, and the look costs a third of the time
    return [function(item) for item in items]


def _alone(function: Callable[[In], Out], item: In, died: Callable[[In], Out]) -> Out:
    """One item in a process of its own, which may die of it."""
    with ProcessPoolExecutor(1, mp_context=_context()) as pool:
        try:
            return pool.submit(function, item).result()
        except BrokenProcessPool:
            return died(item)


def _context() -> multiprocessing.context.BaseContext:
    """Forking is safe here (no threads yet) and starts at once; elsewhere it is not to be had."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _balanced(items: Sequence[In], size: Callable[[In], int], count: int) -> list[list[int]]:
    """Indices in about `count` chunks of like size, the largest items first."""
    order = sorted(range(len(items)), key=lambda at: -size(items[at]))
    chunks: list[tuple[int, list[int]]] = [(0, []) for _ in range(min(count, len(items)))]
    for at in order:
        smallest = min(range(len(chunks)), key=lambda index: chunks[index][0])
        total, chunk = chunks[smallest]
        chunks[smallest] = (total + size(items[at]), [*chunk, at])
    return [chunk for _, chunk in chunks]
