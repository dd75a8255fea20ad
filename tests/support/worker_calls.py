"""Calls to workers with scripted engines."""

import asyncio
import io
import wave
from collections.abc import Callable
from pathlib import Path

from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.worker_client import WorkerTranscriber

TESTS = Path(__file__).parents[1]
OPTIONS = TranscribeOptions(language="tr", caller_name="Ayşe")

MakeWorker = Callable[..., WorkerTranscriber]


def silent_wav(seconds: int = 1) -> bytes:
    """Return some silence as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(16_000 * seconds))
    return buffer.getvalue()


async def hanging_call(transcriber: WorkerTranscriber) -> "asyncio.Task[object]":
    """Return a call that has reached the engine and stays there."""
    reached = asyncio.Event()
    task = asyncio.ensure_future(transcriber.transcribe(silent_wav(), OPTIONS, lambda _: reached.set()))
    await reached.wait()
    return task
