"""The benchmark's recordings with their references, and how much of the speech the voice detector keeps."""

import json
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vm_mcp import audio
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.simulator import load_voices

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_FRAME = 512  # samples for which the detector's model returns one probability: 32 ms
# A frame is loud if it is at most 30 dB below the loudest frames, and at least 6 dB above the background noise.
_RANGE_DB, _CLEAR_DB = 30.0, 6.0
# A fifth of the probability at which our detector starts a window.
_LENIENT = 0.02


@dataclass(frozen=True)
class Recording:
    """One recording; ``text`` and ``language`` are empty where nobody speaks."""

    name: str
    path: Path
    language: str
    text: str
    samples: "Samples"

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / audio.SAMPLE_RATE


def load(folder: Path | None, names: Container[str] | None = None) -> list[Recording]:
    """Return the recordings that a folder's ``manifest.json`` lists.

    Args:
        folder: None: the recordings that come with the simulator.
        names: Names of the recordings to return; None: all.
    """
    if folder is None:
        found = [(voice.name, voice.path, voice.language, voice.text) for voice in load_voices().values()]
    else:
        items = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["items"]
        found = [(item["id"], folder / item["file"], item.get("lang", "tr"), item["text"]) for item in items]
    return [_read(*each) for each in found if names is None or each[0] in names]


def _read(name: str, path: Path, language: str, text: str) -> Recording:
    return Recording(name, path, language if text else "", text, audio.decode(path.read_bytes()))


def percent_kept(recordings: list[Recording]) -> float:
    """Return how many percent of the speech our detector keeps, over the recordings in which somebody speaks.

    A frame of 32 ms counts as speech if it is loud, which excludes pauses, and if the detector's model gives it at
    least a small probability, which excludes hold music.
    """
    kept = spoken = 0
    for recording in recordings:
        if recording.text:
            speech = _speech(recording.samples)
            spoken += int(speech.sum())
            kept += int((speech & _kept(recording.samples)).sum())
    return 100 * kept / spoken if spoken else 100.0


def _speech(samples: "Samples") -> "np.ndarray[tuple[int], np.dtype[np.bool]]":
    from faster_whisper.vad import get_vad_model

    padded = np.pad(samples, (0, -len(samples) % _FRAME))
    probabilities = np.asarray(get_vad_model()(padded)).ravel()
    # The difference of neighbouring samples removes low hum.
    power = (np.diff(padded.reshape(-1, _FRAME), axis=1) ** 2).mean(axis=1)
    decibels = 10 * np.log10(power + 1e-10)
    loud = decibels > max(np.percentile(decibels, 95) - _RANGE_DB, np.percentile(decibels, 10) + _CLEAR_DB)
    return np.asarray(loud & (probabilities >= _LENIENT))


def _kept(samples: "Samples") -> "np.ndarray[tuple[int], np.dtype[np.bool]]":
    """Return for each frame whether more than half of it lies in a window of the detector."""
    kept = np.zeros(len(samples) + -len(samples) % _FRAME, np.bool)
    for window in find_speech(samples):
        kept[window.start : window.end] = True
    return np.asarray(kept.reshape(-1, _FRAME).mean(axis=1) > 1 / 2)
