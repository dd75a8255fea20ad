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
    needs: tuple[str, ...]
    """Modules of the library, and of what converts its weights."""
    package: str
    """Packages on PyPI that contain them."""
    weights: str
    """Name of the weights' file or folder, see `WEIGHTS`; empty: the folder of ``base`` itself."""

    @property
    def is_installed(self) -> bool:
        """Whether all that it needs is installed."""
        return all(importlib.util.find_spec(module) for module in self.needs)

    @property
    def is_ours(self) -> bool:
        """Whether it is vm-mcp."""
        return self.program == "speech.ours"


_PEERS = "speech.peers"
_OPENVINO = ("openvino_genai", "optimum", "nncf"), "openvino-genai and optimum-intel", "openvino"
_ONNXRUNTIME = ("onnxruntime_genai", "onnx_ir", "transformers"), "onnxruntime-genai, onnx-ir and transformers"

CONTENDERS = (
    Contender("openai-greedy", "openai-whisper, greedy", _PEERS, ("whisper",), "openai-whisper", "base.pt"),
    Contender("openai-beam5", "openai-whisper, beam 5", _PEERS, ("whisper",), "openai-whisper", "base.pt"),
    Contender("faster-whisper", "faster-whisper, int8, beam 5", _PEERS, ("faster_whisper",), "faster-whisper", ""),
    Contender(
        "faster-whisper-batched",
        "faster-whisper, batched pipeline, int8, beam 5",
        _PEERS,
        ("faster_whisper",),
        "faster-whisper",
        "",
    ),
    Contender("whisper.cpp", "whisper.cpp, q8_0, greedy", _PEERS, ("pywhispercpp",), "pywhispercpp", "ggml-base.bin"),
    Contender("openvino-greedy", "OpenVINO GenAI, int8, greedy", _PEERS, *_OPENVINO),
    Contender("openvino-beam5", "OpenVINO GenAI, int8, beam 5", _PEERS, *_OPENVINO),
    Contender("onnxruntime-greedy", "onnxruntime-genai, int8, greedy", _PEERS, *_ONNXRUNTIME, "onnxruntime-genai"),
    Contender("onnxruntime-beam5", "onnxruntime-genai, int8, beam 5", _PEERS, *_ONNXRUNTIME, "onnxruntime-genai"),
    Contender(
        "sherpa-onnx",
        "sherpa-onnx, int8, greedy",
        _PEERS,
        ("sherpa_onnx", "onnx", "whisper"),
        "sherpa-onnx, onnx and openai-whisper",
        "sherpa-onnx",
    ),
    Contender("ours-backlog", "vm-mcp, all at once", "speech.ours", ("faster_whisper",), "faster-whisper", ""),
    Contender("ours-single", "vm-mcp, one by one", "speech.ours", ("faster_whisper",), "faster-whisper", ""),
)
"""In the order in which they run and are listed."""


class ContenderError(Exception):
    """A contender's process failed; the text is the end of its stderr."""


def _convert(base: Path, target: Path) -> None:
    """Convert by another project's exporter, see `speech.conversion`."""
    _run_module("speech.conversion", target.name, str(base), str(target))


WEIGHTS: dict[str, Callable[[Path, Path], None]] = {
    "base.pt": lambda base, target: write_checkpoint(base / "model.bin", target),
    "ggml-base.bin": write_ggml,
    "openvino": _convert,
    "onnxruntime-genai": _convert,
    "sherpa-onnx": _convert,
}
"""Functions that convert the folder of `base` into another engine's file or folder."""


def prepare_weights(contender: Contender, base: Path, folder: Path) -> Path:
    """Return the contender's weights, converted from ``base`` if its engine needs another format.

    Raises:
        ContenderError: The conversion failed.
    """
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
        _run_module(contender.program, str(question), str(answer))
        return jobs.read_outcome(answer)


def _run_module(module: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - it runs this folder's own modules
        [sys.executable, "-m", module, *arguments],
        check=False,
        env=os.environ | {"PYTHONPATH": str(BENCHMARKS), "PYTHONUTF8": "1", "HF_HUB_OFFLINE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise ContenderError(done.stderr[-2000:] or f"exit status {done.returncode}")
