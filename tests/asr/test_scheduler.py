"""Threads that share a model: requests that wait together are batched, and no thread waits while a lane is free."""

import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm_mcp.asr.scheduler import Scheduler
from vm_mcp.asr.turns import Turn


class Model:
    """Doubles numbers. Holds every call until its gate opens, and remembers the batches."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[tuple[str, list[int]]] = []

    def run_batch(self, _: str, kind: str, numbers: Sequence[int]) -> list[int]:
        self.batches.append((kind, list(numbers)))
        self.gate.wait(timeout=30)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


def wait_for_waiting(scheduler: Scheduler[str, str, int, int], count: int) -> None:
    """Return once that many requests wait for a lane."""
    never = threading.Event()
    while len(scheduler._waiting) < count:
        never.wait(0.001)


def test_requests_that_wait_together_are_batched_by_kind() -> None:
    model = Model()
    scheduler = Scheduler(model.run_batch, "model", lanes=1, max_batch=4)
    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(scheduler.run_batched, Turn(), "a", 0)
        while not model.batches:
            pass
        rest = [
            pool.submit(scheduler.run_batched, Turn(), kind, number)
            for kind, number in zip("aaaaabb", range(1, 8), strict=True)
        ]
        wait_for_waiting(scheduler, 7)
        model.gate.set()
        assert [future.result() for future in (first, *rest)] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert sorted((kind, len(numbers)) for kind, numbers in model.batches) == [("a", 1), ("a", 1), ("a", 4), ("b", 2)]


def test_the_earliest_messages_go_first_and_nobody_waits_for_the_whole_backlog() -> None:
    model, order = Model(), list[str]()
    scheduler = Scheduler(model.run_batch, "model", lanes=1, max_batch=2)
    first, *turns = [Turn() for _ in range(7)]
    with ThreadPoolExecutor(16) as pool:
        pool.submit(scheduler.run_batched, first, "a", 0)
        while not model.batches:
            pass
        for number, turn in reversed(list(enumerate(turns, 1))):
            if number == 1:
                pool.submit(scheduler.run_batched, turn, "a", number)
            else:
                pool.submit(
                    scheduler.run, turn, lambda _, number=number: order.append(f"{number}: {len(model.batches)}")
                )
        wait_for_waiting(scheduler, 6)
        model.gate.set()
    # One message ahead of the first, since a batch is two; the others after it, in their order.
    assert order == ["2: 1", "3: 2", "4: 2", "5: 2", "6: 2"]


def test_what_is_cancelled_leaves_the_queue() -> None:
    model, turn = Model(), Turn()
    scheduler = Scheduler(model.run_batch, "model", lanes=1, max_batch=2)
    with ThreadPoolExecutor(4) as pool:
        pool.submit(scheduler.run_batched, Turn(), "a", 0)
        while not model.batches:
            pass
        unwanted, wanted = [pool.submit(scheduler.run_batched, each, "a", 1) for each in (turn, Turn())]
        wait_for_waiting(scheduler, 2)
        turn.is_cancelled = True
        model.gate.set()
        with pytest.raises(CancelledError):
            unwanted.result()
        assert wanted.result() == 2
    assert model.batches == [("a", [0]), ("a", [1])]


def test_functions_run_before_a_batch_that_is_not_full() -> None:
    model, order = Model(), list[str]()
    scheduler = Scheduler(model.run_batch, "model", lanes=1, max_batch=4)
    with ThreadPoolExecutor(16) as pool:
        pool.submit(scheduler.run_batched, Turn(), "a", 0)
        while not model.batches:
            pass
        for number in (1, 2):
            pool.submit(scheduler.run_batched, Turn(), "a", number)
        wait_for_waiting(scheduler, 2)
        for _ in range(2):
            pool.submit(scheduler.run, Turn(), lambda _: order.append(f"after {len(model.batches)}"))
        wait_for_waiting(scheduler, 4)
        model.gate.set()
    assert order == ["after 1", "after 1"]
    assert sorted(model.batches[1][1]) == [1, 2]


def test_two_free_lanes_split_a_batch() -> None:
    both = threading.Barrier(2)

    def run_batch(_: str, _kind: str, numbers: Sequence[int]) -> Sequence[int]:
        both.wait(timeout=30)
        return numbers

    scheduler = Scheduler(run_batch, "model", lanes=2, max_batch=4)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda number: scheduler.run_batched(Turn(), "a", number), (1, 2))) == [1, 2]


def test_an_error_reaches_every_caller_of_its_batch_and_the_lane_goes_on() -> None:
    model = Model()
    scheduler = Scheduler(model.run_batch, "model", lanes=1, max_batch=4)
    with ThreadPoolExecutor(4) as pool:
        pool.submit(scheduler.run_batched, Turn(), "a", 0)
        while not model.batches:
            pass
        batch = [pool.submit(scheduler.run_batched, Turn(), "a", number) for number in (12, 13, 14)]
        wait_for_waiting(scheduler, 3)
        model.gate.set()
        for call in batch:
            with pytest.raises(ValueError, match="thirteen"):
                call.result()
    with pytest.raises(ZeroDivisionError):
        scheduler.run(Turn(), lambda _: 1 // 0)
    assert scheduler.run_batched(Turn(), "a", 4) == 8


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(20, 99)), max_size=30), st.integers(1, 3))
def test_every_caller_gets_its_own_result(requests: list[tuple[str, int]], lanes: int) -> None:
    model = Model()
    model.gate.set()
    scheduler = Scheduler(model.run_batch, "model", lanes=lanes, max_batch=3)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda request: scheduler.run_batched(Turn(), *request), requests))
    assert results == [2 * number for _, number in requests]
    assert all(len(numbers) <= 3 for _, numbers in model.batches)
