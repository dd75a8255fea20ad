"""Who is measured, with what weights, and how one of them is run."""

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
    """An engine and the way it is asked."""

    name: str
    title: str
    """For the table."""
    program: str
    """Module of the process that is measured."""
    needs: str
    """Module of the library."""
    package: str
    """Where that comes from."""
    weights: str
    """Name of a form of the weights, see `WEIGHTS`."""

    @property
    def is_installed(self) -> bool:
        """Whether it can be measured here."""
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
"""In the order in which they run and are shown."""

WEIGHTS: dict[str, Callable[[Path, Path], None]] = {
    "base.pt": lambda base, target: write_checkpoint(base / "model.bin", target),
    "ggml-base.bin": write_ggml,
}
"""What turns the folder of `base` into another engine's file."""


class ContenderError(Exception):
    """A contender's process failed; the text is the end of what it wrote."""


def prepare_weights(contender: Contender, base: Path, folder: Path) -> Path:
    """Return the contender's weights, converted from ``base`` where need be."""
    if not contender.weights:
        return base
    target = folder / contender.weights
    if not target.exists():
        WEIGHTS[contender.weights](base, target)
    return target


def run(contender: Contender, job: jobs.Job) -> jobs.Outcome:
    """Have a fresh process do the job.

    Raises:
        ContenderError: It failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder) / "job.json", Path(folder) / "outcome.json"
        jobs.write(question, job)
        done = subprocess.run(  # noqa: S603 - the programs are this folder's own
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
