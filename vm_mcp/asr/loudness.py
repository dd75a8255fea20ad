"""Makes quiet speech as loud as speech mostly is: what the model hears depends on it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_USUAL = 0.5
"""Of full scale. At a fiftieth of it, 31 words in a hundred were wrong, and 23 once raised to it; more brings none."""
_CLICKS = 0.001
"""Of the samples, which may be louder and are then cut off: a click is no voice."""


def raise_level(sound: "Samples") -> "Samples":
    """Multiply sound that is quieter than usual until it is not; louder sound is returned as it is."""
    import numpy as np

    loudest = float(np.quantile(np.abs(sound), 1 - _CLICKS)) if len(sound) else 0.0
    if not 0 < loudest < _USUAL:
        return sound
    raised: Samples = np.clip(sound * np.float32(_USUAL / loudest), -1, 1)
    return raised
