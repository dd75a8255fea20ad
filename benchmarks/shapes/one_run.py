"""Measure one model on one runtime, alone in its process: ``python -m shapes.one_run JOB OUTCOME``."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from speech.recordings import load

from shapes.forced_runtime import ForcedRuntime
from shapes.messages import Message, expected, messages
from vm_mcp.asr import faster_whisper, process_memory
from vm_mcp.asr.decoder import Decoder
from vm_mcp.asr.faster_whisper import FasterWhisper
from vm_mcp.asr.packed.opening import open_packed
from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.asr.weights import Weights
from vm_mcp.asr.whisper_runtime import WhisperRuntime

_AT_ONCE = 16


@dataclass(frozen=True)
class Job:
    """What to measure."""

    model: str
    """Its folder, in CTranslate2's format."""
    runtime: str
    """One of `RUNTIMES`."""
    cores: int
    data_dir: str
    """Where weights that are converted are kept."""
    recordings: str
    """Folder of the recordings; empty: the simulator's."""
    is_forced: bool = True
    """Whether the texts are the known ones, and not what the model makes of the sound."""
    seconds: float = 30.0
    """Length of each message."""
    lone: int = 2
    """Messages that are transcribed one by one."""
    backlog: int = 4
    """Messages that are transcribed at once."""


@dataclass
class Spent:
    """Seconds that some work took."""

    wall: float = 0.0
    cpu: float = 0.0
    """Of all threads."""


@dataclass
class Outcome:
    """What was measured."""

    load: Spent = field(default_factory=Spent)
    lone: list[Spent] = field(default_factory=list)
    lone_windows: list[list[float]] = field(default_factory=list)
    """Seconds of each window of these messages."""
    backlog: Spent = field(default_factory=Spent)
    backlog_seconds: float = 0.0
    """Length of the messages of the backlog."""
    loaded_mib: float = 0.0
    peak_mib: float = 0.0
    converting_mib: float = 0.0
    """Peak of the process that opened the model before this one. The first one for a model converts its weights."""
    texts: list[str] = field(default_factory=list)


def main() -> None:
    """Run the job and write its outcome."""
    job = Job(**json.loads(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(asdict(measure(job))), encoding="utf-8")


def measure(job: Job) -> Outcome:
    """Load the model, transcribe, and return what it took."""
    import psutil  # here, since the tests import this module without it
    from speech.memory import peak_mib, resident_mib

    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        process.cpu_affinity(process.cpu_affinity()[: job.cores])
    outcome = Outcome()
    settings = EngineSettings(
        model=job.model, languages=("tr", "en"), device="cpu", data_dir=Path(job.data_dir), lanes=min(4, job.cores)
    )
    weights = Weights(Path(job.model), Path(job.model).name)
    with spent(outcome.load):
        runtime = RUNTIMES[job.runtime](weights, settings)
        forced = ForcedRuntime(runtime)
        decoder = Decoder.tried(forced if job.is_forced else runtime, weights.folder)
    process_memory.return_freed()
    outcome.loaded_mib = resident_mib(os.getpid())
    engine = FasterWhisper(decoder, weights, settings.languages)

    def transcribe(message: Message) -> str:
        turn = Turn()
        forced.expect(turn, message.language, expected(message, decoder, runtime.frame_step))
        return engine.transcribe(message.samples, TranscribeOptions(), lambda _: None, turn).text

    made = messages(load(Path(job.recordings) if job.recordings else None), job.seconds, job.lone + job.backlog)
    for message in made[: job.lone]:
        outcome.lone.append(Spent())
        outcome.lone_windows.append([window.seconds for window in find_speech(message.samples)])
        with spent(outcome.lone[-1]):
            outcome.texts.append(transcribe(message))
    outcome.backlog_seconds = job.seconds * job.backlog
    with spent(outcome.backlog), ThreadPoolExecutor(_AT_ONCE) as pool:
        outcome.texts += pool.map(transcribe, made[job.lone :])
    outcome.peak_mib = peak_mib(os.getpid())
    return outcome


@contextmanager
def spent(seconds: Spent) -> Iterator[None]:
    """Measure what a block takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    seconds.wall, seconds.cpu = time.perf_counter() - wall, time.process_time() - cpu


def _packed(weights: Weights, settings: EngineSettings) -> WhisperRuntime:
    decoder = open_packed(weights.folder, settings)
    if not decoder:
        raise SystemExit("This processor lacks what the packed weights need.")
    return decoder._runtime  # noqa: SLF001 - forced below it


def _unpacked(weights: Weights, settings: EngineSettings) -> WhisperRuntime:
    return faster_whisper._open_unpacked(weights, settings)._runtime  # noqa: SLF001 - the engine's own way


def _cuda(weights: Weights, settings: EngineSettings) -> WhisperRuntime:
    return faster_whisper._open_on_gpu(weights, settings)._runtime  # noqa: SLF001 - the same


RUNTIMES: dict[str, Callable[[Weights, EngineSettings], WhisperRuntime]] = {
    "packed": _packed,
    "ctranslate2": _unpacked,
    "cuda": _cuda,
}

if __name__ == "__main__":
    main()
