"""Measure the engine on a GPU, in under five minutes: seconds a message, a backlog, memory, and whether words differ.

    uv run python benchmarks/gpu.py [--minutes 3.5]

On a computer with CUDA 12 (cuBLAS and cuDNN), CTranslate2 runs in float16, as the engine has it. First the real `base`:
its texts are compared with those of the CPU, in words that differ of a hundred. Then the shape of `large-v3-turbo` with
random weights, made to end its texts where the real ones end, as benchmarks/model_shapes.py does. A part that would
begin after the minutes are over is left out, and said to be.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import ctranslate2
import jiwer
from model_shapes import REAL, make, run
from shapes.one_run import Job, Outcome

from vm_mcp.asr.machine import gpu_memory_bytes
from vm_mcp.asr.weights import find_weights
from vm_mcp.config import load_settings
from vm_mcp.text import fold_words

SHAPE = "large-v3-turbo"
PARTS = {"base, GPU": (REAL, "cuda"), "base, CPU": (REAL, "ctranslate2"), f"{SHAPE}, GPU": (SHAPE, "cuda")}
"""The model and the runtime of each part."""
_POLL_SECONDS = 0.2


def main() -> None:
    """Run the parts that the time is enough for, and print their figures."""
    arguments = parse()
    check_gpu()
    ends_at = time.monotonic() + 60 * arguments.minutes
    base = find_weights("base", load_settings().data_dir).folder
    found: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, (model, runtime) in PARTS.items():
            if time.monotonic() > ends_at:
                print(f"{name}: left out, the time is over")
                continue
            make(model, base, Path(scratch))
            with gpu_memory() as used_mib:
                found[name] = run(
                    Job(
                        model=str(base if model == REAL else Path(scratch, model)),
                        runtime=runtime,
                        cores=2,
                        data_dir=scratch,
                        recordings=str(arguments.files or ""),
                        is_forced=model != REAL,
                        lone=4,
                        backlog=16,
                    )
                )
            print(f"{name}: {figures(found[name], used_mib)}", flush=True)
    if {"base, GPU", "base, CPU"} <= found.keys():
        print(f"words of `base` that differ: {difference(found['base, GPU'], found['base, CPU']):.1f} of 100")
    if arguments.out:
        arguments.out.write_text(json.dumps({name: asdict(each) for name, each in found.items()}), encoding="utf-8")


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3.5, help="no part begins after this long (default: 3.5)")
    parser.add_argument(
        "--files", type=Path, help="folder with recordings and manifest.json (default: the simulator's)"
    )
    parser.add_argument("--out", type=Path, help="file for all figures, as JSON")
    return parser.parse_args()


def check_gpu() -> None:
    """End the program, and say why, where there is no GPU to measure."""
    if not ctranslate2.get_cuda_device_count():
        raise SystemExit("No CUDA device is found: nothing was measured. Run this on a computer with an NVIDIA GPU.")
    if not gpu_memory_bytes():
        raise SystemExit(
            "A GPU is found, but cuBLAS of CUDA 12 is not: nothing was measured. Install it and try again."
        )


@contextmanager
def gpu_memory() -> Iterator[list[float]]:
    """Yield the MiB of the GPU's memory that are in use, on all its users' part, as they were while the block ran."""
    used = [_used_mib()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_SECONDS):
            used.append(_used_mib())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield used
    finally:
        done.set()
        watcher.join()


def _used_mib() -> float:
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
    return float(subprocess.run(query, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - no input


def figures(outcome: Outcome, used_mib: list[float]) -> str:
    """Return a part's figures as text; the GPU's memory is what was added while it ran."""
    lone = statistics.median(spent.wall for spent in outcome.lone)
    return (
        f"30 s of speech in {lone:.2f} s, a backlog of {outcome.backlog_seconds:.0f} s in {outcome.backlog.wall:.1f} s "
        f"({outcome.backlog_seconds / outcome.backlog.wall:.0f} x real time), {outcome.peak_mib:.0f} MiB of memory and "
        f"{max(used_mib) - used_mib[0]:.0f} MiB of the GPU's, loaded in {outcome.load.wall:.1f} s"
    )


def difference(one: Outcome, other: Outcome) -> float:
    """Return how many words of a hundred differ between two runs' texts."""
    first, second = (fold_words(" ".join(each.texts)) for each in (one, other))
    return 100 * float(jiwer.wer(first, second))


if __name__ == "__main__":
    main()
