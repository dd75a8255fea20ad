"""The worker process: loads the engine and transcribes messages, one thread each.

``python -m vm_mcp.asr.worker FACTORY SETTINGS`` takes the engine's factory as ``module:attribute`` and its
`EngineSettings` as JSON. It answers frames from stdin on stdout, and exits as soon as stdin ends: when the server ends,
even if it is killed, the worker ends too.

An engine runs in a process of its own because native code can't be stopped in any other way and may crash, because the
event loop must not compete with it, and because memory is only returned for certain when a process ends.
"""

import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError
from contextlib import nullcontext
from queue import SimpleQueue
from typing import Any, BinaryIO, NoReturn, cast

from vm_mcp import audio
from vm_mcp.asr import frames, process_memory
from vm_mcp.asr.key_tones import find_key_tones, pressed_keys, without_tones
from vm_mcp.asr.length_notices import with_length_notice
from vm_mcp.asr.transcriber import Engine, EngineFactory, EngineSettings, TranscribeOptions
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.worker_log import log_in
from vm_mcp.errors import AudioDecodeError, TranscriptionError

# Bytes from which a recording may last so long that only one such is in hand: 30 minutes take 115 MB when decoded.
_LONG_BYTES = 4 << 20


def main() -> NoReturn:
    """Answer requests until stdin ends. An unexpected error ends the process, and the server starts another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    incoming, outgoing = _claim_stdio()
    requests: SimpleQueue[frames.Frame] = SimpleQueue()
    turns = _Turns()
    threading.Thread(target=_listen, args=(incoming, requests, turns), daemon=True).start()
    _, factory, settings_json = sys.argv
    settings = EngineSettings.model_validate_json(settings_json)
    log_in(settings.lang)
    worker = _Worker(cast("EngineFactory", pkgutil.resolve_name(factory)), settings, outgoing, turns)
    threading.excepthook = _end_process
    for _ in range(settings.at_once - 1):
        threading.Thread(target=worker.serve, args=(requests,), daemon=True).start()
    worker.serve(requests)


class _Turns:
    """The turns of the messages in hand, by their requests' numbers. They are numbered as they come."""

    def __init__(self) -> None:
        self._turns: dict[int, Turn] = {}

    def begin(self, number: int) -> None:
        """Give a request its turn."""
        self._turns[number] = Turn()

    def end(self, number: int) -> None:
        """Forget a request that is answered."""
        del self._turns[number]

    def __getitem__(self, number: int) -> Turn:
        """Return a request's turn."""
        return self._turns[number]

    def change(self, header: Mapping[str, Any]) -> None:
        """Do what a frame of the server says about a request; one that is answered already has no turn."""
        turn = self._turns.get(header["number"])
        if turn and header["type"] == "cancel":
            turn.is_cancelled = True
        elif turn:
            turn.is_background = header["is_background"]


class _Worker:
    """Holds the engine, which is loaded for the first request that needs it."""

    def __init__(self, factory: EngineFactory, settings: EngineSettings, outgoing: BinaryIO, turns: _Turns) -> None:
        self._turns = turns
        self._factory = factory
        self._settings = settings
        self._outgoing = outgoing
        self._engine: Engine | None = None
        self._loading = threading.Lock()
        self._long_ones = threading.Lock()
        self._sending = threading.Lock()

    def serve(self, requests: "SimpleQueue[frames.Frame]") -> NoReturn:
        """Answer one request after another, as long as the process lives."""
        while True:
            self.answer(requests.get())
            process_memory.return_freed()

    def answer(self, request: frames.Frame) -> None:
        """Send the answer to a request, or the error that it raised, after any number of progress frames."""
        number = request.header["number"]
        try:
            answer = self._answer(request, number)
        except (AudioDecodeError, TranscriptionError) as error:
            answer = {"type": "error", "error": type(error).__name__, "words": error.words.as_data()}
        except CancelledError:
            answer = {"type": "cancelled"}
        self._turns.end(number)
        self._send(number, answer)

    def _answer(self, request: frames.Frame, number: int) -> dict[str, object]:
        if request.header["type"] == "transcribe":
            return self._transcribe(request, number)
        self._load(number, may_download=request.header["may_download"])
        return {"type": "ready"}

    def _transcribe(self, request: frames.Frame, number: int) -> dict[str, object]:
        with self._long_ones if len(request.body) > _LONG_BYTES else nullcontext():
            return self._transcribe_now(request, number)

    def _transcribe_now(self, request: frames.Frame, number: int) -> dict[str, object]:
        turn = self._turns[number]
        turn.raise_if_cancelled()
        # First, so that no model is loaded for bytes that are not audio. One second more than is transcribed shows
        # whether the recording goes on.
        samples = audio.decode(request.body, audio.MAX_SECONDS + 1)
        transcribed = samples[: audio.MAX_SECONDS * audio.SAMPLE_RATE]
        tones = find_key_tones(transcribed)
        options = TranscribeOptions.model_validate(request.header["options"])
        transcript = self._load(number).transcribe(
            without_tones(transcribed, tones),
            options,
            lambda fraction: self._send(number, {"type": "progress", "fraction": fraction}),
            turn,
        )
        transcript = with_length_notice(transcript, len(samples) / audio.SAMPLE_RATE)
        found = {"keys": pressed_keys(tones), "peaks": audio.sound_peaks(transcribed)}
        transcript = transcript.model_copy(update=found)
        return {"type": "transcript", "transcript": transcript.model_dump(mode="json")}

    def _load(self, number: int, *, may_download: bool = True) -> Engine:
        def report(text: str, fraction: float) -> None:
            self._send(number, {"type": "progress", "waiting_for": text, "fraction": fraction})

        with self._loading:
            settings = self._settings.model_copy(update={"may_download": may_download})
            if not self._engine:
                self._engine = self._factory(settings, report)
            return self._engine

    def _send(self, number: int, header: dict[str, object]) -> None:
        with self._sending:
            self._outgoing.write(frames.pack({**header, "number": number}))
            self._outgoing.flush()


def _end_process(error: threading.ExceptHookArgs) -> NoReturn:
    """End the process on an unexpected error in any thread: without that thread, some request would hang."""
    sys.excepthook(error.exc_type, error.exc_value or error.exc_type(), error.exc_traceback)
    os._exit(1)


def _claim_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes to the server, and point stdin and stdout elsewhere: native code prints to stdout."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    return cast("BinaryIO", incoming), outgoing


def _listen(incoming: BinaryIO, requests: "SimpleQueue[frames.Frame]", turns: _Turns) -> None:
    """Queue the requests, and end the process at the end of stdin, even in the middle of a message."""

    def read_exactly(size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            chunk = incoming.read(min(size - len(data), 1 << 20))
            if not chunk:
                os._exit(0)
            data += chunk
        return bytes(data)

    while True:
        frame = frames.read(read_exactly)
        if frame.header["type"] in {"cancel", "attention"}:
            turns.change(frame.header)
        else:
            turns.begin(frame.header["number"])
            requests.put(frame)


if __name__ == "__main__":
    main()
