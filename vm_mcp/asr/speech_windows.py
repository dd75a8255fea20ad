"""The windows that a recording is cut into: stretches of speech that a model decodes as one."""

from collections.abc import Iterable
from dataclasses import dataclass

from vm_mcp.audio import SAMPLE_RATE

MAX_WINDOW_SECONDS = 20.0
"""Longest window. The model takes 30 s, but the encoder's time grows with the square of the length and two windows can
be decoded side by side, while the words are as good. Windows of 10 s get 4 more words in a hundred wrong."""
MAX_GAP_SECONDS = 2.0
"""Longest gap without speech that stays in a window: each cut costs words on both sides of it."""


@dataclass(frozen=True, slots=True)
class SpeechWindow:
    """A stretch of the recording, from one sample to before another."""

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
    """Return windows that hold some stretches of speech, given in order.

    Stretches share a window while it is at most `MAX_WINDOW_SECONDS` long and no gap in it longer than
    `MAX_GAP_SECONDS`.
    """
    windows: list[SpeechWindow] = []
    for stretch in speech:
        last = windows[-1] if windows else None
        if (
            last
            and stretch.end - last.start <= MAX_WINDOW_SECONDS * SAMPLE_RATE
            and stretch.start - last.end <= MAX_GAP_SECONDS * SAMPLE_RATE
        ):
            windows[-1] = SpeechWindow(last.start, stretch.end)
        else:
            windows.append(stretch)
    return windows
