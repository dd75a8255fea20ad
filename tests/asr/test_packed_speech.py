"""Real speech with the real base weights: words, times and probabilities are close to CTranslate2's.

Over 29 windows of the shipped voices, each of the two in 8 bits differs from CTranslate2 in 32 bits by 0.03 in the
no-speech probability at the mean (0.14 and 0.10 at most), by 0.01 and 0.02 in a language's (0.08 and 0.07), and by 0.02
in a word's. No word's start differs by more than 0.1 s.
"""

from pathlib import Path
from typing import NamedTuple

import ctranslate2
import jiwer
import numpy as np
import pytest

from vm_mcp import audio
from vm_mcp.asr.ctranslate2_runtime import CTranslate2Runtime
from vm_mcp.asr.decoder import Decoder, Encoded, Hypothesis
from vm_mcp.asr.packed.conversion import converted
from vm_mcp.asr.packed.runtime import PackedRuntime
from vm_mcp.asr.pypi_weights import join_base
from vm_mcp.asr.whisper_runtime import WhisperRuntime
from vm_mcp.text import fold_words

pytest_plugins = ["support.packed_fixtures"]
pytestmark = [pytest.mark.model, pytest.mark.thorough]

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"


class Heard(NamedTuple):
    """What a runtime makes of a voice."""

    decoder: Decoder
    language: str
    encoded: Encoded
    hypothesis: Hypothesis


@pytest.fixture(scope="module")
def base(data_dir: Path) -> Path:
    folder = join_base(data_dir / "models")
    assert folder, "the weights of base come from the dependency group `speech`"
    return folder


@pytest.fixture(scope="module")
def decoders(base: Path, data_dir: Path, exact_processor: None) -> list[Decoder]:  # noqa: ARG001  # only asks
    """Return a decoder on onnxruntime and one on CTranslate2 in 8 bits."""
    packed = PackedRuntime(converted(base, data_dir / "packed"), 1)
    model = ctranslate2.models.Whisper(str(base), device="cpu", compute_type="int8", intra_threads=1)
    runtimes: list[WhisperRuntime] = [packed, CTranslate2Runtime(model, 1)]
    assert [(runtime.mels, runtime.is_multilingual) for runtime in runtimes] == [(80, True)] * 2
    return [Decoder(runtime, base) for runtime in runtimes]


@pytest.fixture(scope="module", params=[("tr05_klinik", "tr"), ("en03_dentist", "en")], ids=["tr", "en"])
def both(decoders: list[Decoder], request: pytest.FixtureRequest) -> list[Heard]:
    name, language = request.param
    [file] = VOICES.glob(f"{name}.*")
    sound = audio.decode(file.read_bytes())[: 20 * audio.SAMPLE_RATE]
    return [heard(decoder, sound, language) for decoder in decoders]


def heard(decoder: Decoder, sound: audio.Samples, language: str) -> Heard:
    encoded = decoder.encode(sound)
    return Heard(decoder, language, encoded, decoder.decode(encoded, language))


def test_texts_are_nearly_the_same(both: list[Heard]) -> None:
    found, right = (fold_words(each.hypothesis.text) for each in both)
    assert len(right.split()) > 15
    assert jiwer.wer(right, found) < 0.2
    one, two = (each.hypothesis for each in both)
    assert one.avg_logprob == pytest.approx(two.avg_logprob, abs=0.08)
    assert one.no_speech_prob == pytest.approx(two.no_speech_prob, abs=0.15)
    assert not one.is_truncated


def test_words_are_at_the_same_places_and_as_probable(both: list[Heard]) -> None:
    tokens = both[1].hypothesis.tokens
    found, right = (each.decoder.words(each.encoded, each.language, tokens, 0) for each in both)
    assert [word.text for word in found] == [word.text for word in right]
    starts = [abs(one.start_seconds - two.start_seconds) for one, two in zip(found, right, strict=True)]
    assert np.mean(np.array(starts) <= 0.1) > 0.9
    probabilities = [abs(one.probability - two.probability) for one, two in zip(found, right, strict=True)]
    assert np.mean(probabilities) < 0.05


def test_the_probabilities_of_the_text_are_those_that_alignment_finds(both: list[Heard]) -> None:
    """Decoding leaves out what is suppressed, alignment what ends a text: so they differ a little."""
    packed, language = both[0], both[0].language
    found = packed.hypothesis
    decoded = packed.decoder.words(packed.encoded, language, found.tokens, 0, found.probabilities)
    aligned = packed.decoder.words(packed.encoded, language, found.tokens, 0)
    differences = [one.probability - two.probability for one, two in zip(decoded, aligned, strict=True)]
    assert np.mean(np.abs(differences)) < 0.05


def test_languages_are_as_probable(both: list[Heard]) -> None:
    found, right = (each.decoder.language_probabilities(each.encoded) for each in both)
    assert set(found) == set(right)
    assert all(found[code] == pytest.approx(right[code], abs=0.1) for code in right)


def test_silence_is_as_probable(decoders: list[Decoder]) -> None:
    silence = np.zeros(3 * audio.SAMPLE_RATE, np.float32)
    found, right = (heard(decoder, silence, "tr").hypothesis for decoder in decoders)
    assert found.no_speech_prob == pytest.approx(right.no_speech_prob, abs=0.15)
