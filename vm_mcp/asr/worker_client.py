"""The server's side of the worker process: starts one when it is needed, and another when it is gone."""

import asyncio
import contextlib
import hashlib
import logging
import os
from typing import Any, NoReturn

from vm_mcp.asr.transcriber import Demand, EngineSettings, Progress, TranscribeOptions
from vm_mcp.asr.worker_process import WorkerGoneError, WorkerProcess
from vm_mcp.errors import AudioDecodeError, EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript
from vm_mcp.wording import Words

IDLE_SECONDS = 600.0
"""How long an idle worker is kept before it is ended to free its memory."""
SILENT_SECONDS = 300.0
"""How long a worker may report nothing about a message before it is taken to hang. A slow computer needs a minute for a
window, and each window is reported."""
CANCEL_SECONDS = 10.0
"""How long a worker may go on with a message that was cancelled, while it has others: on a slow computer, encoding half
a minute takes some seconds."""

# Transcripts kept in case the same recording comes again: a message that went to two mailboxes, or one that is asked
# for anew.
_KEPT = 64
_QUICK_BYTES = 1 << 20

_ERRORS = {
    error.__name__: error for error in (AudioDecodeError, EngineFailedError, EngineUnavailableError, TranscriptionError)
}

_STOPPED_TWICE = (
    "The speech engine stopped twice. Free some memory, or set VM_MCP_MODEL to a smaller model such as base, or listen "
    "to the message in the web console."
)
_STOPPED_WHILE_STARTING = (
    "The speech engine stopped twice while it started. Free some memory, set VM_MCP_MODEL to a smaller model such as "
    "base, or install vm-mcp again; with a GPU, set VM_MCP_DEVICE=cpu."
)

logger = logging.getLogger(__name__)


