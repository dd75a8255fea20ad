"""What a speech engine is: `Transcriber` to the inbox, `Engine` inside the worker process."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from vm_mcp.asr.turns import Turn
from vm_mcp.models import Model, Transcript

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1, on the event loop's thread."""


class Demand:
    """Whether somebody waits for a result, which may change until it is there."""

    def __init__(self) -> None:
        self._is_waited_for = True
        self.on_change: Callable[[], None] = lambda: None
        """Called when it has changed."""

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody does."""
        return self._is_waited_for

    @is_waited_for.setter
    def is_waited_for(self, value: bool) -> None:
        if value != self._is_waited_for:
            self._is_waited_for = value
            self.on_change()


class TranscribeOptions(Model):
    """How to transcribe one message."""

    language: str = ""
    """ISO 639-1 code to decode as; empty: the likeliest of the account's languages."""
    caller_name: str = ""
    """As the PBX sent it, chosen by the caller."""
    contact_names: tuple[str, ...] = ()
    """Who has the caller's number in the account's address book."""

    @property
    def known_names(self) -> tuple[str, ...]:
        """All names. They replace words that sound like them, and correct their spelling."""
        return tuple(dict.fromkeys(filter(None, (self.caller_name, *self.contact_names))))


class Transcriber(Protocol):
    """Turns recordings into transcripts, without ever blocking the event loop."""

    @property
    def engine(self) -> str:
        """The engine's name, such as ``faster-whisper``. With `model`, the key that a transcript is kept under."""
        ...

    @property
    def waiting_for(self) -> str:
        """What all messages wait for, as a sentence, such as a model's download; empty: only for their turn."""
        ...

    @property
    def model(self) -> str:
        """The model as it was set or chosen, even if another is used in its place; empty: the only one there is."""
        ...

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,
    ) -> Transcript:
        """Transcribe one recording. Cancelling stops the work at once.

        Args:
            audio: The recording's bytes, in any container that `vm_mcp.audio.sniff` knows.
            options: How to transcribe it.
            on_progress: Called with the fraction done.
            demand: Whether somebody waits for it. What is waited for goes first.

        Raises:
            AudioDecodeError: The bytes are not audio.
            EngineUnavailableError: The engine or its model is missing; the text says what to install.
            EngineFailedError: The engine failed, also when it was alone with this message.
            TranscriptionError: It can't transcribe this message.
        """
        ...

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Start the engine and load its model, after downloading it if necessary.

        Retrieving a recording marks its message as read, so the inbox awaits this first and retrieves nothing that
        can't be transcribed. Returns at once when the engine is ready, even while it transcribes.

        Args:
            on_progress: Called with the fraction of a download.

        Raises:
            EngineUnavailableError: The engine or its model is not available; the text says what to do.
            TranscriptionError: The engine failed to start.
        """
        ...

    async def warm_up(self) -> None:
        """Do the part of `prepare` that costs nobody anything: download nothing, raise nothing."""
        ...

    async def aclose(self) -> None:
        """Stop at once, even in the middle of a message, and leave no process behind."""
        ...


class EngineSettings(Model):
    """The settings that an engine needs. They travel to the worker process, so there is no secret among them."""

    model: str
    """Name, hub id or folder."""
    stand_ins: tuple[str, ...] = ()
    """Models to use, if they are on this computer, where it can't be downloaded; the best first."""
    languages: tuple[str, ...]
    """ISO 639-1 codes of what callers speak; detection chooses among these."""
    device: Literal["auto", "cpu", "cuda"]
    data_dir: Path
    """Models are kept in its ``models`` folder."""
    lang: str = ""
    """The language in which the worker says what it does, ``tr`` or ``en``; empty: English."""
    lanes: int = 1
    """Number of threads that compute."""
    at_once: int = 1
    """Number of messages in hand: more than `lanes` for an engine that decodes several in one batch."""
    may_download: bool = True
    """If false, only a model that is already on this computer is loaded."""
    gpu_failed: bool = False
    """Whether a GPU took down an earlier worker, so that it is used only if it is required."""


class Engine(Protocol):
    """A loaded model, inside the worker process. It may block, and `EngineSettings.at_once` threads call it."""

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,
    ) -> Transcript:
        """Transcribe mono samples at `vm_mcp.audio.SAMPLE_RATE`. The same samples always give the same text.

        Args:
            samples: The recording.
            options: How to transcribe it.
            on_progress: Called with the fraction done.
            turn: The message's place among those in hand; None: the last one.

        Raises:
            CancelledError: The turn was cancelled. An engine need not notice; it is then ended with its process.
            EngineFailedError: The engine failed, and may be unable to go on.
            TranscriptionError: It does not know the language.
        """
        ...


ReportLoading = Callable[[str, float], None]
"""Called while an engine loads, with what it waits for, as a sentence, and the fraction of that done, 0 to 1."""

EngineFactory = Callable[[EngineSettings, ReportLoading], Engine]
"""Loads an engine, and has it compute once, so that one that can't is found out while every message is still unread.

Raises EngineUnavailableError if the engine or its model is not available, or can't compute."""


class ModelAvailability(NamedTuple):
    """Where a model can come from."""

    is_local: bool
    """Whether it is on this computer."""
    download_bytes: int = 0
    """Size of its download; 0: not known."""
    problem: str = ""
    """Why it can't be downloaded now, as a sentence; empty: no reason is known."""
    stand_in: str = ""
    """The model on this computer that is used if this one can't be downloaded; empty: none."""


ModelFinder = Callable[[str, Path, Sequence[str]], ModelAvailability]
"""Looks for a model by its name, hub id or folder, in the data folder and elsewhere, and for those that may stand in
for it, the best first. It may use the network, downloads nothing.

Raises EngineUnavailableError if the engine is missing or no model has that name."""
