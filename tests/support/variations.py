"""Variations of a recording that no listener could tell apart.

What Whisper recognises may depend on the last digit of a processor's arithmetic, as it may on half a decibel. A test
that holds for all variations of a recording, or for most of them, holds on any processor.
"""

import io
import wave
from collections.abc import Iterable

import numpy as np

from vm_mcp import audio
from vm_mcp.models import Transcript
from vm_mcp.text import fold_words

# Decibels louder, samples later. Where a quiet recording is raised to the usual level, the gain changes only rounding.
_CHANGES = ((-0.5, 57), (1.0, 131))
_NOISE = 10 ** (-70 / 20)


def variations(recording: bytes) -> list[bytes]:
    """Return the recording itself, then two WAV files with another level, a later start and faint noise."""
    samples = audio.decode(recording)
    return [recording, *(wav(_changed(samples, gain, later)) for gain, later in _CHANGES)]


def missing_in_half(phrases: Iterable[str], transcripts: list[Transcript]) -> list[str]:
    """Return the folded phrases that are missing in half of the transcripts or more."""
    texts = [fold_words(transcript.text) for transcript in transcripts]
    return [phrase for phrase in phrases if 2 * sum(phrase in text for text in texts) <= len(texts)]


def _changed(samples: "audio.Samples", gain: float, later: int) -> "audio.Samples":
    louder = np.pad(samples, (later, 0)) * 10 ** (gain / 20)
    return (louder + _NOISE * np.random.default_rng(later).normal(size=len(louder))).astype(np.float32)


def wav(samples: "audio.Samples") -> bytes:
    """Return samples as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.SAMPLE_RATE)
        file.writeframes((samples.clip(-1, 1) * 0x7FFF).astype("<i2").tobytes())
    return buffer.getvalue()
