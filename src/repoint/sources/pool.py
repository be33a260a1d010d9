"""Processes that run a function over values: the values in chunks in, results in their order out.

Apart from `workers`, which imports it once a pool is worth while: most commands need none.
"""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from typing import Any

from repoint.errors import UsageError
from repoint.sources.workers import In, Out, Task


class Pool:
    """So many processes, started with the first values, and kept until `close`."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._executor = _executor(count)

    def start(
        self,
        function: Callable[[In], Out],
        items: Sequence[In],
        chunks: list[list[int]],
        died: Callable[[In], Out],
    ) -> PooledTask[In, Out]:
        """Hand out the items by these chunks of their indices."""
        try:
            return PooledTask(self._executor, function, items, chunks, died)
        except BrokenProcessPool:  # a worker died of an earlier task
            self.close()
            self._executor = _executor(self._count)
            return PooledTask(self._executor, function, items, chunks, died)

    def close(self) -> None:
        """Stop the processes."""
        self._executor.shutdown(cancel_futures=True)


class PooledTask(Task[In, Out]):
    """A function of many items under way in other processes; `results` waits for it."""

    def __init__(
        self,
        executor: ProcessPoolExecutor,
        function: Callable[[In], Out],
        items: Sequence[In],
        chunks: list[list[int]],
        died: Callable[[In], Out],
    ) -> None:
        """Raises BrokenProcessPool."""
        super().__init__(function, items)
        self._died = died
        pickled = pickle.dumps(function)
        self._waiting: dict[Future[list[Out]], list[int]] = {
            executor.submit(_apply, pickled, [items[at] for at in chunk]): chunk for chunk in chunks
        }

    def results(self, done: Callable[[int], None] = lambda count: None) -> list[Out]:
        """The function of every item, in the order of the items. `done` is told how many are finished."""
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


def _apply(pickled: bytes, items: list[In]) -> list[Out]:
    gc.disable()  # syntax trees hold no cycles worth looking for, and the look costs a third of the time
    function: Callable[[In], Out] = _function(pickled)
    return [function(item) for item in items]


@lru_cache(maxsize=2)
def _function(pickled: bytes) -> Any:
    """The function of a task, whose tables a process makes ready once and not for every chunk."""
    return pickle.loads(pickled)


def _alone(function: Callable[[In], Out], item: In) -> Out:
    """One item in a process of its own, which may die of it. Raises BrokenProcessPool."""
    with _executor(1) as pool:
        return pool.submit(function, item).result()


def _executor(count: int) -> ProcessPoolExecutor:
    """Forking is safe here (no threads yet) and starts at once; elsewhere it is not to be had."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(count, mp_context=context)
