"""Whatever a sound's neighbours are, what comes out is the same to the last bit as if it were alone."""

import itertools
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.packed_lanes import held, wait_for_waiting
from support.tiny_whisper import PROMPT, TOKENS, features, prompt_after

from vm_mcp.asr.packed.beam_search import BeamSearch
from vm_mcp.asr.packed.decoding import Decoding
from vm_mcp.asr.packed.runtime import PackedRuntime, PackedStates
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_runtime import Alignment, Decoded, DecodeRequest

pytest_plugins = ["support.packed_fixtures"]

OPENINGS = [[PROMPT[0], TOKENS[f"<|{language}|>"], *PROMPT[2:]] for language in ("tr", "en", "de")]


class Window(NamedTuple):
    """A sound, and how it is decoded."""

    seed: int
    frames: int
    before: int
    """Tokens said before."""
    beam_size: int
    max_tokens: int
    no_repeat_ngram_size: int

    @property
    def request(self) -> DecodeRequest:
        prompt = prompt_after(self.before) if self.before else PROMPT
        return DecodeRequest(prompt, self.beam_size, self.max_tokens, self.no_repeat_ngram_size)


class Outcome(NamedTuple):
    """All that a runtime says of a window."""

    languages: Mapping[str, float]
    openings: list[float]
    decoded: Decoded
    alignments: list[Alignment]


WINDOWS = st.builds(
    Window,
    seed=st.integers(0, 5),
    frames=st.sampled_from([2, 37, 100, 300, 451, 800]),
    before=st.sampled_from([0, 0, 3, 90]),
    beam_size=st.integers(1, 5),
    max_tokens=st.sampled_from([1, 2, 9, 30]),
    no_repeat_ngram_size=st.sampled_from([0, 0, 1, 3]),
)


def outcome(runtime: PackedRuntime, window: Window, turn: Turn) -> Outcome:
    states = runtime.encode(turn, features(window.seed, window.frames))
    languages = runtime.language_probabilities(turn, states)
    openings = runtime.opening_logprobs(turn, states, OPENINGS[: window.beam_size], 12)
    decoded = runtime.decode(turn, states, window.request)
    texts = [decoded.tokens, decoded.tokens[::-1], [], [1, 2, 3]]
    steps = states.states.shape[1]
    aligned = runtime.align(turn, states, PROMPT, texts, steps)
    unasked = runtime.align(turn, states, PROMPT, texts[:1], steps, probabilities=False)
    return Outcome(languages, openings, decoded, aligned + unasked)


@cache
def lone_runtime(folder: Path) -> PackedRuntime:
    return PackedRuntime(folder, 1)


@cache
def alone(folder: Path, window: Window) -> Outcome:
    return outcome(lone_runtime(folder), window, Turn())


@given(st.lists(st.tuples(WINDOWS, st.booleans()), min_size=2, max_size=9), st.integers(1, 2), st.randoms())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_sound_comes_out_the_same_beside_any_others(
    tiny_packed: Path, windows: list[tuple[Window, bool]], lanes: int, random: Random
) -> None:
    runtime = PackedRuntime(tiny_packed, lanes)
    turns = [Turn(is_background=is_background) for _, is_background in windows]
    random.shuffle(turns)
    with ThreadPoolExecutor(len(windows)) as pool:
        found = list(pool.map(lambda window, turn: outcome(runtime, window[0], turn), windows, turns))
    for (window, _), each in zip(windows, found, strict=True):
        assert each == alone(tiny_packed, window)


@given(st.lists(WINDOWS, min_size=4, max_size=4), st.permutations(range(4)))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_windows_that_share_their_steps_have_their_own_texts(
    runtime: PackedRuntime, tiny_packed: Path, windows: list[Window], order: list[int]
) -> None:
    states = encoded(runtime, windows)
    turns = [Turn() for _ in windows]
    with ThreadPoolExecutor(5) as pool:
        with held(runtime._lanes, pool, waiting=4):
            futures = [
                pool.submit(runtime.decode, turns[place], states[number], windows[number].request)
                for number, place in enumerate(order)
            ]
        assert [future.result() for future in futures] == [alone(tiny_packed, window).decoded for window in windows]


@pytest.mark.parametrize("is_background", [False, True])
def test_a_text_that_an_earlier_message_interrupted_goes_on_where_it_was(
    runtime: PackedRuntime, tiny_packed: Path, *, is_background: bool
) -> None:
    many = (Window(seed, 200 + 10 * seed, 0, 5, 40, 0) for seed in itertools.count())
    windows = list(itertools.islice((each for each in many if len(alone(tiny_packed, each).decoded.tokens) > 12), 5))
    turns = [Turn(is_background=is_background, number=number) for number in (10, 11, 12, 13)]
    turns.append(Turn(number=99 if is_background else 9))
    states = encoded(runtime, windows)
    begun: list[Decoding] = []
    is_done: list[bool] = []

    def begin_one(number: int) -> Decoding:
        if number == 3:  # which makes the lane full
            urgent.append(pool.submit(runtime._lanes.decode, turns[4], partial(begin_one, 4)))
            wait_for_waiting(runtime._lanes, 1)
        is_done.extend(each.is_done for each in begun if number == 4)
        begun.append(begin(runtime, states[number], windows[number]))
        return begun[-1]

    urgent: list[Future[Decoding]] = []
    with ThreadPoolExecutor(6) as pool:
        with held(runtime._lanes, pool, waiting=4):
            futures = [
                pool.submit(runtime._lanes.decode, turns[number], partial(begin_one, number)) for number in range(4)
            ]
        found = [future.result() for future in futures] + [future.result() for future in urgent]
    assert is_done == [False] * 4
    for decoding, window in zip(found, windows, strict=True):
        [text], expected = decoding.results, alone(tiny_packed, window).decoded
        assert (list(text.tokens), decoding.no_speech_prob) == (expected.tokens, expected.no_speech_prob)
        assert np.exp(np.diff(text.scores, prepend=0)).tolist() == expected.probabilities


def begin(runtime: PackedRuntime, states: PackedStates, window: Window) -> Decoding:
    model, request = runtime._model, window.request
    search = BeamSearch(request.beam_size, request.max_tokens, model.shape.end)
    return Decoding(model, runtime._memory_of(states), [request.prompt], [search])


def encoded(runtime: PackedRuntime, windows: Sequence[Window]) -> list[PackedStates]:
    return [runtime.encode(Turn(), features(window.seed, window.frames)) for window in windows]
