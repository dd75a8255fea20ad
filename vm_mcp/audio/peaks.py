"""How loud a recording is from its beginning to its end, for a picture of it."""

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vm_mcp.audio.samples import Samples

MOST_PEAKS = 200
"""More than a narrow screen can show, and few enough to be kept with every transcript."""
_FULL = 255
_FAINT = 0.02
"""Fraction of full scale: a recording that never exceeds it is drawn as faint, or noise would look like speech."""


def sound_peaks(sound: "Samples") -> str:
    """Return the loudest moment of each of up to `MOST_PEAKS` equal parts of a sound.

    Args:
        sound: Of shape (samples,).

    Returns:
        Base64 of one byte for each part, 0 to 255, the loudest of all being 255; empty if there is no sound.
    """
    import numpy as np

    if not len(sound):
        return ""
    starts = np.linspace(0, len(sound), min(MOST_PEAKS, len(sound)), endpoint=False).astype(np.intp)
    loudest = np.maximum.reduceat(np.abs(sound), starts)
    scaled = loudest * (_FULL / max(float(loudest.max()), _FAINT))
    return base64.b64encode(np.rint(scaled).astype(np.uint8).tobytes()).decode()
