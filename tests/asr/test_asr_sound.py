"""The real base weights get the words of a recording whatever its channels, its offset and its format are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import jiwer
import numpy as np
import pytest
from support.sounds import encoded, noise, stereo, voice

from vm_mcp.asr import TranscribeOptions, Transcriber, open_transcriber
from vm_mcp.audio import SAMPLE_RATE, Samples
from vm_mcp.config import Settings
from vm_mcp.text import fold_words

pytestmark = [pytest.mark.anyio, pytest.mark.model, pytest.mark.thorough]

NAMES = ("tr04_adres", "en03_dentist")
QUIET = 0.05
CLEAN = "clean"
LATER = SAMPLE_RATE * 120 // 1_000

Change = Callable[[Samples], bytes]
CHANGES: dict[str, Change] = {
    CLEAN: lambda sound: stereo(sound, sound),
    "inverted": lambda sound: stereo(sound, -sound),
    "120 ms later": lambda sound: stereo(np.pad(sound, (0, LATER)), np.pad(sound, (LATER, 0))),
    "later, inverted, fainter": lambda sound: stereo(np.pad(sound, (0, LATER)), -0.5 * np.pad(sound, (LATER, 0))),
    "the other silent": lambda sound: stereo(np.zeros_like(sound), sound),
    "the other noise": lambda sound: stereo(sound, noise(len(sound), -26)),
    "offset": lambda sound: stereo(*[QUIET * sound / np.abs(sound).max() + 0.1] * 2),
    "drifting offset": lambda sound: stereo(*[QUIET * sound / np.abs(sound).max() + _drift(len(sound))] * 2),
    "zeros before MP3": lambda sound: bytes(731) + encoded(sound, "mp3", "libmp3lame", SAMPLE_RATE),
    "ADTS": lambda sound: encoded(sound, "adts", "aac", SAMPLE_RATE),
}


def _drift(length: int) -> Samples:
    return (0.1 * np.cos(2 * np.pi * np.arange(length) / (7 * SAMPLE_RATE))).astype(np.float32)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def engine(data_dir: Path) -> AsyncIterator[Transcriber]:
    transcriber = open_transcriber(Settings(model="base", device="cpu", data_dir=data_dir))
    yield transcriber
    await transcriber.aclose()


async def words(engine: Transcriber, recording: bytes) -> str:
    return fold_words((await engine.transcribe(recording, TranscribeOptions())).text)


@pytest.fixture(scope="module")
async def heard(engine: Transcriber) -> dict[str, list[str]]:
    """The words of each recording, by the change: at once, because the engine batches what waits together."""
    sounds = [voice(name) for name in NAMES]
    recordings = {change: [make(sound) for sound in sounds] for change, make in CHANGES.items()}
    texts = await asyncio.gather(*(words(engine, recording) for made in recordings.values() for recording in made))
    return {change: texts[place * len(NAMES) :][: len(NAMES)] for place, change in enumerate(recordings)}


@pytest.mark.parametrize("change", [change for change in CHANGES if change != CLEAN])
async def test_words_are_those_of_the_clean_recording(heard: dict[str, list[str]], change: str) -> None:
    """An echo of 120 ms changed half of them, and an offset or an inverted channel left none."""
    assert jiwer.wer(heard[CLEAN], heard[change]) < 0.25


async def test_both_sides_of_a_call_are_heard(engine: Transcriber) -> None:
    first, second = voice("en02_invoice"), voice("en01_callback")
    left, right = np.pad(first, (0, len(second))), np.pad(second, (len(first), 0))
    both = await words(engine, stereo(left, 0.3 * right))
    assert all(said in both for said in ("david turner", "monday", "sarah mitchell", "call me back"))
