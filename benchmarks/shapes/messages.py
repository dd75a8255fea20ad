"""Messages of a set length, cut from recordings whose words are known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from speech.recordings import Recording

from shapes.forced_runtime import Expected
from vm_mcp.asr.decoder import Decoder
from vm_mcp.asr.features import short_frames
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_STEPS_PER_FRAME = 0.5


@dataclass(frozen=True)
class Message:
    """What a caller said."""

    samples: "Samples"
    language: str
    text: str


def messages(recordings: list[Recording], seconds: float, count: int) -> list[Message]:
    """Return messages of one language and length each, put together from recordings in turn and cut at the end.

    Args:
        recordings: They are used in their order, again and again.
        seconds: Length of each message.
        count: How many to return.
    """
    spoken = [recording for recording in recordings if recording.text]
    made: list[Message] = []
    first = 0
    while len(made) < count:
        language = spoken[first % len(spoken)].language
        parts: list[Recording] = []
        while sum(part.seconds for part in parts) < seconds:
            while spoken[first % len(spoken)].language != language:
                first += 1
            parts.append(spoken[first % len(spoken)])
            first += 1
        made.append(_cut(parts, seconds))
    return made


def _cut(parts: list[Recording], seconds: float) -> Message:
    samples = np.concatenate([part.samples for part in parts])[: round(seconds * SAMPLE_RATE)]
    last = parts[-1]
    left = seconds - sum(part.seconds for part in parts[:-1])
    words = last.text.split()
    text = " ".join([*(part.text for part in parts[:-1]), *words[: round(len(words) * left / last.seconds)]])
    return Message(samples, last.language, text)


def expected(message: Message, decoder: Decoder, frame_step: int) -> list[Expected]:
    """Return what is said in each window of a message: its words, by the windows' lengths."""
    windows = find_speech(message.samples)
    words, total, spoken = message.text.split(), sum(window.seconds for window in windows), 0.0
    found: list[Expected] = []
    for window in windows:
        start, spoken = spoken, spoken + window.seconds
        said = " ".join(words[round(len(words) * start / total) : round(len(words) * spoken / total)])
        steps = short_frames(window.seconds, frame_step) * _STEPS_PER_FRAME
        found.append(Expected(round(steps), list(decoder.tokens(said, message.language))))
    return found
