"""Threads that share a model: who waits together is answered together, and nobody waits for nothing."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm_mcp.asr.scheduler import Scheduler


class Model:
    """Doubles numbers; holds its first call until it is let go, and remembers what came together."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.calls: list[tuple[str, list[int]]] = []

    def run(self, _: str, kind: str, numbers: Sequence[int]) -> list[int]:
        self.calls.append((kind, list(numbers)))
        self.gate.wait(timeout=30)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


def waiting(lanes: Scheduler[str, str, int, int], count: int) -> None:
    """Return once so many questions wait for a lane."""
    reached = threading.Event()
    while len(lanes._waiting) < count:
        reached.wait(0.001)


def test_what_waits_at_the_same_time_is_answered_together_kind_by_kind() -> None:
    model = Model()
    lanes = Scheduler(model.run, "narrow", lanes=1, most=4)
    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(lanes.together, "a", 0)
        while not model.calls:
            pass
        rest = [pool.submit(lanes.together, kind, number) for kind, number in zip("aaaaabb", range(1, 8), strict=True)]
        waiting(lanes, 7)
        model.gate.set()
        assert [future.result() for future in (first, *rest)] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert sorted((kind, len(numbers)) for kind, numbers in model.calls) == [("a", 1), ("a", 1), ("a", 4), ("b", 2)]


def test_work_of_its_own_goes_before_questions_that_are_no_full_call() -> None:
    model, order = Model(), list[str]()
    lanes = Scheduler(model.run, "narrow", lanes=1, most=4)
    with ThreadPoolExecutor(16) as pool:
        pool.submit(lanes.together, "a", 0)
        while not model.calls:
            pass
        for number in (1, 2):
            pool.submit(lanes.together, "a", number)
        waiting(lanes, 2)
        for _ in range(2):
            pool.submit(lanes.alone, lambda _: order.append(f"after {len(model.calls)}"))
        waiting(lanes, 4)
        model.gate.set()
    assert order == ["after 1", "after 1"]
    assert sorted(model.calls[1][1]) == [1, 2]


def test_two_free_lanes_share_what_waits() -> None:
    both = threading.Barrier(2)

    def run(_: str, _kind: str, numbers: Sequence[int]) -> Sequence[int]:
        both.wait(timeout=30)
        return numbers

    lanes = Scheduler(run, "narrow", lanes=2, most=4)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda number: lanes.together("a", number), (1, 2))) == [1, 2]


def test_what_is_alone_has_all_lanes_and_what_comes_meanwhile_waits_for_its_end() -> None:
    used, both, gate = list[str](), threading.Barrier(2), threading.Event()

    def run(model: str, _: str, numbers: Sequence[int]) -> Sequence[int]:
        used.append(model)
        if model == "narrow":
            both.wait(timeout=30)
        return numbers

    def first(model: str) -> str:
        gate.wait(timeout=30)
        return model

    lanes = Scheduler(run, "narrow", "wide", lanes=2, most=4)
    with ThreadPoolExecutor(3) as pool:
        alone = pool.submit(lanes.alone, first)
        while not lanes._busy:
            pass
        others = [pool.submit(lanes.together, "a", number) for number in (1, 2)]
        waiting(lanes, 2)
        assert used == []
        gate.set()
        assert [alone.result(), *(other.result() for other in others)] == ["wide", 1, 2]
    assert used == ["narrow", "narrow"]
    assert lanes.together("a", 3) == 3
    assert used[2:] == ["wide"]


def test_an_error_reaches_all_who_asked_and_the_lane_goes_on() -> None:
    model = Model()
    model.gate.set()
    lanes = Scheduler(model.run, "narrow", lanes=1, most=4)
    with pytest.raises(ValueError, match="thirteen"):
        lanes.together("a", 13)
    with pytest.raises(ZeroDivisionError):
        lanes.alone(lambda _: 1 // 0)
    assert lanes.together("a", 4) == 8


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(20, 99)), max_size=30), st.integers(1, 3))
def test_everybody_gets_the_own_answer(questions: list[tuple[str, int]], lane_count: int) -> None:
    model = Model()
    model.gate.set()
    lanes = Scheduler(model.run, "narrow", "wide", lanes=lane_count, most=3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda question: lanes.together(*question), questions))
    assert answers == [2 * number for _, number in questions]
    assert all(len(numbers) <= 3 for _, numbers in model.calls)
