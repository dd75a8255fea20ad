"""The tiny model computes what CTranslate2 computes from the same file.

CTranslate2 in 32 bits says what is right, and CTranslate2 in 8 bits how far 8 bits may be from it. The encoder rounds
the same values as CTranslate2's, so its error is the same. The decoder rounds more of them, as the sound's keys and
values are kept in 8 bits, too; its error is one and a half times as large, and may be two and a half times as large.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ctranslate2
import numpy as np
import pytest
from support import tiny_whisper
from support.tiny_whisper import (
    END,
    LANGUAGES,
    PROMPT,
    SUPPRESSED,
    TEXT_TOKENS,
    TOKENS,
    VOCABULARY,
    features,
    prompt_after,
)

from vm_mcp.asr.ctranslate2_runtime import CTranslate2Runtime
from vm_mcp.asr.packed.conversion import converted
from vm_mcp.asr.packed.decoder_step import Slot
from vm_mcp.asr.packed.runtime import PackedRuntime, PackedStates
from vm_mcp.asr.packed.token_tree import TokenTree
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_runtime import Alignment, Decoded, DecodeRequest, WhisperRuntime

pytest_plugins = ["support.packed_fixtures"]

Array = np.ndarray[Any, Any]
SOUNDS = range(8)
MOST_ERROR = 2.5
ENGLISH_PROMPT = [PROMPT[0], TOKENS["<|en|>"], *PROMPT[2:]]


class Sound(NamedTuple):
    """One sound, as two runtimes have it after the same encoder."""

    number: int
    states: PackedStates
    view: ctranslate2.StorageView

    @property
    def steps(self) -> int:
        return int(self.states.states.shape[1])


@pytest.fixture(scope="module")
def packed(tiny_packed: Path) -> PackedRuntime:
    return PackedRuntime(tiny_packed, 1)


def on_ctranslate2(model: Path, compute_type: str) -> CTranslate2Runtime:
    threads = {"inter_threads": 1, "intra_threads": 1}
    return CTranslate2Runtime(
        ctranslate2.models.Whisper(str(model), device="cpu", compute_type=compute_type, **threads), 1
    )


@pytest.fixture(scope="module")
def exact(tiny_model: Path) -> CTranslate2Runtime:
    return on_ctranslate2(tiny_model, "float32")


@pytest.fixture(scope="module")
def rounded(tiny_model: Path) -> CTranslate2Runtime:
    return on_ctranslate2(tiny_model, "int8")


@pytest.fixture(scope="module")
def sounds(exact: CTranslate2Runtime) -> list[Sound]:
    views = [exact.encode(Turn(), features(number, 120 + 90 * number)) for number in SOUNDS]
    return [Sound(number, PackedStates(np.array(view)), view) for number, view in enumerate(views)]


def rms(values: "Sequence[Any] | Array") -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def logs(alignment: Alignment) -> Array:
    return np.log(alignment.probabilities)


def first_steps(alignment: Alignment) -> Array:
    """Return the step at which each token, and the end, begins."""
    starts = dict(reversed(alignment.starts))
    return np.array([starts[token] for token in range(len(alignment.probabilities) + 1)])


def text_of(number: int, length: int = 9) -> list[int]:
    return [int(token) for token in np.random.default_rng(number).integers(20, TEXT_TOKENS, length)]


def aligned(runtime: WhisperRuntime, sounds: Sequence[Sound], states: str, prompt: list[int]) -> list[Alignment]:
    """Return the alignment of one text to each sound."""
    return [
        runtime.align(Turn(), getattr(sound, states), prompt, [text_of(sound.number)], sound.steps)[0]
        for sound in sounds
    ]


def test_the_encoders_states_are_as_close_as_ctranslate2s_in_8_bits(
    packed: PackedRuntime, exact: CTranslate2Runtime, rounded: CTranslate2Runtime
) -> None:
    for number in SOUNDS:
        sound = features(number, 120 + 90 * number)
        right, other = (np.array(runtime.encode(Turn(), sound)) for runtime in (exact, rounded))
        states = packed.encode(Turn(), sound).states
        assert states.shape == right.shape
        assert rms(states - right) < 1.1 * rms(other - right) < 0.05 * rms(right)


@pytest.mark.parametrize("prompt", [PROMPT, prompt_after(90)], ids=["start", "after 90 tokens"])
def test_each_tokens_probability_is_close(
    packed: PackedRuntime,
    exact: CTranslate2Runtime,
    rounded: CTranslate2Runtime,
    sounds: list[Sound],
    prompt: list[int],
) -> None:
    right = [logs(each) for each in aligned(exact, sounds, "view", prompt)]
    found = [logs(each) for each in aligned(packed, sounds, "states", prompt)]
    other = [logs(each) for each in aligned(rounded, sounds, "view", prompt)]
    assert rms(np.subtract(found, right)) < MOST_ERROR * rms(np.subtract(other, right))
    assert rms(np.subtract(found, right)) < 0.1 * np.std(right)


def test_the_first_steps_log_probabilities_are_close(
    packed: PackedRuntime, exact: CTranslate2Runtime, sounds: list[Sound]
) -> None:
    suppressed = [token for token in SUPPRESSED if token < END]
    texts = [[token] for token in (*range(0, TEXT_TOKENS, 4), *suppressed)]
    for sound in sounds[:3]:
        found = packed.align(Turn(), sound.states, PROMPT, texts, sound.steps)
        right = exact.align(Turn(), sound.view, PROMPT, texts, sound.steps)
        errors = [logs(one) - logs(two) for one, two in zip(found, right, strict=True)]
        assert rms(errors) < 0.15
        assert abs(np.mean(errors)) < 0.05


def test_probabilities_are_among_the_tokens_of_texts(packed: PackedRuntime, sounds: list[Sound]) -> None:
    texts = [[token] for token in range(len(VOCABULARY))]
    alone = packed.align(Turn(), sounds[0].states, PROMPT, texts, sounds[0].steps)
    probabilities = [each.probabilities[0] for each in alone]
    assert sum(probabilities[:END]) == pytest.approx(1)
    assert set(probabilities[END:]) == {0}
    assert all(probabilities[token] > 0 for token in SUPPRESSED if token < END)


def test_tokens_are_at_the_same_places(
    packed: PackedRuntime, exact: CTranslate2Runtime, rounded: CTranslate2Runtime, sounds: list[Sound]
) -> None:
    right = [first_steps(each) for each in aligned(exact, sounds, "view", PROMPT)]
    found = [first_steps(each) for each in aligned(packed, sounds, "states", PROMPT)]
    other = [first_steps(each) for each in aligned(rounded, sounds, "view", PROMPT)]
    moved, moved_there = (
        [bool(abs(one - two) > 2) for ones, twos in zip(each, right, strict=True) for one, two in zip(ones, twos)]  # noqa: B905  # of one text
        for each in (found, other)
    )
    assert sum(moved) <= sum(moved_there) + 4
    assert np.mean(moved) < 0.15


@pytest.mark.parametrize("steps", [1, 3, 4, 40])
def test_a_shorter_sound_is_aligned_as_ctranslate2_does(
    packed: PackedRuntime, exact: CTranslate2Runtime, sounds: list[Sound], steps: int
) -> None:
    [found] = packed.align(Turn(), sounds[0].states, PROMPT, [text_of(0)], steps)
    [right] = exact.align(Turn(), sounds[0].view, PROMPT, [text_of(0)], steps)
    assert found.starts[-1] == right.starts[-1] == (9, steps - 1)
    assert np.mean(np.abs(first_steps(found) - first_steps(right)) > 2) < 0.25


def decoded(runtime: WhisperRuntime, states: Any, request: DecodeRequest) -> Decoded:  # noqa: ANN401  # the runtime's own
    return runtime.decode(Turn(), states, request)


@pytest.mark.parametrize(
    "request_",
    [
        DecodeRequest(PROMPT, 5, 40),
        DecodeRequest(PROMPT, 1, 40),
        DecodeRequest(prompt_after(30), 2, 40),
        DecodeRequest(PROMPT, 5, 40, 3),
        DecodeRequest(PROMPT, 5, 6),
    ],
    ids=["beam 5", "greedy", "beam 2 after a text", "no phrase twice", "cut off"],
)
def test_texts_are_as_likely_as_ctranslate2s(
    packed: PackedRuntime, exact: CTranslate2Runtime, sounds: list[Sound], request_: DecodeRequest
) -> None:
    pairs = [(decoded(packed, sound.states, request_), decoded(exact, sound.view, request_)) for sound in sounds]
    differences = [found.avg_logprob - right.avg_logprob for found, right in pairs]
    assert rms(differences) < 0.15
    assert abs(np.mean(differences)) < 0.1
    same_start = [found.tokens[:3] == right.tokens[:3] for found, right in pairs]
    assert np.mean(same_start) >= 0.5
    for found, right in pairs:
        assert found.no_speech_prob == pytest.approx(right.no_speech_prob, rel=0.5)


def known_text_logprobs(runtime: PackedRuntime, states: PackedStates, text: list[int]) -> Array:
    """Return the log probability of each token of a text and of its end, all computed in one step."""
    model, tokens = runtime._model, [*PROMPT, *text]
    slot = Slot(TokenTree(model.shape, 1, len(tokens)), runtime._memory_of(states), len(tokens))
    step = model.bind([slot], range(len(PROMPT) - 1, len(tokens)), ("logits", "suppressed_logits"))
    step.rows[0, : len(tokens)] = model.vectors(tokens, 0)
    logits = model.all_logits(step.run())
    logits[:, SUPPRESSED] = logits[0, tiny_whisper.SUPPRESSED_FIRST] = -np.inf
    logits -= np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return np.asarray(logits[np.arange(len(text) + 1), [*text, END]])


@pytest.mark.parametrize("beam", [1, 5])
def test_probabilities_are_the_same_as_if_the_text_were_known(
    packed: PackedRuntime, sounds: list[Sound], beam: int
) -> None:
    for sound in sounds:
        found = decoded(packed, sound.states, DecodeRequest(PROMPT, beam, 50))
        known = known_text_logprobs(packed, sound.states, found.tokens)
        # Sums in another order are rounded to another 8-bit number now and then.
        assert np.log(found.probabilities) == pytest.approx(known[:-1], abs=0.05)
        end = found.avg_logprob * (len(found.tokens) + 1) - np.log(found.probabilities).sum()
        assert end == pytest.approx(0 if found.is_cut_off else known[-1], abs=0.05)


def test_no_phrase_occurs_twice_if_none_may(packed: PackedRuntime, sounds: list[Sound]) -> None:
    for size in (1, 2, 3):
        for sound in sounds[:4]:
            tokens = decoded(packed, sound.states, DecodeRequest(PROMPT, 5, 40, size)).tokens
            phrases = [tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)]
            assert len(phrases) == len(set(phrases))


def test_what_is_suppressed_is_never_written(packed: PackedRuntime, sounds: list[Sound]) -> None:
    for sound in sounds:
        for size in (0, 2):
            tokens = decoded(packed, sound.states, DecodeRequest(PROMPT, 5, 40, size)).tokens
            assert tokens
            assert tokens[0] not in tiny_whisper.SUPPRESSED_FIRST
            assert not set(tokens) & {*SUPPRESSED, END}


def test_openings_are_as_likely_as_ctranslate2s(
    packed: PackedRuntime, exact: CTranslate2Runtime, sounds: list[Sound]
) -> None:
    for sound in sounds:
        found = packed.opening_logprobs(Turn(), sound.states, [PROMPT, ENGLISH_PROMPT], 12)
        right = exact.opening_logprobs(Turn(), sound.view, [PROMPT, ENGLISH_PROMPT], 12)
        assert found == pytest.approx(right, abs=0.2)


def test_languages_are_as_likely_as_ctranslate2_says(
    packed: PackedRuntime, exact: CTranslate2Runtime, sounds: list[Sound]
) -> None:
    for sound in sounds:
        found = packed.language_probabilities(Turn(), sound.states)
        right = exact.language_probabilities(Turn(), sound.view)
        assert set(found) == set(right) == set(LANGUAGES)
        assert sum(found.values()) == pytest.approx(1)
        assert [found[each] for each in LANGUAGES] == pytest.approx([right[each] for each in LANGUAGES], abs=0.05)


def test_weights_in_16_bits_are_read_as_those_in_32(tmp_path: Path, packed: PackedRuntime) -> None:
    model = tiny_whisper.write_model(tmp_path / "model", quantization="float16")
    halved = PackedRuntime(converted(model, tmp_path / "packed"), 1)
    one, two = (each.encode(Turn(), features(0, 300)).states for each in (packed, halved))
    assert 0 < rms(one - two) < 0.02


def test_sizes_are_those_of_the_model(packed: PackedRuntime, exact: CTranslate2Runtime) -> None:
    assert packed.mels == exact.mels == tiny_whisper.MELS
