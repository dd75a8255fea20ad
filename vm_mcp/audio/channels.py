"""From the channels of a recording to the one sound that is transcribed.

A mean of two channels will not do. Where one is the other's inverse, nothing is left of the voice; where the same voice
comes later in one of them, half of its words become wrong; and noise in one covers the voice in the other. So channels
are compared first: of two with the same voice the better one is taken, and two with different voices are added.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from vm_mcp.audio.samples import Samples

    _Values = npt.NDArray[np.float32]
    """One value each of some blocks or frames."""

_OFFSET_STEP = 1_600
"""Samples over which the offset is measured, a tenth of a second: the lowest voice swings eight times in it."""
_STEPS_TOGETHER = 5
_LEAST_OFFSET, _RELATIVE_OFFSET = 0.0005, 0.05
"""An offset is removed if it is more than twice the smallest step of A-law and a twentieth of the sound's level. In 299
recordings without one it was a fiftieth at most: they stay the same to the last bit."""

_BLOCK = 8_192
"""Samples, at half of the rate, in which two channels are compared: a second, in which a voice is still found if it
comes up to half a second later."""
_MOST_BLOCKS = 32
"""Blocks of each channel that are compared, the loudest."""
_SAME = 0.35
"""Correlation from which a block of both channels holds the same voice. Different voices reached 0.31 in 378 blocks. Of
blocks with the same voice 120 ms later, under noise at 15 and 10 dB, three in a hundred stayed below."""
_AS_LOUD = 0.4
"""How loud a voice must be in the other channel too, each measured by its usual level: crosstalk is fainter."""
_CROSSTALK = 1.4
"""How much the ratio of the two levels may change, as a natural logarithm: 12 dB. With crosstalk it changes more, since
each voice is louder in its own channel."""
_NEARLY_ALL = 0.75
"""Fraction of a channel's sound from which it may be left out, if the other holds the same."""
_TINY = 1e-12
_FRAME = 80
"""Samples, at half of the rate, over which levels are measured: 10 ms, so that one lies within a lost packet."""
_SHORTEST_WORD = 15
"""In such frames."""
_SHORTEST_SOUND = 320
"""Samples below which there is no frame to compare, and no word."""
_LOST = 0.02
"""By how much the fractions of frames without any sound must differ to show which channel has lost packets."""
_STEADY = 4.0
"""Ratio of the power in the loudest frames to the usual one, up to which a channel holds only noise. Steady noise has
less than 2, and speech more than 10."""


def remove_offset(sound: "Samples") -> "Samples":
    """Return a sound without its constant or slowly drifting offset; the same array if it has none.

    With one, levels are measured wrong, and the voice detector hears no voice.
    """
    import numpy as np

    if not _has_offset(_parts(sound, _OFFSET_STEP * _STEPS_TOGETHER)):
        return sound
    offsets = _parts(sound, _OFFSET_STEP).mean(axis=1)
    middles = (np.arange(len(offsets)) + 0.5) * _OFFSET_STEP
    level: Samples = sound - np.interp(np.arange(len(sound)), middles, offsets).astype(np.float32)
    return level


def _has_offset(parts: "npt.NDArray[np.float32]") -> bool:
    import numpy as np

    if not len(parts):
        return False
    offset, level = (float(np.quantile(each, 0.75)) for each in (np.abs(parts.mean(axis=1)), parts.std(axis=1)))
    return offset > max(_LEAST_OFFSET, _RELATIVE_OFFSET * level)


