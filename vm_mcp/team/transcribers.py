"""A worker's speech engines: one for each list of languages that its accounts have."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from vm_mcp.errors import ConfigError
from vm_mcp.team.engine_name import EngineName

if TYPE_CHECKING:
    from vm_mcp.asr import Transcriber
    from vm_mcp.config import Settings

OpenTranscriber = Callable[["Settings"], "Transcriber"]
_NO_ENGINE = (
    "The team's engine, {wanted}, is not on this machine. Install it; for `remote`, set VM_MCP_REMOTE_URL; or leave "
    "the queue `speech` to other machines with `vm-mcp worker --queues poll,fetch`."
)
_OTHER_ENGINE = (
    "This worker would transcribe with {actual}, and the team's transcripts are of {wanted}. Install that engine here, "
    "or leave the queue `speech` to other machines with `vm-mcp worker --queues poll,fetch`."
)


class Transcribers:
    """Opens transcribers, each at first use, and closes them together.

    Args:
        engine: What the team's transcripts are kept under.
        opener: Opens one for an account's settings; see `vm_mcp.asr.open_transcriber`.
    """

    def __init__(self, engine: EngineName, opener: OpenTranscriber) -> None:
        self._engine = engine
        self._opener = opener
        self._by_languages: dict[tuple[str, ...], Transcriber] = {}

    def of(self, settings: "Settings") -> "Transcriber":
        """Return the transcriber for an account.

        Raises:
            ConfigError: This machine has another engine or model than the team's.
        """
        if settings.languages not in self._by_languages:
            opened = self._opener(settings)
            actual = EngineName(opened.engine, opened.model)
            if actual != self._engine:
                if opened.engine == "none":
                    raise ConfigError(_NO_ENGINE, wanted=_text(self._engine))
                raise ConfigError(_OTHER_ENGINE, actual=_text(actual), wanted=_text(self._engine))
            self._by_languages[settings.languages] = opened
        return self._by_languages[settings.languages]

    async def aclose(self) -> None:
        """Stop all at once."""
        for transcriber in self._by_languages.values():
            await transcriber.aclose()


def _text(name: EngineName) -> str:
    return f"{name.engine} {name.model}".strip()
