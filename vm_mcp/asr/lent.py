"""A transcriber that several inboxes use."""

from vm_mcp.asr.transcriber import Demand, Progress, TranscribeOptions, Transcriber
from vm_mcp.models import Transcript


class LentTranscriber:
    """Another's transcriber, which stays open when this one is closed.

    Args:
        owner: The transcriber; whoever lends it closes it.
    """

    def __init__(self, owner: Transcriber) -> None:
        self._owner = owner

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self._owner.engine

    @property
    def model(self) -> str:
        """The model."""
        return self._owner.model

    @property
    def waiting_for(self) -> str:
        """What all messages wait for."""
        return self._owner.waiting_for

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,
    ) -> Transcript:
        """Transcribe one recording; see `Transcriber.transcribe`."""
        return await self._owner.transcribe(audio, options, on_progress, demand)

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Prepare the engine; see `Transcriber.prepare`."""
        await self._owner.prepare(on_progress)

    async def warm_up(self) -> None:
        """Start the engine; see `Transcriber.warm_up`."""
        await self._owner.warm_up()

    async def aclose(self) -> None:
        """Do nothing: others use it."""
