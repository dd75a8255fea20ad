"""The recordings of a benchmark, what is said in them, and how much of that the voice detector keeps."""

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

_FRAME = 512  # samples that the detector judges in one go: 32 ms
# Loud: at most so many decibels under the loudest frames, and clear of the line's own noise.
_RANGE_DB, _CLEAR_DB = 30.0, 6.0
# A fifth of the threshold at which ours begins to listen.
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
        """Its length."""
        return len(self.samples) / audio.SAMPLE_RATE


def load(folder: Path | None, names: Container[str] | None = None) -> list[Recording]:
    """Read the recordings that the folder's ``manifest.json`` lists.

    Args:
        folder: None for the recordings that ship with the simulator.
        names: Some of them; None for all.
    """
    if folder is None:
        found = [(voice.name, voice.path, voice.language, voice.text) for voice in load_voices().values()]
    else:
        items = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["items"]
        found = [(item["id"], folder / item["file"], item["lang"], item["text"]) for item in items]
    return [_read(*each) for each in found if names is None or each[0] in names]


def _read(name: str, path: Path, language: str, text: str) -> Recording:
    return Recording(name, path, language if text else "", text, audio.decode(path.read_bytes()))


def share_kept(recordings: list[Recording]) -> float:
    """Share of the speech that our detector keeps, in percent, over the recordings in which somebody speaks.

    Speech is what is loud, so that pauses don't count, and what the detector's model gives the smallest chance, so that
    hold music doesn't: one frame of 32 ms after the other.
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
    chances = np.asarray(get_vad_model()(padded)).ravel()
    # The difference of neighbours takes the hum out.
    power = (np.diff(padded.reshape(-1, _FRAME), axis=1) ** 2).mean(axis=1)
    decibels = 10 * np.log10(power + 1e-10)
    loud = decibels > max(np.percentile(decibels, 95) - _RANGE_DB, np.percentile(decibels, 10) + _CLEAR_DB)
    return np.asarray(loud & (chances >= _LENIENT))


def _kept(samples: "Samples") -> "np.ndarray[tuple[int], np.dtype[np.bool]]":
    """Whether more than half of a frame is within a window."""
    kept = np.zeros(len(samples) + -len(samples) % _FRAME, np.bool)
    for window in find_speech(samples):
        kept[window.start : window.end] = True
    return np.asarray(kept.reshape(-1, _FRAME).mean(axis=1) > 1 / 2)
