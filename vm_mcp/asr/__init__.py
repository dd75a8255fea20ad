"""Speech to text: the protocol, the engines, and the worker process they run in."""

import importlib.util
import os
from typing import TYPE_CHECKING

from vm_mcp.asr.transcriber import Progress, TranscribeOptions, Transcriber

if TYPE_CHECKING:
    from vm_mcp.config import Settings

__all__ = ["Progress", "TranscribeOptions", "Transcriber", "open_transcriber"]

_OFF = "Transcription is switched off. Remove VM_MCP_ENGINE=none from the settings and restart to switch it on."
_NO_ENGINE = (
    'The speech engine is not installed. Install vm-mcp again as vm-mcp[whisper] (README, "Use it"), then restart. '
    "Or set VM_MCP_REMOTE_URL to a speech server of yours."
)
_NO_ADDRESS = (
    "VM_MCP_ENGINE is remote, but no speech server is set. Set VM_MCP_REMOTE_URL to its address, such as "
    "http://gpu.lan:8000, and restart."
)
# Engine, the module that it can't do without, and the extra that brings it; the first that is there is the default.
_LOCAL = (("faster-whisper", "faster_whisper", "whisper"), ("openai-whisper", "whisper", "openai-whisper"))
# Beyond this many, lanes wait for each other's memory.
_MOST_LANES = 4
# Messages in hand: several windows of about the same length are then likely among them, and read together.
_AT_ONCE = 16


def open_transcriber(settings: "Settings") -> Transcriber:
    """Return the transcriber that the settings ask for; nothing is loaded or started before it is first used.

    ``auto`` is the speech server where one is set, since nobody sets one to leave it idle; else faster-whisper, else
    openai-whisper, whichever is installed. Where the engine is not there, or switched off, each use raises
    EngineUnavailableError, which says what to do.

    Raises:
        ConfigError: The address or the key of the speech server is unusable.
    """
    if settings.engine == "none":
        return _unavailable(_OFF)
    if settings.engine == "remote" or (settings.engine == "auto" and settings.remote_url):
        return _remote(settings)
    return _local(settings)


def _remote(settings: "Settings") -> Transcriber:
    if not settings.remote_url:
        return _unavailable(_NO_ADDRESS)
    from vm_mcp.asr.remote import RemoteTranscriber

    # The default is a name for models on this computer; servers have names of their own.
    model = settings.model if "model" in settings.model_fields_set else ""
    return RemoteTranscriber(settings.remote_url, settings.remote_api_key, model, settings.languages)


def _local(settings: "Settings") -> Transcriber:
    candidates = [engine for engine in _LOCAL if settings.engine in {"auto", engine[0]}]
    installed = [engine for engine in candidates if importlib.util.find_spec(engine[1])]
    if not installed:
        extra = candidates[0][2]
        return _unavailable(_NO_ENGINE.replace("vm-mcp[whisper]", f"vm-mcp[{extra}]"))
    from vm_mcp.asr.transcriber import EngineSettings
    from vm_mcp.asr.worker_client import WorkerTranscriber

    name = installed[0][0]
    shares = name == "faster-whisper"
    told = EngineSettings(
        model=settings.model,
        languages=settings.languages,
        device=settings.device,
        data_dir=settings.data_dir,
        lanes=_lanes() if shares else 1,
        at_once=_AT_ONCE if shares else 1,
    )
    return WorkerTranscriber(told, f"vm_mcp.asr.{name.replace('-', '_')}:load", name)


def _lanes() -> int:
    """One for each core that this process may use: two lanes of one thread read twice what one of two threads does."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST_LANES, usable)


def _unavailable(advice: str) -> Transcriber:
    from vm_mcp.asr.unavailable import UnavailableTranscriber

    return UnavailableTranscriber(advice)
