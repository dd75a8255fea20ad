"""JSON files that the benchmark exchanges with the processes that it measures."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One message to transcribe."""

    name: str
    recording: str
    """File with the recording as the PBX delivers it."""
    sound: str
    """The same recording as samples, mono at 16 kHz, in a .npy file."""
    language: str
    """ISO 639-1 code that the engine is given; empty: it detects the language."""


@dataclass(frozen=True)
class Job:
    """The messages for one engine."""

    contender: str
    model: str
    """Folder or file with the weights, in the engine's own format."""
    cores: int
    tasks: list[Task]


@dataclass(frozen=True)
class Heard:
    """What an engine recognised in one message."""

    name: str
    text: str
    language: str
    seconds: float | None
    """Time for this message; None where several were transcribed at once."""
    ended: float
    """Seconds from the start of the first message until this one's text was there."""


@dataclass(frozen=True)
class Outcome:
    """The result of a job."""

    load_seconds: float
    """From the import of the engine's library, or the start of its process, until the model is loaded."""
    seconds: float
    """Time for all messages, without loading the model."""
    peak_mib: float
    """Peak memory of the process that runs the engine."""
    heard: list[Heard]
    server_mib: float | None = None
    """Peak memory of the server's process, if that is another one."""


def write(path: Path, content: Job | Outcome) -> None:
    """Write a job or an outcome as JSON."""
    path.write_text(json.dumps(asdict(content), ensure_ascii=False), encoding="utf-8")


def read_job(path: Path) -> Job:
    """Read a job."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Job(**content | {"tasks": [Task(**task) for task in content["tasks"]]})


def read_outcome(path: Path) -> Outcome:
    """Read an outcome."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Outcome(**content | {"heard": [Heard(**heard) for heard in content["heard"]]})
