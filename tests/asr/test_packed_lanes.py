"""Lanes: the earliest message first, what fails or is cancelled harms nobody else, and no thread is left behind."""

import gc
import threading
import weakref
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.packed_lanes import held, wait_for_waiting
from support.tiny_whisper import PROMPT, features, prompt_after

from vm_mcp.asr.packed.beam_search import BeamSearch
from vm_mcp.asr.packed.decoder_step import Memory
from vm_mcp.asr.packed.decoding import Decoding
from vm_mcp.asr.packed.graph_sizes import SLOTS
from vm_mcp.asr.packed.lanes import Lanes
from vm_mcp.asr.packed.model import PackedModel
from vm_mcp.asr.packed.runtime import PackedRuntime
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_runtime import DecodeRequest

pytest_plugins = ["support.packed_fixtures"]


@pytest.fixture(scope="module")
def model(tiny_packed: Path) -> PackedModel:
    return PackedModel(tiny_packed)


@pytest.fixture
def lanes(model: PackedModel) -> Lanes:
    return Lanes(model, 1)


def begin(model: PackedModel, tokens: int = 12, seed: int = 0) -> Decoding:
    """Begin a text that does not end by itself."""
    memory = model.memory(model.encode(features(seed, 200)))
    return Decoding(model, memory, [PROMPT], [BeamSearch(5, tokens, end=-1)])


def text(decoding: Decoding) -> tuple[int, ...]:
    [ended] = decoding.results
    return ended.tokens


def wait_for_end(lanes: Lanes) -> None:
    """Return once no lane runs and the threads are gone."""
    never = threading.Event()
    while lanes._running:
        never.wait(0.001)
    for thread in threading.enumerate():
        if "_run_lane" in thread.name:
            thread.join(30)


def test_the_earliest_message_goes_first_and_background_work_after_all_others(lanes: Lanes) -> None:
    turns = [Turn(is_background=is_background) for is_background in (True, False, True, False, False)]
    order: list[int] = []
    with ThreadPoolExecutor(8) as pool, held(lanes, pool, waiting=5):
        for number in (4, 2, 3, 0, 1):
            pool.submit(lanes.run, turns[number], partial(order.append, number))
    assert order == [1, 3, 4, 0, 2]


def test_work_of_one_message_keeps_its_order(lanes: Lanes) -> None:
    turn, order = Turn(), list[int]()
    with ThreadPoolExecutor(8) as pool, held(lanes, pool, waiting=4):
        for number in range(4):
            pool.submit(lanes.run, turn, partial(order.append, number))
            wait_for_waiting(lanes, number + 1)
    assert order == [0, 1, 2, 3]


def test_texts_are_begun_in_the_order_in_which_their_messages_came(model: PackedModel, lanes: Lanes) -> None:
    turns, order, begun = [Turn() for _ in range(3 * SLOTS)], list[int](), list[Decoding]()

    def begin_one(number: int) -> Decoding:
        order.append(number)
        assert sum(not decoding.is_done for decoding in begun) < SLOTS
        begun.append(begin(model))
        return begun[-1]

    with ThreadPoolExecutor(16) as pool:
        with held(lanes, pool, waiting=len(turns)):
            futures = [
                pool.submit(lanes.decode, turns[number], partial(begin_one, number))
                for number in reversed(range(len(turns)))
            ]
        assert {len(text(future.result())) for future in futures} == {12}
    assert order == sorted(order)


def test_a_full_lane_does_the_work_of_earlier_messages_only(model: PackedModel, lanes: Lanes) -> None:
    early, *turns, late = [Turn() for _ in range(SLOTS + 2)]
    begun: list[Decoding] = []
    done: dict[str, bool] = {}

    def note(name: str) -> None:
        done[name] = any(decoding.is_done for decoding in begun)

    def begin_one(turn: Turn) -> Decoding:
        if turn is turns[-1]:  # which makes the lane full
            futures.extend(
                pool.submit(lanes.run, turn, partial(note, name)) for name, turn in (("late", late), ("early", early))
            )
            wait_for_waiting(lanes, 2)
        begun.append(begin(model))
        return begun[-1]

    futures: list[Future[None]] = []
    with ThreadPoolExecutor(16) as pool:
        with held(lanes, pool, waiting=SLOTS):
            decodings = [pool.submit(lanes.decode, turn, partial(begin_one, turn)) for turn in turns]
        assert {len(text(future.result())) for future in decodings} == {12}
        for future in futures:
            future.result()
    assert done == {"early": False, "late": True}


def test_what_is_cancelled_while_it_waits_is_not_done(lanes: Lanes) -> None:
    turn, done = Turn(), list[str]()
    with ThreadPoolExecutor(4) as pool:
        with held(lanes, pool, waiting=2):
            unwanted = pool.submit(lanes.run, turn, lambda: done.append("unwanted"))
            wanted = pool.submit(lanes.run, Turn(), lambda: done.append("wanted"))
            wait_for_waiting(lanes, 2)
            turn.is_cancelled = True
        with pytest.raises(CancelledError):
            unwanted.result()
        wanted.result()
    with pytest.raises(CancelledError):
        lanes.run(turn, lambda: done.append("unwanted"))
    assert done == ["wanted"]


