"""Cuts a recording into the stretches that a speech model reads in one go."""

from collections.abc import Iterable
from dataclasses import dataclass

from vm_mcp.audio import SAMPLE_RATE

LONGEST = 20.0
"""Seconds of a window. The model sees 30, but the cost of hearing grows with the square of the length, two windows are
read at once, and the words are as good; windows of 10 s cost four words in a hundred."""
LARGEST_GAP = 2.0
"""Seconds without speech that stay in: cutting shorter ones out costs words at both of their edges."""


@dataclass(frozen=True, slots=True)
class SpeechWindow:
    """A stretch of the recording, in samples."""

    start: int
    end: int

    @property
    def start_seconds(self) -> float:
        """Where it begins in the recording."""
        return self.start / SAMPLE_RATE

    @property
    def end_seconds(self) -> float:
        """Where it ends in the recording."""
        return self.end / SAMPLE_RATE

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start) / SAMPLE_RATE


def join_speech(speech: Iterable[SpeechWindow]) -> list[SpeechWindow]:
    """Join stretches of speech, in order, as long as a window holds them and no gap is over `LARGEST_GAP`."""
    windows: list[SpeechWindow] = []
    for stretch in speech:
        last = windows[-1] if windows else None
        if (
            last
            and stretch.end - last.start <= LONGEST * SAMPLE_RATE
            and stretch.start - last.end <= LARGEST_GAP * SAMPLE_RATE
        ):
            windows[-1] = SpeechWindow(last.start, stretch.end)
        else:
            windows.append(stretch)
    return windows
