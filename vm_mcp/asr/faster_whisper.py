"""Whisper for telephone messages, on CTranslate2, with faster-whisper's features, tokenizer and voice detector."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vm_mcp.asr import guard, names
from vm_mcp.asr.base import EngineSettings, TranscribeOptions
from vm_mcp.asr.weights import Weights, find_weights
from vm_mcp.asr.windows import LONGEST, Window, join_speech
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.errors import EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    import ctranslate2
    from faster_whisper.tokenizer import Tokenizer

    from vm_mcp.audio import Samples

NAME = "faster-whisper"

_BEAM = 5
_HOP = 160  # samples to a feature frame
_FULL_FRAMES = 3000  # the 30 s that the model was trained on
_FRAME_STEP = 50
# Seconds of silence behind the speech: with 1 s the model loses words that it has with 3 s.
_PADDING = 3.0
# Nobody speaks faster; a text that reaches the cap is a loop.
_TOKENS_A_SECOND, _SPARE_TOKENS, _MOST_TOKENS = 8, 12, 224
_CONTEXT = 448
# How many times as likely as the next a language must be for the guess to be believed.
_CLEAR = 10
# Share of the text that must be there again when it is decoded with the caller's name.
_SAME_LENGTH = 0.7

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one decoding of a window gave."""

    text: str
    avg_logprob: float
    no_speech_prob: float
    capped: bool
    """It ended because it grew too long, not because the model had said all."""

    @property
    def is_loop(self) -> bool:
        """Whether the model repeats itself instead of listening."""
        return self.capped or guard.compression_ratio(self.text) > guard.REPETITIVE


class FasterWhisper:
    """The engine. Nothing in it is random: the same samples always give the same text."""

    def __init__(self, model: "ctranslate2.models.Whisper", weights: Weights, languages: tuple[str, ...]) -> None:
        import tokenizers
        from faster_whisper.feature_extractor import FeatureExtractor

        self._model = model
        self._weights = weights
        self._languages = languages
        self._vocabulary = tokenizers.Tokenizer.from_file(str(weights.folder / "tokenizer.json"))
        self._features = FeatureExtractor(feature_size=model.n_mels)

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        """Transcribe one message, see `vm_mcp.asr.base.Engine`; no segments when nobody speaks.

        Raises:
            TranscriptionError: The language is not one that the model knows, or CTranslate2 failed.
        """
        windows = find_speech(samples)
        try:
            language = self._language(samples, windows, options.language)
            segments = tuple(self._segments(samples, windows, language, options.caller_name, on_progress))
        except RuntimeError as error:
            raise TranscriptionError(
                "The speech engine failed on this message. Try again; if it fails again, set VM_MCP_DEVICE=cpu or a "
                "smaller VM_MCP_MODEL."
            ) from error
        return Transcript(
            language=language if segments else "",
            segments=segments,
            duration_seconds=len(samples) / SAMPLE_RATE,
            speech_seconds=sum(window.seconds for window in windows),
            engine=NAME,
            model=self._weights.name,
            notice=self._weights.notice,
        )

    def _language(self, samples: "Samples", windows: list[Window], asked: str) -> str:
        """The language asked for; else the likeliest of the account's in the longest window."""
        if not self._model.is_multilingual:
            return "en"
        known = [code for code in ((asked,) if asked else self._languages) if self._knows(code)]
        if not known:
            raise TranscriptionError(
                "The speech engine does not know the language. Use ISO 639-1 codes such as tr or en, in the call or in "
                "VM_MCP_LANGUAGES."
            )
        if len(known) == 1 or not windows:
            return known[0]
        return self._likeliest(samples, max(windows, key=lambda window: window.end - window.start), known)

    def _likeliest(self, samples: "Samples", window: Window, languages: list[str]) -> str:
        """By the model's first guess when that is clear; else by decoding as the two likeliest.

        The guess rests on one token, and on a bad line it is wrong where the text's probability still tells.
        """
        encoded = self._encode(samples, window, full=False)
        [ranking] = self._model.detect_language(encoded)
        share = dict(ranking)
        first, second = sorted(languages, key=lambda code: -share[_token(code)])[:2]
        if share[_token(first)] > _CLEAR * share[_token(second)]:
            return first

        def credibility(code: str) -> tuple[bool, float]:
            attempt = self._generate(encoded, window, code)
            return not attempt.is_loop, attempt.avg_logprob

        return max((first, second), key=credibility)

    def _knows(self, code: str) -> bool:
        return self._vocabulary.token_to_id(_token(code)) is not None

    def _segments(
        self,
        samples: "Samples",
        windows: list[Window],
        language: str,
        caller_name: str,
        on_progress: Callable[[float], None],
    ) -> list[Segment]:
        """One segment a window, without those that the guard takes for invented."""
        segments = []
        for done, window in enumerate(windows, start=1):
            attempt = self._read(samples, window, language, names.clean_name(caller_name))
            segment = Segment(
                text=attempt.text,
                start_seconds=round(window.start_seconds, 2),
                end_seconds=round(window.end_seconds, 2),
                avg_logprob=attempt.avg_logprob,
                no_speech_prob=attempt.no_speech_prob,
            )
            if not guard.is_invented(segment):
                segments.append(segment)
            on_progress(done / len(windows))
        return segments

    def _read(self, samples: "Samples", window: Window, language: str, name: str) -> Attempt:
        """Decode one window, and once more where it loops or nearly has the caller's name."""
        encoded = self._encode(samples, window, full=False)
        attempt = self._generate(encoded, window, language)
        if attempt.is_loop:
            encoded = self._encode(samples, window, full=True)
            attempt = self._generate(encoded, window, language)
        if attempt.is_loop:
            return self._generate(encoded, window, language, no_repeat=3)
        if not names.is_nearly_heard(name, attempt.text):
            return attempt
        named = self._generate(encoded, window, language, prompt=name)
        return named if _is_truer(named, attempt, name) else attempt

    def _encode(self, samples: "Samples", window: Window, *, full: bool) -> "ctranslate2.StorageView":
        """Run the encoder over the speech and some silence, or over the 30 s it was trained on, which costs more."""
        import ctranslate2
        import numpy as np

        frames = _FULL_FRAMES if full else _short_frames(window)
        sound = np.zeros(frames * _HOP, np.float32)
        sound[: window.end - window.start] = samples[window.start : window.end]
        mel = self._features(sound, padding=0)[:, :frames]
        return self._model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[np.newaxis], np.float32)))

    def _generate(
        self, encoded: "ctranslate2.StorageView", window: Window, language: str, prompt: str = "", no_repeat: int = 0
    ) -> Attempt:
        tokenizer = self._tokenizer(language)
        tokens = _prompt_tokens(tokenizer, prompt)
        most = min(_MOST_TOKENS, _SPARE_TOKENS + round(_TOKENS_A_SECOND * window.seconds))
        # CTranslate2 counts the prompt in, and gives half of the length to the text.
        [result] = self._model.generate(
            encoded,
            [tokens],
            beam_size=_BEAM,
            max_length=min(_CONTEXT, max(2 * most, most + len(tokens))),
            no_repeat_ngram_size=no_repeat,
            return_scores=True,
            return_no_speech_prob=True,
        )
        found = result.sequences_ids[0]
        return Attempt(
            text=tokenizer.decode(found).strip(),
            avg_logprob=result.scores[0] * len(found) / (len(found) + 1),
            no_speech_prob=result.no_speech_prob,
            capped=len(found) >= most - 1,
        )

    def _tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self._vocabulary, self._model.is_multilingual, task="transcribe", language=language)


