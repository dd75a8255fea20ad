"""What the caller's telephone sends: a recording, quieter or noisier, with tones of keys, and the files for it."""

import wave
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from vm_mcp.audio import Samples
    from vm_mcp.audio.samples import Channels

Keyed = tuple[tuple[float, str], ...]
"""Keys that are pressed, each with its seconds after the recording began."""

_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)  # Hz, ITU-T Q.23
_KEYS = ("123A", "456B", "789C", "*0#D")
_TONE_SECONDS, _TONE_LEVEL = 0.12, 0.2
_FULL = 32_767


def tone(key: str) -> "Samples":
    """Return the tone of a key, as a telephone sends it."""
    row = next(index for index, keys in enumerate(_KEYS) if key in keys)
    times = np.arange(round(_TONE_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    waves = [np.sin(2 * np.pi * hertz * times) for hertz in (_ROWS[row], _COLUMNS[_KEYS[row].index(key)])]
    return (_TONE_LEVEL * (waves[0] + waves[1])).astype(np.float32)


def with_tones(sound: "Samples", keyed: Keyed) -> "Samples":
    """Return a sound in which the tones of keys stand in place of whatever it holds at those times."""
    ends = [round(at * SAMPLE_RATE) for at, _ in keyed]
    mixed = np.pad(sound, (0, max(0, max(ends, default=0) + SAMPLE_RATE - len(sound))))
    for start, (_, key) in zip(ends, keyed, strict=True):
        played = tone(key)
        mixed[start : start + len(played)] = played
    return mixed


def with_noise(sound: "Samples", signal_to_noise_db: float) -> "Samples":
    """Return a sound with steady noise, so many decibels below its loud parts."""
    loud = float(np.sqrt(np.quantile(sound**2, 0.9)))
    steady = np.random.default_rng(1).normal(size=len(sound)) * loud * 10 ** (-signal_to_noise_db / 20)
    return (sound + steady).astype(np.float32)


def at_half_rate(sound: "Samples") -> "Samples":
    """Return a sound at half of its rate, without what lies above the frequencies that this holds."""
    even = sound[: len(sound) // 4 * 4]
    return (np.fft.irfft(np.fft.rfft(even)[: len(even) // 4 + 1], len(even) // 2) / 2).astype(np.float32)


def read(path: Path) -> "Channels":
    """Return the channels of a WAV file of 16 bits, at its own rate, of shape (channels, samples)."""
    with wave.open(str(path), "rb") as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return data.reshape(-1, file.getnchannels()).T.astype(np.float32) / np.float32(_FULL)


def write(path: Path, channels: Iterable["Samples"], rate: int = SAMPLE_RATE) -> None:
    """Write a WAV file of 16 bits, whose channels are made equally long with silence."""
    sounds = list(channels)
    longest = max(map(len, sounds))
    columns = np.stack([np.pad(sound, (0, longest - len(sound))) for sound in sounds], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sounds))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((columns.clip(-1, 1) * _FULL).astype("<i2").tobytes())
