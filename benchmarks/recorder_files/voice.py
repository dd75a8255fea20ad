"""The message that is recorded: one of the demo's, and the same with two speakers."""

import io
import wave
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from vm_mcp.audio import SAMPLE_RATE, decode

_VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
TELEPHONE = 8_000


def wav(samples: "npt.NDArray[np.int16]", rate: int) -> bytes:
    """Return a plain WAV file of 16 bits: samples of shape (samples,) or (samples, channels)."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


@dataclass(frozen=True)
class Voice:
    """A message."""

    name: str

    @cached_property
    def file(self) -> bytes:
        """The recording that the demo ships."""
        [found] = _VOICES.glob(f"{self.name}.*")
        return found.read_bytes()

    @cached_property
    def samples(self) -> "npt.NDArray[np.float32]":
        """The sound, at `SAMPLE_RATE`."""
        return decode(self.file)

    def pcm(self, rate: int = TELEPHONE) -> "npt.NDArray[np.int16]":
        """Return the sound at a rate, as samples of 16 bits."""
        frame = av.AudioFrame.from_ndarray(self.samples[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        frames = [*resampler.resample(frame), *resampler.resample(None)]
        return np.concatenate([each.to_ndarray().reshape(-1) for each in frames]).astype(np.int16)

    def wav(self, rate: int = TELEPHONE) -> bytes:
        """Return the sound at a rate as a plain WAV file."""
        return wav(self.pcm(rate), rate)


CALLER, CALLEE = Voice("tr01_randevu"), Voice("tr02_geri_ara")


def legs(rate: int = TELEPHONE) -> bytes:
    """Return a stereo WAV file: the caller left, the other side right, one after the other."""
    left, right = CALLER.pcm(rate), CALLEE.pcm(rate)
    both = np.zeros((len(left) + len(right), 2), np.int16)
    both[: len(left), 0], both[len(left) :, 1] = left, right
    return wav(both, rate)
