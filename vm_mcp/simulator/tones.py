"""Recordings that are generated: a second of sound each, of which every message has its own."""

import math
import struct
from functools import cache
from hashlib import sha256
from pathlib import Path

from vm_mcp.simulator.voicebank import Voice

_RATE, _PITCH, _LOUDNESS = 8_000, 440.0, 6_000
_MARK_BYTES = 32
_CONSONANTS, _VOWELS = "bcdfghjklmnprstv", "aeıioöuü"
_SYLLABLES, _WORDS = 3, 4


class Tone(Voice):
    """A second of a tone whose last samples are the digest of its name, so that no two messages sound the same."""

    def read(self) -> bytes:
        """Return the recording as a WAV file, 16 kB. All but its end is shared by all."""
        return _beginning() + sha256(self.name.encode()).digest()


def tone(uuid: str) -> Tone:
    """Return the recording of a message, in which nobody speaks."""
    return Tone(uuid, Path("tone.wav"), 1.0, language="", text="", names=(), phones=(), origin="generated")


def tone_text(recording: bytes) -> str:
    """Return what a scripted engine hears in a `Tone`: four words, the same for the same recording and no other."""
    mark = iter(recording[-_MARK_BYTES:])
    return " ".join("".join(_syllable(next(mark)) for _ in range(_SYLLABLES)) for _ in range(_WORDS))


def _syllable(byte: int) -> str:
    return _CONSONANTS[byte >> 4] + _VOWELS[byte & 7]


@cache
def _beginning() -> bytes:
    marked = _MARK_BYTES // 2
    turn = 2 * math.pi * _PITCH / _RATE
    samples = [round(_LOUDNESS * math.sin(turn * index)) for index in range(_RATE - marked)]
    sound = struct.pack(f"<{len(samples)}h", *samples)
    size = len(sound) + _MARK_BYTES
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, 2 * _RATE, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + layout + struct.pack("<4sI", b"data", size) + sound
