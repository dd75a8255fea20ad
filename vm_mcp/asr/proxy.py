"""The worker process as the server sees it: started when first needed, never waited for by the event loop."""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from typing import Any, NoReturn

from vm_mcp.asr import frames
from vm_mcp.asr.base import EngineSettings, Progress, TranscribeOptions
from vm_mcp.errors import AudioDecodeError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript

_ATTEMPTS = 2
# More than any transcript, so that a worker never blocks on a full pipe.
_BUFFER = 16 << 20
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows alone has it
_ERRORS = {error.__name__: error for error in (AudioDecodeError, EngineUnavailableError, TranscriptionError)}

logger = logging.getLogger(__name__)


class WorkerTranscriber:
    """A `Transcriber` whose engine runs in a process of its own, one message at a time; others queue.

    Args:
        settings: What the engine is told.
        factory: ``module:attribute`` of an `EngineFactory`, imported in the worker only.
    """

    def __init__(self, settings: EngineSettings, factory: str = "vm_mcp.asr.faster_whisper:load") -> None:
        self._settings = settings
        self._factory = factory
        self._turn = asyncio.Lock()
        self._worker: asyncio.subprocess.Process | None = None
        self._ready: asyncio.subprocess.Process | None = None
        self._ending: set[asyncio.subprocess.Process] = set()
        self._closed = False

    async def transcribe(
        self, audio: bytes, options: TranscribeOptions, on_progress: Progress | None = None
    ) -> Transcript:
        """Transcribe one recording, see `Transcriber`. A worker that dies of it is given one more try.

        Cancelling ends the worker at once; the next call starts another.
        """
        answer = await self._request({"type": "transcribe", "options": options.model_dump()}, audio, on_progress)
        return Transcript.model_validate(answer["transcript"])

    async def prepare(self) -> None:
        """Have the worker load its engine, see `Transcriber`."""
        if self._ready is None or self._ready.returncode is not None:
            await self._request({"type": "prepare"})
            self._ready = self._worker

    async def _request(
        self, header: dict[str, Any], body: bytes = b"", on_progress: Progress | None = None
    ) -> dict[str, Any]:
        async with self._turn:
            for _ in range(_ATTEMPTS):
                worker = await self._running()
                try:
                    return await self._ask(worker, frames.pack(header, body), on_progress)
                except (asyncio.IncompleteReadError, ConnectionError):
                    logger.warning("The speech worker ended unexpectedly.")
        self._refuse_if_closed()
        raise TranscriptionError(
            "The speech engine stopped twice. Free some memory or set VM_MCP_MODEL to a smaller model such as base, "
            "or listen to the message in the web console."
        )

    async def aclose(self) -> None:
        """End the worker at once, whatever is in flight. Calls after this raise TranscriptionError."""
        self._closed = True
        self._end_worker()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                for process in tuple(self._ending):
                    await process.wait()
        self._ending.clear()

    async def _running(self) -> asyncio.subprocess.Process:
        self._refuse_if_closed()
        if self._worker and self._worker.returncode is None:
            return self._worker
        self._worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the host chooses the working directory: nothing is imported from there
            *("-m", "vm_mcp.asr.worker", self._factory, self._settings.model_dump_json()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            limit=_BUFFER,
            creationflags=_NO_WINDOW,
        )
        if self._closed:
            self._end_worker()
        self._refuse_if_closed()
        return self._worker

    async def _ask(
        self, worker: asyncio.subprocess.Process, request: bytes, on_progress: Progress | None
    ) -> dict[str, Any]:
        """Send one request and read what comes; a worker that was not heard out is of no more use."""
        assert worker.stdin and worker.stdout  # noqa: PT018, S101  # both are pipes
        answered = False
        try:
            worker.stdin.write(request)
            await worker.stdin.drain()
            while True:
                header = (await frames.receive(worker.stdout)).header
                if header["type"] != "progress":
                    answered = True
                    break
                if on_progress:
                    on_progress(header["share"])
        finally:
            if not answered:
                self._end_worker()
        if header["type"] == "error":
            _raise(header["error"], header["text"])
        return header

    def _end_worker(self) -> None:
        """Kill the worker without waiting, as a cancelled task can't."""
        worker, self._worker = self._worker, None
        if worker and worker.returncode is None:
            self._ending.add(worker)
            with contextlib.suppress(ProcessLookupError):
                worker.kill()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise TranscriptionError("The server is stopping. Start it again, then ask again.")


def _raise(name: str, text: str) -> NoReturn:
    raise _ERRORS.get(name, TranscriptionError)(text)


def _environment() -> dict[str, str]:
    """The server's environment without our settings, the API key among them, and with a hub that keeps quiet."""
    ours = {name: value for name, value in os.environ.items() if not name.upper().startswith("VM_MCP_")}
    return ours | {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
