"""Which texts are trusted, and what is told of the rest of a recording."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vm_mcp import audio
from vm_mcp.asr.discarded import sift
from vm_mcp.asr.sound_stretches import Stretch, find_sounds
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Segment, Untranscribed, Word

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
MANIFEST = json.loads((VOICES / "voices.json").read_text(encoding="utf-8"))
SECONDS = 9.0
ALL = Untranscribed(kind="speech", start_seconds=0, end_seconds=SECONDS)
RNG = np.random.default_rng(1)


def voice() -> "Samples":
    samples = audio.decode((VOICES / MANIFEST["tr01_randevu"]["file"]).read_bytes())
    return samples[: round(SECONDS * SAMPLE_RATE)]


def noise(seconds: float, level_db: float) -> "Samples":
    return RNG.normal(0, 10 ** (level_db / 20), round(seconds * SAMPLE_RATE)).astype(np.float32)


def segment(text: str, avg_logprob: float = -0.5, *, seconds: float = SECONDS, last_at: float = 8.0) -> Segment:
    """Return a segment whose words are spread evenly up to the last one, two tokens each."""
    said = text.split()
    starts = np.linspace(0, last_at, len(said))
    words = [
        Word(text=word, start_seconds=start, end_seconds=start + 0.3, probability=0.5, tokens=2)
        for word, start in zip(said, starts.tolist(), strict=True)
    ]
    return Segment(
        text=text,
        start_seconds=0,
        end_seconds=seconds,
        avg_logprob=avg_logprob,
        no_speech_prob=0.2,
        words=tuple(words),
    )


MANY = "merhaba ben ayşe yılmaz yarın saat on dörtteki randevumu iptal etmek istiyorum"


@pytest.mark.parametrize("logprob", [-0.3, -0.9, -1.05])
def test_a_text_as_long_as_what_was_spoken_is_kept(logprob: float) -> None:
    said = segment(MANY, logprob)
    assert sift([said], voice()) == ([said], ())


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(segment("Teşekkürler.", -0.86), id="one word for nine seconds"),
        pytest.param(segment("Evet. Evet.", -1.05), id="two"),
        pytest.param(segment(MANY, -1.3), id="guessed"),
        pytest.param(segment("Ne oluyor ya? " * 5, -0.95), id="the same again and again"),
        pytest.param(segment("Altyazı M.K."), id="subtitle credits"),
        pytest.param(segment(""), id="nothing"),
    ],
)
def test_a_text_that_does_not_fit_what_was_spoken_is_speech_not_understood(said: Segment) -> None:
    assert sift([said], voice()) == ([], (ALL,))


@pytest.mark.parametrize("text", ["Alo.", "Alo. Alo. Alo."])
def test_a_short_message_is_kept_however_doubtful(text: str) -> None:
    said = segment(text, -1.6, seconds=2.0, last_at=1.0)
    assert sift([said], voice()[: 2 * SAMPLE_RATE]) == ([said], ())


def test_a_text_that_ends_early_is_kept_and_the_rest_is_told() -> None:
    said = segment("Selam, Murat Bey ben.", -0.6, last_at=2.0)
    [kept], [rest] = sift([said], voice())
    assert kept == said
    assert (rest.kind, rest.start_seconds, rest.end_seconds) == ("speech", 3.0, SECONDS)


def test_a_number_written_in_digits_takes_its_time() -> None:
    said = segment("Numaram 0532 417 2893.", -0.6, last_at=2.0)
    assert sift([said], voice()) == ([said], ())


def test_a_discarded_text_over_music_is_a_sound() -> None:
    times = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    tone = (0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
    sound = Untranscribed(kind="sound", start_seconds=0, end_seconds=SECONDS)
    assert sift([segment("Altyazı M.K.")], tone) == ([], (sound,))
    assert sift([], tone) == ([], (sound,))


def test_silence_and_a_quiet_line_are_nothing() -> None:
    assert sift([], np.zeros(SAMPLE_RATE * 5, np.float32)) == ([], ())
    assert sift([], noise(5, -55)) == ([], ())
    assert sift([], np.full(SAMPLE_RATE * 5, 0.3, np.float32)) == ([], ())
    assert sift([], np.zeros(0, np.float32)) == ([], ())


def test_a_knock_is_nothing_and_a_ringing_tone_one_sound() -> None:
    knock = np.concatenate([noise(2, -60), noise(0.3, -10), noise(3, -60)])
    assert find_sounds(knock, []) == []
    ringing = np.concatenate([np.concatenate([noise(1, -20), noise(4, -60)]) for _ in range(3)])
    assert find_sounds(ringing, []) == [Stretch(0, 11)]


def test_sounds_are_looked_for_outside_of_speech_only() -> None:
    loud = noise(20, -25)
    assert find_sounds(loud, [Stretch(4, 10), Stretch(11, 19)]) == [Stretch(0, 4)]
