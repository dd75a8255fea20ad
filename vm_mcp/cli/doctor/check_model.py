"""The speech model: which one, and whether it is on this computer, else how large its download is."""

from typing import NamedTuple

from vm_mcp.asr import pypi_weights
from vm_mcp.asr.engines import LOCAL_ENGINES
from vm_mcp.asr.model_choice import AUTO, Choice
from vm_mcp.asr.transcriber import ModelAvailability
from vm_mcp.cli.doctor.checks import Check, failed, noted, passed
from vm_mcp.config import Settings
from vm_mcp.errors import EngineUnavailableError
from vm_mcp.wording import words

NAME = "Model"
CONNECT = words("Connect to the internet and try again.")


class FoundModel(NamedTuple):
    """The check, and what can be tried out."""

    check: Check
    usable: str
    """The model on this computer: the one that is set, else the one used in its place; empty: none."""


def explain(choice: Choice) -> Check:
    """Say which model was chosen, and why."""
    return passed(
        "Model choice", words("`{auto}` is `{model}`. {reason}", auto=AUTO, model=choice.model, reason=choice.reason)
    )


def find_model(choice: Choice, settings: Settings, engine: str) -> FoundModel:
    """Look for the model on this computer; if it is missing, ask the hub how large it is. Downloads nothing.

    Reads files and may wait seconds for the network: call through `asyncio.to_thread`.
    """
    try:
        found = LOCAL_ENGINES[engine].find_model(choice.model, settings.data_dir, choice.stand_ins)
    except EngineUnavailableError as error:
        return FoundModel(failed(NAME, choice.model, error.words), "")
    return FoundModel(_check(choice.model, found), choice.model if found.is_local else found.stand_in)


def _check(model: str, found: ModelAvailability) -> Check:
    if found.is_local:
        return passed(NAME, words("`{model}` is on this computer", model=model))
    if found.problem:
        return _unreachable(found.problem, found.stand_in)
    megabytes = found.download_bytes / 1e6
    download = words("{megabytes:.0f} MB, once", megabytes=megabytes) if megabytes else words("once")
    return noted(
        NAME,
        words(
            "`{model}` is not on this computer yet; the first transcription downloads it: {download}",
            model=model,
            download=download,
        ),
    )


def _unreachable(problem: str, stand_in: str) -> Check:
    if stand_in:
        worse = words(", with more wrong words") if stand_in == pypi_weights.NAME else ""
        return noted(
            NAME,
            words(
                "{problem} `{stand_in}` is used in its place{worse}", problem=problem, stand_in=stand_in, worse=worse
            ),
            CONNECT,
        )
    return failed(
        NAME,
        problem,
        words("{connect} Or put its files into a folder, and set VM_MCP_MODEL to that folder.", connect=CONNECT),
    )
