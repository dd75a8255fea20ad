"""The default engine: Whisper for telephone messages, on CTranslate2.

From faster-whisper come the feature extractor, the tokenizer and the voice detector. Its own ``transcribe`` is not
used: it encodes 30 s for every window and falls back on random sampling, so it is slower and a text may differ between
runs.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.asr.decoder import Decoder, Encoded, Hypothesis
from vm_mcp.asr.devices import NATIVE_ERRORS, Device, GpuChoice, open_where_able
from vm_mcp.asr.discarded import sift
from vm_mcp.asr.hallucination import without_credits
from vm_mcp.asr.known_names import hear_names
from vm_mcp.asr.language_detection import (
    LanguageGuess,
    choose_languages,
    guess_language,
    name_language,
    other_languages,
)
from vm_mcp.asr.names import respelled
from vm_mcp.asr.second_reading import NUMBER_WORDS, MergedReading, annotated, holds_numbers, merge, unconfirmed
from vm_mcp.asr.transcriber import EngineSettings, ModelAvailability, ReportLoading, TranscribeOptions
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    from vm_mcp.asr.speech_windows import SpeechWindow
    from vm_mcp.asr.weights import Weights
    from vm_mcp.audio import Samples

NAME = "faster-whisper"

# Windows of one message decoded at the same time: enough to fill a batch, few enough for their states to fit in memory.
_WINDOWS_AT_ONCE = 4
# Windows of one message whose encoder output is kept from detecting their language until they are decoded: some eight
# minutes, 50 MB with `base`. The windows of a longer message are encoded again.
_MOST_KEPT = 24
# Size of ``model.bin`` up to which a model is loaded twice. In memory it takes half of that: `small` is below the
# limit, `medium`, 0.8 GB in memory, is above.
_MAX_BYTES_TO_LOAD_TWICE = 512 << 20


class FasterWhisper:
    """The engine. Nothing in it is random: the same samples always give the same text."""

    def __init__(self, decoder: Decoder, weights: "Weights", languages: tuple[str, ...]) -> None:
        self._decoder = decoder
        self._weights = weights
        self._languages = languages

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        """Transcribe one message, see `vm_mcp.asr.transcriber.Engine`. There are no segments if nobody speaks.

        Raises:
            EngineFailedError: CTranslate2 failed.
            TranscriptionError: The model does not know the language.
        """
        windows = find_speech(samples)
        candidates = self._candidates(options.language)
        detects = self._decoder.is_multilingual and not options.language
        try:
            message = _Message(self._decoder, samples, windows, options.caller_name)
            languages = message.detect_languages(candidates) if detects else candidates * len(windows)
            decoded = message.segments(languages, on_progress)
        except RuntimeError as error:
            raise EngineFailedError(
                "The speech engine failed on this message. Try again. If it fails again, set VM_MCP_DEVICE=cpu or a "
                "smaller VM_MCP_MODEL."
            ) from error
        understood, untranscribed = sift(decoded, samples)
        language, segments = name_language(understood)
        return Transcript(
            language=language,
            segments=segments,
            untranscribed=untranscribed,
            duration_seconds=len(samples) / SAMPLE_RATE,
            engine=NAME,
            model=self._weights.name,
            notice=self._weights.notice,
        )

    def _candidates(self, language: str) -> list[str]:
        """Return the languages to choose among: the one asked for, else those of the account that the model knows."""
        if not self._decoder.is_multilingual:
            return ["en"]
        known = [code for code in ((language,) if language else self._languages) if self._decoder.knows(code)]
        if not known:
            raise TranscriptionError(
                "The speech engine does not know the language. Use ISO 639-1 codes such as tr or en, in the call or in "
                "VM_MCP_LANGUAGES."
            )
        return known


class _Message:
    """One message while it is transcribed. It keeps what was encoded to detect the language, to decode it later."""

    def __init__(self, decoder: Decoder, samples: "Samples", windows: "list[SpeechWindow]", caller_name: str) -> None:
        self._decoder = decoder
        self._samples = samples
        self._windows = windows
        self._caller_name = caller_name
        self._encoded: dict[SpeechWindow, Encoded] = {}

    def detect_languages(self, languages: list[str]) -> list[str]:
        """Return the language of each window: one of the account's, or another one that is clearly spoken."""
        with ThreadPoolExecutor(_WINDOWS_AT_ONCE) as pool:
            probabilities = list(pool.map(self._language_probabilities, self._windows))
            lengths = [window.seconds for window in self._windows]
            candidates = [*languages, *other_languages(zip(lengths, probabilities, strict=True), languages)]
            guesses = pool.map(self._guess_language, self._windows, probabilities, repeat(candidates))
            return choose_languages(list(guesses))

    def segments(self, languages: list[str], on_progress: Callable[[float], None]) -> list[Segment]:
        """Return one segment per window, decoded as its language."""
        segments: list[Segment] = []
        # A thread per window, because only windows that wait in the scheduler at the same time are batched.
        with ThreadPoolExecutor(_WINDOWS_AT_ONCE) as pool:
            for done, segment in enumerate(pool.map(self._segment, self._windows, languages), 1):
                segments.append(without_credits(segment))
                on_progress(done / len(self._windows))
        return segments

    def _language_probabilities(self, window: "SpeechWindow") -> dict[str, float]:
        encoded = self._encode(window)
        if len(self._encoded) < _MOST_KEPT:
            self._encoded[window] = encoded
        return self._decoder.language_probabilities(encoded)

    def _guess_language(
        self, window: "SpeechWindow", probabilities: dict[str, float], candidates: list[str]
    ) -> LanguageGuess:
        return guess_language(
            probabilities,
            candidates,
            lambda codes: self._decoder.opening_logprobs(self._encoded.get(window) or self._encode(window), codes),
        )

    def _segment(self, window: "SpeechWindow", language: str) -> Segment:
        encoded = self._encoded.pop(window, None) or self._encode(window)
        hypothesis, encoded = self._decode(window, encoded, language)
        heard = self._with_names(hypothesis.text, encoded, language)
        reading = self._read_again(heard, encoded, language)
        text = reading.text if reading else heard
        is_changed = text != hypothesis.text
        tokens = self._decoder.tokens(text, language) if is_changed else hypothesis.tokens
        segment = Segment(
            text=text,
            start_seconds=round(window.start_seconds, 2),
            end_seconds=round(window.end_seconds, 2),
            avg_logprob=hypothesis.avg_logprob,
            no_speech_prob=hypothesis.no_speech_prob,
            language=language,
            words=self._decoder.words(encoded, language, tokens, window.start_seconds),
        )
        return respelled(annotated(segment, reading) if reading else segment, self._caller_name)

    def _with_names(self, text: str, encoded: Encoded, language: str) -> str:
        """Return a window's text with the caller's name where it was probably said."""
        return hear_names(
            text, [self._caller_name], lambda texts: self._decoder.text_logprobs(encoded, language, texts)
        )

    def _read_again(self, first: str, encoded: Encoded, language: str) -> MergedReading | None:
        """Return what two readings make of a window with numbers; None if it has none."""
        if not holds_numbers(first, language):
            return None
        second = self._decoder.decode(encoded, language, after=NUMBER_WORDS[language])
        return unconfirmed(first) if second.is_loop else merge(first, second.text, language)

    def _decode(self, window: "SpeechWindow", encoded: Encoded, language: str) -> tuple[Hypothesis, Encoded]:
        """Return the hypothesis for a window, and what it was decoded from; decode again if the model loops.

        First with the 30 s context of its training, which is slower and loops less. If it still loops, no three tokens
        may repeat: that always ends a loop, but comes last because it also forbids what callers do repeat, such as the
        digits of a number. Whisper's own remedy, sampling at rising temperatures, is random, and took half of all time.
        """
        hypothesis = self._decoder.decode(encoded, language)
        if hypothesis.is_loop:
            encoded = self._encode(window, full=True)
            hypothesis = self._decoder.decode(encoded, language)
        if hypothesis.is_loop:
            hypothesis = self._decoder.decode(encoded, language, no_repeat_ngram_size=3)
        return hypothesis, encoded

    def _encode(self, window: "SpeechWindow", *, full: bool = False) -> Encoded:
        return self._decoder.encode(self._samples[window.start : window.end], full=full)


