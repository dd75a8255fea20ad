"""Finds where somebody speaks."""

from typing import TYPE_CHECKING

from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.speech_windows import LONGEST, SpeechWindow, join_speech

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_SHORT = 5.0
"""Seconds. What the low threshold takes for speech in music, knocks and dialling tones lasted 4.9 at most."""
_VOICED, _SHARE = 0.25, 0.1
"""How likely speech is in the likeliest tenth of a short window with a voice. Knocks, keys and dialling tones, and
five melodies of six, reach 0.25 at most, and speech has 0.5; three in a hundred pieces of it, of half a second and
more, cut at random and with noise, had less than this."""
_DETECTOR_STEP = 512  # samples


def find_speech(samples: "Samples") -> list[SpeechWindow]:
    """Find where somebody speaks; empty when nobody does.

    The threshold is low because the detector's own takes much of what comes through a telephone for noise; noise, busy
    tones and hold music mostly stay below even this one. A short window is looked at twice.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=0.1,
        neg_threshold=0.05,
        min_speech_duration_ms=200,
        max_speech_duration_s=LONGEST,
        min_silence_duration_ms=800,
        speech_pad_ms=400,
    )
    windows = join_speech(
        SpeechWindow(found["start"], found["end"]) for found in get_speech_timestamps(samples, options)
    )
    return [window for window in windows if window.seconds > _SHORT or _has_voice(samples[window.start : window.end])]


def _has_voice(sound: "Samples") -> bool:
    """Listen to it as it is, and then louder: very quiet voices are told better so, others not."""
    import numpy as np

    padded = np.pad(sound, (0, -len(sound) % _DETECTOR_STEP))
    louder = raise_level(padded)
    return _sounds_voiced(padded) or (louder is not padded and _sounds_voiced(louder))


def _sounds_voiced(sound: "Samples") -> bool:
    import numpy as np
    from faster_whisper.vad import get_vad_model

    return bool(np.quantile(get_vad_model()(sound), 1 - _SHARE) >= _VOICED)
