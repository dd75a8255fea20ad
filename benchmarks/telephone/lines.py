"""What a line does to the packets of a call: which are lost, and how late the others come."""

import random
from collections.abc import Iterator
from typing import NamedTuple


class Line(NamedTuple):
    """A line between two user agents, in the direction from the caller to the recorder."""

    loss: float = 0.0
    """Fraction of the packets that are lost."""
    burst: float = 1.0
    """Mean number of packets lost in a row; 1: each is lost or not whatever became of the one before."""
    jitter_seconds: float = 0.0
    """Most by which a packet comes late; each is late by any time up to that."""


def delays(line: Line, seed: str) -> Iterator[float | None]:
    """Yield for each packet the seconds by which it comes late; None: it is lost.

    Bursts are those of the Gilbert model, whose chance of another loss depends only on whether the last packet was
    lost. The same seed yields the same losses.
    """
    generator = random.Random(seed)  # noqa: S311 - a benchmark, no secret
    is_lost = False
    while True:
        is_lost = generator.random() < _chance(line, after_loss=is_lost)
        late = generator.uniform(0, line.jitter_seconds)
        yield None if is_lost else late


def _chance(line: Line, *, after_loss: bool) -> float:
    """Return the probability that the next packet is lost."""
    if line.burst <= 1:
        return line.loss
    return 1 - 1 / line.burst if after_loss else line.loss / (1 - line.loss) / line.burst
