"""Speech servers of several kinds, as they answer: what each does silently, in place of what was asked of it.

Read or run in November 2026: whisper.cpp's server of 2026-08, `transformers serve` 5.23 and 5.24, Speaches of 2026-03,
vLLM 0.33. What they would hear is known: the shipped voices, found in the sound that they get.
"""

from typing import Any

import numpy as np

from support.speech_api import MANIFEST, NAMES, voice
from vm_mcp import audio
from vm_mcp.asr.remote.recording_parts import write_wav

VOICES = ("tr01_randevu", "tr02_geri_ara", "en01_callback", "tr04_adres", "tr05_klinik", "en02_invoice")
_PIECE = slice(40_000, 41_600)
"""Samples of a voice by which it is found."""
Answer = dict[str, Any] | int


def message(*names: str, pause_seconds: float = 1.5) -> bytes:
    """Return a recording of several voices, one after the other."""
    pause = np.zeros(round(pause_seconds * audio.SAMPLE_RATE), np.float32)
    return write_wav(np.concatenate([part for name in names for part in (audio.decode(voice(name)), pause)]))


def said(*names: str) -> str:
    """Return what those voices say."""
    return " ".join(MANIFEST[name]["text"] for name in names)


def _found(data: bytes, seconds: float = 3600) -> tuple[list[str], float]:
    """Return the voices in the first seconds of a recording, in order, and the recording's length."""
    samples = audio.decode(data)
    heard = _integers(samples[: round(seconds * audio.SAMPLE_RATE)])
    places = {name: heard.find(_integers(audio.decode(voice(name))[_PIECE])) for name in VOICES}
    found = sorted((name for name in VOICES if places[name] >= 0), key=places.__getitem__)
    return found, len(samples) / audio.SAMPLE_RATE


def _integers(samples: "audio.Samples") -> bytes:
    return np.round(samples * 32768).astype("<i2").tobytes()


class WhisperCpp:
    """whisper.cpp's server: decodes as its own ``-l`` unless told, and misses what follows a silence with details."""

    def __init__(self, own: str = "en", probability: float = 0.77, detects: str = "") -> None:
        self.own, self.probability, self.detects = own, probability, detects
        self._is_spoilt = False

    def __call__(self, data: bytes, fields: dict[str, str]) -> Answer:
        names, seconds = _found(data)
        language = fields.get("language", self.own)
        spoken = {str(MANIFEST[name]["language"]) for name in names}
        text = said(*names) if spoken <= {language} else "I'm going to come back to the office."
        if fields["response_format"] == "json":
            return {"text": text if names else ""}
        missed, self._is_spoilt = self._is_spoilt, not names
        text = "" if missed or not names else text
        return {
            "task": "transcribe",
            "language": NAMES[language],
            "duration": seconds,
            "text": text,
            "segments": [{"id": 0, "text": f" {text}", "start": 0.0, "end": seconds, "avg_logprob": -0.3}] * bool(text),
            "detected_language": NAMES[self.detects or next(iter(spoken), "nn")],
            "detected_language_probability": self.probability,
            "language_probabilities": {},
        }


def transformers_serve(data: bytes, fields: dict[str, str]) -> Answer:
    """`transformers serve`: hears 30 s, ignores language and format, fails on a model unknown to it, hears " you"."""
    if set(fields) - {"model", "response_format", "temperature", "language", "prompt"}:
        return 422
    if fields["model"] != "openai/whisper-base":
        return 500
    names, _ = _found(data, 30)
    return {"text": f" {said(*names)}" if names else " you"}


def speaches(data: bytes, fields: dict[str, str]) -> Answer:
    """Speaches: the language as a code, no words unless asked for, no probabilities of silence over half an answer."""
    if fields["model"] != "openai/whisper-base":
        return 404
    names, seconds = _found(data)
    language = fields.get("language") or (str(MANIFEST[names[0]]["language"]) if names else "en")
    segment = {"id": 1, "start": 0.0, "end": seconds, "text": said(*names), "avg_logprob": -0.2, "no_speech_prob": 0.01}
    answer: dict[str, Any] = {"task": "transcribe", "language": language, "duration": seconds, "text": said(*names)}
    return answer | {"segments": [segment | {"words": None}] * bool(names), "words": None}


def vllm(data: bytes, fields: dict[str, str], *, is_closed: bool = True) -> Answer:
    """vLLM: detects the language, and has no probability of silence.

    With details, its text ends with the last stretch that the model closed with a time; see `_get_verbose_segments` in
    `vllm/entrypoints/speech_to_text/base/serving.py` of 0.32. Args: ``is_closed``: whether the only one is.
    """
    if fields["model"] != "openai/whisper-base":
        return 404
    names, seconds = _found(data)
    if fields["response_format"] == "json":
        return {"text": said(*names), "usage": {"type": "duration", "seconds": round(seconds)}}
    names = names if is_closed else []
    segment = {"id": 0, "start": 0.0, "end": seconds, "text": said(*names), "avg_logprob": -0.2, "no_speech_prob": None}
    language = fields.get("language") or (str(MANIFEST[names[0]]["language"]) if names else "en")
    answer: dict[str, Any] = {"language": language, "duration": str(seconds), "text": said(*names)}
    return answer | {"segments": [segment] * bool(names)} | {"words": None}