def check_installed() -> None:
    """Import the library, which takes a third of a second, and the native libraries below it.

    Raises:
        EngineUnavailableError: It is not installed, or does not load on this computer.
    """
    try:
        import ctranslate2  # noqa: F401  # only to learn whether its libraries load on this computer
        import faster_whisper  # noqa: F401  # the same
    except (ImportError, OSError) as error:
        raise EngineUnavailableError(
            "The speech engine is not installed, or only in part. Install vm-mcp again as vm-mcp[whisper] (README, "
            '"Use it"), then restart.'
        ) from error


def find_model(model: str, data_dir: Path) -> ModelAvailability:
    """Look for a model, see `vm_mcp.asr.transcriber.ModelFinder`; ask the hub for the size of its download.

    Raises:
        EngineUnavailableError: The library is missing, no model has that name, or the folder does not hold a model.
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


def load(settings: EngineSettings, report: ReportLoading) -> FasterWhisper:
    """Find the model, download it if necessary, and load it.

    Raises:
        EngineUnavailableError: The model is not available or is damaged, or the device is missing.
    """
    check_installed()
    from vm_mcp.asr.weights import find_weights

    weights = find_weights(
        settings.model,
        settings.data_dir,
        lambda download: report(str(download), download.fraction),
        may_download=settings.may_download,
    )
    try:
        decoder, notice = _open_decoder(weights, settings)
    except NATIVE_ERRORS as error:
        raise EngineUnavailableError(
            f"The speech model `{weights.name}` could not be loaded. Remove its folder {weights.folder}, so that it is "
            "downloaded again, or set VM_MCP_MODEL to another."
        ) from error
    return FasterWhisper(decoder, replace(weights, notice=f"{weights.notice} {notice}".strip()), settings.languages)


def _open_decoder(weights: "Weights", settings: EngineSettings) -> tuple[Decoder, str]:
    """Return a decoder that has shown that it can compute, and a notice if that is not where it was to compute."""
    import ctranslate2

    def open_on(device: Device) -> Decoder:
        decoder = _open_on_gpu(weights, settings) if device == "cuda" else _open_on_cpu(weights, settings)
        decoder.try_out()
        return decoder

    has_gpu = settings.device != "cpu" and ctranslate2.get_cuda_device_count() > 0
    return open_where_able(GpuChoice(settings.device, has_gpu, settings.gpu_failed), open_on)


def _open_on_gpu(weights: "Weights", settings: EngineSettings) -> Decoder:
    import ctranslate2
    from ctranslate2.models import Whisper

    supported = ctranslate2.get_supported_compute_types("cuda")
    compute = next((kind for kind in ("float16", "int8_float16", "float32") if kind in supported), "default")
    return Decoder(Whisper(str(weights.folder), device="cuda", compute_type=compute), weights.folder, settings.lanes)


def _open_on_cpu(weights: "Weights", settings: EngineSettings) -> Decoder:
    from ctranslate2.models import Whisper

    lanes = settings.lanes
    open_model = partial(Whisper, str(weights.folder), device="cpu", compute_type="int8")
    # CTranslate2 fixes a model's threads when it loads it, so the scheduler's two ways to run a call need two copies.
    narrow = open_model(inter_threads=lanes, intra_threads=1)
    is_small = (weights.folder / "model.bin").stat().st_size <= _MAX_BYTES_TO_LOAD_TWICE
    wide = open_model(inter_threads=1, intra_threads=lanes) if lanes > 1 and is_small else None
    return Decoder(narrow, weights.folder, lanes, wide)
