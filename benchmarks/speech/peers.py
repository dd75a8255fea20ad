"""Run one of the other engines, alone in its process: ``python -m speech.peers JOB OUTCOME``.

Each engine is called as in its library's own examples, and every setting that changes the text keeps its default. All
get the same samples, decoded beforehand, so that reading files takes them no time. An engine that reads 30 s at most
gets a longer message piece by piece.
"""

import io
import json
import os
import sys
import time
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech import jobs
from speech.memory import peak_mib

_SAMPLE_RATE = 16_000
_MAX_TOKENS = 448  # what Whisper's decoder has positions for

Sound = npt.NDArray[np.float32]
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
        heard.append(jobs.Heard(task.name, text.strip(), language, now - before, now - started))
        before = now
    jobs.write(Path(sys.argv[2]), jobs.Outcome(load_seconds, before - started, peak_mib(os.getpid()), heard))


def load_openai(job: jobs.Job, beam_size: int | None) -> Transcribe:
    """Load openai-whisper with fallback to higher temperatures, greedy as in ``transcribe()`` or with a beam."""
    import torch
    import whisper

    torch.set_num_threads(job.cores)
    model = whisper.load_model(job.model, device="cpu")

    def transcribe(sound: object, language: str) -> tuple[str, str]:
        # Half precision needs a GPU. By default, the library warns of that on a CPU, and uses full precision.
        result = model.transcribe(sound, language=language or None, beam_size=beam_size, fp16=False)
        return result["text"], result["language"]

    return transcribe


def load_faster_whisper(job: jobs.Job, *, batched: bool) -> Transcribe:
    """Load faster-whisper with its defaults and int8, which its README recommends for CPUs.

    Args:
        job: The job.
        batched: Whether to use its pipeline that decodes the windows of a message together, up to 8.
    """
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(job.model, device="cpu", compute_type="int8", cpu_threads=job.cores)
    if batched:
        model = BatchedInferencePipeline(model)

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


def load_openvino(job: jobs.Job, beam_size: int) -> Transcribe:
    """Load OpenVINO GenAI's pipeline, greedy as by default or with a beam. It does not fall back to temperatures."""
    import openvino_genai

    pipeline = openvino_genai.WhisperPipeline(job.model, "CPU", INFERENCE_NUM_THREADS=job.cores)

    def transcribe(sound: object, language: str) -> tuple[str, str]:
        told = {"language": f"<|{language}|>"} if language else {}
        # By default it gives timestamps only where a message is over 30 s, where it needs them.
        result = pipeline.generate(sound, task="transcribe", num_beams=beam_size, **told)
        return result.texts[0], result.language or language

    return transcribe


def load_onnxruntime_genai(job: jobs.Job, beam_size: int) -> Transcribe:
    """Load onnxruntime-genai, greedy as by default or with a beam. It detects no language: untold, it reads English."""
    import onnxruntime_genai as genai

    config = genai.Config(job.model)
    threads = {"session_options": {"intra_op_num_threads": job.cores}}
    config.overlay(json.dumps({"model": {"encoder": threads, "decoder": threads}}))
    model = genai.Model(config)
    processor = model.create_multimodal_processor()

    def read(piece: Sound, language: str) -> str:
        prompt = f"<|startoftranscript|><|{language}|><|transcribe|><|notimestamps|>"
        parameters = genai.GeneratorParams(model)
        parameters.set_search_options(do_sample=False, num_beams=beam_size, max_length=_MAX_TOKENS)
        generator = genai.Generator(model, parameters)
        generator.set_inputs(processor([prompt], audios=genai.Audios.open_bytes(_wav(piece))))
        while not generator.is_done():
            generator.generate_next_token()
        return str(processor.decode(generator.get_sequence(0)))

    def transcribe(sound: Sound, language: str) -> tuple[str, str]:
        return " ".join(read(piece, language or "en") for piece in _pieces(sound, 30)), language or "en"

    return transcribe


def load_sherpa_onnx(job: jobs.Job) -> Transcribe:
    """Load sherpa-onnx, which is greedy, and encodes a message with 10 s of padding."""
    import sherpa_onnx

    parts = {part: f"{job.model}/{part}.int8.onnx" for part in ("encoder", "decoder")}
    tokens = f"{job.model}/tokens.txt"
    recognizer = sherpa_onnx.OfflineRecognizer.from_whisper(**parts, tokens=tokens, num_threads=job.cores)

    def read(piece: Sound) -> Any:  # noqa: ANN401  # the library's type
        stream = recognizer.create_stream()
        stream.accept_waveform(_SAMPLE_RATE, piece)
        recognizer.decode_stream(stream)
        return stream.result

    def transcribe(sound: Sound, language: str) -> tuple[str, str]:
        recognizer.config.model_config.whisper.language = language
        recognizer.recognizer.set_config(recognizer.config)
        # It drops what is after 29.5 s.
        results = [read(piece) for piece in _pieces(sound, 29)]
        return " ".join(result.text for result in results), results[0].lang

    return transcribe


def _pieces(sound: Sound, seconds: int) -> list[Sound]:
    size = seconds * _SAMPLE_RATE
    return [sound[start : start + size] for start in range(0, len(sound), size)]


def _wav(sound: Sound) -> bytes:
    with io.BytesIO() as file:
        with wave.open(file, "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(_SAMPLE_RATE)
            written.writeframes((sound.clip(-1, 1) * 32767).astype("<i2").tobytes())
        return file.getvalue()


ENGINES: dict[str, Callable[[jobs.Job], Transcribe]] = {
    "openai-greedy": partial(load_openai, beam_size=None),
    "openai-beam5": partial(load_openai, beam_size=5),
    "faster-whisper": partial(load_faster_whisper, batched=False),
    "faster-whisper-batched": partial(load_faster_whisper, batched=True),
    "whisper.cpp": load_whisper_cpp,
    "openvino-greedy": partial(load_openvino, beam_size=1),
    "openvino-beam5": partial(load_openvino, beam_size=5),
    "onnxruntime-greedy": partial(load_onnxruntime_genai, beam_size=1),
    "onnxruntime-beam5": partial(load_onnxruntime_genai, beam_size=5),
    "sherpa-onnx": load_sherpa_onnx,
}

if __name__ == "__main__":
    main()