def _parts(sound: "Samples", length: int) -> "npt.NDArray[np.float32]":
    """Return a sound cut into parts of equal length, without the rest, of shape (parts, length)."""
    return sound[: len(sound) // length * length].reshape(-1, length)


def mix(channels: "Sequence[Samples]") -> "Samples":
    """Return one sound with every voice of one or two channels, each of shape (samples,)."""
    import numpy as np

    if len(channels) == 1 or len(channels[0]) < _SHORTEST_SOUND or np.array_equal(channels[0], channels[1]):
        return channels[0]
    sharp = [_sharpened(channel) for channel in channels]
    levels = [_frame_powers(channel) for channel in sharp]
    only_noise = [_is_steady(powers) for powers in levels]
    if only_noise[0] != only_noise[1]:
        return channels[only_noise.index(False)]
    repeated = _repeated(*sharp)
    if max(repeated) < _NEARLY_ALL:
        return _sum(*channels)
    if min(repeated) < _NEARLY_ALL:
        return channels[repeated.index(min(repeated))]
    return channels[0] if _is_clearer(*levels) else channels[1]


def _sharpened(channel: "Samples") -> "Samples":
    """Return a channel at half of the rate, with high frequencies raised: they tell voices apart, and hum has none."""
    import numpy as np

    pairs = channel[: len(channel) // 2 * 2]
    return np.diff((pairs[0::2] + pairs[1::2]) / 2, prepend=np.float32(0))


def _frame_powers(sharp: "Samples") -> "_Values":
    """Return the power of each frame, in ascending order."""
    import numpy as np

    frames = _parts(sharp, _FRAME)
    return np.sort(np.einsum("ij,ij->i", frames, frames))


def _is_steady(powers: "_Values") -> bool:
    """Return whether frames have about the same power, so that not even a short word is in them."""
    if len(powers) < 2 * _SHORTEST_WORD:
        return not len(powers) or not powers[-1]
    return bool(powers[-_SHORTEST_WORD] <= _STEADY * powers[len(powers) // 2])


def _is_clearer(first: "_Values", second: "_Values") -> bool:
    """Return whether the first of two channels with the same voice has lost fewer packets, or else less noise."""
    lost = [float((powers == 0).mean()) for powers in (first, second)]
    if abs(lost[0] - lost[1]) > _LOST:
        return lost[0] < lost[1]
    return _signal_to_noise(first) >= _signal_to_noise(second)


def _signal_to_noise(powers: "_Values") -> float:
    heard = powers[powers > 0]
    return float(heard[-len(heard) // 10] / heard[len(heard) // 10]) if len(heard) else 0.0


def _repeated(first: "Samples", second: "Samples") -> tuple[float, float]:
    """Return the fraction of each channel's sound whose voice is in the other too: inverted, earlier or later."""
    import numpy as np

    blocks = [_blocks(channel) for channel in (first, second)]
    powers = [np.einsum("ij,ij->i", each, each) for each in blocks]
    loudest = np.unique([np.argsort(power)[-_MOST_BLOCKS:] for power in powers])
    a, b = (np.sqrt(power[loudest]) for power in powers)
    spectra = [np.fft.rfft(each[loudest], 2 * _BLOCK, axis=1) for each in blocks]
    products = np.fft.irfft(spectra[0] * spectra[1].conj(), axis=1)
    is_same = np.abs(products).max(axis=1) >= _SAME * np.maximum(a * b, _TINY)
    if not is_same.any() or np.ptp(np.quantile(np.log(a[is_same] / b[is_same]), (0.1, 0.9))) > _CROSSTALK:
        return 0.0, 0.0
    a, b = (level / max(np.quantile(level, 0.9), _TINY) for level in (a, b))
    return _fraction(a, is_same & (b > _AS_LOUD * a)), _fraction(b, is_same & (a > _AS_LOUD * b))


def _fraction(levels: "_Values", chosen: "npt.NDArray[np.bool_]") -> float:
    return float(levels[chosen].sum() / max(levels.sum(), _TINY))


def _blocks(sharp: "Samples") -> "npt.NDArray[np.float32]":
    import numpy as np

    return np.pad(sharp, (0, -len(sharp) % _BLOCK)).reshape(-1, _BLOCK)


def _sum(first: "Samples", second: "Samples") -> "Samples":
    import numpy as np

    both = first + second
    both /= max(1.0, float(np.abs(both).max()))
    return both
