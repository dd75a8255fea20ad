"""What a speech engine is, seen from the inbox."""

from collections.abc import Callable
from typing import Protocol

from vm_mcp.models import Model, Transcript

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1, from the event loop's thread."""


class TranscribeOptions(Model):
    """How to read one message."""

    language: str = ""
    """ISO 639-1 code to decode as; empty: the likeliest of the account's languages."""
    caller_name: str = ""
    """Helps the engine to spell the name; untrusted, and never forced into the text."""


class Transcriber(Protocol):
    """Turns a recording into a transcript without ever blocking the event loop."""

    async def transcribe(
        self, audio: bytes, options: TranscribeOptions, on_progress: Progress | None = None
    ) -> Transcript:
        """Transcribe one recording.

        Args:
            audio: The recording's bytes, in any container that FFmpeg's libraries read.
            options: How to read it.
            on_progress: Told the share done.

        Raises:
            AudioDecodeError: The bytes are no audio.
            EngineUnavailableError: The engine or its model is missing; the text says what to install.
            TranscriptionError: The engine failed.
        """
        ...

    async def prepare(self) -> None:
        """Make ready to transcribe: engine started, model found (downloaded, if need be) and loaded.

        The inbox awaits it before it asks for a recording, which marks a message as read: nothing is opened that
        can't be transcribed. Returns at once when all is ready.

        Raises:
            EngineUnavailableError: The engine or its model can't be had; the text says what to do.
            TranscriptionError: The engine failed to start.
        """
        ...

    async def aclose(self) -> None:
        """Stop at once, whatever is in flight, and leave no process behind."""
        ...
