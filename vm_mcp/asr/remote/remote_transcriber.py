"""A transcriber whose engine runs on a speech server."""

import asyncio
import contextlib
import io
import math
import time
import wave
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from vm_mcp import audio
from vm_mcp.asr.length_notices import with_length_notice
from vm_mcp.asr.remote.endpoint import api_base, bearer
from vm_mcp.asr.remote.transcription_response import ServerTranscript, parse_models, parse_transcription
from vm_mcp.asr.transcriber import Progress, TranscribeOptions
from vm_mcp.errors import AudioDecodeError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript

if TYPE_CHECKING:
    from vm_mcp.asr.remote.speech_server import SpeechServer

NAME = "remote"

LIST_BUDGET, LOAD_BUDGET = 10.0, 300.0
"""Seconds for the list of models, and for the first answer, for which some servers load the model."""
FRESH_SECONDS = 10.0
"""How long after an answer the server is taken to be still there."""
# Seconds for a message: time in the server's queue, and real time for its bytes at the lowest usual bit rate.
_QUEUE_SECONDS, _BYTES_PER_SECOND = 60.0, 1_000

T = TypeVar("T")


class RemoteTranscriber:
    """A `Transcriber` that sends recordings to an OpenAI-compatible server.

    Args:
        url: The server's address, with or without ``/v1``.
        key: The key that this server asks for, if any. It is sent to no other.
        model: The server's name for the model; empty: the only one that it serves.
        languages: ISO 639-1 codes of what callers speak. If the server detects another, it is asked again for the
            first of these.

    Raises:
        ConfigError: The address or the key is unusable.
    """

    def __init__(self, url: str, key: SecretStr | None, model: str, languages: tuple[str, ...]) -> None:
        self.engine, self.model, self.waiting_for = NAME, model, ""
        self._base = api_base(url)
        self._headers = bearer(key)
        self._model = model
        self._languages = languages
        self._opened: SpeechServer | None = None
        self._format = "verbose_json"
        self._preparing = asyncio.Lock()
        self._is_ready = False
        self._answered_at = -math.inf
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def prepare(self, on_progress: Progress | None = None) -> None:  # noqa: ARG002  # nothing to download
        """Check that the server is there, see `Transcriber`.

        Before the first message, and again after a failure, a second of silence is transcribed: only a transcription
        shows whether key, address and model are right.
        """
        async with self._preparing:
            if not self._is_ready or time.monotonic() - self._answered_at > FRESH_SECONDS:
                await self._unless_closed(self._check())

    async def warm_up(self) -> None:
        """Do nothing: the server is asked only when it is needed."""

    async def transcribe(
        self, audio: bytes, options: TranscribeOptions, on_progress: Progress | None = None
    ) -> Transcript:
        """Transcribe one recording, see `Transcriber`. The caller's name is not sent."""
        try:
            transcript = await self._unless_closed(self._transcribe(audio, options))
        except TranscriptionError:
            self._is_ready = False
            raise
        if on_progress:
            on_progress(1.0)
        return transcript

    async def aclose(self) -> None:
        """Close the connections at once, even in the middle of a message. Later calls raise TranscriptionError."""
        self._closed = True
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=1)
        if self._opened:
            await self._opened.aclose()

    async def _check(self) -> None:
        await self._find_model()
        if not self._is_ready:
            await self._transcribe_silence()
        self._is_ready = True

    async def _find_model(self) -> None:
        """Ask for the server's models, even if the model is set: the answer shows that the server is there."""
        models = parse_models(await self._server().models(LIST_BUDGET))
        self._model = self._model or _only(models)
        self._answered_at = time.monotonic()

    async def _transcribe_silence(self) -> None:
        from vm_mcp.asr.remote.speech_server import RequestRefusedError

        # Some servers refuse silence. A wrong key, address or model gives other errors.
        with contextlib.suppress(RequestRefusedError):
            await self._ask(_silence(), self._languages[0], LOAD_BUDGET)

    async def _transcribe(self, recording: bytes, options: TranscribeOptions) -> Transcript:
        if audio.is_empty(recording):  # most servers refuse it, and some make words of it
            return with_length_notice(self._to_transcript(ServerTranscript(), ""), 0)
        if audio.sniff(recording) is None:
            raise AudioDecodeError(audio.UNKNOWN_FORMAT)
        if not self._model:
            await self._find_model()
        budget = _QUEUE_SECONDS + len(recording) / _BYTES_PER_SECOND
        language = options.language or (self._languages[0] if len(self._languages) == 1 else "")
        answer = await self._ask(recording, language, budget)
        if not language and answer.language_code and answer.language_code not in self._languages:
            language = self._languages[0]
            answer = await self._ask(recording, language, budget)
        self._answered_at = time.monotonic()
        return await asyncio.to_thread(self._to_transcript, answer, language or answer.language_code)

    async def _ask(self, recording: bytes, language: str, budget: float) -> ServerTranscript:
        """Return the server's answer with all details, or the text alone from a server that refuses to give details."""
        from vm_mcp.asr.remote.speech_server import RequestRefusedError

        try:
            return await asyncio.to_thread(parse_transcription, await self._send(recording, language, budget))
        except RequestRefusedError:
            if self._format == "json":
                raise
        answer = await asyncio.to_thread(parse_transcription, await self._send(recording, language, budget, "json"))
        self._format = "json"
        return answer

    async def _send(self, recording: bytes, language: str, budget: float, response_format: str = "") -> bytes:
        from vm_mcp.asr.remote.speech_server import Upload

        audio_format = audio.sniff(recording)
        assert audio_format  # noqa: S101  # checked before, and silence is ours
        fields = {
            "model": self._model,
            "response_format": response_format or self._format,
            "temperature": "0",
        }
        upload = Upload(recording, f"voicemail{audio_format.suffix}", audio_format.mime_type)
        return await self._server().transcribe(upload, fields | ({"language": language} if language else {}), budget)

    def _to_transcript(self, answer: ServerTranscript, language: str) -> Transcript:
        segments = answer.spoken_segments()
        return Transcript(
            language=language if segments else "",
            segments=segments,
            duration_seconds=answer.seconds,
            engine=NAME,
            model=self._model,
        )

    def _server(self) -> "SpeechServer":
        if self._opened is None:
            from vm_mcp.asr.remote.speech_server import SpeechServer

            self._opened = SpeechServer(self._base, self._headers)
        return self._opened

    async def _unless_closed(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work that both `aclose` and the caller's cancellation end."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        try:
            if self._closed:
                task.cancel()
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if not self._closed or (current and current.cancelling()):
                raise
        finally:
            self._running.discard(task)
        raise TranscriptionError("The server is stopping. Start it again, then ask again.")


def _only(models: list[str]) -> str:
    """Return the model to use if none is set: the only one served, or the only Whisper."""
    for candidates in (models, [model for model in models if "whisper" in model.lower()]):
        if len(candidates) == 1:
            return candidates[0]
    raise EngineUnavailableError(
        "The speech server does not say which model to use. Set VM_MCP_MODEL to the name of one that it serves, and "
        "restart."
    )


def _silence() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.SAMPLE_RATE)
        file.writeframes(bytes(2 * audio.SAMPLE_RATE))
    return buffer.getvalue()
