"""Where in the sound each token is, from the attention heads that follow it: as Whisper and CTranslate2 find it."""

from typing import Any, Final

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray

_MEDIAN_WIDTH: Final = 7


def align(attention: FloatArray, first: int, last: int) -> list[tuple[int, int]]:
    """Return the path through tokens and steps along which the attention is strongest.

    Args:
        attention: Before the softmax, of the heads that follow the sound, over the steps that are sound:
            (heads, tokens, steps).
        first: Index of the first token of the text.
        last: Index after the last one. The others only take part in the scaling.

    Returns:
        Pairs of a token, counted from the first one, and a step, both rising; none if no step is sound.
    """
    if not attention.shape[-1]:
        return []
    scaled = np.stack([_scaled(head)[first:last] for head in attention]).mean(axis=0, dtype=np.float64)
    return _path(-scaled)


def _scaled(head: FloatArray) -> FloatArray:
    """Return one head's attention, (tokens, steps), as far above its mean of all tokens as it usually is, smoothed."""
    shares = _softmax(head)
    mean, deviation = shares.mean(axis=0, keepdims=True), shares.std(axis=0, keepdims=True)
    return _median((shares - mean) / np.maximum(deviation, np.float32(1e-10)))


def _softmax(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _median(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return the medians of `_MEDIAN_WIDTH` values around each, along the last axis, mirrored at its ends."""
    side = _MEDIAN_WIDTH // 2
    steps = values.shape[-1]
    if steps <= side:
        return values
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(side, side)], mode="reflect")
    window = [padded[..., shift : shift + steps].copy() for shift in range(_MEDIAN_WIDTH)]
    # The largest of those that are left goes to the end, until the one in the middle is in its place.
    for end in range(_MEDIAN_WIDTH - 1, side - 1, -1):
        for at in range(end):
            window[at], window[at + 1] = np.minimum(window[at], window[at + 1]), np.maximum(window[at], window[at + 1])
    return window[side]


def _path(costs: "np.ndarray[Any, Any]") -> list[tuple[int, int]]:
    """Return the cheapest path from the first token and step to the last (dynamic time warping)."""
    tokens, steps = costs.shape
    totals = np.full((tokens + 1, steps + 1), np.inf)
    totals[0, 0] = 0
    for token in range(1, tokens + 1):
        # A step comes from the token before, or from the step before. The sum up to a step is taken off both, so that
        # the second is a running minimum.
        sums = np.cumsum(costs[token - 1])
        before = np.minimum(totals[token - 1, :-1], totals[token - 1, 1:])
        totals[token, 1:] = np.minimum.accumulate(before - (sums - costs[token - 1])) + sums
    return _traced(totals)


def _traced(totals: "np.ndarray[Any, Any]") -> list[tuple[int, int]]:
    token, step = totals.shape[0] - 1, totals.shape[1] - 1
    path = []
    while token > 0 and step > 0:
        path.append((token - 1, step - 1))
        diagonal, up, left = totals[token - 1, step - 1], totals[token - 1, step], totals[token, step - 1]
        # As Whisper does, but for the first two being equal: it then takes the third, which is dearer.
        if diagonal < left and diagonal <= up:
            token, step = token - 1, step - 1
        elif up < left:
            token -= 1
        else:
            step -= 1
    return path[::-1]
