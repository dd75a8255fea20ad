"""Run one of the other engines, alone in its process: ``python -m speech.peers JOB OUTCOME``.

Each engine is called as in its library's own examples, and every setting that changes the text keeps its default. All
get the same samples, decoded beforehand, so that reading files takes them no time.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from speech import jobs
from speech.memory import peak_mib

Transcribe = Callable[[Any, str], tuple[str, str]]
"""Called with samples and a language, empty to detect it; returns the text and the language."""


def main() -> None:
    """Load the engine, warm it up, transcribe one message after the other, and write the outcome."""
    job = jobs.read_job(Path(sys.argv[1]))
    sounds = [np.load(task.sound) for task in job.tasks]
    started = time.perf_counter()
    transcribe = ENGINES[job.contender](job)
    load_seconds = time.perf_counter() - started
    # A library's first call also sets things up, which must not count for the first message.
    transcribe(np.zeros(16_000, np.float32), "en")
    heard = []
    started = before = time.perf_counter()
    for task, sound in zip(job.tasks, sounds, strict=True):
        text, language = transcribe(sound, task.language)
        now = time.perf_counter()
        heard.append(jobs.Heard(task.name, text.strip(), language, now - before))
        before = now
    jobs.write(Path(sys.argv[2]), jobs.Outcome(load_seconds, before - started, peak_mib(os.getpid()), heard))


def load_openai_greedy(job: jobs.Job) -> Transcribe:
    """Load openai-whisper with ``transcribe()``'s defaults: greedy, with fallback to higher temperatures."""
    return _load_openai(job, beam_size=None)


def load_openai_beam(job: jobs.Job) -> Transcribe:
    """Load openai-whisper with the beam size of its command line."""
    return _load_openai(job, beam_size=5)


def _load_openai(job: jobs.Job, beam_size: int | None) -> Transcribe:
    import torch
    import whisper

    torch.set_num_threads(job.cores)
    model = whisper.load_model(job.model, device="cpu")

    def transcribe(sound: object, language: str) -> tuple[str, str]:
        # Half precision needs a GPU. By default, the library warns of that on a CPU, and uses full precision.
        result = model.transcribe(sound, language=language or None, beam_size=beam_size, fp16=False)
        return result["text"], result["language"]

    return transcribe


def load_faster_whisper(job: jobs.Job) -> Transcribe:
    """Load faster-whisper with its defaults and int8, which its README recommends for CPUs."""
    from faster_whisper import WhisperModel

    model = WhisperModel(job.model, device="cpu", compute_type="int8", cpu_threads=job.cores)

    def transcribe(sound: object, language: str) -> tuple[str, str]:
        segments, info = model.transcribe(sound, language=language or None)
        return "".join(segment.text for segment in segments), info.language

    return transcribe


def load_whisper_cpp(job: jobs.Job) -> Transcribe:
    """Load whisper.cpp with its defaults: greedy, and the best of 5 where it falls back to higher temperatures."""
    import _pywhispercpp
    from pywhispercpp.model import Model

    model = Model(job.model, n_threads=job.cores, print_progress=False)

    def transcribe(sound: object, language: str) -> tuple[str, str]:
        segments = model.transcribe(sound, language=language or "auto")
        number = _pywhispercpp.whisper_full_lang_id(model._ctx)  # noqa: SLF001 - only the low-level binding returns it
        return " ".join(segment.text for segment in segments), _pywhispercpp.whisper_lang_str(number)

    return transcribe


ENGINES: dict[str, Callable[[jobs.Job], Transcribe]] = {
    "openai-greedy": load_openai_greedy,
    "openai-beam5": load_openai_beam,
    "faster-whisper": load_faster_whisper,
    "whisper.cpp": load_whisper_cpp,
}

if __name__ == "__main__":
    main()