def load(settings: EngineSettings) -> FasterWhisper:
    """Find and load the model.

    Raises:
        EngineUnavailableError: The model can't be had, is damaged, or the device is not there.
    """
    try:
        import ctranslate2  # noqa: F401  # only to learn whether its libraries load on this machine
        import faster_whisper  # noqa: F401  # the same
    except (ImportError, OSError) as error:
        raise EngineUnavailableError(
            "The speech engine is not installed, or not completely. Install vm-mcp again as vm-mcp[whisper] (README, "
            '"Use it"), then restart.'
        ) from error
    weights = find_weights(settings.model, settings.data_dir)
    try:
        return FasterWhisper(_open_model(weights, settings.device), weights, settings.languages)
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineUnavailableError(
            f"The speech model `{weights.name}` could not be loaded. Remove its files, so that it is downloaded again, "
            "or set VM_MCP_MODEL to another."
        ) from error


def _open_model(weights: Weights, device: str) -> "ctranslate2.models.Whisper":
    import ctranslate2

    has_cuda = ctranslate2.get_cuda_device_count() > 0
    if device == "cuda" and not has_cuda:
        raise EngineUnavailableError("VM_MCP_DEVICE is cuda, but no CUDA device is found. Set it to auto or cpu.")
    folder = str(weights.folder)
    if has_cuda and device != "cpu":
        offered = ctranslate2.get_supported_compute_types("cuda")
        compute = next(kind for kind in ("float16", "int8_float16", "float32") if kind in offered)
        return ctranslate2.models.Whisper(folder, device="cuda", compute_type=compute)
    return ctranslate2.models.Whisper(folder, device="cpu", compute_type="int8", intra_threads=_threads())


def _threads() -> int:
    """Cores that this process may use; more than four don't make decoding faster."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(4, usable)


def find_speech(samples: "Samples") -> list[Window]:
    """Find where somebody speaks; empty when nobody does.

    The threshold is low because the detector's own takes much of what comes through a telephone for noise; noise, busy
    tones and hold music stay below even this one.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=0.1,
        neg_threshold=0.05,
        min_speech_duration_ms=200,
        max_speech_duration_s=LONGEST,
        min_silence_duration_ms=800,
        speech_pad_ms=400,
    )
    return join_speech(Window(found["start"], found["end"]) for found in get_speech_timestamps(samples, options))


def _is_truer(named: Attempt, plain: Attempt, name: str) -> bool:
    """Whether the prompt put the whole name right and left the rest: no echo, no loop, and no less probable."""
    return (
        not named.is_loop
        and names.is_heard(name, named.text)
        and len(named.text) > _SAME_LENGTH * len(plain.text)
        and named.avg_logprob >= plain.avg_logprob
    )


def _token(language: str) -> str:
    return f"<|{language}|>"


def _short_frames(window: Window) -> int:
    frames = (window.seconds + _PADDING) * SAMPLE_RATE / _HOP
    return min(_FULL_FRAMES, -int(-frames // _FRAME_STEP) * _FRAME_STEP)


def _prompt_tokens(tokenizer: "Tokenizer", prompt: str) -> list[int]:
    before = [tokenizer.sot_prev, *tokenizer.encode(f" {prompt}")] if prompt else []
    return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps]
