"""What the benchmark tells the processes that it measures, and what they tell back: JSON files."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One message to transcribe."""

    name: str
    recording: str
    """The file as the PBX hands it out."""
    sound: str
    """The same as samples, mono at 16 kHz, in a .npy file."""
    language: str
    """ISO 639-1 code when it is told; empty when it is to be detected."""


@dataclass(frozen=True)
class Job:
    """A set of messages for one engine."""

    contender: str
    model: str
    """Folder or file of the weights, in the engine's own format."""
    cores: int
    tasks: list[Task]


@dataclass(frozen=True)
class Heard:
    """What an engine made of one message."""

    name: str
    text: str
    language: str
    seconds: float | None
    """How long it took; None where several were in hand at once."""


@dataclass(frozen=True)
class Outcome:
    """A whole set, done."""

    load_seconds: float
    """From the import of the engine's library, or the start of its process, to a loaded model."""
    seconds: float
    """All messages, without the load."""
    peak_mib: float
    """Of the process that computes."""
    heard: list[Heard]
    server_mib: float | None = None
    """Of the process that asks, where that is another one."""


def write(path: Path, content: Job | Outcome) -> None:
    """Write either as JSON."""
    path.write_text(json.dumps(asdict(content), ensure_ascii=False), encoding="utf-8")


def read_job(path: Path) -> Job:
    """Read a job."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Job(**content | {"tasks": [Task(**task) for task in content["tasks"]]})


def read_outcome(path: Path) -> Outcome:
    """Read an outcome."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Outcome(**content | {"heard": [Heard(**heard) for heard in content["heard"]]})
