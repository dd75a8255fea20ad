"""From sound to the feature frames that Whisper's encoder reads."""

from typing import TYPE_CHECKING, Any

from vm_mcp.asr.loudness import raise_level
from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

    from vm_mcp.audio import Samples

FRAMES_PER_SECOND = 100
FULL_FRAMES = 3000
"""The 30 s that the model was trained on."""
PADDING = 2.0
"""Seconds of silence after the speech. With 1 s the model loses words that it gets with 2 s; 3 s gain none."""

_HOP = SAMPLE_RATE // FRAMES_PER_SECOND


def short_frames(seconds: float, step: int) -> int:
    """Return how many frames the encoder needs for some seconds of speech, `PADDING` included: a multiple of a step.

    The encoder's time grows with the frames (521 ms for 3000, 40 ms for 600), so it gets no more than the speech needs.
    """
    frames = (seconds + PADDING) * FRAMES_PER_SECOND
    return min(FULL_FRAMES, -int(-frames // step) * step)


class FeatureFrames:
    """Computes mel spectrograms, as faster-whisper does.

    Args:
        n_mels: Features per frame, 80 or 128, as the model was trained.
    """

    def __init__(self, n_mels: int) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        self._extractor = FeatureExtractor(feature_size=n_mels)

    def compute(self, sound: "Samples", frames: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Return the features of some sound and the silence after it, as an array of shape (1, n_mels, frames).

        Args:
            sound: Mono samples at `SAMPLE_RATE`, no longer than the frames.
            frames: Number of frames to return.
        """
        import numpy as np

        padded = np.zeros(frames * _HOP, np.float32)
        padded[: len(sound)] = raise_level(sound)
        return np.ascontiguousarray(self._extractor(padded, padding=0)[np.newaxis, :, :frames], np.float32)
