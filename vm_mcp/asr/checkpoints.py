"""Finds and loads the checkpoints of openai-whisper: files, or downloads in whisper's own cache."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.errors import EngineUnavailableError

if TYPE_CHECKING:
    import whisper

# Seconds without a byte after which a download fails. Whisper itself would wait for ever.
_TIMEOUT_SECONDS = 30.0


def check_installed() -> None:
    """Import the library, which takes seconds, and PyTorch below it.

    Raises:
        EngineUnavailableError: It is not installed, or does not load on this computer.
    """
    try:
        import torch  # noqa: F401  # only to learn whether its libraries load on this computer
        import whisper  # noqa: F401  # the same
    except (ImportError, OSError) as error:
        raise EngineUnavailableError(
            "The speech engine openai-whisper is not installed, or only in part. Install vm-mcp again as "
            'vm-mcp[openai-whisper] (README, "Use it"), then restart.'
        ) from error


def look_up(model: str) -> Path | None:
    """Return the checkpoint of a model that is on this computer; None if it would have to be downloaded.

    Raises:
        EngineUnavailableError: The library is missing; or it has no such model and no file has that name.
    """
    check_installed()
    # Private, but the only table of addresses. Whisper keeps each download under the last part of its address.
    from whisper import _MODELS

    name = resolve_checkpoint(model, list(_MODELS))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "whisper")
    file = cache / _MODELS[name].rpartition("/")[2] if name in _MODELS else Path(name)
    return file if file.is_file() else None


def resolve_checkpoint(model: str, names: list[str]) -> str:
    """Return what `whisper.load_model` takes: the path of a checkpoint, or one of whisper's names.

    Args:
        model: A file, a folder with a single checkpoint, or a name.
        names: Whisper's names.

    Raises:
        EngineUnavailableError: It is none of these.
    """
    path = Path(model).expanduser()
    files = sorted(path.glob("*.pt")) if path.is_dir() else [path] if path.is_file() else []
    if len(files) == 1:
        return str(files[0])
    if model in names:
        return model
    raise EngineUnavailableError(
        "openai-whisper can't load VM_MCP_MODEL. Set it to the path of a .pt file, to a folder with one, or to one "
        "of: {names}.",
        names=", ".join(names),
    )


def load_checkpoint(name: str) -> "whisper.Whisper":
    """Load a checkpoint into the CPU's memory, after downloading it if necessary.

    Args:
        name: A path or a name, as `resolve_checkpoint` returns it.

    Raises:
        EngineUnavailableError: It can't be downloaded, or the file is not a checkpoint.
    """
    import whisper

    with _loading_errors(name), _download_timeout():
        return whisper.load_model(name, device="cpu")


@contextmanager
def _loading_errors(name: str) -> Iterator[None]:
    """Turn what whisper and PyTorch raise for a model that can't be downloaded or loaded into our error."""
    import pickle

    try:
        yield
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise EngineUnavailableError(
            "The speech model `{model}` could not be downloaded or loaded. Connect to the internet and try again, or "
            "set VM_MCP_MODEL to the path of a Whisper checkpoint (.pt).",
            model=Path(name).stem,
        ) from error


@contextmanager
def _download_timeout() -> Iterator[None]:
    """Limit how long a socket may be silent: whisper downloads with urllib, and passes no timeout."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
