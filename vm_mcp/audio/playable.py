"""A recording as a page can play it: samples of one byte each, which need no decoder where sound is not to be decoded.

The strictest pages that hosts show may neither load audio from an address nor from their own bytes, so a page gets
samples. A telephone's sound has passed through G.711 mu-law or its like already, and loses nothing that can be heard.
"""

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.audio.decoding import MAX_SECONDS, decode, native_rate
from vm_mcp.audio.samples import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TELEPHONE_RATE = 8_000
"""Hz."""
_BIAS, _CLIP = 132, 32_635
"""Of G.711, for samples of 16 bits."""


class PlayableSound(NamedTuple):
    """A mono sound in G.711 mu-law, a byte a sample."""

    sample_rate: int
    """Hz: `TELEPHONE_RATE` where the recording has no more, else `SAMPLE_RATE`."""
    mulaw: bytes


def to_playable(data: bytes) -> PlayableSound:
    """Decode a recording to be played; of a very long one its first `MAX_SECONDS`.

    CPU-bound: call through `asyncio.to_thread`.

    Args:
        data: The recording, in a format that `vm_mcp.audio.sniff` knows.

    Raises:
        AudioDecodeError: The format is not known, or the bytes are damaged.
    """
    import numpy as np

    sound = decode(data, MAX_SECONDS)
    rate = SAMPLE_RATE
    if len(sound) and native_rate(data) <= TELEPHONE_RATE:
        # It was interpolated from half as many samples, so no sound above their reach folds back.
        rate, sound = TELEPHONE_RATE, sound[::2]
    indices = np.clip(np.rint(sound * 32_768), -32_768, 32_767).astype(np.int16).view(np.uint16)
    return PlayableSound(rate, _mulaw_table()[indices].tobytes())


@cache
def _mulaw_table() -> "npt.NDArray[np.uint8]":
    """Return the mu-law byte of each sample of 16 bits, by the sample as an unsigned number (ITU-T G.711)."""
    import numpy as np

    samples = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitudes = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponents = np.frexp(magnitudes.astype(np.float64))[1] - 8
    mantissas = (magnitudes >> (exponents + 3)) & 15
    table: npt.NDArray[np.uint8] = ~(np.where(samples < 0, 128, 0) | (exponents << 4) | mantissas).astype(np.uint8)
    return table
