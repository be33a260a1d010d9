"""Runs a pure function over many values, in this process or in several; a worker that dies costs only its value."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from repoint.sources.pool import Pool

In = TypeVar("In")
Out = TypeVar("Out")

WORTH_A_POOL = 1_500_000
WORTH_SENDING = 200_000


def default_jobs() -> int:
    """The processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else (os.cpu_count() or 1)


class Task(Generic[In, Out]):
    """A function of many items, to be done here when `results` are asked for; `PooledTask` is one under way."""

    def __init__(self, function: Callable[[In], Out], items: Sequence[In]) -> None:
        self._function = function
        self._items = items

    def results(self, done: Callable[[int], None] = lambda count: None) -> list[Out]:
        """The function of every item, in the order of the items. `done` is told how many are finished."""
        found: list[Out] = []
        for item in self._items:
            found.append(self._function(item))
            done(len(found))
        return found


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
        self._pool: Pool | None = None

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
        if self.count > 1 and len(items) > 3:
            sizes = [size(item) for item in items]
            if sum(sizes) >= (WORTH_A_POOL if self._pool is None else WORTH_SENDING):
                parts = max(self.count, min(self.count * 6, sum(sizes) // WORTH_SENDING))
                return self._started().start(function, items, _balanced(sizes, parts), died)
        return Task(function, items)

    def _started(self) -> Pool:
        if self._pool is None:
            from repoint.sources.pool import Pool  # with multiprocessing, which little work has no use for

            self._pool = Pool(self.count)
        return self._pool

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def _balanced(sizes: list[int], count: int) -> list[list[int]]:
    """Indices in about `count` chunks of like size, the largest items first."""
    chunks: list[list[int]] = [[] for _ in range(min(count, len(sizes)))]
    heap = [(0, at) for at in range(len(chunks))]
    for at in sorted(range(len(sizes)), key=lambda at: -sizes[at]):
        total, chunk = heappop(heap)
        chunks[chunk].append(at)
        heappush(heap, (total + sizes[at], chunk))
    return chunks
