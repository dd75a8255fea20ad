"""Which keys a caller pressed, by their tones, and that nothing else is taken for one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sounds import VOICES, encoded, noise, voice
from telephone.sounds import tone, with_tones

from vm_mcp.asr.key_tones import _key_frames, find_key_tones, pressed_keys, without_tones
from vm_mcp.audio import SAMPLE_RATE, Samples, decode

PAUSE = np.zeros(round(0.06 * SAMPLE_RATE), np.float32)


def pressed(keys: str, later: int = 0) -> Samples:
    tones = [part for key in keys for part in (tone(key), PAUSE)]
    return np.concatenate([np.zeros(later, np.float32), *tones])


def keys_in(sound: Samples) -> str:
    return "".join(found.key for found in find_key_tones(sound))


@given(keys=st.text("0123456789*#ABCD", min_size=1, max_size=24), later=st.integers(0, 400), seed=st.integers(0, 9))
def test_any_keys_are_found_whenever_they_were_pressed_and_on_a_noisy_line(keys: str, later: int, seed: int) -> None:
    sound = pressed(keys, later)
    assert keys_in(sound) == keys
    assert keys_in(sound + noise(len(sound), -40, seed)) == keys


@given(key=st.sampled_from("0123456789*#ABCD"), begins=st.integers(800, 1_200), later=st.integers(0, 159))
def test_a_key_counts_once_though_a_packet_of_it_was_lost(key: str, begins: int, later: int) -> None:
    sound = pressed(key, later)
    sound[later + begins - 480 : later + begins - 160] = 0
    assert keys_in(sound) == key


@given(key=st.sampled_from("0123456789*#ABCD"), later=st.integers(0, 159))
def test_a_key_counts_twice_after_the_shortest_pause(key: str, later: int) -> None:
    pause = np.zeros(round(0.04 * SAMPLE_RATE), np.float32)
    assert keys_in(np.concatenate([np.zeros(later, np.float32), tone(key), pause, tone(key), pause])) == key * 2


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "adpcm_ima_wav"])
def test_keys_are_found_behind_a_telephones_codec(codec: str) -> None:
    assert keys_in(decode(encoded(pressed("05324172893#", 1_000), "wav", codec))) == "05324172893#"


@pytest.mark.parametrize("file", [path.stem for path in sorted(VOICES.glob("*_*.*")) if path.suffix != ".md"])
def test_no_voice_music_or_noise_is_a_key(file: str) -> None:
    assert find_key_tones(voice(file)) == []


def test_two_moments_that_sound_like_a_key_are_none() -> None:
    """Each fills one frame; in those between, its tones cancel each other."""
    moment = tone("5")[:480]
    sound = np.concatenate([noise(4_800, -10, 1), moment, -moment, noise(4_800, -10, 2)])
    assert [key for _, key in _key_frames(sound)] == ["5", "5"]
    assert find_key_tones(sound) == []


@given(st.integers(0, 2 * SAMPLE_RATE))
def test_a_sound_of_any_length_is_searched(length: int) -> None:
    assert find_key_tones(np.zeros(length, np.float32)) == []


def test_keys_in_a_long_recording_have_their_places() -> None:
    sound = np.zeros(70 * SAMPLE_RATE, np.float32)
    # On both sides of the end of half a minute, where one block of samples ends and the next begins.
    found = find_key_tones(with_tones(sound, ((29.95, "1"), (30.2, "2"), (60.0, "3"))))
    assert [key.key for key in found] == ["1", "2", "3"]
    assert [key.start / SAMPLE_RATE for key in found] == pytest.approx([29.95, 30.2, 60.0], abs=0.02)
    assert [key.end / SAMPLE_RATE for key in found] == pytest.approx([30.07, 30.32, 60.12], abs=0.02)


def test_keys_belong_together_until_a_pause_of_seconds() -> None:
    sound = with_tones(np.zeros(9 * SAMPLE_RATE, np.float32), ((1.0, "0"), (3.0, "5"), (8.0, "#")))
    groups = pressed_keys(find_key_tones(sound))
    assert [group.keys for group in groups] == ["05", "#"]
    assert [group.start_seconds for group in groups] == pytest.approx([1.0, 8.0], abs=0.02)


def test_tones_become_silent_and_the_rest_stays_as_it_was() -> None:
    speech = voice("tr01_randevu")
    keyed = with_tones(speech, ((2.0, "7"),))
    silenced = without_tones(keyed, find_key_tones(keyed))
    assert not silenced[round(2.005 * SAMPLE_RATE) : round(2.115 * SAMPLE_RATE)].any()
    changed = np.flatnonzero(silenced != speech) / SAMPLE_RATE
    assert changed.min() > 1.98
    assert changed.max() < 2.14
    assert without_tones(speech, []) is speech
