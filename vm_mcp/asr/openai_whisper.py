"""OpenAI's own Whisper, on PyTorch: for its models and checkpoints; slower than the default engine."""

import importlib.util
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vm_mcp.asr import hallucination
from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.speech_windows import SpeechWindow
from vm_mcp.asr.transcriber import EngineSettings, ModelAvailability, Tell, TranscribeOptions
from vm_mcp.asr.whisper_languages import WHISPER_LANGUAGES
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.errors import EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    import whisper

    from vm_mcp.audio import Samples

NAME = "openai-whisper"

_BEAM = 5
# Seconds that a download may stand still: whisper itself would wait for ever.
_PATIENCE = 30.0


class OpenAIWhisper:
    """The engine. It decodes without chance: the same samples give the same text."""

    def __init__(self, model: "whisper.Whisper", name: str, languages: tuple[str, ...]) -> None:
        self._model = model
        self._name = name
        self._languages = languages

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        """Transcribe one message, see `vm_mcp.asr.transcriber.Engine`; no segments when nobody speaks.

        Raises:
            TranscriptionError: The language is not one that the model knows, or PyTorch failed.
        """
        windows = _find_speech(samples)
        try:
            language = self._language(samples, windows, options.language)
            segments = tuple(self._segments(samples, windows, language, on_progress))
        except RuntimeError as error:
            raise TranscriptionError(
                "The speech engine failed on this message. Try again; if it fails again, set VM_MCP_DEVICE=cpu or a "
                "smaller VM_MCP_MODEL."
            ) from error
        return Transcript(
            language=language if segments else "",
            segments=segments,
            duration_seconds=len(samples) / SAMPLE_RATE,
            engine=NAME,
            model=self._name,
        )

    def _language(self, samples: "Samples", windows: list[SpeechWindow], asked: str) -> str:
        """The language asked for; else the likeliest of the account's in the longest window."""
        if not self._model.is_multilingual:
            return "en"
        known = [code for code in ((asked,) if asked else self._languages) if code in WHISPER_LANGUAGES]
        if not known:
            raise TranscriptionError(
                "The speech engine does not know the language. Use ISO 639-1 codes such as tr or en, in the call or in "
                "VM_MCP_LANGUAGES."
            )
        if len(known) == 1 or not windows:
            return known[0]
        window = max(windows, key=lambda window: window.seconds)
        return self._likeliest(_sound(samples, window), known)

    def _likeliest(self, samples: "Samples", languages: list[str]) -> str:
        import whisper

        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples), n_mels=self._model.dims.n_mels)
        _, share = self._model.detect_language(mel.to(self._model.device))
        return max(languages, key=lambda code: share.get(code, 0.0))

    def _segments(
        self, samples: "Samples", windows: list[SpeechWindow], language: str, on_progress: Callable[[float], None]
    ) -> Iterator[Segment]:
        """What was said in each window, without what the guard takes for invented."""
        for done, window in enumerate(windows, start=1):
            for found in self._decode(_sound(samples, window), language):
                segment = _segment(found, window)
                if not hallucination.is_invented(segment):
                    yield segment
            on_progress(done / len(windows))

    def _decode(self, samples: "Samples", language: str) -> list[dict[str, Any]]:
        result = self._model.transcribe(
            samples,
            language=language,
            beam_size=_BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
            fp16=self._model.device.type == "cuda",
        )
        segments: list[dict[str, Any]] = result["segments"]
        return segments


def check_installed() -> None:
    """Import the library, which takes seconds, and PyTorch below it.

    Raises:
        EngineUnavailableError: It is not there, or does not load on this machine.
    """
    try:
        import torch  # noqa: F401  # only to learn whether its libraries load on this machine
        import whisper  # noqa: F401  # the same
    except (ImportError, OSError) as error:
        raise EngineUnavailableError(
            "The speech engine openai-whisper is not installed, or not completely. Install vm-mcp again as "
            'vm-mcp[openai-whisper] (README, "Use it"), then restart.'
        ) from error


