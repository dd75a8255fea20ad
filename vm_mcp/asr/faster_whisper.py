"""Whisper for telephone messages, on CTranslate2, with faster-whisper's features, tokenizer and voice detector."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.asr import hallucination
from vm_mcp.asr.decoder import Decoder, Encoded, Hypothesis
from vm_mcp.asr.language_detection import choose_language
from vm_mcp.asr.names import respell
from vm_mcp.asr.transcriber import EngineSettings, ModelAvailability, Tell, TranscribeOptions
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.errors import EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    from vm_mcp.asr.speech_windows import SpeechWindow
    from vm_mcp.asr.weights import Weights
    from vm_mcp.audio import Samples

NAME = "faster-whisper"

# Of one message: enough to be decoded together, few enough to be kept in memory.
_WINDOWS_AT_ONCE = 4
# Bytes on disk of a model that may be in memory twice, where it takes half: `small` may, `medium` takes 0.8 GB.
_LARGEST_TWICE = 512 << 20


class FasterWhisper:
    """The engine. Nothing in it is random: the same samples always give the same text."""

    def __init__(self, decoder: Decoder, weights: "Weights", languages: tuple[str, ...]) -> None:
        self._decoder = decoder
        self._weights = weights
        self._languages = languages

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        """Transcribe one message, see `vm_mcp.asr.transcriber.Engine`; no segments when nobody speaks.

        Raises:
            TranscriptionError: The language is not one that the model knows, or CTranslate2 failed.
        """
        windows = find_speech(samples)
        languages = self._candidates(options.language)
        try:
            message = _Message(self._decoder, samples, windows, options.caller_name)
            language = message.language(languages)
            segments = message.segments(language, on_progress)
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
            model=self._weights.name,
            notice=self._weights.notice,
        )

    def _candidates(self, asked: str) -> list[str]:
        """The language asked for, else the account's, as far as the model knows them."""
        if not self._decoder.is_multilingual:
            return ["en"]
        known = [code for code in ((asked,) if asked else self._languages) if self._decoder.knows(code)]
        if not known:
            raise TranscriptionError(
                "The speech engine does not know the language. Use ISO 639-1 codes such as tr or en, in the call or in "
                "VM_MCP_LANGUAGES."
            )
        return known


class _Message:
    """One message on its way to a text. What was computed to choose the language is kept for the reading."""

    def __init__(self, decoder: Decoder, samples: "Samples", windows: "list[SpeechWindow]", name: str) -> None:
        self._decoder = decoder
        self._samples = samples
        self._windows = windows
        self._name = name
        self._encoded: dict[SpeechWindow, Encoded] = {}

    def language(self, candidates: list[str]) -> str:
        """Choose by the longest window."""
        if len(candidates) == 1 or not self._windows:
            return candidates[0]
        window = max(self._windows, key=lambda window: window.end - window.start)
        encoded = self._encoded[window] = self._encode(window)
        shares = self._decoder.language_shares(encoded)
        return choose_language(shares, candidates, lambda codes: self._decoder.openings(encoded, codes))

    def segments(self, language: str, on_progress: Callable[[float], None]) -> tuple[Segment, ...]:
        """One segment a window, without those that the guard takes for invented."""
        segments: list[Segment] = []
        with ThreadPoolExecutor(_WINDOWS_AT_ONCE) as pool:
            for done, segment in enumerate(pool.map(lambda window: self._segment(window, language), self._windows), 1):
                segments.append(segment)
                on_progress(done / len(self._windows))
        return tuple(segment for segment in segments if not hallucination.is_invented(segment))

    def _segment(self, window: "SpeechWindow", language: str) -> Segment:
        encoded = self._encoded.pop(window, None) or self._encode(window)
        attempt, encoded = self._read(window, encoded, language)
        words = self._decoder.words(encoded, language, attempt, window.start_seconds)
        return Segment(
            text=respell(attempt.text, self._name),
            start_seconds=round(window.start_seconds, 2),
            end_seconds=round(window.end_seconds, 2),
            avg_logprob=attempt.avg_logprob,
            no_speech_prob=attempt.no_speech_prob,
            words=tuple(word.model_copy(update={"text": respell(word.text, self._name)}) for word in words),
        )

    def _read(self, window: "SpeechWindow", encoded: Encoded, language: str) -> tuple[Hypothesis, Encoded]:
        """Decode one window, and once more where it loops."""
        decode = self._decoder.decode
        attempt = decode(encoded, language)
        if attempt.is_loop:
            encoded = self._encode(window, full=True)
            attempt = decode(encoded, language)
        if attempt.is_loop:
            return decode(encoded, language, no_repeat=3), encoded
        return attempt, encoded

    def _encode(self, window: "SpeechWindow", *, full: bool = False) -> Encoded:
        return self._decoder.encode(self._samples[window.start : window.end], full=full)


