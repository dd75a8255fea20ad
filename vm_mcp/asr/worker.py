"""The worker process: loads the engine and reads messages, a thread each, so that the server never waits.

``python -m vm_mcp.asr.worker FACTORY SETTINGS`` takes the engine's factory as ``module:attribute`` and its
`EngineSettings` as JSON. It answers frames from stdin on stdout, and ends as soon as stdin does: when the server goes,
however it goes, its worker goes too.
"""

import contextlib
import ctypes
import importlib
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import BinaryIO, NoReturn, cast

from vm_mcp import audio
from vm_mcp.asr import frames
from vm_mcp.asr.transcriber import Engine, EngineFactory, EngineSettings, TranscribeOptions
from vm_mcp.errors import AudioDecodeError, TranscriptionError


def main() -> NoReturn:
    """Serve until stdin ends. An unexpected error ends the process, and the server starts another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    incoming, outgoing = _claim_stdio()
    messages: SimpleQueue[frames.Frame] = SimpleQueue()
    threading.Thread(target=_listen, args=(incoming, messages), daemon=True).start()
    _, factory, told = sys.argv
    settings = EngineSettings.model_validate_json(told)
    worker = _Worker(_load_factory(factory), settings, outgoing)
    threading.excepthook = _end_process
    for _ in range(settings.at_once - 1):
        threading.Thread(target=worker.serve, args=(messages,), daemon=True).start()
    worker.serve(messages)


class _Worker:
    """Holds the engine, which is loaded for the first message that can be decoded. Each message has a thread."""

    def __init__(self, factory: EngineFactory, settings: EngineSettings, outgoing: BinaryIO) -> None:
        self._factory = factory
        self._settings = settings
        self._outgoing = outgoing
        self._engine: Engine | None = None
        self._loading = threading.Lock()
        self._sending = threading.Lock()

    def serve(self, messages: "SimpleQueue[frames.Frame]") -> NoReturn:
        """Answer one request after the other, for as long as the process lives."""
        while True:
            self.answer(messages.get())

    def answer(self, request: frames.Frame) -> None:
        """Send what was asked for, or the error that came instead, after any number of progress frames."""
        number = request.header["number"]
        try:
            answer = self._answer(request, number)
        except (AudioDecodeError, TranscriptionError) as error:
            answer = {"type": "error", "error": type(error).__name__, "text": str(error)}
        self._send(number, answer)

    def _answer(self, request: frames.Frame, number: int) -> dict[str, object]:
        if request.header["type"] == "transcribe":
            return self._transcribe(request, number)
        self._load(number, may_download=request.header["may_download"])
        return {"type": "ready"}

    def _transcribe(self, request: frames.Frame, number: int) -> dict[str, object]:
        samples = audio.decode(request.body)
        options = TranscribeOptions.model_validate(request.header["options"])
        transcript = self._load(number).transcribe(
            samples, options, lambda share: self._send(number, {"type": "progress", "share": share})
        )
        return {"type": "transcript", "transcript": transcript.model_dump(mode="json")}

    def _load(self, number: int, *, may_download: bool = True) -> Engine:
        def tell(text: str, share: float) -> None:
            self._send(number, {"type": "progress", "waiting_for": text, "share": share})

        with self._loading:
            told = self._settings.model_copy(update={"may_download": may_download})
            if not self._engine:
                self._engine = self._factory(told, tell)
                _return_freed_memory()
            return self._engine

    def _send(self, number: int, header: dict[str, object]) -> None:
        with self._sending:
            self._outgoing.write(frames.pack({**header, "number": number}))
            self._outgoing.flush()


def _return_freed_memory() -> None:
    """Hand back what only loading took, more than a model's size: the server has told glibc to keep what is freed."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def _end_process(error: threading.ExceptHookArgs) -> NoReturn:
    """End the process at an unexpected error in a thread, as at one in the main one: a thread less would be a hang."""
    sys.excepthook(error.exc_type, error.exc_value or error.exc_type(), error.exc_traceback)
    os._exit(1)


def _claim_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the server for frames alone: whatever native code prints goes to stderr from now on."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    return cast("BinaryIO", incoming), outgoing


def _listen(incoming: BinaryIO, messages: "SimpleQueue[frames.Frame]") -> None:
    """Pass frames on; at the end of stdin end the process, whatever it is computing."""

    def read_exactly(size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            chunk = incoming.read(min(size - len(data), 1 << 20))
            if not chunk:
                os._exit(0)
            data += chunk
        return bytes(data)

    while True:
        messages.put(frames.read(read_exactly))


def _load_factory(path: str) -> EngineFactory:
    module, _, attribute = path.partition(":")
    return cast("EngineFactory", getattr(importlib.import_module(module), attribute))


if __name__ == "__main__":
    main()