def look_up(model: str) -> Path | None:
    """Return the checkpoint of a model on this machine; None when only a download could bring it.

    Raises:
        EngineUnavailableError: The library is missing, or knows no such model, and no file has that name.
    """
    check_installed()
    # Private, but the only table of addresses: whisper names what it keeps as the address ends.
    from whisper import _MODELS

    name = _checkpoint(model, list(_MODELS))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "whisper")
    file = cache / _MODELS[name].rpartition("/")[2] if name in _MODELS else Path(name)
    return file if file.is_file() else None


def find_model(model: str, _data_dir: Path) -> ModelAvailability:
    """Look for a model, see `vm_mcp.asr.transcriber.ModelFinder`; whisper keeps its downloads in a cache of its own.

    Raises:
        EngineUnavailableError: The library is missing, or knows no such model and no file has that name.
    """
    return ModelAvailability(is_local=look_up(model) is not None)


def load(settings: EngineSettings, tell: Tell) -> OpenAIWhisper:
    """Load the model: by the name that whisper knows it by (downloaded once, into whisper's own cache), or from a file.

    Raises:
        EngineUnavailableError: The package is missing, the model can't be had, or the device is not there.
    """
    check_installed()
    import torch
    import whisper

    if settings.device == "cuda" and not torch.cuda.is_available():
        raise EngineUnavailableError("VM_MCP_DEVICE is cuda, but no CUDA device is found. Set it to auto or cpu.")
    name = _checkpoint(settings.model, whisper.available_models())
    if not settings.may_download and not Path(name).is_file():
        raise EngineUnavailableError(
            "Only a checkpoint in a file can be loaded without a download. Transcribe a message."
        )
    device = "cuda" if settings.device != "cpu" and torch.cuda.is_available() else "cpu"
    if not Path(name).is_file():
        tell(f"The speech model `{name}` is being loaded, and downloaded if it is not on this computer yet.", 0.0)
    with _told_what_to_do(name), _impatient_network():
        model = whisper.load_model(name, device=device)
    return OpenAIWhisper(model, name if name in whisper.available_models() else Path(name).stem, settings.languages)


def _checkpoint(model: str, names: list[str]) -> str:
    """What `whisper.load_model` takes: a name that it knows, or the path of a checkpoint, which a folder may hold."""
    path = Path(model).expanduser()
    found = sorted(path.glob("*.pt")) if path.is_dir() else [path] if path.is_file() else []
    if len(found) == 1:
        return str(found[0])
    if model in names:
        return model
    raise EngineUnavailableError(
        "VM_MCP_MODEL is nothing that openai-whisper can load. Set it to the path of a .pt file, to a folder with one, "
        f"or to one of: {', '.join(names)}."
    )


@contextmanager
def _told_what_to_do(name: str) -> Iterator[None]:
    """Turn what whisper and PyTorch raise for a model that can't be downloaded, or is none, into advice."""
    import pickle

    try:
        yield
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise EngineUnavailableError(
            f"The speech model `{Path(name).stem}` could not be downloaded or loaded. Connect to the internet and try "
            "again, or set VM_MCP_MODEL to the path of a Whisper checkpoint (.pt)."
        ) from error


@contextmanager
def _impatient_network() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _find_speech(samples: "Samples") -> list[SpeechWindow]:
    """Where somebody speaks; everywhere, for whisper's own judgement, where the voice detector is not installed."""
    if not importlib.util.find_spec("faster_whisper"):
        return [SpeechWindow(0, len(samples))]
    from vm_mcp.asr.voice_activity import find_speech

    return find_speech(samples)


def _sound(samples: "Samples", window: SpeechWindow) -> "Samples":
    """What the model hears of a window."""
    return raise_level(samples[window.start : window.end])


def _segment(found: dict[str, Any], window: SpeechWindow) -> Segment:
    start = min(window.start_seconds + float(found["start"]), window.end_seconds)
    end = min(window.start_seconds + float(found["end"]), window.end_seconds)
    return Segment(
        text=str(found["text"]).strip(),
        start_seconds=round(start, 2),
        end_seconds=round(max(start, end), 2),
        avg_logprob=float(found["avg_logprob"]),
        no_speech_prob=float(found["no_speech_prob"]),
    )
