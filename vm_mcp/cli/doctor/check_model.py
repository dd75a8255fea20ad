"""The speech model: which one, and whether it is on this computer, else how large its download is."""

from typing import NamedTuple

from vm_mcp.asr import pypi_weights
from vm_mcp.asr.engines import LOCAL_ENGINES
from vm_mcp.asr.model_choice import AUTO, Choice
from vm_mcp.asr.transcriber import ModelAvailability
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


def explain(choice: Choice) -> Check:
    """Say which model was chosen, and why."""
    return passed("Model choice", f"`{AUTO}` is `{choice.model}`. {choice.reason}")


def find_model(choice: Choice, settings: Settings, engine: str) -> FoundModel:
    """Look for the model on this computer; if it is missing, ask the hub how large it is. Downloads nothing.

    Reads files and may wait seconds for the network: call through `asyncio.to_thread`.
    """
    try:
        found = LOCAL_ENGINES[engine].find_model(choice.model, settings.data_dir, choice.stand_ins)
    except EngineUnavailableError as error:
        return FoundModel(failed(NAME, choice.model, str(error)), "")
    return FoundModel(_check(choice.model, found), choice.model if found.is_local else found.stand_in)


def _check(model: str, found: ModelAvailability) -> Check:
    if found.is_local:
        return passed(NAME, f"`{model}` is on this computer")
    if found.problem:
        return _unreachable(found.problem, found.stand_in)
    download = f"{found.download_bytes / 1e6:.0f} MB, once" if found.download_bytes else "once"
    return noted(NAME, f"`{model}` is not on this computer yet; the first transcription downloads it: {download}")


def _unreachable(problem: str, stand_in: str) -> Check:
    if stand_in:
        worse = ", with more wrong words" if stand_in == pypi_weights.NAME else ""
        return noted(NAME, f"{problem} `{stand_in}` is used in its place{worse}", CONNECT)
    return failed(NAME, problem, f"{CONNECT} Or put its files into a folder, and set VM_MCP_MODEL to that folder.")
