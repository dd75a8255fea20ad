"""Finds the keys that a caller pressed, by their tones, which nothing must take for speech.

A key sounds as two tones, one for its row and one for its column (DTMF, ITU-T Q.23). Keys that a telephone sends as
events (RFC 4733) leave no tones in a recording.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import PressedKeys

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vm_mcp.audio import Samples

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
"""Hz."""
_KEYS = "123A456B789C*0#D"
_FRAME, _STEP = 480, 160
"""Samples of a frame, 30 ms, and from one frame to the next."""
_FRAMES_TOGETHER = 3_000
"""Half a minute: the samples of a frame are copied for each, three times as many as there are."""
_PURE = 0.8
"""Fraction of a frame's power that is in its two tones. In tones that came through G.711 it was 0.97 and more; in an
hour of speech and music no three frames in a row reached it."""
_MOST_TWIST = 10.0
"""Ratio of the powers of the two tones: 10 dB. Receivers accept 8 dB at most (ITU-T Q.24)."""
_LEAST_POWER = 1e-6
"""Mean square of the samples of a frame: -60 dB."""
_LEAST_FRAMES = 3
"""The shortest tone that receivers accept, 40 ms, fills three frames to the better part."""
_MOST_APART = 5
"""Frames from one to the next within one tone, which noise interrupts, or the silence that a lost packet of 20 ms
leaves: 4 or 5. The shortest pause between keys that receivers accept, 40 ms (ITU-T Q.24), makes it 6."""
_PAUSE_SECONDS = 4.0
"""Pause up to which keys belong together."""


class KeyTone(NamedTuple):
    """The tone of a key, from one sample to before another."""

    key: str
    start: int
    end: int


def find_key_tones(samples: "Samples") -> list[KeyTone]:
    """Return the tones of keys in a recording, in order."""
    runs: list[tuple[str, list[int]]] = []
    for index, key in _key_frames(samples):
        if runs and runs[-1][0] == key and index - runs[-1][1][-1] <= _MOST_APART:
            runs[-1][1].append(index)
        else:
            runs.append((key, [index]))
    return [
        KeyTone(key, frames[0] * _STEP, frames[-1] * _STEP + _FRAME)
        for key, frames in runs
        if len(frames) >= _LEAST_FRAMES
    ]


def pressed_keys(tones: Sequence[KeyTone]) -> tuple[PressedKeys, ...]:
    """Return the keys that were pressed, those together that follow each other within some seconds."""
    groups: list[list[KeyTone]] = []
    for tone in tones:
        if groups and tone.start - groups[-1][-1].end <= _PAUSE_SECONDS * SAMPLE_RATE:
            groups[-1].append(tone)
        else:
            groups.append([tone])
    return tuple(
        PressedKeys(
            keys="".join(tone.key for tone in group),
            start_seconds=round(group[0].start / SAMPLE_RATE, 2),
            end_seconds=round(group[-1].end / SAMPLE_RATE, 2),
        )
        for group in groups
    )


def without_tones(samples: "Samples", tones: Sequence[KeyTone]) -> "Samples":
    """Return a recording with silence in place of tones; the same array if there are none."""
    if not tones:
        return samples
    silenced = samples.copy()
    for tone in tones:
        silenced[tone.start : tone.end] = 0
    return silenced


def _key_frames(samples: "Samples") -> Iterator[tuple[int, str]]:
    """Yield the indices of the frames that hold the tones of a key, and nothing else, with that key."""
    import numpy as np

    size = _FRAMES_TOGETHER * _STEP
    for block in range(0, max(0, len(samples) - _FRAME + 1), size):
        keys = _keys(samples[block : block + size + _FRAME - _STEP])
        for index in np.flatnonzero(keys >= 0):
            yield block // _STEP + int(index), _KEYS[keys[index]]


def _keys(sound: "Samples") -> "npt.NDArray[np.intp]":
    """Return for each frame of a sound the index of the key whose tones fill it; -1: none do."""
    import numpy as np

    window = np.hanning(_FRAME).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::_STEP] * window
    turns = np.outer(np.arange(_FRAME), (*_ROWS, *_COLUMNS)) / SAMPLE_RATE
    # Of a sine of power p, a product with the window and the same sine has p * (sum of the window)² / 2.
    powers = np.abs(frames @ np.exp(-2j * np.pi * turns).astype(np.complex64)) ** 2 * 2 / window.sum() ** 2
    rows, columns = powers[:, : len(_ROWS)], powers[:, len(_ROWS) :]
    row, column = rows.max(axis=1), columns.max(axis=1)
    power = np.einsum("ij,ij->i", frames, frames) / (window @ window)
    is_key = (power > _LEAST_POWER) & (row + column > _PURE * power)
    is_key &= (row < _MOST_TWIST * column) & (column < _MOST_TWIST * row)
    return np.where(is_key, rows.argmax(axis=1) * len(_COLUMNS) + columns.argmax(axis=1), -1)