class WorkerTranscriber:
    """A `Transcriber` whose engine runs in a worker process, `EngineSettings.at_once` messages at a time.

    Messages share one worker, so that its engine can batch them. If a worker dies or hangs, nobody knows which of its
    messages was the cause, so each is tried once more in a worker of its own, one after the other: a message that kills
    its worker then fails alone. If the engine reports that it failed on a message, that message is tried in the same
    way, and the others start again in the next worker, because after an error a GPU may fail at everything.

    A GPU may be the cause of all these, so workers that are started afterwards do without, unless it is required.

    Args:
        settings: The engine's settings.
        factory: ``module:attribute`` of an `EngineFactory`, which only the worker imports.
        engine: The engine's name.
        idle_seconds: See `IDLE_SECONDS`.
        silent_seconds: See `SILENT_SECONDS`.
    """

    def __init__(
        self,
        settings: EngineSettings,
        factory: str = "vm_mcp.asr.faster_whisper:load",
        engine: str = "faster-whisper",
        idle_seconds: float = IDLE_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self.engine = engine
        self.model = settings.model
        self._factory = factory
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._silent_seconds = silent_seconds
        self._slots = asyncio.Semaphore(settings.at_once)
        self._starting = asyncio.Lock()
        self._retrying = asyncio.Lock()
        self._worker: WorkerProcess | None = None
        self._workers: set[WorkerProcess] = set()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._made: dict[tuple[bytes, str], Transcript] = {}
        """The latest transcripts, by the recording's digest and the options: the same would come out again."""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,
    ) -> Transcript:
        """Transcribe one recording, see `Transcriber`.

        Cancelling stops its work at the next step. An engine that does not notice within `CANCEL_SECONDS` is ended with
        its worker, and the other messages start again in the next one. The inbox cancels only what nobody has asked for
        in a while.
        """
        request = {"type": "transcribe", "options": options.model_dump()}
        same = (await _digest(audio), options.model_dump_json())
        async with self._slots:
            if made := self._made.get(same):
                return made
            try:
                answer = await self._ask_shared(request, audio, on_progress, demand)
            except (WorkerGoneError, EngineFailedError):
                answer = await self._ask_alone(request, audio, on_progress, demand)
        made = Transcript.model_validate(answer["transcript"])
        if not made.notice:  # else another model or device may do better the next time
            self._made[same] = made
        while len(self._made) > _KEPT:
            del self._made[next(iter(self._made))]
        return made

    @property
    def waiting_for(self) -> str:
        """What the loading of the engine waits for, see `Transcriber`."""
        return self._worker.waiting_for if self._worker and self._worker.is_alive else ""

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Have the worker load its engine, see `Transcriber`."""
        if self._worker and self._worker.is_alive and self._worker.is_ready:
            return
        request = {"type": "prepare", "may_download": True}
        try:
            await self._ask_shared(request, on_progress=on_progress)
        except WorkerGoneError:
            await self._ask_shared_or_give_up(request, on_progress)

    async def warm_up(self) -> None:
        """Start the worker, and have it load a model that is on this computer, see `Transcriber`."""
        with contextlib.suppress(TranscriptionError, WorkerGoneError):
            await self._ask_shared({"type": "prepare", "may_download": False})

    async def aclose(self) -> None:
        """End every worker at once, even in the middle of a message. Later calls raise TranscriptionError."""
        self._closed = True
        self._stop_idle_timer()
        for worker in self._workers:
            worker.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                for worker in tuple(self._workers):
                    await worker.wait()

    async def _ask_shared(
        self,
        request: dict[str, Any],
        body: bytes = b"",
        on_progress: Progress | None = None,
        demand: Demand | None = None,
    ) -> dict[str, Any]:
        """Ask the shared worker, and the next one if another message's cancellation or failure ended it.

        Raises:
            WorkerGoneError: It crashed or hung.
            EngineFailedError: Its engine failed on this message.
        """
        while True:
            worker = await self._running()
            try:
                return await self._ask(worker, request, body, on_progress, demand)
            except WorkerGoneError:
                self._raise_if_closed()
                if not worker.was_ended:
                    if self._worker is worker:  # the first of its messages to notice
                        logger.warning("The speech worker ended unexpectedly.")
                        self._worker = None
                        self._avoid_gpu()
                    raise
            except EngineFailedError:
                logger.warning("The speech engine failed. It starts again.")
                self._avoid_gpu()
                worker.end()
                raise
            finally:
                self._restart_idle_timer()

    async def _ask_shared_or_give_up(self, request: dict[str, Any], on_progress: Progress | None) -> None:
        try:
            await self._ask_shared(request, on_progress=on_progress)
        except WorkerGoneError as error:
            raise EngineUnavailableError(_STOPPED_WHILE_STARTING) from error

    async def _ask_alone(
        self, request: dict[str, Any], body: bytes, on_progress: Progress | None, demand: Demand | None
    ) -> dict[str, Any]:
        """Ask a worker that has no other message.

        Raises:
            EngineFailedError: It crashed, hung, or reported that its engine failed.
        """
        async with self._retrying:
            worker = await self._start()
            try:
                return await self._ask(worker, request, body, on_progress, demand)
            except WorkerGoneError as error:
                self._raise_if_closed()
                self._avoid_gpu(avoid=False)  # this worker did, and failed as well
                raise EngineFailedError(_STOPPED_TWICE) from error
            except EngineFailedError:
                self._avoid_gpu(avoid=False)
                raise
            finally:
                worker.end()

    async def _ask(
        self,
        worker: WorkerProcess,
        request: dict[str, Any],
        body: bytes,
        on_progress: Progress | None,
        demand: Demand | None,
    ) -> dict[str, Any]:
        silent_seconds = self._silent_seconds if request["type"] == "transcribe" else None
        answer = await worker.ask(request, body, on_progress, demand, silent_seconds)
        if answer["type"] == "error":
            _raise(answer["error"], Words.from_data(answer["words"]))
        worker.is_ready = True  # it loads its engine before it answers anything but an error
        return answer

    async def _running(self) -> WorkerProcess:
        async with self._starting:
            self._stop_idle_timer()
            if not (self._worker and self._worker.is_alive):
                self._worker = await self._start()
            return self._worker

    async def _start(self) -> WorkerProcess:
        self._raise_if_closed()
        # A worker with one message has nothing to lose.
        cancel_seconds = CANCEL_SECONDS if self._settings.at_once > 1 else 0.0
        arguments = (self._factory, self._settings.model_dump_json())
        worker = await WorkerProcess.start(arguments, _environment(), cancel_seconds)
        self._workers = {other for other in self._workers if not other.is_over} | {worker}
        if self._closed:
            worker.end()
            await worker.wait()
        self._raise_if_closed()
        return worker

    def _avoid_gpu(self, *, avoid: bool = True) -> None:
        self._settings = self._settings.model_copy(update={"gpu_failed": avoid})

    def _restart_idle_timer(self) -> None:
        """Have the worker ended after its idle time, if it has nothing to do."""
        self._stop_idle_timer()
        worker = self._worker
        if worker and worker.is_alive and not worker.is_busy:
            self._idle_timer = asyncio.get_running_loop().call_later(self._idle_seconds, worker.end)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise TranscriptionError("The server is stopping. Start it again, then ask again.")


def _raise(name: str, text: Words) -> NoReturn:
    raise _ERRORS.get(name, TranscriptionError)(text)


async def _digest(audio: bytes) -> bytes:
    """Return a recording's digest; on the event loop only where that takes a few milliseconds at most."""
    if len(audio) < _QUICK_BYTES:
        return hashlib.sha256(audio).digest()
    return (await asyncio.to_thread(hashlib.sha256, audio)).digest()


def _environment() -> dict[str, str]:
    """Return the server's environment without our settings, which include the API key, and with all telemetry off."""
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("VM_MCP_")}
    return {
        # By default glibc returns large blocks to the kernel at each step, which clears them before it hands them out
        # again: a third of the encoder's time.
        "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
        **inherited,
        # Otherwise numpy marks the heap around large arrays, and the kernel fills what is returned of it again.
        "NUMPY_MADVISE_HUGEPAGE": "0",
        # With several threads numpy rounds the features in another way, and a text may then differ by a word.
        "OPENBLAS_NUM_THREADS": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        # onnxruntime runs the voice detector. It would keep an id of this device and report events.
        "ORT_DISABLE_TELEMETRY": "1",
        # A token that another program left on this computer was not given to us.
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    }
