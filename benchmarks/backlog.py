"""Compare two builds' speech engines: a backlog asked for at once, and messages one at a time.

    uv run python benchmarks/backlog.py --before PYTHON FOLDER... [--messages 20] [--runs 3]

PYTHON is the interpreter of an environment in which the other build is installed. Each folder holds recordings and a
manifest.json with their words. The builds take turns, each in a process of its own with the model `base`, so a machine
that slows down affects both. Printed are medians: seconds until the first text, until the average one and until all of
them, the processor's seconds that they took, seconds of a message alone (the median of the messages), the most MiB that
the worker had, and wrong words in percent.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from speech.recordings import Recording

_CHILD = "--as-child"
_SEED = 3


class Figures(NamedTuple):
    """Figures of one run: seconds, MiB, and percent."""

    first_text: float
    mean_completion: float
    all_texts: float
    processor: float
    """Of all of them."""
    alone: float
    memory: float
    wrong_words: float


def main() -> None:
    """Run both builds in turn, and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--before", type=Path, required=True, metavar="PYTHON", help="interpreter of the other build")
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--alone", type=int, default=10, help="other messages, transcribed one at a time")
    parser.add_argument("--runs", type=int, default=3, help="runs of each build")
    arguments = parser.parse_args()
    from speech import recordings

    found = [each for folder in arguments.folders for each in recordings.load(folder)]
    random.Random(_SEED).shuffle(found)  # noqa: S311  # the same choice every time
    chosen, alone = found[: arguments.messages], found[arguments.messages :][: arguments.alone]
    for what, some in (("at once", chosen), ("one at a time", alone)):
        print(f"{len(some)} messages {what}, {sum(each.seconds for each in some):.0f} s")
    builds = {"now": sys.executable, "before": str(arguments.before.absolute())}
    rows: dict[str, list[Figures]] = {name: [] for name in builds}
    for _ in range(arguments.runs):
        for name, python in builds.items():
            rows[name].append(_measure(python, chosen, alone))
            print(name, rows[name][-1], flush=True)
    print(f"\n{'':18}{'now':>10}{'before':>10}{'ratio':>8}")
    for column, name in enumerate(Figures._fields):
        now, before = ([row[column] for row in rows[build]] for build in ("now", "before"))
        ratio = statistics.median(new / old for new, old in zip(now, before, strict=True) if old)
        print(f"{name:18}{statistics.median(now):>10.2f}{statistics.median(before):>10.2f}{ratio:>8.2f}")


def _measure(python: str, chosen: "list[Recording]", alone: "list[Recording]") -> Figures:
    from speech import wording

    paths = [str(each.path.absolute()) for each in (*chosen, *alone)]
    command = [python, "-P", str(Path(__file__).absolute()), _CHILD, str(len(chosen)), *paths]
    done = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parent)  # noqa: S603  # ours
    told = json.loads(done.stdout)
    ends = sorted(end for end, text in told["backlog"] if text)
    pairs = [
        wording.pair(each.text, text, each.language)
        for each, (_, text) in zip(chosen, told["backlog"], strict=True)
        if each.text
    ]
    return Figures(
        ends[0],
        statistics.mean(end for end, _ in told["backlog"]),
        max(end for end, _ in told["backlog"]),
        told["processor"],
        statistics.median(told["alone"]),
        told["memory"],
        wording.rates(pairs).wer,
    )


async def _be_child(at_once: int, found: list[bytes]) -> None:
    """Transcribe with the build that this interpreter has, and print what came when."""
    from vm_mcp.asr import TranscribeOptions, open_transcriber
    from vm_mcp.asr.worker_client import WorkerTranscriber
    from vm_mcp.config import Settings

    settings = Settings(model="base", engine="faster-whisper", device="cpu", api_key="none")
    transcriber = open_transcriber(settings)
    assert isinstance(transcriber, WorkerTranscriber)  # noqa: S101  # of that engine
    await transcriber.prepare()
    await transcriber.transcribe(found[-1], TranscribeOptions())
    started = time.perf_counter()

    async def transcribed(recording: bytes) -> tuple[float, str]:
        transcript = await transcriber.transcribe(recording, TranscribeOptions())
        return time.perf_counter() - started, transcript.text

    assert transcriber._worker  # noqa: S101, SLF001  # it has just answered
    pid = transcriber._worker.pid  # noqa: SLF001  # no one else asks for it
    spent = _processor_seconds(pid)
    backlog = await asyncio.gather(*map(transcribed, found[:at_once]))
    spent = _processor_seconds(pid) - spent
    lone = []
    for recording in found[at_once:-1]:
        began = time.perf_counter()
        await transcriber.transcribe(recording, TranscribeOptions())
        lone.append(time.perf_counter() - began)
    memory = _peak_mib(pid)
    await transcriber.aclose()
    print(json.dumps({"backlog": backlog, "processor": spent, "alone": lone, "memory": memory}))


def _processor_seconds(pid: int) -> float:
    """Return the processor's time that a process has had, as Linux counts it."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mib(pid: int) -> float:
    """Return the most memory that a process has had, as Linux counts it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == [_CHILD]:
        asyncio.run(_be_child(int(sys.argv[2]), [Path(path).read_bytes() for path in sys.argv[3:]]))
    else:
        main()
