"""Voice activity detection, and the level of the sound that the model gets."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp import audio
from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
MANIFEST = json.loads((VOICES / "voices.json").read_text(encoding="utf-8"))
SPOKEN = sorted(name for name, voice in MANIFEST.items() if voice["text"])
TIMES = np.arange(12 * SAMPLE_RATE) / SAMPLE_RATE


def speech(name: str, loudness: float = 1.0) -> "Samples":
    samples = audio.decode((VOICES / MANIFEST[name]["file"]).read_bytes())
    quieter: Samples = (np.round(samples * loudness * 0x8000) / 0x8000).astype(np.float32)
    return quieter


def telephone(sound: "np.ndarray[Any, np.dtype[np.float64]]") -> "Samples":
    """Return a sound as it comes through a telephone, with a little noise."""
    spectrum, frequencies = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    spectrum[(frequencies < 200) | (frequencies > 3400)] = 0
    heard = np.fft.irfft(spectrum, len(sound))
    noise = np.random.default_rng(5).normal(size=len(sound))
    mixed: Samples = (0.6 * heard / np.abs(heard).max() + 0.01 * noise).astype(np.float32)
    return mixed


def knocks() -> "Samples":
    sound, blow = np.zeros_like(TIMES), TIMES[:3000]
    for begin in range(0, len(TIMES) - len(blow), 8000):
        sound[begin : begin + len(blow)] += sum(np.sin(2 * np.pi * tone * blow) for tone in (180, 360, 900)) * np.exp(
            -blow * SAMPLE_RATE / 600
        )
    return telephone(sound)


def keys() -> "Samples":
    sound, random, fading = np.zeros_like(TIMES), np.random.default_rng(6), np.exp(-np.arange(200) / 40)
    for begin in random.integers(0, len(TIMES) - 200, 60):
        sound[begin : begin + 200] += random.normal(size=200) * fading
    return telephone(sound)


def dialling() -> "Samples":
    pairs = [(697, 1209), (770, 1336), (852, 1477), (941, 1336)]
    sound = np.zeros_like(TIMES)
    for place, pair in enumerate(pairs):
        since = (TIMES - 0.4 * place) % 1.6
        sound += sum(np.sin(2 * np.pi * tone * TIMES) for tone in pair) * (since < 0.2)
    return telephone(sound)


def melody(seed: int) -> "Samples":
    random, sound, beat = np.random.default_rng(seed), np.zeros_like(TIMES), TIMES[: SAMPLE_RATE // 2]
    for begin in range(0, len(TIMES), len(beat)):
        pitch = 2 * np.pi * 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12) * beat
        pitch = pitch + 2 * np.sin(2 * np.pi * 5.5 * beat)
        sound[begin : begin + len(beat)] += sum(np.sin(k * pitch) / k for k in range(1, 12)) * np.exp(-3 * beat)
    return telephone(sound)


@pytest.mark.parametrize("loudness", [1.0, 0.1])
@pytest.mark.parametrize("sound", [knocks(), keys(), dialling()], ids=["knocks", "keys", "dialling"])
def test_noises_that_resemble_speech_are_not_speech(sound: "Samples", loudness: float) -> None:
    assert find_speech(sound * np.float32(loudness)) == []


def test_few_melodies_pass_as_a_voice() -> None:
    quiet = [melody(seed) * np.float32(0.1) for seed in range(20)]
    assert sum(1 for sound in quiet if find_speech(sound)) <= 7


@pytest.mark.parametrize("loudness", [1.0, 0.1, 0.02])
@pytest.mark.parametrize("name", SPOKEN)
def test_speech_is_found_however_quiet(name: str, loudness: float) -> None:
    found = sum(window.seconds for window in find_speech(speech(name, loudness)))
    assert found > 0.9 * sum(window.seconds for window in find_speech(speech(name)))


@pytest.mark.parametrize("loudness", [1.0, 0.02, 0.007])
@pytest.mark.parametrize("name", SPOKEN)
def test_a_word_or_two_are_found_however_quiet(name: str, loudness: float) -> None:
    whole = find_speech(speech(name))[-1]
    cut = speech(name, loudness)[whole.start : whole.start + round(1.5 * SAMPLE_RATE)]
    assert len(find_speech(np.pad(cut, SAMPLE_RATE // 2))) == 1


@given(st.floats(0.0001, 1), st.integers(0, 2**32 - 1))
def test_quiet_sound_is_raised_to_the_usual_level_and_loud_sound_is_kept(loudness: float, seed: int) -> None:
    sound = (loudness * np.sin(np.random.default_rng(seed).uniform(0, 7, 4000))).astype(np.float32)
    raised = raise_level(sound)
    if np.quantile(np.abs(sound), 0.999) >= 0.5:
        assert raised is sound
    else:
        assert np.quantile(np.abs(raised), 0.999) == pytest.approx(0.5, rel=1e-3)
        np.testing.assert_allclose(raised, sound * (raised[0] / sound[0]), rtol=1e-4)


def test_a_click_does_not_keep_a_voice_quiet() -> None:
    sound = np.full(SAMPLE_RATE, 0.01, np.float32)
    sound[:10] = -0.9
    raised = raise_level(sound)
    assert raised[100] == pytest.approx(0.5)
    assert raised.min() == -1


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(4000, np.float32)])
def test_silence_stays_silence(sound: "Samples") -> None:
    assert raise_level(sound) is sound
