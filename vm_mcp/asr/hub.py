"""Whisper models on the Hugging Face hub, and in its cache on this machine.

huggingface_hub finds, downloads and resumes. What it does not do (version 2.4) is here: progress for a program,
cleaning up after killed downloads, and checking digests. It is installed with the engine, as faster-whisper is, so
import this module after `vm_mcp.asr.faster_whisper.check_installed`.
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

from vm_mcp.errors import EngineUnavailableError, VmError
from vm_mcp.wording import Words, words

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

# Otherwise the library asks the hub for a list of AI agents, and sends the name of the one that it runs under.
constants.HF_HUB_DISABLE_TELEMETRY = True

# The files that `download_model` takes from a repository. It does not export the list.
_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
# Besides its own errors the library raises those of its HTTP client, which depends on its version but is always a base
# of its own errors, and RuntimeErrors from hf_xet.
_ERRORS = cast("tuple[type[Exception], ...]", (*HfHubHTTPError.__bases__, OSError, ValueError, RuntimeError))
# Seconds the hub has to begin an answer: without a network nobody should wait longer.
_TIMEOUT_SECONDS = 5.0
# Seconds between two reports of a download.
_REPORT_EVERY = 0.5
# Seconds without a new byte after which a partial file is taken to be left over from a killed download.
_ABANDONED_SECONDS = 3600.0


class Downloading(NamedTuple):
    """The state of a model's download."""

    model: str
    """Its name as it was asked for, such as ``small``."""
    total_bytes: int
    """0 if the hub doesn't say."""
    fraction: float
    """Fraction of the bytes that have arrived, 0 to 1."""

    def __str__(self) -> str:
        size = f"{self.fraction * self.total_bytes / 1e6:.0f} of {self.total_bytes / 1e6:.0f} MB so far"
        return f"The speech model `{self.model}` is being downloaded, once{f': {size}' if self.total_bytes else ''}."


OnDownload = Callable[[Downloading], None]
"""Called at the start, at most twice a second, and at the end, on the thread that asked for the download."""


class HubError(VmError):
    """A model can't be downloaded. The text says so in plain words of ours."""


def cached(model: str) -> Path | None:
    """Return the folder of a model in the hub's cache, without using the network; None if it isn't there."""
    try:
        return Path(download_model(model, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None


def download_bytes(model: str) -> int:
    """Return the size of a model's download, as the hub states it; 0 if it doesn't.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub doesn't answer, or doesn't have the model.
    """
    repository = _repository(model)
    with _hub_errors(words("The model `{model}` can't be downloaded now.", model=model)):
        return _total_bytes(_list_files(repository))


def download(model: str, on_progress: OnDownload) -> Path:
    """Download a model into the hub's cache, and return its folder.

    A broken connection is resumed, a few times. The download of a process that was killed is not: the next one starts
    from the beginning.

    Raises:
        EngineUnavailableError: No model has that name.
        HubError: The hub doesn't answer, doesn't have the model, broke off, or sent other bytes than it announced.
    """
    repository = _repository(model)
    with _hub_errors(words("The model `{model}` could not be downloaded.", model=model)):
        files = _list_files(repository)
        _remove_abandoned(repository)
        folder = _fetch(repository, Downloading(model, _total_bytes(files), 0.0), on_progress)
        if _remove_damaged(folder, files):
            raise HubError("The model `{model}` arrived damaged and was removed.", model=model)
    return folder


def _repository(model: str) -> str:
    repository: str = _MODELS.get(model, model)
    if "/" not in repository:
        raise EngineUnavailableError(
            "There is no model `{model}`. Set VM_MCP_MODEL to one of {names}, to a hub id or to a folder.",
            model=model,
            names=", ".join(_MODELS),
        )
    return repository


@contextmanager
def _hub_errors(text: Words) -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        raise HubError(text) from error


def _list_files(repository: str) -> "list[RepoSibling]":
    """Return the files that a download would fetch.

    Asks once, with a timeout. A download has none and retries, so without a network it would take minutes to fail.
    """
    # A token that another program left on this computer was not given to us.
    info = HfApi(token=False).model_info(repository, files_metadata=True, timeout=_TIMEOUT_SECONDS)
    return [file for file in info.siblings or [] if any(fnmatch(file.rfilename, pattern) for pattern in _FILES)]


def _total_bytes(files: "list[RepoSibling]") -> int:
    return sum(file.size or 0 for file in files)


def _fetch(repository: str, start: Downloading, on_progress: OnDownload) -> Path:
    """Download on another thread, and report from this one, even while nothing arrives: silence looks like a hang."""
    bars: list[tqdm] = []
    on_progress(start)
    with ThreadPoolExecutor(1) as thread:
        fetching = thread.submit(
            snapshot_download,
            repository,
            allow_patterns=_FILES,
            etag_timeout=_TIMEOUT_SECONDS,
            tqdm_class=_counter(bars),
            token=False,
        )
        while not wait([fetching], _REPORT_EVERY).done:
            received = max((bar.n for bar in bars), default=0)
            on_progress(start._replace(fraction=min(1.0, received / start.total_bytes) if start.total_bytes else 0.0))
        folder = Path(fetching.result())
    on_progress(start._replace(fraction=1.0))
    return folder


def _counter(bars: list[tqdm]) -> type[tqdm]:
    """Return a class of progress bars that show nothing, and join ``bars`` if they count bytes.

    The library takes no callback, only such a class. It may make two bars, for bytes received and bytes written, and
    their names depend on its version.
    """

    class Counter(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever the library gives its bars
            super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]
            if options.get("unit") == "B":
                bars.append(self)

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0  # tqdm's own does nothing while disabled

    return Counter


def _remove_abandoned(repository: str) -> None:
    """Remove the partial files of killed downloads: the library names each at random and never resumes one."""
    folder = Path(constants.HF_HUB_CACHE, repo_folder_name(repo_id=repository, repo_type="model"), "blobs")
    for partial in folder.glob("*.????????.incomplete"):
        with suppress(OSError):  # another process may hold it, or have removed it
            if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
                partial.unlink()


def _remove_damaged(folder: Path, files: "list[RepoSibling]") -> bool:
    """Remove files whose digest is not the one that the hub listed, and return whether there were any.

    Over plain HTTP the library checks sizes only, and its `verify_repo_checksums` would ask the hub once more.
    """
    damaged = [folder / file.rfilename for file in files if file.lfs and _digest(folder, file) != file.lfs.sha256]
    for link in damaged:
        link.resolve().unlink(missing_ok=True)
        link.unlink(missing_ok=True)
    return bool(damaged)


def _digest(folder: Path, file: "RepoSibling") -> str:
    with (folder / file.rfilename).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
