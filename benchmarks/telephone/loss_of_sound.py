"""How much of what a caller said is missing in a recording: cut by whoever sent, carried or recorded it."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

Levels = npt.NDArray[np.float64]
"""Of frames, in decibels."""

_FRAME = SAMPLE_RATE // 50
"""20 ms, as a packet."""
_LOUD_DB = 25.0
"""Below the loudest frames: what is louder is speech, and what is quieter a pause."""
_MISSING_DB = 35.0
_SILENT_DB = -80.0
"""Below full scale: the smallest step of A-law is at -78 dB."""
_NEAR = 5
"""Frames by which a delay may change in a call: what is a tenth of a second early or late is not missing."""
_SILENCE = 1e-5


def cut_milliseconds(sent: "Samples", received: "Samples") -> tuple[int, int]:
    """Return how much of the speech that was sent is silence in what was received, and how much was sent.

    Single lost packets don't count: an agent repeats what it has, so that there is a sound in their place.
    """
    said, heard = _levels(sent), _levels(received)
    if not len(said) or not len(heard):
        return 0, 0
    loud = said > np.quantile(said, 0.98) - _LOUD_DB
    heard_there = _most_near(_shifted(heard, _delay(said, heard), len(said)))
    missing = loud & (heard_there < max(np.quantile(heard, 0.98) - _MISSING_DB, _SILENT_DB))
    return int(missing.sum()) * 20, int(loud.sum()) * 20


def _levels(sound: "Samples") -> Levels:
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.asarray(20 * np.log10(frames.std(axis=1) + _SILENCE), np.float64)


def _delay(said: Levels, heard: Levels) -> int:
    """Return how many frames later what was said is heard: where the two resemble each other most."""
    products = np.correlate(heard - heard.mean(), said - said.mean(), "full")
    return int(products.argmax()) - (len(said) - 1)


def _shifted(levels: Levels, frames: int, length: int) -> Levels:
    """Return levels from some frame on, as many as asked for, silent before and after."""
    silent = 20 * np.log10(_SILENCE)
    padded = np.pad(levels, (max(0, -frames), max(0, length)), constant_values=silent)
    start = max(0, frames)
    return padded[start : start + length]


def _most_near(levels: Levels) -> Levels:
    padded = np.pad(levels, _NEAR, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR + 1).max(axis=1))
