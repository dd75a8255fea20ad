"""Voice activity detection: finds where somebody speaks."""

from typing import TYPE_CHECKING

from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.speech_windows import MAX_WINDOW_SECONDS, SpeechWindow, join_speech

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_SHORT = 5.0
"""Seconds up to which a window is checked for a voice. With the low threshold, music, knocks and dialling tones passed
as speech for 4.9 s at most."""
_VOICED, _TOP_FRACTION = 0.25, 0.1
"""A short window has a voice if the detector's probability reaches 0.25 in a tenth of it. In knocks, keys, dialling
tones and five melodies of six that tenth is below 0.25, in speech at 0.5. Of noisy pieces of speech, cut at random to
half a second or more, three in a hundred stayed below 0.25."""
_DETECTOR_STEP = 512
"""Samples that the detector reads at a time."""


def find_speech(samples: "Samples") -> list[SpeechWindow]:
    """Return the windows in which somebody speaks, in order; empty if nobody does.

    Two passes, because no single threshold will do. The detector's default, 0.5, takes telephone speech for noise: it
    kept 14 of 37 s. At 0.1 it keeps 98 % and still finds nothing in line noise, busy tones and most hold music, but
    short sounds may pass as speech. So short windows are checked again, by how sure the detector is of its best part.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=0.1,
        neg_threshold=0.05,
        min_speech_duration_ms=200,
        max_speech_duration_s=MAX_WINDOW_SECONDS,
        min_silence_duration_ms=800,
        speech_pad_ms=400,
    )
    windows = join_speech(
        SpeechWindow(stretch["start"], stretch["end"]) for stretch in get_speech_timestamps(samples, options)
    )
    return [window for window in windows if window.seconds > _SHORT or _has_voice(samples[window.start : window.end])]


def _has_voice(sound: "Samples") -> bool:
    """Return whether the detector hears a voice, in the sound as it is or made louder.

    Only a very quiet voice is detected better when louder; other voices are detected better as they are.
    """
    import numpy as np

    padded = np.pad(sound, (0, -len(sound) % _DETECTOR_STEP))
    louder = raise_level(padded)
    return _is_voiced(padded) or (louder is not padded and _is_voiced(louder))


def _is_voiced(sound: "Samples") -> bool:
    import numpy as np
    from faster_whisper.vad import get_vad_model

    return bool(np.quantile(get_vad_model()(sound), 1 - _TOP_FRACTION) >= _VOICED)
