"""Run the contenders in turn, round after round."""

import tempfile
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from speech import contenders, figures
from speech.contenders import CONTENDERS, Contender, ContenderError
from speech.figures import Run
from speech.jobs import Job, Task
from speech.recordings import Recording
from vm_mcp.asr.weights import find_weights
from vm_mcp.config import load_settings


def find_base() -> Path:
    """Return the folder with the weights that all contenders use, in CTranslate2's format."""
    return find_weights("base", load_settings().data_dir).folder


def pin(cores: int) -> int:
    """Limit this process and its children to a number of cores, where the system can; return how many they use."""
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        process.cpu_affinity(process.cpu_affinity()[:cores])
        return len(process.cpu_affinity())
    return cores


def choose(names: Container[str]) -> tuple[list[Contender], list[Contender]]:
    """Return the contenders to run, and those that are not installed, among the named ones."""
    wanted = [contender for contender in CONTENDERS if contender.name in names]
    left_out = [contender for contender in wanted if not contender.is_installed]
    for contender in left_out:
        print(f"{contender.title}: left out, since {contender.package} is not installed (see --help)")
    return [contender for contender in wanted if contender not in left_out], left_out


@dataclass(frozen=True)
class Course:
    """What every contender transcribes, and how."""

    recordings: Sequence[Recording]
    base: Path
    """Folder with the weights."""
    cores: int
    """Threads that each contender may use."""
    told: str
    """Contenders that are given the language: ``peers``, ``all`` or ``none``."""


def run_all(racing: Sequence[Contender], course: Course, rounds: int) -> list[Run]:
    """Run each contender once per round. A contender that fails is reported and left out from then on."""
    runs: list[Run] = []
    running = list(racing)
    with tempfile.TemporaryDirectory() as folder:
        sounds = [_save(recording, Path(folder)) for recording in course.recordings]
        for number in range(1, rounds + 1):
            for contender in tuple(running):
                try:
                    model = contenders.prepare_weights(contender, course.base, Path(folder))
                    job = Job(contender.name, str(model), course.cores, _tasks(contender, course, sounds))
                    outcome = contenders.run(contender, job)
                except ContenderError as error:
                    print(f"{contender.title}: failed, left out from now on\n{error}", flush=True)
                    running.remove(contender)
                    continue
                run = Run(number, contender.name, outcome, figures.of_outcome(outcome, course.recordings))
                speed, wrong = run.figures["speed"], run.figures.get("wer_all", 0)
                print(f"{number}/{rounds} {contender.title}: {speed:.1f} x real time, WER {wrong:.1f} %", flush=True)
                runs.append(run)
    return runs


def _save(recording: Recording, folder: Path) -> str:
    path = folder / f"{recording.name}.npy"
    np.save(path, recording.samples)
    return str(path)


def _tasks(contender: Contender, course: Course, sounds: Sequence[str]) -> list[Task]:
    is_told = course.told == "all" or (course.told == "peers" and not contender.is_ours)
    return [
        Task(recording.name, str(recording.path.resolve()), sound, recording.language if is_told else "")
        for recording, sound in zip(course.recordings, sounds, strict=True)
    ]
