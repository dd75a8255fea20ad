"""Finds where somebody speaks."""

from typing import TYPE_CHECKING

from vm_mcp.asr.windows import LONGEST, Window, join_speech

if TYPE_CHECKING:
    from vm_mcp.audio import Samples


def find_speech(samples: "Samples") -> list[Window]:
    """Find where somebody speaks; empty when nobody does.

    The threshold is low because the detector's own takes much of what comes through a telephone for noise; noise, busy
    tones and hold music stay below even this one.
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
    return join_speech(Window(found["start"], found["end"]) for found in get_speech_timestamps(samples, options))
