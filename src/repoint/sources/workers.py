"""Runs a pure function over many values, in this process or in several; a worker that dies costs only its value."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Generic, TypeVar

from repoint.errors import UsageError

In = TypeVar("In")
Out = TypeVar("Out")

WORTH_A_POOL = 1_500_000
WORTH_SENDING = 200_000


def default_jobs() -> int:
    """The processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else (os.cpu_count() or 1)


class Task(Generic[In, Out]):
    """A function of many items under way; `results` waits for it (or does it, where no pool was worth while)."""

    def __init__(self, function: Callable[[In], Out], items: Sequence[In], died: Callable[[In], Out]) -> None:
        self._function = function
        self._items = items
        self._died = died
        self._waiting: dict[Future[list[Out]], list[int]] | None = None

    def submit(self, pool: ProcessPoolExecutor, chunks: list[list[int]]) -> None:
        """Hand the items to `pool` by these chunks of their indices. Raises BrokenProcessPool."""
        self._waiting = {
            pool.submit(_apply, self._function, [self._items[at] for at in chunk]): chunk for chunk in chunks
        }

    def results(self, done: Callable[[int], None] = lambda count: None) -> list[Out]:
        """The function of every item, in the order of the items. `done` is told how many are finished."""
        if self._waiting is None:
            return _in_process(self._function, self._items, done)
        results: dict[int, Out] = {}
        failed = _collect(self._waiting, results, done)
        deadly = 0
        for at in failed:
            try:
                results[at] = _alone(self._function, self._items[at])
            except BrokenProcessPool:
                results[at] = self._died(self._items[at])
                deadly += 1
            if deadly == at + 1 == len(self._items) > 1:
                raise UsageError(
                    "worker processes die whatever they are given",
                    mend="see to limits of memory and processes, or work in one with --jobs 1",
                )
        return [results[at] for at in range(len(self._items))]


@contextmanager
def working(jobs: int | None) -> Iterator[Workers]:
    """Workers for one command, stopped at its end; there is nothing for the collector of cycles to find meanwhile."""
    crew = Workers(jobs)
    enabled = gc.isenabled()
    gc.disable()  # a short life with millions of acyclic values
    try:
        yield crew
    finally:
        crew.close()
        if enabled:
            gc.enable()


class Workers:
    """Runs functions over values; a pool is started when one is first worth it, and kept until `close`.

    `count` is how many processes there may be.
    """

    def __init__(self, jobs: int | None) -> None:
        self.count = jobs if jobs is not None else default_jobs()
        self._pool: ProcessPoolExecutor | None = None

    def start(
        self,
        function: Callable[[In], Out],
        items: Sequence[In],
        *,
        size: Callable[[In], int],
        died: Callable[[In], Out],
    ) -> Task[In, Out]:
        """Begin `function` of every item, beside what this process goes on to do.

        `size` (in bytes) decides whether a pool earns its start-up, and balances it; `died` makes the result for
        an item on which a worker process died.
        """
        task = Task(function, items, died)
        if self.count > 1 and len(items) > 3:
            sizes = [size(item) for item in items]
            if sum(sizes) >= (WORTH_A_POOL if self._pool is None else WORTH_SENDING):
                parts = max(self.count, min(self.count * 6, sum(sizes) // WORTH_SENDING))
                self._submit(task, _balanced(sizes, parts))
        return task

    def _submit(self, task: Task[In, Out], chunks: list[list[int]]) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.count, mp_context=_context())
        try:
            task.submit(self._pool, chunks)
        except BrokenProcessPool:  # a worker died of an earlier task
            self.close()
            self._pool = ProcessPoolExecutor(self.count, mp_context=_context())
            task.submit(self._pool, chunks)

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


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


def _alone(function: Callable[[In], Out], item: In) -> Out:
    """One item in a process of its own, which may die of it. Raises BrokenProcessPool."""
    with ProcessPoolExecutor(1, mp_context=_context()) as pool:
        return pool.submit(function, item).result()


def _context() -> multiprocessing.context.BaseContext:
    """Forking is safe here (no threads yet) and starts at once; elsewhere it is not to be had."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _balanced(sizes: list[int], count: int) -> list[list[int]]:
    """Indices in about `count` chunks of like size, the largest items first."""
    chunks: list[list[int]] = [[] for _ in range(min(count, len(sizes)))]
    heap = [(0, at) for at in range(len(chunks))]
    for at in sorted(range(len(sizes)), key=lambda at: -sizes[at]):
        total, chunk = heappop(heap)
        chunks[chunk].append(at)
        heappush(heap, (total + sizes[at], chunk))
    return chunks
