"""The speech model: on this computer, or how large its download is."""

from typing import NamedTuple

from vm_mcp.asr import faster_whisper, openai_whisper
from vm_mcp.cli.doctor.checks import Check, failed, noted, passed
from vm_mcp.config import Settings
from vm_mcp.errors import EngineUnavailableError

NAME = "Model"
CONNECT = "Connect to the internet and try again."


class Model(NamedTuple):
    """What was found of a model."""

    check: Check
    usable: str
    """The model to try out: the one that is set, one that stands in for it, or none."""


def find_model(settings: Settings, engine: str) -> Model:
    """Look for the model on this computer, and ask for the size of its download where it isn't; downloads nothing.

    It reads files and may wait for the network for seconds: off the event loop, please.
    """
    try:
        return _find_checkpoint(settings.model) if engine == "openai-whisper" else _find_weights(settings)
    except EngineUnavailableError as error:
        return Model(failed(NAME, settings.model, str(error)), "")


def _find_weights(settings: Settings) -> Model:
    faster_whisper.check_installed()
    from vm_mcp.asr import hub
    from vm_mcp.asr.weights import FALLBACK, look_up

    if look_up(settings.model, settings.data_dir):
        return Model(passed(NAME, f"`{settings.model}` is on this computer"), settings.model)
    stand_in = FALLBACK if look_up(FALLBACK, settings.data_dir) else ""
    try:
        size = hub.download_bytes(settings.model)
    except hub.HubError as error:
        return Model(_unreachable(str(error), stand_in), stand_in)
    download = f"a download of {size / 1e6:.0f} MB, once" if size else "a download, once"
    detail = f"`{settings.model}` is not on this computer yet; the first transcription brings it: {download}"
    return Model(noted(NAME, detail), stand_in)


def _unreachable(problem: str, stand_in: str) -> Check:
    if stand_in:
        return noted(NAME, f"{problem} `{stand_in}` stands in for it, with more wrong words", CONNECT)
    return failed(NAME, problem, f"{CONNECT} Or put its files into a folder and set VM_MCP_MODEL to that.")


def _find_checkpoint(model: str) -> Model:
    if openai_whisper.look_up(model):
        return Model(passed(NAME, f"`{model}` is on this computer"), model)
    return Model(noted(NAME, f"`{model}` is not on this computer yet; the first transcription downloads it, once"), "")
