"""Whisper models on the Hugging Face hub, and in its cache on this machine."""

from pathlib import Path
from typing import cast

from vm_mcp.errors import EngineUnavailableError

NAMES = {
    **{
        size: f"Systran/faster-whisper-{size}"
        for size in (
            *("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en"),
            *("large-v1", "large-v2", "large-v3"),
        )
    },
    "large": "Systran/faster-whisper-large-v3",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""Repositories of the models that are known by a short name."""

_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
# Seconds the hub has to begin an answer: without a network nobody should wait for longer than a breath.
_PATIENCE = 5.0


class HubError(Exception):
    """The model can't be had from the hub; the text says so in plain words, without the hub's own."""


def cached(model: str) -> Path | None:
    """Where a model lies in the hub's cache, found without any network; None when it does not."""
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    repository = NAMES.get(model, model)
    if "/" not in repository:
        return None
    try:
        return Path(huggingface_hub.snapshot_download(repository, allow_patterns=_FILES, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None


def download(model: str) -> Path:
    """Download a model into the hub's cache.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub does not answer, does not have the model, or broke off.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError

    repository = NAMES.get(model, model)
    if "/" not in repository:
        raise EngineUnavailableError(
            f"There is no model `{model}`. Set VM_MCP_MODEL to one of {', '.join(NAMES)}, to a hub id or to a folder."
        )
    # The hub's errors share their bases with those of whichever HTTP library this version of it uses.
    failures = cast("tuple[type[Exception], ...]", (*HfHubHTTPError.__bases__, OSError, ValueError))
    try:
        # One request that is given up soon, before the library's own, which are more patient and try again.
        huggingface_hub.HfApi().model_info(repository, timeout=_PATIENCE)
        return Path(huggingface_hub.snapshot_download(repository, allow_patterns=_FILES, etag_timeout=_PATIENCE))
    except failures as error:
        raise HubError(f"The model `{model}` could not be downloaded.") from error
