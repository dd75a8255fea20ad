"""Speech to text: the protocol, the engines, and the worker process they run in."""

import logging
from typing import TYPE_CHECKING

from vm_mcp.asr.engines import LOCAL_ENGINES, LocalEngine, knows_language
from vm_mcp.asr.transcriber import Demand, Progress, TranscribeOptions, Transcriber

if TYPE_CHECKING:
    from vm_mcp.config import Settings

__all__ = ["Demand", "Progress", "TranscribeOptions", "Transcriber", "knows_language", "open_transcriber"]

logger = logging.getLogger(__name__)

_OFF = "Transcription is switched off. Remove VM_MCP_ENGINE=none from the settings and restart to switch it on."
_NO_ADDRESS = (
    "VM_MCP_ENGINE is remote, but no speech server is set. Set VM_MCP_REMOTE_URL to its address, such as "
    "http://gpu.lan:8000, and restart."
)
# Beyond this many, lanes only compete for memory bandwidth.
_MOST_LANES = 4
# Only windows of about the same length are decoded together: with this many messages in hand, some mostly are.
_AT_ONCE = 16


def open_transcriber(settings: "Settings") -> Transcriber:
    """Return the transcriber that the settings ask for; nothing is loaded or started before it is first used.

    ``auto`` is the speech server where one is set, since nobody sets one to leave it idle; otherwise the first of
    `LOCAL_ENGINES` that is installed. If the engine is missing or switched off, the transcriber raises
    EngineUnavailableError at every use.

    Raises:
        ConfigError: The address or the key of the speech server is unusable.
    """
    if settings.engine == "none":
        return _unavailable(_OFF)
    if settings.engine == "remote" or (settings.engine == "auto" and settings.remote_url):
        return _remote(settings)
    candidates = [engine for engine in LOCAL_ENGINES.values() if settings.engine in {"auto", engine.name}]
    installed = [engine for engine in candidates if engine.is_installed]
    return _local(installed[0], settings) if installed else _unavailable(_install_advice(candidates[0].extra))


def _remote(settings: "Settings") -> Transcriber:
    if not settings.remote_url:
        return _unavailable(_NO_ADDRESS)
    from vm_mcp.asr.model_choice import AUTO
    from vm_mcp.asr.remote import RemoteTranscriber

    # The default and the choice name models for this computer; a server has names of its own.
    model = settings.model if "model" in settings.model_fields_set and settings.model != AUTO else ""
    return RemoteTranscriber(settings.remote_url, settings.remote_api_key, model, settings.languages)


def _local(engine: LocalEngine, settings: "Settings") -> Transcriber:
    from vm_mcp.asr.model_choice import resolve_model
    from vm_mcp.asr.transcriber import EngineSettings
    from vm_mcp.asr.worker_client import WorkerTranscriber

    choice = resolve_model(settings, engine)
    if choice.reason:
        logger.info("The speech model is `%s`. %s.", choice.model, choice.reason)
    engine_settings = EngineSettings(
        model=choice.model,
        stand_ins=choice.stand_ins,
        languages=settings.languages,
        device=settings.device,
        data_dir=settings.data_dir,
        lang=settings.lang,
        lanes=_lanes() if engine.batches else 1,
        at_once=_AT_ONCE if engine.batches else 1,
    )
    return WorkerTranscriber(engine_settings, engine.factory, engine.name)


def _lanes() -> int:
    """Return one lane for each core that this process may use.

    Two lanes of one thread decode twice as much as one lane of two threads: decoding hardly gains from more threads.
    """
    from vm_mcp.asr.machine import usable_cores

    return min(_MOST_LANES, usable_cores())


def _install_advice(extra: str) -> str:
    return (
        f'The speech engine is not installed. Install vm-mcp again as vm-mcp[{extra}] (README, "Use it"), then '
        "restart. Or set VM_MCP_REMOTE_URL to a speech server of yours."
    )


def _unavailable(advice: str) -> Transcriber:
    from vm_mcp.asr.unavailable import UnavailableTranscriber

    return UnavailableTranscriber(advice)
