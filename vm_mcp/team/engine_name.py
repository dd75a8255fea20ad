"""The team's one engine and model, by name: transcripts are kept under them, and no server of a team loads them."""

from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.asr.model_choice import AUTO
from vm_mcp.errors import ConfigError, EngineUnavailableError

if TYPE_CHECKING:
    from vm_mcp.asr import Demand, Progress, TranscribeOptions
    from vm_mcp.config import Settings
    from vm_mcp.models import Transcript

_NO_ENGINE = (
    "A team's machines must agree on the engine: set VM_MCP_ENGINE on all of them to the same one (faster-whisper, "
    "openai-whisper or remote). `auto` may be another engine on each."
)
_NO_MODEL = (
    "A team's machines must agree on the model: set VM_MCP_MODEL on all of them to the same name, such as `small`. "
    "`auto` may be another model on each."
)
_ELSEWHERE = "A team's server transcribes nothing itself. Start `vm-mcp worker` on a machine with the engine."


class EngineName(NamedTuple):
    """What transcripts are kept under."""

    engine: str
    model: str


def engine_name(settings: "Settings") -> EngineName:
    """Return the engine and the model that all machines of a team use; nothing is looked for or loaded.

    Raises:
        ConfigError: A machine would choose one by itself.
    """
    if settings.engine == AUTO:
        raise ConfigError(_NO_ENGINE)
    if settings.model == AUTO:
        raise ConfigError(_NO_MODEL)
    if settings.engine == "remote" and "model" not in settings.model_fields_set:
        return EngineName("remote", "")  # the only model that the speech server has
    return EngineName(settings.engine, settings.model)


class NamedTranscriber:
    """A `vm_mcp.asr.Transcriber` that only says what transcripts are kept under; workers transcribe."""

    waiting_for = ""

    def __init__(self, name: EngineName) -> None:
        self.engine, self.model = name

    async def transcribe(
        self,
        audio: bytes,  # noqa: ARG002 - the protocol's
        options: "TranscribeOptions",  # noqa: ARG002 - the protocol's
        on_progress: "Progress | None" = None,  # noqa: ARG002 - the protocol's
        demand: "Demand | None" = None,  # noqa: ARG002 - the protocol's
    ) -> "Transcript":
        """Raise EngineUnavailableError: nothing asks for it, since `vm_mcp.team.queued_maker` makes the transcripts."""
        raise EngineUnavailableError(_ELSEWHERE)

    async def prepare(self, on_progress: "Progress | None" = None) -> None:
        """Do nothing: workers prepare their own."""

    async def warm_up(self) -> None:
        """Do nothing: workers keep theirs warm."""

    async def aclose(self) -> None:
        """Do nothing: nothing was started."""
