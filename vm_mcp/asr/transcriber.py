"""What a speech engine is: to the inbox, and inside the worker process."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from vm_mcp.models import Model, Transcript

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1, from the event loop's thread."""


class TranscribeOptions(Model):
    """How to read one message."""

    language: str = ""
    """ISO 639-1 code to decode as; empty: the likeliest of the account's languages."""
    caller_name: str = ""
    """As the PBX has it; untrusted: a word that was heard may be spelled as in it, and no word comes from it."""


class Transcriber(Protocol):
    """Turns a recording into a transcript without ever blocking the event loop."""

    @property
    def engine(self) -> str:
        """Its name, such as ``faster-whisper``; with `model`, what a transcript is kept under."""
        ...

    @property
    def waiting_for(self) -> str:
        """What all messages wait for, in words for a person, such as a model's download; empty: only for their turn."""
        ...

    @property
    def model(self) -> str:
        """The model as it was set, also where another has to stand in for it; empty: the only one there is."""
        ...

    async def transcribe(
        self, audio: bytes, options: TranscribeOptions, on_progress: Progress | None = None
    ) -> Transcript:
        """Transcribe one recording. Cancelling it stops the work at once.

        Args:
            audio: The recording's bytes, in any container that `vm_mcp.audio.sniff` knows.
            options: How to read it.
            on_progress: Told the share done.

        Raises:
            AudioDecodeError: The bytes are no audio.
            EngineUnavailableError: The engine or its model is missing; the text says what to install.
            TranscriptionError: The engine failed.
        """
        ...

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Make ready to transcribe: engine started, model found (downloaded, if need be) and loaded.

        The inbox awaits it before it asks for a recording, which marks a message as read: nothing is opened that
        can't be transcribed. Returns at once when all is ready, also while a message is being transcribed.

        Args:
            on_progress: Told the share of a download.

        Raises:
            EngineUnavailableError: The engine or its model can't be had; the text says what to do.
            TranscriptionError: The engine failed to start.
        """
        ...

    async def warm_up(self) -> None:
        """Get ahead of `prepare` as far as costs nobody anything: nothing is downloaded, and nothing is raised."""
        ...

    async def aclose(self) -> None:
        """Stop at once, whatever is in flight, and leave no process behind."""
        ...


class EngineSettings(Model):
    """What an engine needs of the settings; it travels to the worker process, so it holds no secret."""

    model: str
    """Name, hub id or folder."""
    languages: tuple[str, ...]
    """What callers speak; detection chooses among these."""
    device: Literal["auto", "cpu", "cuda"]
    data_dir: Path
    """Models are kept in its ``models`` folder."""
    lanes: int = 1
    """How many threads compute."""
    at_once: int = 1
    """How many messages are in hand at once: more than there are lanes, where an engine reads several together."""
    may_download: bool = True
    """False: a model that is not on this machine is not to be had."""


class Engine(Protocol):
    """A loaded model, inside the worker process. It may block, and `EngineSettings.at_once` threads use it."""

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        """Transcribe mono samples at `vm_mcp.audio.SAMPLE_RATE`; the same samples always give the same text.

        Raises:
            TranscriptionError: The engine failed, or can't do what the options ask.
        """
        ...


Tell = Callable[[str, float], None]
"""Told what is waited for, in words for a person, and the share of it that is done, 0 to 1."""

EngineFactory = Callable[[EngineSettings, Tell], Engine]
"""Loads an engine; raises EngineUnavailableError when it, or its model, can't be had."""


class ModelAvailability(NamedTuple):
    """Where a model can be had."""

    is_local: bool
    """Whether it is on this computer."""
    download_bytes: int = 0
    """Size of its download; 0: not known."""
    problem: str = ""
    """Why it can't be downloaded now, as a sentence; empty: nothing is known against it."""
    stand_in: str = ""
    """The model on this computer that is used where this one can't be downloaded; empty: none."""


ModelFinder = Callable[[str, Path], ModelAvailability]
"""Looks for a model by its name, hub id or folder, and in the data folder; downloads nothing, but may ask the network.

Raises EngineUnavailableError when the engine is missing or no model has that name."""
