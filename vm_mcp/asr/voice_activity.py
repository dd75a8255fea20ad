"""Voice activity detection: finds where somebody speaks."""

from typing import TYPE_CHECKING

from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.speech_windows import MAX_WINDOW_SECONDS, SpeechWindow, join_speech
from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

    from vm_mcp.audio import Samples

    Probabilities = np.ndarray[tuple[int], np.dtype[np.float32]]

_SHORT = 5.0
"""Seconds up to which a window is checked for a voice. With the low threshold, music, knocks and dialling tones passed
as speech for 4.9 s at most."""
_VOICED, _TOP_FRACTION = 0.25, 0.1
"""A short window has a voice if the detector's probability reaches 0.25 in a tenth of it. In knocks, keys, dialling
tones and five melodies of six that tenth is below 0.25, in speech at 0.5. Of noisy pieces of speech, cut at random to
half a second or more, three in a hundred stayed below 0.25."""
_SURE, _SURE_STEPS = 0.55, 3
"""It has one as well if three of the detector's steps, a tenth of a second, reach 0.55: whispered words are no longer.
Knocks reach it for one step, coughs and hums for none."""
_CLEAR = 0.4
"""Probability that a tenth of a window reaches if somebody clearly speaks. Of speech that nothing was understood of,
over jitter or backwards, that tenth is at 0.43 and above."""
_MAYBE = 0.2
"""Probability from which a step counts as voice."""
_DETECTOR_STEP = 512
"""Samples that the detector reads at a time: 32 ms."""


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


def has_clear_voice(sound: "Samples") -> bool:
    """Return whether the detector is sure that somebody speaks in a window."""
    return _has_top(_probabilities(sound), _CLEAR)


def voiced_seconds(sound: "Samples") -> float:
    """Return for how long somebody speaks in a window, without the pauses."""
    steps = int((_probabilities(sound) >= _MAYBE).sum())
    return steps * _DETECTOR_STEP / SAMPLE_RATE


def _has_voice(sound: "Samples") -> bool:
    """Return whether the detector hears a voice, in the sound as it is or made louder.

    Only a very quiet voice is detected better when louder; other voices are detected better as they are.
    """
    probabilities = _probabilities(sound)
    if _has_top(probabilities, _VOICED) or int((probabilities >= _SURE).sum()) >= _SURE_STEPS:
        return True
    louder = raise_level(sound)
    return louder is not sound and _has_top(_probabilities(louder), _VOICED)


def _has_top(probabilities: "Probabilities", least: float) -> bool:
    import numpy as np

    return bool(np.quantile(probabilities, 1 - _TOP_FRACTION) >= least)


def _probabilities(sound: "Samples") -> "Probabilities":
    """Return the detector's probability of a voice in each of its steps."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    padded = np.pad(sound, (0, -len(sound) % _DETECTOR_STEP))
    return np.asarray(get_vad_model()(padded)).ravel()
