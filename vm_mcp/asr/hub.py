"""Whisper models on the Hugging Face hub, and in its cache on this machine.

The library finds, downloads, and goes on where a line broke; here is what it (huggingface_hub 2.4) leaves to others.
It comes with the engine, as faster-whisper does: import this module after `vm_mcp.asr.faster_whisper.check_installed`.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from faster_whisper import download_model

# Private, but the only table: `available_models` has the names alone, and `download_model` reports no progress.
from faster_whisper.utils import _MODELS
from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from huggingface_hub.file_download import repo_folder_name
from huggingface_hub.utils.tqdm import tqdm

from vm_mcp.errors import EngineUnavailableError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

# Else the library asks the hub for a list of programs, and sends the name of the one that it finds itself run by.
constants.HF_HUB_DISABLE_TELEMETRY = True

# What `download_model` takes of a repository, and doesn't tell.
_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
# The library lets through the errors of its HTTP library, which changes with its version and is a base of its own
# errors, and those of hf_xet, which are RuntimeErrors.
_ERRORS = cast("tuple[type[Exception], ...]", (*HfHubHTTPError.__bases__, OSError, ValueError, RuntimeError))
# Seconds the hub has to begin an answer: without a network nobody should wait for longer than a breath.
_PATIENCE = 5.0
# Seconds between two reports of a download.
_REPORT_EVERY = 0.5
# Seconds without a byte after which a partial file belongs to no download any more.
_ABANDONED = 3600.0


class Downloading(NamedTuple):
    """How far the download of a model has come."""

    model: str
    """As it was asked for, such as ``small``."""
    total_bytes: int
    """0 when the hub doesn't say."""
    share: float
    """Of the bytes, 0 to 1."""

    def __str__(self) -> str:
        size = f"{self.share * self.total_bytes / 1e6:.0f} of {self.total_bytes / 1e6:.0f} MB so far"
        return f"The speech model `{self.model}` is being downloaded, once{f': {size}' if self.total_bytes else ''}."


OnDownload = Callable[[Downloading], None]
"""Called at the start, at most twice a second, and at the end, from the thread that asked for the download."""


class HubError(Exception):
    """The model can't be downloaded; the text says so in plain words, without the hub's own."""


def cached(model: str) -> Path | None:
    """Return where a model is in the hub's cache, found without any network; None when it isn't there."""
    try:
        return Path(download_model(model, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None


def download_bytes(model: str) -> int:
    """Ask the hub how large a model's download would be; 0 when it doesn't say. Downloads nothing.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub does not answer, or does not have the model.
    """
    repository = _repository(model)
    with _hub_errors(f"The model `{model}` can't be downloaded now."):
        return _total_bytes(_list_files(repository))


def download(model: str, on_progress: OnDownload) -> Path:
    """Download a model into the hub's cache, and return its folder.

    A line that breaks is picked up where it broke, a few times; a process that is killed leaves nothing to go on from.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub does not answer, does not have the model, broke off, or sent something else.
    """
    repository = _repository(model)
    with _hub_errors(f"The model `{model}` could not be downloaded."):
        files = _list_files(repository)
        _remove_abandoned(repository)
        folder = _fetch(repository, Downloading(model, _total_bytes(files), 0.0), on_progress)
        if _remove_damaged(folder, files):
            raise HubError(f"The model `{model}` arrived damaged and was removed.")
    return folder


def _repository(model: str) -> str:
    repository: str = _MODELS.get(model, model)
    if "/" not in repository:
        raise EngineUnavailableError(
            f"There is no model `{model}`. Set VM_MCP_MODEL to one of {', '.join(_MODELS)}, to a hub id or to a folder."
        )
    return repository


@contextmanager
def _hub_errors(text: str) -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        raise HubError(text) from error


def _list_files(repository: str) -> "list[RepoSibling]":
    """Ask the hub what a download would bring: once and briefly, where a download has no time limit and tries again."""
    # A token that lies about on this machine was not given to us.
    info = HfApi(token=False).model_info(repository, files_metadata=True, timeout=_PATIENCE)
    return [file for file in info.siblings or [] if any(fnmatch(file.rfilename, pattern) for pattern in _FILES)]


def _total_bytes(files: "list[RepoSibling]") -> int:
    return sum(file.size or 0 for file in files)


def _fetch(repository: str, begun: Downloading, on_progress: OnDownload) -> Path:
    """Download in a thread, and report from this one, also while nothing arrives: silence would be taken for a hang."""
    bars: list[tqdm] = []
    on_progress(begun)
    with ThreadPoolExecutor(1) as thread:
        fetching = thread.submit(
            snapshot_download,
            repository,
            allow_patterns=_FILES,
            etag_timeout=_PATIENCE,
            tqdm_class=_counter(bars),
            token=False,
        )
        while not wait([fetching], _REPORT_EVERY).done:
            received = max((bar.n for bar in bars), default=0)
            on_progress(begun._replace(share=min(1.0, received / begun.total_bytes) if begun.total_bytes else 0.0))
        folder = Path(fetching.result())
    on_progress(begun._replace(share=1.0))
    return folder


def _counter(bars: list[tqdm]) -> type[tqdm]:
    """Make a progress bar that shows nothing, and joins ``bars`` when it counts bytes.

    There may be two such bars, for bytes received and bytes written, and their names change with the library.
    """

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
    folder = Path(constants.HF_HUB_CACHE, repo_folder_name(repo_id=repository, repo_type="model"), "blobs")
    for left in folder.glob("*.????????.incomplete"):
        with suppress(OSError):  # another process may hold it, or have removed it
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def _remove_damaged(folder: Path, files: "list[RepoSibling]") -> bool:
    """Remove what is not what the hub listed, and return whether something had to go.

    Over plain HTTP the library checks sizes alone, and its `verify_repo_checksums` would ask the hub once more.
    """
    damaged = [folder / file.rfilename for file in files if file.lfs and _digest(folder, file) != file.lfs.sha256]
    for link in damaged:
        link.resolve().unlink(missing_ok=True)
        link.unlink(missing_ok=True)
    return bool(damaged)


def _digest(folder: Path, file: "RepoSibling") -> str:
    with (folder / file.rfilename).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
