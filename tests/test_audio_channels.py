"""Whatever the channels hold, each voice is in the sound that is transcribed, once and without the other's noise."""

import numpy as np
import pytest
from support.sounds import noise, stereo, voice

from vm_mcp.audio import SAMPLE_RATE, Samples, decode
from vm_mcp.audio.channels import mix, remove_offset

VOICE, OTHER = voice("tr04_adres"), voice("en02_invoice")
LENGTH = min(len(VOICE), len(OTHER))
NAMES = ["tr01_randevu", "tr04_adres", "tr06_ariza", "en01_callback", "en03_dentist"]


def later(sound: Samples, seconds: float) -> Samples:
    """Return as much sound, which begins later; earlier if the seconds are negative."""
    by = round(abs(seconds) * SAMPLE_RATE)
    return np.pad(sound, (by, 0))[: len(sound)] if seconds > 0 else np.pad(sound, (0, by))[-len(sound) :]


def lossy(sound: Samples) -> Samples:
    """Return a sound that lost each seventh packet of 20 ms."""
    heard = sound.copy()
    for begin in range(0, len(heard), 7 * 320):
        heard[begin : begin + 320] = 0
    return heard


def in_turn(first: Samples, second: Samples, crosstalk: float = 0.0) -> tuple[Samples, Samples]:
    """Return the two channels of a call: first one side speaks, then the other, each heard faintly in the other."""
    return np.concatenate([first, crosstalk * second]), np.concatenate([crosstalk * first, second])


def is_one_of(mixed: Samples, *channels: Samples) -> bool:
    return any(np.array_equal(mixed, channel) for channel in channels)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gain", [-1.0, -0.5, -0.1])
def test_an_inverted_channel_takes_nothing_away(name: str, gain: float) -> None:
    speech = voice(name)
    assert is_one_of(mix([speech, gain * speech]), speech, gain * speech)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seconds", [0.002, 0.02, 0.12, 0.3, 0.4, -0.12])
@pytest.mark.parametrize("gain", [1.0, -0.7])
def test_a_voice_that_comes_again_later_is_heard_once(name: str, seconds: float, gain: float) -> None:
    speech = voice(name)
    again = gain * later(speech, seconds)
    assert is_one_of(mix([speech, again]), speech, again)


@pytest.mark.parametrize("name", NAMES)
def test_of_two_channels_with_the_same_voice_the_clearer_one_is_taken(name: str) -> None:
    speech = voice(name)
    delayed = later(speech, 0.12)
    level = 20 * np.log10(np.sqrt(np.mean(speech**2)))
    clear, noisy = speech + noise(len(speech), level - 20), delayed + noise(len(speech), level - 10, seed=1)
    assert is_one_of(mix([clear, noisy]), clear)
    assert is_one_of(mix([noisy, clear]), clear)
    assert is_one_of(mix([lossy(delayed), speech]), speech)


@pytest.mark.parametrize("decibels", [-120, -60, -30, -10])
def test_a_channel_of_silence_or_noise_is_left_out(decibels: float) -> None:
    hiss = noise(len(VOICE), decibels)
    assert is_one_of(mix([VOICE, hiss]), VOICE)
    assert is_one_of(mix([hiss, VOICE]), VOICE)
    silence = np.zeros_like(VOICE)
    assert is_one_of(mix([silence, VOICE]), VOICE)
    np.testing.assert_allclose(decode(stereo(VOICE, silence)), VOICE, atol=1e-4)


@pytest.mark.parametrize("crosstalk", [0.0, 0.1, -0.25, 0.4])
def test_both_sides_of_a_call_are_kept(crosstalk: float) -> None:
    left, right = in_turn(VOICE, OTHER, crosstalk)
    for channels in ((left, right), (left + noise(len(left), -50), right + noise(len(left), -45, seed=1))):
        mixed = mix(channels)
        for part, said in ((slice(0, len(VOICE)), VOICE), (slice(len(VOICE), None), OTHER)):
            assert np.corrcoef(mixed[part], said)[0, 1] > 0.95


def test_two_who_speak_at_once_are_both_kept_without_clipping() -> None:
    loud = [channel[:LENGTH] / np.abs(channel[:LENGTH]).max() for channel in (VOICE, OTHER)]
    mixed = mix(loud)
    assert 0.9 < np.abs(mixed).max() <= 1
    for channel in loud:
        assert np.corrcoef(mixed, channel)[0, 1] > 0.5


def test_a_single_word_of_the_other_side_is_kept() -> None:
    loudest = int(np.abs(OTHER).argmax())
    word = OTHER[loudest - SAMPLE_RATE // 4 : loudest + SAMPLE_RATE // 4]
    other = np.pad(word, (len(VOICE) - len(word), 0)) + noise(len(VOICE), -60)
    np.testing.assert_allclose(mix([VOICE, other]), VOICE + other, atol=1e-6)


def test_a_channel_that_holds_both_sides_is_enough() -> None:
    both, one = np.concatenate([VOICE, OTHER]), np.concatenate([np.zeros_like(VOICE), OTHER])
    assert is_one_of(mix([both, one]), both)


def test_equal_channels_stay_the_same_to_the_last_bit() -> None:
    assert is_one_of(mix([VOICE, VOICE.copy()]), VOICE)


@pytest.mark.parametrize("level", [0.05, 0.3])
@pytest.mark.parametrize("drift", [0.0, 0.05])
def test_an_offset_is_removed_even_if_it_drifts(level: float, drift: float) -> None:
    speech = VOICE * level / np.abs(VOICE).max()
    seconds = np.arange(len(speech)) / SAMPLE_RATE
    offset = (0.1 + drift * np.sin(2 * np.pi * seconds / 5)).astype(np.float32)
    without = remove_offset(speech + offset)
    assert abs(without.mean()) < 1e-4
    assert np.corrcoef(without, speech)[0, 1] > 0.99


@pytest.mark.parametrize("name", [*NAMES, "sil1_noise", "music1_hold"])
def test_a_recording_without_an_offset_stays_the_same_to_the_last_bit(name: str) -> None:
    sound = voice(name)
    assert remove_offset(sound) is sound


def test_an_offset_in_one_channel_is_not_taken_for_sound() -> None:
    silence = np.full_like(VOICE, 0.2)
    np.testing.assert_allclose(decode(stereo(silence, VOICE)), VOICE, atol=1e-4)
