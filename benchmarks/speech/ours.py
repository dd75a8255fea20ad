"""Run vm-mcp's own engine as its server does: ``python -m speech.ours JOB OUTCOME``.

This process takes the server's part: it sends recordings, not samples, to the worker process that runs the engine.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psutil

from speech import jobs
from speech.memory import peak_mib
from vm_mcp.asr import TranscribeOptions, Transcriber, open_transcriber
from vm_mcp.config import load_settings

Messages = list[tuple[jobs.Task, bytes]]


def main() -> None:
    """Start the worker, transcribe all messages, and write the outcome."""
    job = jobs.read_job(Path(sys.argv[1]))
    messages = [(task, Path(task.recording).read_bytes()) for task in job.tasks]
    jobs.write(Path(sys.argv[2]), asyncio.run(measure(job, messages)))


async def measure(job: jobs.Job, messages: Messages) -> jobs.Outcome:
    """Transcribe all at once or one by one, as the contender does, and measure it."""
    transcriber = open_transcriber(
        load_settings({"model": job.model, "engine": "faster-whisper", "device": "cpu", "languages": ("tr", "en")})
    )
    try:
        started = time.perf_counter()
        await transcriber.prepare()
        ready = time.perf_counter()
        heard = await WAYS[job.contender](transcriber, messages)
        done = time.perf_counter()
        [worker] = psutil.Process().children()
        return jobs.Outcome(ready - started, done - ready, peak_mib(worker.pid), heard, peak_mib(os.getpid()))
    finally:
        await transcriber.aclose()


async def backlog(transcriber: Transcriber, messages: Messages) -> list[jobs.Heard]:
    """Transcribe all messages at once."""
    began = time.perf_counter()
    heard = await asyncio.gather(*(_transcribe(transcriber, *message, began) for message in messages))
    return [replace(each, seconds=None) for each in heard]


async def one_by_one(transcriber: Transcriber, messages: Messages) -> list[jobs.Heard]:
    """Transcribe one message after the other."""
    began = time.perf_counter()
    return [await _transcribe(transcriber, *message, began) for message in messages]


async def _transcribe(transcriber: Transcriber, task: jobs.Task, recording: bytes, began: float) -> jobs.Heard:
    started = time.perf_counter()
    transcript = await transcriber.transcribe(recording, TranscribeOptions(language=task.language))
    ended = time.perf_counter()
    return jobs.Heard(task.name, transcript.text, transcript.language, ended - started, ended - began)


WAYS: dict[str, Callable[[Transcriber, Messages], Awaitable[list[jobs.Heard]]]] = {
    "ours-backlog": backlog,
    "ours-single": one_by_one,
}

if __name__ == "__main__":
    main()
