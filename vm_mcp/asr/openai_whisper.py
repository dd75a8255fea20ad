"""OpenAI's own Whisper, on PyTorch: for those who have its checkpoints. Slower than the default engine."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vm_mcp.asr import hallucination
from vm_mcp.asr.checkpoints import check_installed, load_checkpoint, look_up, resolve_checkpoint
from vm_mcp.asr.devices import NATIVE_ERRORS, Device, GpuChoice, open_where_able
from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.speech_windows import SpeechWindow
from vm_mcp.asr.transcriber import EngineSettings, ModelAvailability, ReportLoading, TranscribeOptions
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_languages import WHISPER_LANGUAGES
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    import whisper

    from vm_mcp.audio import Samples

NAME = "openai-whisper"

_BEAM_SIZE = 5
# Tokens that an engine decodes to show that it can.
_TRIAL_TOKENS = 4


class OpenAIWhisper:
    """The engine. Nothing in it is random: the same samples always give the same text."""

    def __init__(self, model: "whisper.Whisper", name: str, languages: tuple[str, ...], notice: str = "") -> None:
        self._model = model
        self._name = name
        self._languages = languages
        self._notice = notice

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,  # noqa: ARG002  # one message at a time
    ) -> Transcript:
        """Transcribe one message, see `vm_mcp.asr.transcriber.Engine`. There are no segments if nobody speaks.

        Raises:
            EngineFailedError: PyTorch failed.
            TranscriptionError: Whisper does not know the language.
        """
        windows = _find_speech(samples)
        try:
            language = self._choose_language(samples, windows, options.language)
            segments = tuple(self._segments(samples, windows, language, on_progress))
        except RuntimeError as error:
            raise EngineFailedError(
                "The speech engine failed on this message. Try again. If it fails again, set VM_MCP_DEVICE=cpu or a "
                "smaller VM_MCP_MODEL."
            ) from error
        return Transcript(
            language=language if segments else "",
            segments=segments,
            duration_seconds=len(samples) / SAMPLE_RATE,
            engine=NAME,
            model=self._name,
            notice=self._notice,
        )

    def _choose_language(self, samples: "Samples", windows: list[SpeechWindow], language: str) -> str:
        """Return the language asked for, else the likeliest of the account's in the longest window."""
        if not self._model.is_multilingual:
            return "en"
        known = [code for code in ((language,) if language else self._languages) if code in WHISPER_LANGUAGES]
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
        _, probabilities = self._model.detect_language(mel.to(self._model.device))
        return max(languages, key=lambda code: probabilities.get(code, 0.0))

    def _segments(
        self, samples: "Samples", windows: list[SpeechWindow], language: str, on_progress: Callable[[float], None]
    ) -> Iterator[Segment]:
        """Yield the segments of each window, without hallucinations."""
        for done, window in enumerate(windows, start=1):
            decoded = self._decode(_sound(samples, window), language)
            yield from hallucination.without_hallucinations(_segment(each, window) for each in decoded)
            on_progress(done / len(windows))

    def _decode(self, samples: "Samples", language: str) -> list[dict[str, Any]]:
        """Decode a window once, at temperature 0.

        Whisper's default is to sample again at higher temperatures where a text looks wrong, which is random; and to
        prompt each 30 s with the text before, which carries a hallucination on.
        """
        result = self._model.transcribe(
            samples,
            language=language,
            beam_size=_BEAM_SIZE,
            temperature=0.0,
            condition_on_previous_text=False,
            fp16=self._model.device.type == "cuda",
        )
        segments: list[dict[str, Any]] = result["segments"]
        return segments


def find_model(model: str, _data_dir: Path, _stand_ins: Sequence[str] = ()) -> ModelAvailability:
    """Look for a model, see `vm_mcp.asr.transcriber.ModelFinder`. Whisper has a cache; nothing stands in.

    Raises:
        EngineUnavailableError: The library is missing; or it has no such model and no file has that name.
    """
    return ModelAvailability(is_local=look_up(model) is not None)


def load(settings: EngineSettings, report: ReportLoading) -> OpenAIWhisper:
    """Load a model from a file, or by whisper's name for it, which downloads it once into whisper's own cache.

    Raises:
        EngineUnavailableError: The library, the model or the device is not available.
    """
    check_installed()
    import torch
    import whisper

    choice = GpuChoice(settings.device, settings.device != "cpu" and torch.cuda.is_available(), settings.gpu_failed)
    choice.check()
    names = whisper.available_models()
    name = resolve_checkpoint(settings.model, names)
    if not settings.may_download and not Path(name).is_file():
        raise EngineUnavailableError(
            "Only a checkpoint in a file can be loaded without a download. Transcribe a message."
        )
    if not Path(name).is_file():
        report(f"The speech model `{name}` is being loaded, and downloaded if it is not on this computer yet.", 0.0)
    model = load_checkpoint(name)

    def open_on(device: Device) -> "whisper.Whisper":
        placed = model.to(device)
        _try_out(placed)
        return placed

    try:
        placed, notice = open_where_able(choice, open_on)
    except NATIVE_ERRORS as error:
        raise EngineUnavailableError(
            "The speech model is loaded, but this computer can't compute with it. Free some memory, set VM_MCP_MODEL "
            "to a smaller model, or install vm-mcp[openai-whisper] again."
        ) from error
    return OpenAIWhisper(placed, name if name in names else Path(name).stem, settings.languages, notice)


def _try_out(model: "whisper.Whisper") -> None:
    """Encode a second of silence and decode a few tokens, which raises RuntimeError if the processor can't."""
    import torch
    import whisper

    silence = whisper.pad_or_trim(torch.zeros(SAMPLE_RATE))
    mel = whisper.log_mel_spectrogram(silence, n_mels=model.dims.n_mels).to(model.device)
    # Greedy: of beams that are cut off, Whisper has NumPy sort PyTorch's tensors, which NumPy warns about.
    options = whisper.DecodingOptions(language="en", sample_len=_TRIAL_TOKENS, fp16=model.device.type == "cuda")
    whisper.decode(model, mel, options)


def _find_speech(samples: "Samples") -> list[SpeechWindow]:
    """Return where somebody speaks; the whole recording if the voice detector is not installed.

    Then whisper's own rule for silence decides, except for an empty recording, of which it makes words.
    """
    if not len(samples):
        return []
    if not importlib.util.find_spec("faster_whisper"):
        return [SpeechWindow(0, len(samples))]
    from vm_mcp.asr.voice_activity import find_speech

    return find_speech(samples)


def _sound(samples: "Samples", window: SpeechWindow) -> "Samples":
    """Return the sound of a window as the model gets it."""
    return raise_level(samples[window.start : window.end])


def _segment(decoded: dict[str, Any], window: SpeechWindow) -> Segment:
    start = min(window.start_seconds + float(decoded["start"]), window.end_seconds)
    end = min(window.start_seconds + float(decoded["end"]), window.end_seconds)
    return Segment(
        text=str(decoded["text"]).strip(),
        start_seconds=round(start, 2),
        end_seconds=round(max(start, end), 2),
        avg_logprob=float(decoded["avg_logprob"]),
        no_speech_prob=float(decoded["no_speech_prob"]),
    )
