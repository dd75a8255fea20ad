"""A transcriber whose engine runs on a speech server."""

import asyncio
import math
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from vm_mcp import audio
from vm_mcp.asr.length_notices import with_length_notice
from vm_mcp.asr.remote.endpoint import api_base, bearer
from vm_mcp.asr.remote.transcription_response import parse_models
from vm_mcp.asr.transcriber import Demand, Progress, TranscribeOptions
from vm_mcp.errors import AudioDecodeError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript

if TYPE_CHECKING:
    from vm_mcp.asr.remote.conversation import Conversation, Heard
    from vm_mcp.asr.remote.speech_server import SpeechServer, Upload

NAME = "remote"

LIST_BUDGET, LOAD_BUDGET = 10.0, 300.0
"""Seconds for the list of models, and for the first answer, for which some servers load the model."""
FRESH_SECONDS = 10.0
"""How long after an answer the server is taken to be still there."""
LOADED_SECONDS = 240.0
"""How long after a transcription the server is taken to have the model loaded. Speaches and agent-cli unload it after
five minutes without work, and then load it while the next request waits."""
RETRIAL_BUDGET = 60.0
"""Seconds for a trial after a failure."""
_DEFAULT_MODEL = "whisper-1"
"""OpenAI's own name, for servers that list no models: those ignore the name, as whisper.cpp's does, or refuse it."""

_GREETING = Path(__file__).with_name("greeting.wav")

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
        self._opened_conversation: Conversation | None = None
        self._preparing = asyncio.Lock()
        self._answered_at = self._transcribed_at = -math.inf
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def prepare(self, on_progress: Progress | None = None) -> None:  # noqa: ARG002  # nothing to download
        """Check that the server is there, see `Transcriber`.

        Before the first message, and again after a failure or a long pause, a spoken greeting is transcribed: only a
        transcription shows whether key, address and model are right. Silence would not do: Speaches answers it without
        loading the model, or fails on it, as servers around WhisperX do.
        """
        async with self._preparing:
            if not self._is_ready or time.monotonic() - self._answered_at > FRESH_SECONDS:
                await self._unless_closed(self._check())

    @property
    def _is_ready(self) -> bool:
        return time.monotonic() - self._transcribed_at < LOADED_SECONDS

    async def warm_up(self) -> None:
        """Do nothing: the server is asked only when it is needed."""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,  # noqa: ARG002  # the server has an order of its own
    ) -> Transcript:
        """Transcribe one recording, see `Transcriber`. The caller's name is not sent."""
        try:
            transcript = await self._unless_closed(self._transcribe(audio, options))
        except TranscriptionError:
            self._transcribed_at = -math.inf
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
            await self._try_out()

    async def _find_model(self) -> None:
        """Ask for the server's models, even if the model is set: the answer shows that the server is there.

        It need not answer if the model is known: a server such as faster-whisper-server 0.0.3, which does one thing at
        a time, lets this wait while it transcribes.
        """
        from vm_mcp.asr.remote.speech_server import NoAnswerError

        try:
            models = parse_models(await self._server().models(LIST_BUDGET if self._model else LOAD_BUDGET))
        except NoAnswerError:
            if self._model:
                return
            raise
        self._model = self._model or (_only(models) if models else _DEFAULT_MODEL)
        self._answered_at = time.monotonic()

    async def _try_out(self) -> None:
        from vm_mcp.asr.remote.speech_server import RequestRefusedError, ServerFailedError

        try:
            await self._greet(LOAD_BUDGET)
        except (RequestRefusedError, ServerFailedError) as error:
            raise EngineUnavailableError(
                "The speech server is there, but does not transcribe even a spoken greeting, perhaps because it does "
                "not have the model or can't load it. Set VM_MCP_MODEL to one that it serves, and check its log."
            ) from error

    async def _greet(self, budget: float) -> None:
        greeting = await asyncio.to_thread(_GREETING.read_bytes)
        await self._conversation().probe(greeting, budget)
        self._answered_at = self._transcribed_at = time.monotonic()

    async def _transcribe(self, recording: bytes, options: TranscribeOptions) -> Transcript:
        if audio.is_empty(recording):  # most servers refuse it, and some make words of it
            return with_length_notice(Transcript(language="", duration_seconds=0, engine=NAME, model=self._model), 0)
        if audio.sniff(recording) is None:
            raise AudioDecodeError(audio.UNKNOWN_FORMAT)
        if not self._model:
            await self._find_model()
        heard = await self._hear(recording, options.language)
        self._answered_at = self._transcribed_at = time.monotonic()
        return Transcript(
            language=heard.language if heard.segments else "",
            segments=heard.segments,
            duration_seconds=heard.seconds,
            engine=NAME,
            model=self._model,
            notice=heard.notice,
        )

    async def _hear(self, recording: bytes, language: str) -> "Heard":
        """Return what was said, see `Conversation.transcribe`.

        Raises:
            TranscriptionError: The server fails on this recording, but not on the greeting.
        """
        from vm_mcp.asr.remote.speech_server import RequestRefusedError, ServerFailedError

        try:
            return await self._conversation().transcribe(recording, language)
        except (RequestRefusedError, ServerFailedError) as error:
            failure = error
        try:
            await self._greet(RETRIAL_BUDGET)
        except TranscriptionError:
            raise failure from None
        raise TranscriptionError(
            "The speech server fails on this message, but not on speech in general. Perhaps nobody speaks in it, or "
            "its format is unknown there. Listen to it in the web console, or check the server's log."
        )

    def _conversation(self) -> "Conversation":
        if self._opened_conversation is None:
            from vm_mcp.asr.remote.conversation import Conversation

            self._opened_conversation = Conversation(self._send, self._languages)
        return self._opened_conversation

    async def _send(self, upload: "Upload", fields: dict[str, str], budget: float) -> bytes:
        return await self._server().transcribe(upload, {"model": self._model, **fields}, budget)

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
