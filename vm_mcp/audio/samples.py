"""The form of all sound here."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"
"""Mono sound at `SAMPLE_RATE`, from -1 to 1, of shape (samples,)."""
Channels: TypeAlias = "npt.NDArray[np.float32]"
"""The same, of shape (channels, samples)."""

SAMPLE_RATE = 16_000
"""Hz. Every speech engine here takes this rate."""
