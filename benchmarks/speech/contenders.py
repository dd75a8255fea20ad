"""The engines that are compared, their weights, and how to run one."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from speech import jobs
from speech.weights import write_checkpoint, write_ggml

BENCHMARKS = Path(__file__).parent.parent


@dataclass(frozen=True)
class Contender:
    """An engine and how it is called."""

    name: str
    title: str
    """Name in the table."""
    program: str
    """Module that the measured process runs."""
    needs: str
    """Module of the library."""
    package: str
    """Package on PyPI that contains it."""
    weights: str
    """Name of the weights' file, see `WEIGHTS`; empty: the folder of ``base`` itself."""

    @property
    def is_installed(self) -> bool:
        """Whether its library is installed."""
        return importlib.util.find_spec(self.needs) is not None

    @property
    def is_ours(self) -> bool:
        """Whether it is vm-mcp."""
        return self.program == "speech.ours"


CONTENDERS = (
    Contender("openai-greedy", "openai-whisper, greedy", "speech.peers", "whisper", "openai-whisper", "base.pt"),
    Contender("openai-beam5", "openai-whisper, beam 5", "speech.peers", "whisper", "openai-whisper", "base.pt"),
    Contender("faster-whisper", "faster-whisper, int8, beam 5", "speech.peers", "faster_whisper", "faster-whisper", ""),
    Contender(
        "whisper.cpp", "whisper.cpp, q8_0, greedy", "speech.peers", "pywhispercpp", "pywhispercpp", "ggml-base.bin"
    ),
    Contender("ours-backlog", "vm-mcp, all at once", "speech.ours", "faster_whisper", "faster-whisper", ""),
    Contender("ours-single", "vm-mcp, one by one", "speech.ours", "faster_whisper", "faster-whisper", ""),
)
"""In the order in which they run and are listed."""

WEIGHTS: dict[str, Callable[[Path, Path], None]] = {
    "base.pt": lambda base, target: write_checkpoint(base / "model.bin", target),
    "ggml-base.bin": write_ggml,
}
"""Functions that convert the folder of `base` into another engine's file."""


class ContenderError(Exception):
    """A contender's process failed; the text is the end of its stderr."""


def prepare_weights(contender: Contender, base: Path, folder: Path) -> Path:
    """Return the contender's weights, converted from ``base`` if its engine needs another format."""
    if not contender.weights:
        return base
    target = folder / contender.weights
    if not target.exists():
        WEIGHTS[contender.weights](base, target)
    return target


def run(contender: Contender, job: jobs.Job) -> jobs.Outcome:
    """Run the job in a fresh process, and return its outcome.

    Raises:
        ContenderError: The process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder) / "job.json", Path(folder) / "outcome.json"
        jobs.write(question, job)
        done = subprocess.run(  # noqa: S603 - it runs this folder's own modules
            [sys.executable, "-m", contender.program, str(question), str(answer)],
            check=False,
            env=os.environ | {"PYTHONPATH": str(BENCHMARKS), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode or not answer.exists():
            raise ContenderError(done.stderr[-2000:] or f"exit status {done.returncode}")
        return jobs.read_outcome(answer)
