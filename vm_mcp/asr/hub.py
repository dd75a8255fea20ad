"""Whisper models on the Hugging Face hub, and in its cache on this machine."""

import hashlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from vm_mcp.errors import EngineUnavailableError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling
    from huggingface_hub.utils.tqdm import tqdm

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
# Seconds between two reports of a download.
_REPORT_EVERY = 0.5
# Seconds without a byte after which a half-had file belongs to no download any more.
_ABANDONED = 3600.0


class Downloading(NamedTuple):
    """How far the download of a model has come."""

    model: str
    """As it was asked for, such as ``small``."""
    total_bytes: int
    """0 when the hub doesn't tell."""
    share: float
    """Of the bytes, 0 to 1."""

    def __str__(self) -> str:
        size = f"{self.share * self.total_bytes / 1e6:.0f} of {self.total_bytes / 1e6:.0f} MB so far"
        return f"The speech model `{self.model}` is being downloaded, once{f': {size}' if self.total_bytes else ''}."


OnDownload = Callable[[Downloading], None]
"""Called at the start, at most twice a second, and at the end, from the thread that asked for the download."""


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


def download_bytes(model: str) -> int:
    """Ask the hub how large a model's download would be; 0 when it doesn't tell. Downloads nothing.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub does not answer, or does not have the model.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError

    failures = cast("tuple[type[Exception], ...]", (*HfHubHTTPError.__bases__, OSError, ValueError))
    repository = _repository(model)
    try:
        # A token that lies about on this machine was not given to us.
        info = huggingface_hub.HfApi(token=False).model_info(repository, files_metadata=True, timeout=_PATIENCE)
    except failures as error:
        raise HubError(f"The model `{model}` can't be downloaded now.") from error
    return sum(file.size or 0 for file in info.siblings or [] if any(fnmatch(file.rfilename, name) for name in _FILES))


def _repository(model: str) -> str:
    repository = NAMES.get(model, model)
    if "/" not in repository:
        raise EngineUnavailableError(
            f"There is no model `{model}`. Set VM_MCP_MODEL to one of {', '.join(NAMES)}, to a hub id or to a folder."
        )
    return repository


def download(model: str, on_progress: OnDownload) -> Path:
    """Download a model into the hub's cache.

    A line that breaks is picked up where it broke, a few times; a process that is killed leaves nothing to go on from.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub does not answer, does not have the model, broke off, or sent something else.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError

    repository = _repository(model)
    # The hub's errors share their bases with those of whichever HTTP library this version of it uses.
    failures = cast("tuple[type[Exception], ...]", (*HfHubHTTPError.__bases__, OSError, ValueError))
    try:
        # One request that is given up soon, before the library's own, which are more patient and try again.
        info = huggingface_hub.HfApi().model_info(repository, files_metadata=True, timeout=_PATIENCE)
        files = [file for file in info.siblings or [] if any(fnmatch(file.rfilename, name) for name in _FILES)]
        folder = _fetch(repository, Downloading(model, sum(file.size or 0 for file in files), 0.0), on_progress)
        damaged = _remove_damaged(folder, files)
    except failures as error:
        raise HubError(f"The model `{model}` could not be downloaded.") from error
    if damaged:
        raise HubError(f"The model `{model}` arrived damaged and was removed.")
    return folder


def _fetch(repository: str, begun: Downloading, on_progress: OnDownload) -> Path:
    """Download in a thread, and report from this one."""
    import huggingface_hub

    bars: list[tqdm] = []
    _remove_abandoned(repository)
    on_progress(begun)
    with ThreadPoolExecutor(1) as thread:
        fetching = thread.submit(
            huggingface_hub.snapshot_download,
            repository,
            allow_patterns=_FILES,
            etag_timeout=_PATIENCE,
            tqdm_class=_counter(bars),
        )
        while not wait([fetching], _REPORT_EVERY).done:
            had = max((bar.n for bar in bars), default=0)
            on_progress(begun._replace(share=min(1.0, had / begun.total_bytes) if begun.total_bytes else 0.0))
        folder = Path(fetching.result())
    on_progress(begun._replace(share=1.0))
    return folder


def _counter(bars: "list[tqdm]") -> "type[tqdm]":
    """Make a progress bar that shows nothing, and joins ``bars`` when it counts bytes.

    There may be two such bars, for bytes had and bytes written, and the names of either change with the library.
    """
    from huggingface_hub.utils.tqdm import tqdm

    class Counter(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever the library gives its bars
            super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]
            if options.get("unit") == "B":
                bars.append(self)

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0  # one that is disabled doesn't count

    return Counter


def _remove_abandoned(repository: str) -> None:
    """Remove what killed downloads left: the library gives each a name of its own, and never comes back to it."""
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE, f"models--{repository.replace('/', '--')}", "blobs")
    for left in folder.glob("*.????????.incomplete"):
        with suppress(OSError):  # another process may hold it, or have removed it
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def _remove_damaged(folder: Path, files: "Iterable[RepoSibling]") -> bool:
    """Check what came against the digests that the hub told; tell whether something had to go."""
    damaged = [file for file in files if file.lfs and _digest(folder / file.rfilename) != file.lfs.sha256]
    for file in damaged:
        link = folder / file.rfilename
        link.resolve().unlink(missing_ok=True)
        link.unlink(missing_ok=True)
    return bool(damaged)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