def test_a_text_that_is_cancelled_leaves_at_the_next_step(model: PackedModel, lanes: Lanes) -> None:
    turn, begun = Turn(), list[Decoding]()

    def begin_first() -> Decoding:
        begun.append(begin(model, 400))
        return begun[0]

    def cancel_first() -> Decoding:
        turn.is_cancelled = True
        return begin(model)

    with ThreadPoolExecutor(4) as pool:
        with held(lanes, pool, waiting=2):
            unwanted = pool.submit(lanes.decode, turn, begin_first)
            wait_for_waiting(lanes, 1)
            wanted = pool.submit(lanes.decode, Turn(), cancel_first)
        with pytest.raises(CancelledError):
            unwanted.result()
        assert text(wanted.result()) == text(lanes.decode(Turn(), lambda: begin(model)))
    assert not begun[0].is_done
    assert begun[0]._tree.length < len(PROMPT) + 4


def test_an_error_reaches_its_caller_only(model: PackedModel, lanes: Lanes) -> None:
    def fail() -> Decoding:
        raise ValueError("thirteen")

    with ThreadPoolExecutor(4) as pool:
        with held(lanes, pool, waiting=3):
            other = pool.submit(lanes.decode, Turn(), lambda: begin(model))
            wait_for_waiting(lanes, 1)
            failing = [pool.submit(lanes.run, Turn(), fail), pool.submit(lanes.decode, Turn(), fail)]
        assert len(text(other.result())) == 12
        for future in failing:
            with pytest.raises(ValueError, match="thirteen"):
                future.result()
    assert lanes.run(Turn(), lambda: "goes on") == "goes on"


def test_an_error_of_a_step_reaches_all_its_windows_and_no_later_one(model: PackedModel, lanes: Lanes) -> None:
    def begin_damaged() -> Decoding:
        decoding = begin(model)
        decoding._memory = Memory([array[..., :3] for array in decoding._memory.arrays])
        return decoding

    with ThreadPoolExecutor(4) as pool:
        with held(lanes, pool, waiting=3):
            other = pool.submit(lanes.decode, Turn(), lambda: begin(model, 200))
            wait_for_waiting(lanes, 1)
            damaged = pool.submit(lanes.decode, Turn(), begin_damaged)
            wait_for_waiting(lanes, 2)
            later = pool.submit(lanes.decode, Turn(), lambda: begin(model))
        for future in (other, damaged):
            with pytest.raises(RuntimeError, match="onnxruntime failed"):
                future.result()
        assert len(text(later.result())) == 12


def test_no_thread_is_left_after_200_messages(tiny_packed: Path) -> None:
    runtime = PackedRuntime(tiny_packed, 2)
    before = threading.active_count()

    def transcribe(number: int) -> int:
        turn = Turn()
        states = runtime.encode(turn, features(number, 100))
        return len(runtime.decode(turn, states, DecodeRequest(PROMPT, 2, 3)).tokens)

    with ThreadPoolExecutor(8) as pool:
        assert all(0 < count <= 3 for count in pool.map(transcribe, range(200)))
    wait_for_end(runtime._lanes)
    assert threading.active_count() <= before
    assert runtime._lanes._waiting == []


def test_a_lane_that_cannot_start_leaves_nothing_behind(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            lanes.run(Turn(), lambda: "never")
    assert lanes._waiting == []
    assert lanes.run(Turn(), lambda: "goes on") == "goes on"


def test_two_threads_may_ask_for_the_same_sound(tiny_packed: Path) -> None:
    runtime = PackedRuntime(tiny_packed, 2)
    states = runtime.encode(Turn(), features(0, 400))
    requests = [DecodeRequest(prompt_after(number), 2, 8) for number in (0, 1, 2, 3)] * 4
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda request: runtime.decode(Turn(), states, request), requests))
    assert together == [runtime.decode(Turn(), states, request) for request in requests]


def test_what_is_attended_to_is_kept_for_few_sounds_only(
    runtime: PackedRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [runtime.encode(Turn(), features(number, 100)) for number in range(6)]
    size = runtime._memory_of(many[0]).size_bytes
    monkeypatch.setattr("vm_mcp.asr.packed.runtime._MOST_MEMORY_BYTES", 3 * size)
    first = [runtime.decode(Turn(), states, DecodeRequest(PROMPT, 5, 9)) for states in many]
    assert [states.memory is not None for states in many] == [False] * 3 + [True] * 3
    assert [runtime.decode(Turn(), states, DecodeRequest(PROMPT, 5, 9)) for states in many] == first


def test_a_message_that_is_done_leaves_nothing_behind(runtime: PackedRuntime) -> None:
    states = runtime.encode(Turn(), features(0, 100))
    runtime.decode(Turn(), states, DecodeRequest(PROMPT, 5, 9))
    wait_for_end(runtime._lanes)
    assert states.memory
    arrays = [weakref.ref(array) for array in (states.states, *states.memory.arrays)]
    del states
    gc.collect()
    assert [array() for array in arrays] == [None] * len(arrays)


def test_sounds_that_are_no_numbers_harm_nobody_beside_them(runtime: PackedRuntime) -> None:
    """Whether they are a text or an error, they end."""
    good = runtime.encode(Turn(), features(0, 300))
    alone = runtime.decode(Turn(), good, DecodeRequest(PROMPT, 5, 30))
    bad = [runtime.encode(Turn(), np.full_like(features(0, 300), value)) for value in (np.nan, np.inf, 0, 1e30)]
    with ThreadPoolExecutor(8) as pool:
        with held(runtime._lanes, pool, waiting=5):
            futures: list[Future[object]] = [
                pool.submit(runtime.decode, Turn(), states, DecodeRequest(PROMPT, 5, 30)) for states in bad
            ]
            beside = pool.submit(runtime.decode, Turn(), good, DecodeRequest(PROMPT, 5, 30))
        assert beside.result() == alone
        assert all(future.exception() is None for future in futures)
