"""Recordings as a page plays and draws them."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sounds import TELEPHONE_RATE, wav

from vm_mcp.audio import SAMPLE_RATE, sound_peaks, to_playable
from vm_mcp.errors import AudioDecodeError
from vm_mcp.inbox import playing


def tone(seconds: float, rate: int, hertz: float = 440.0, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def heard(mulaw: bytes) -> np.ndarray:
    """Return the samples that a player makes of mu-law, by the textbook of ITU-T G.711."""
    inverted = ~np.frombuffer(mulaw, np.uint8).astype(np.int32) & 255
    magnitude = (((inverted & 15) << 3) + 132 << ((inverted & 112) >> 4)) - 132
    return np.where(inverted & 128, -magnitude, magnitude) / 32768


@pytest.mark.parametrize(("rate", "played_rate"), [(8_000, 8_000), (16_000, 16_000), (44_100, 16_000)])
def test_a_player_hears_what_was_recorded_at_no_less_than_the_rate_of_a_telephone(rate: int, played_rate: int) -> None:
    played = to_playable(wav(tone(1, rate) * 32_767, rate))
    assert (played.sample_rate, len(played.mulaw)) == (played_rate, played_rate)
    middle = slice(played_rate // 10, -played_rate // 10)  # resampling rounds the ends
    assert np.abs(heard(played.mulaw) - tone(1, played_rate))[middle].max() < 0.03


def test_quiet_speech_keeps_its_shape() -> None:
    played = heard(to_playable(wav(tone(1, 8_000, level=0.01) * 32_767, TELEPHONE_RATE)).mulaw)[800:-800]
    assert np.abs(played - tone(1, 8_000, level=0.01)[800:-800]).max() < 0.001


def test_what_warms_the_decoder_up_is_a_sound_that_it_takes() -> None:
    assert to_playable(playing._SILENCE).mulaw == b"\xff" * 800
    playing.warm_up()


def test_an_empty_recording_has_no_sample() -> None:
    assert to_playable(wav(np.zeros(0), TELEPHONE_RATE)).mulaw == b""


def test_bytes_that_are_no_audio_are_refused() -> None:
    with pytest.raises(AudioDecodeError):
        to_playable(b"<html>not found</html>")


def test_peaks_show_where_somebody_speaks() -> None:
    sound = np.concatenate([np.zeros(SAMPLE_RATE), tone(2, SAMPLE_RATE), np.zeros(SAMPLE_RATE)]).astype(np.float32)
    drawn = base64.b64decode(sound_peaks(sound))
    assert len(drawn) == 200
    assert set(drawn[:49]) == set(drawn[-49:]) == {0}
    assert set(drawn[51:149]) == {255}


def test_noise_is_drawn_as_faint() -> None:
    assert max(base64.b64decode(sound_peaks(np.full(4_000, 0.001, np.float32)))) < 20


@given(st.lists(st.floats(-1, 1, width=32), max_size=1_000))
def test_any_sound_has_at_most_two_hundred_peaks(samples: list[float]) -> None:
    drawn = base64.b64decode(sound_peaks(np.array(samples, np.float32)))
    assert len(drawn) == min(200, len(samples))
