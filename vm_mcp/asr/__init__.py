"""Speech to text: the protocol, the engines, and the worker process they run in."""

from typing import TYPE_CHECKING

from vm_mcp.asr.base import Progress, TranscribeOptions, Transcriber

if TYPE_CHECKING:
    from vm_mcp.config import Settings

__all__ = ["Progress", "TranscribeOptions", "Transcriber", "open_transcriber"]


def open_transcriber(settings: "Settings") -> Transcriber:
    """Return the transcriber that the settings ask for; nothing is loaded or started before it is first used.

    Where the engine is not installed, or switched off, each use raises EngineUnavailableError, which says what to do.
    """
    from importlib.util import find_spec

    from vm_mcp.asr.base import EngineSettings
    from vm_mcp.asr.proxy import WorkerTranscriber
    from vm_mcp.asr.unavailable import UnavailableTranscriber

    if settings.engine == "none":
        return UnavailableTranscriber(
            "Transcription is switched off. Remove VM_MCP_ENGINE=none from the settings and restart to switch it on."
        )
    if not find_spec("faster_whisper"):
        return UnavailableTranscriber(
            'The speech engine is not installed. Run: pip install "vm-mcp[whisper]", then restart this server.'
        )
    return WorkerTranscriber(
        EngineSettings(
            model=settings.model,
            languages=settings.languages,
            device=settings.device,
            data_dir=settings.data_dir,
        )
    )
