"""How alike two decoded recordings are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_FARTHEST = 0.3
"""Seconds by which one may be later than the other: codecs delay, and not every decoder takes that back."""
_JOINT = 0.4
"""Seconds by which one made of two may be longer: what both encoders need to begin."""
LENGTH, LEVEL, LIKENESS = 0.1, 0.5, 0.98
"""How many seconds and decibels two decoders may differ by, and how much of the sound must be the same."""


@dataclass(frozen=True)
class Likeness:
    """What one decoded recording is beside another."""

    seconds: float
    """By how much it is longer."""
    decibels: float
    """By how much it is louder."""
    correlation: float
    """Of the samples, where they fit best: 1 if they are the same."""
    later: float
    """Seconds by which it is later there."""

    def is_same(self, *, is_joined: bool = False) -> bool:
        """Return whether both decoders heard the same; of recordings made of two, whether as long and as loud."""
        if is_joined:
            return abs(self.seconds) <= _JOINT and abs(self.decibels) <= LEVEL
        is_long = abs(self.seconds) <= LENGTH
        return is_long and abs(self.decibels) <= LEVEL and self.correlation >= LIKENESS


def compare(ours: "Samples", theirs: "Samples") -> Likeness:
    """Return what our samples are beside those of another decoder."""
    length = max(len(ours), len(theirs), 1)
    spectra = [np.fft.rfft(each, 2 * length) for each in (ours, theirs)]
    products = np.fft.irfft(spectra[0] * spectra[1].conj())
    farthest = round(_FARTHEST * SAMPLE_RATE)
    near = np.concatenate([products[-farthest:], products[: farthest + 1]])
    best = int(np.argmax(near))
    norms = float(np.linalg.norm(ours) * np.linalg.norm(theirs))
    return Likeness(
        seconds=(len(ours) - len(theirs)) / SAMPLE_RATE,
        decibels=_decibels(ours) - _decibels(theirs),
        correlation=float(near[best]) / norms if norms else 0.0,
        later=(best - farthest) / SAMPLE_RATE,
    )


def _decibels(sound: "Samples") -> float:
    """Return the level of a whole sound; its energy, so that silence at an end does not count."""
    return 10 * float(np.log10(max(float(np.square(sound, dtype=np.float64).sum()), 1e-12)))
