"""Work over many values: in order, and whatever becomes of a worker costs its own value only."""

from __future__ import annotations

import os

import pytest

from repoint.errors import UsageError
from repoint.sources import workers

BIG = workers.WORTH_A_POOL


def double(value: int) -> int:
    return value * 2


def process(value: int) -> int:
    return os.getpid()


def die_at_three(value: int) -> int:
    if value == 3:
        os._exit(7)
    return value * 2


def run(function: object, count: int, *, size: int, jobs: int | None) -> tuple[list[int], list[int]]:
    told: list[int] = []
    crew = workers.Workers(jobs)
    try:
        task = crew.start(function, range(count), size=lambda _: size, died=lambda value: -value)
        return task.results(told.append), told
    finally:
        crew.close()


@pytest.mark.parametrize(
    ("count", "size", "jobs"), [(0, BIG, 2), (1, BIG, 2), (3, BIG, 2), (20, 1, 2), (20, BIG, 1), (20, BIG, 2)]
)
def test_results_keep_the_order_of_the_items(count: int, size: int, jobs: int) -> None:
    results, told = run(double, count, size=size, jobs=jobs)
    assert results == [value * 2 for value in range(count)]
    assert told == sorted(told)
    assert told[-1:] == ([count] if count else [])


@pytest.mark.parametrize(("count", "size", "jobs"), [(3, BIG, 2), (20, 1, 2), (20, BIG, 1)])
def test_little_work_stays_in_this_process(count: int, size: int, jobs: int) -> None:
    assert set(run(process, count, size=size, jobs=jobs)[0]) == {os.getpid()}


def test_much_work_goes_to_others() -> None:
    assert os.getpid() not in run(process, 20, size=BIG, jobs=2)[0]


def test_a_worker_that_dies_costs_only_its_value() -> None:
    results, told = run(die_at_three, 9, size=BIG, jobs=2)
    assert results == [0, 2, 4, -3, 8, 10, 12, 14, 16]
    assert told == sorted(told)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_function_that_raises_is_a_fault_of_ours_and_is_told(jobs: int) -> None:
    with pytest.raises(TypeError):
        run("no function".index, 9, size=BIG, jobs=jobs)


def die(value: int) -> int:
    os._exit(7)


def test_processes_that_die_whatever_they_are_given_are_told() -> None:
    with pytest.raises(UsageError, match="die whatever they are given"):
        run(die, 5, size=BIG, jobs=2)


def test_tasks_run_beside_each_other_and_outlive_a_death() -> None:
    crew = workers.Workers(2)
    try:
        first = crew.start(die_at_three, range(9), size=lambda _: BIG, died=lambda value: -value)
        second = crew.start(double, range(9), size=lambda _: BIG, died=lambda value: -value)
        assert first.results() == [0, 2, 4, -3, 8, 10, 12, 14, 16]
        third = crew.start(double, range(9), size=lambda _: BIG, died=lambda value: -value)
        assert second.results() == third.results() == [value * 2 for value in range(9)]
    finally:
        crew.close()


def test_there_is_at_least_one_job() -> None:
    assert workers.default_jobs() >= 1


class Prepared:
    """A function with a table; `times` tells how often this process took it out of its pickle."""

    times = 0

    def __init__(self) -> None:
        self.table = {"a": 1}

    def __setstate__(self, state: dict[str, object]) -> None:
        type(self).times += 1
        self.__dict__.update(state)

    def __call__(self, value: int) -> int:
        return self.times


def test_a_process_makes_a_function_ready_once() -> None:
    results, _ = run(Prepared(), 40, size=BIG, jobs=2)
    assert set(results) == {1}
