"""The default engine: Whisper for telephone messages, on onnxruntime where that is faster, else on CTranslate2.

From faster-whisper come the feature extractor, the tokenizer and the voice detector. Its own ``transcribe`` is not
used: it encodes 30 s for every window and falls back on random sampling, so it is slower and a text may differ between
runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.asr.decoder import Decoder
from vm_mcp.asr.devices import NATIVE_ERRORS, Device, GpuChoice, open_where_able
from vm_mcp.asr.discarded import sift
from vm_mcp.asr.language_detection import name_language
from vm_mcp.asr.message_decoding import MessageDecoding
from vm_mcp.asr.transcriber import EngineSettings, ModelAvailability, ReportLoading, TranscribeOptions
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.voice_activity import find_speech
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript

if TYPE_CHECKING:
    from vm_mcp.asr.weights import Weights
    from vm_mcp.audio import Samples

NAME = "faster-whisper"


class FasterWhisper:
    """The engine. Nothing in it is random: the same samples always give the same text."""

    def __init__(self, decoder: Decoder, weights: "Weights", languages: tuple[str, ...]) -> None:
        self._decoder = decoder
        self._weights = weights
        self._languages = languages

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,
    ) -> Transcript:
        """Transcribe one message, see `vm_mcp.asr.transcriber.Engine`. There are no segments if nobody speaks.

        Raises:
            CancelledError: The turn was cancelled.
            EngineFailedError: CTranslate2 or onnxruntime failed.
            TranscriptionError: The model does not know the language.
        """
        decoder = self._decoder.for_turn(turn or Turn())
        windows = decoder.run(lambda: find_speech(samples))
        candidates = self._candidates(options.language)
        detects = self._decoder.is_multilingual and not options.language
        try:
            message = MessageDecoding(decoder, samples, windows, options.known_names)
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


def find_model(model: str, data_dir: Path, stand_ins: Sequence[str] = ()) -> ModelAvailability:
    """Look for a model, see `vm_mcp.asr.transcriber.ModelFinder`; ask the hub for the size of its download.

    Raises:
        EngineUnavailableError: The library is missing, no model has that name, or the folder does not hold a model.
    """
    check_installed()
    from vm_mcp.asr import hub
    from vm_mcp.asr.weights import find_stand_in, look_up

    if look_up(model, data_dir):
        return ModelAvailability(is_local=True)
    stand_in = find_stand_in(model, data_dir, stand_ins)
    try:
        size = hub.download_bytes(model)
    except hub.HubError as error:
        return ModelAvailability(is_local=False, problem=error.words, stand_in=stand_in)
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
        stand_ins=settings.stand_ins,
    )
    try:
        decoder, notice = _open_decoder(weights, settings)
    except NATIVE_ERRORS as error:
        raise EngineUnavailableError(
            "The speech model `{name}` could not be loaded. Remove its folder {folder}, so that it is downloaded "
            "again, or set VM_MCP_MODEL to another.",
            name=weights.name,
            folder=weights.folder,
        ) from error
    return FasterWhisper(decoder, replace(weights, notice=f"{weights.notice} {notice}".strip()), settings.languages)


def _open_decoder(weights: "Weights", settings: EngineSettings) -> tuple[Decoder, str]:
    """Return a decoder that has shown that it can compute, and a notice if that is not where it was to compute."""
    import ctranslate2

    def open_on(device: Device) -> Decoder:
        return _open_on_gpu(weights, settings) if device == "cuda" else _open_on_cpu(weights, settings)

    has_gpu = settings.device != "cpu" and ctranslate2.get_cuda_device_count() > 0
    return open_where_able(GpuChoice(settings.device, has_gpu, settings.gpu_failed), open_on)


def _open_on_gpu(weights: "Weights", settings: EngineSettings) -> Decoder:
    import ctranslate2
    from ctranslate2.models import Whisper

    from vm_mcp.asr.ctranslate2_runtime import CTranslate2Runtime

    supported = ctranslate2.get_supported_compute_types("cuda")
    compute = next((kind for kind in ("float16", "int8_float16", "float32") if kind in supported), "default")
    model = Whisper(str(weights.folder), device="cuda", compute_type=compute)
    return Decoder.tried(CTranslate2Runtime(model, settings.lanes), weights.folder)


def _open_on_cpu(weights: "Weights", settings: EngineSettings) -> Decoder:
    from vm_mcp.asr.packed.opening import open_packed

    return open_packed(weights.folder, settings) or _open_unpacked(weights, settings)


def _open_unpacked(weights: "Weights", settings: EngineSettings) -> Decoder:
    from ctranslate2.models import Whisper

    from vm_mcp.asr.ctranslate2_runtime import CTranslate2Runtime

    lanes = settings.lanes
    model = Whisper(str(weights.folder), device="cpu", compute_type="int8", inter_threads=lanes, intra_threads=1)
    return Decoder.tried(CTranslate2Runtime(model, lanes), weights.folder)