def check_installed() -> None:
    """Import the library, which takes a third of a second, and the native ones below it.

    Raises:
        EngineUnavailableError: It is not there, or does not load on this machine.
    """
    try:
        import ctranslate2  # noqa: F401  # only to learn whether its libraries load on this machine
        import faster_whisper  # noqa: F401  # the same
    except (ImportError, OSError) as error:
        raise EngineUnavailableError(
            "The speech engine is not installed, or not completely. Install vm-mcp again as vm-mcp[whisper] (README, "
            '"Use it"), then restart.'
        ) from error


def find_model(model: str, data_dir: Path) -> ModelAvailability:
    """Look for a model, see `vm_mcp.asr.transcriber.ModelFinder`; asks the hub for the size of a download.

    Raises:
        EngineUnavailableError: The library is missing, no model has that name, or its folder is none of a model.
    """
    check_installed()
    from vm_mcp.asr import hub
    from vm_mcp.asr.weights import FALLBACK, look_up

    if look_up(model, data_dir):
        return ModelAvailability(is_local=True)
    stand_in = FALLBACK if look_up(FALLBACK, data_dir) else ""
    try:
        size = hub.download_bytes(model)
    except hub.HubError as error:
        return ModelAvailability(is_local=False, problem=str(error), stand_in=stand_in)
    return ModelAvailability(is_local=False, download_bytes=size, stand_in=stand_in)


def load(settings: EngineSettings, tell: Tell) -> FasterWhisper:
    """Find and load the model.

    Raises:
        EngineUnavailableError: The model can't be had, is damaged, or the device is not there.
    """
    check_installed()
    from vm_mcp.asr.weights import find_weights

    weights = find_weights(
        settings.model,
        settings.data_dir,
        lambda downloading: tell(str(downloading), downloading.share),
        may_download=settings.may_download,
    )
    try:
        decoder = _open_decoder(weights, settings)
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineUnavailableError(
            f"The speech model `{weights.name}` could not be loaded. Remove its folder {weights.folder}, so that it is "
            "downloaded again, or set VM_MCP_MODEL to another."
        ) from error
    return FasterWhisper(decoder, weights, settings.languages)


def _open_decoder(weights: "Weights", settings: EngineSettings) -> Decoder:
    import ctranslate2
    from ctranslate2.models import Whisper

    device, has_cuda = settings.device, ctranslate2.get_cuda_device_count() > 0
    if device == "cuda" and not has_cuda:
        raise EngineUnavailableError("VM_MCP_DEVICE is cuda, but no CUDA device is found. Set it to auto or cpu.")
    folder, lanes = str(weights.folder), settings.lanes
    if has_cuda and device != "cpu":
        offered = ctranslate2.get_supported_compute_types("cuda")
        compute = next(kind for kind in ("float16", "int8_float16", "float32") if kind in offered)
        return Decoder(Whisper(folder, device="cuda", compute_type=compute), weights.folder, lanes)
    open_on_cpu = partial(Whisper, folder, device="cpu", compute_type="int8")
    # Two threads take a third off what one takes: for a message alone that is time, among several it is two for one.
    narrow = open_on_cpu(inter_threads=lanes, intra_threads=1)
    can_have_two = lanes > 1 and (weights.folder / "model.bin").stat().st_size <= _LARGEST_TWICE
    wide = open_on_cpu(inter_threads=1, intra_threads=lanes) if can_have_two else None
    return Decoder(narrow, weights.folder, lanes, wide)
