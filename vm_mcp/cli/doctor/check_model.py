"""The speech model: whether it is on this computer, else how large its download is."""

from typing import NamedTuple

from vm_mcp.asr import faster_whisper, openai_whisper
from vm_mcp.cli.doctor.checks import Check, failed, noted, passed
from vm_mcp.config import Settings
from vm_mcp.errors import EngineUnavailableError

NAME = "Model"
CONNECT = "Connect to the internet and try again."


class FoundModel(NamedTuple):
    """The check, and what can be tried out."""

    check: Check
    usable: str
    """The model on this computer: the one that is set, else the one used in its place; empty: none."""


def find_model(settings: Settings, engine: str) -> FoundModel:
    """Look for the model on this computer; if it is missing, ask the hub how large it is. Downloads nothing.

    Reads files and may wait seconds for the network: call through `asyncio.to_thread`.
    """
    try:
        return _find_checkpoint(settings.model) if engine == "openai-whisper" else _find_weights(settings)
    except EngineUnavailableError as error:
        return FoundModel(failed(NAME, settings.model, str(error)), "")


def _find_weights(settings: Settings) -> FoundModel:
    faster_whisper.check_installed()
    from vm_mcp.asr import hub
    from vm_mcp.asr.weights import FALLBACK, look_up

    if look_up(settings.model, settings.data_dir):
        return FoundModel(passed(NAME, f"`{settings.model}` is on this computer"), settings.model)
    stand_in = FALLBACK if look_up(FALLBACK, settings.data_dir) else ""
    try:
        size = hub.download_bytes(settings.model)
    except hub.HubError as error:
        return FoundModel(_unreachable(str(error), stand_in), stand_in)
    download = f"{size / 1e6:.0f} MB, once" if size else "once"
    detail = f"`{settings.model}` is not on this computer yet; the first transcription downloads it: {download}"
    return FoundModel(noted(NAME, detail), stand_in)


def _unreachable(problem: str, stand_in: str) -> Check:
    if stand_in:
        return noted(NAME, f"{problem} `{stand_in}` is used in its place, with more wrong words", CONNECT)
    return failed(NAME, problem, f"{CONNECT} Or put its files into a folder, and set VM_MCP_MODEL to that folder.")


def _find_checkpoint(model: str) -> FoundModel:
    if openai_whisper.look_up(model):
        return FoundModel(passed(NAME, f"`{model}` is on this computer"), model)
    return FoundModel(
        noted(NAME, f"`{model}` is not on this computer yet; the first transcription downloads it, once"), ""
    )
