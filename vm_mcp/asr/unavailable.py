"""A transcriber for when there is no engine."""

from vm_mcp.asr.transcriber import Demand, Progress, TranscribeOptions
from vm_mcp.errors import EngineUnavailableError
from vm_mcp.models import Transcript


class UnavailableTranscriber:
    """Raises the same advice at every use."""

    engine = "none"
    model = ""
    waiting_for = ""

    def __init__(self, advice: str) -> None:
        self._advice = advice

    async def transcribe(
        self,
        audio: bytes,  # noqa: ARG002  # the protocol's
        options: TranscribeOptions,  # noqa: ARG002  # the protocol's
        on_progress: Progress | None = None,  # noqa: ARG002  # the protocol's
        demand: Demand | None = None,  # noqa: ARG002  # the protocol's
    ) -> Transcript:
        """Raise EngineUnavailableError."""
        raise EngineUnavailableError(self._advice)

    async def prepare(self, on_progress: Progress | None = None) -> None:  # noqa: ARG002  # the protocol's
        """Raise EngineUnavailableError."""
        raise EngineUnavailableError(self._advice)

    async def warm_up(self) -> None:
        """Do nothing: there is nothing to start."""

    async def aclose(self) -> None:
        """Do nothing: nothing was started."""
