"""The programs that make recordings, run on files of a temporary folder."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_SECONDS = 60


class ProgramMissingError(Exception):
    """A program is not installed, or was built without a codec."""


def converted(data: bytes, suffix: str, command: "Sequence[str]", result: str) -> bytes:
    """Return the file that a program makes of another.

    Args:
        data: The file that it reads.
        suffix: Of that file's name, with its dot.
        command: The program and its arguments, in which IN and OUT stand for both files.
        result: Suffix of the name of the file that it writes.

    Raises:
        ProgramMissingError: The program is missing, or it fails.
    """
    if not shutil.which(command[0]):
        raise ProgramMissingError(f"{command[0]} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, f"in{suffix}"), Path(folder, f"out{result}")
        source.write_bytes(data)
        names = {"IN": str(source), "OUT": str(target)}
        arguments = [names.get(word, word) for word in command]
        done = subprocess.run(arguments, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603  # of ours
        if done.returncode or not target.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["no file"]
            raise ProgramMissingError(f"{command[0]}: {said[-1]}")
        return target.read_bytes()


def ffmpeg(data: bytes, options: str, result: str, suffix: str = ".wav") -> bytes:
    """Return what FFmpeg's program makes of a file."""
    command = ["ffmpeg", "-loglevel", "error", "-y", "-i", "IN", *options.split(), "OUT"]
    return converted(data, suffix, command, result)


def sox(data: bytes, options: str, result: str, suffix: str = ".wav") -> bytes:
    """Return what SoX makes of a file, without dither."""
    return converted(data, suffix, ["sox", "-D", "IN", *options.split(), "OUT"], result)


def lame(data: bytes, options: str) -> bytes:
    """Return an MP3 made by LAME of a WAV file."""
    return converted(data, ".wav", ["lame", "--quiet", *options.split(), "IN", "OUT"], ".mp3")
