"""Whisper on CTranslate2: sound in, one text and its probabilities out. What to decode, and how often, is not here."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vm_mcp.asr import hallucination
from vm_mcp.asr.loudness import raise_level
from vm_mcp.asr.scheduler import Scheduler
from vm_mcp.asr.word_timings import spell
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ctranslate2
    import numpy as np
    from faster_whisper.tokenizer import Tokenizer

    from vm_mcp.audio import Samples

_BEAM = 5
_HOP = 160  # samples to a feature frame
_FULL_FRAMES = 3000  # the 30 s that the model was trained on
# Sounds of the same length in these steps can be decoded together; what more silence costs is less than that gains.
_FRAME_STEP = 400
# Seconds of silence behind the speech: with 1 s the model loses words that it has with 2 s; 3 s bring none.
_PADDING = 2.0
_FRAMES_A_SECOND = 100
_STEPS_A_SECOND = 50  # the encoder halves the frames
# Nobody speaks faster; a text that reaches the cap is a loop. The most are what the model has room for.
_TOKENS_A_SECOND, _SPARE_TOKENS, _MOST_TOKENS = 8, 12, 224
# Of a text, by which its language is told.
_OPENING_TOKENS = 12
# Four windows cost little over half of four times one; eight bring hardly more, and all wait for the longest.
_MOST_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What one decoding gave."""

    text: str
    avg_logprob: float
    no_speech_prob: float
    tokens: tuple[int, ...] = ()
    capped: bool = False
    """It ended because it grew too long, not because the model had said all."""

    @property
    def is_loop(self) -> bool:
        """Whether the model repeats itself instead of listening."""
        return self.capped or hallucination.compression_ratio(self.text) > hallucination.REPETITIVE


@dataclass(frozen=True, slots=True)
class Encoded:
    """Sound as the model hears it."""

    states: "ctranslate2.StorageView"
    seconds: float
    """Length of the sound, without the silence behind it."""
    frames: int
    """Length with the silence, in feature frames."""


class _Decoding(NamedTuple):
    """What decodings must have in common to be done together, and so that none depends on its neighbours."""

    frames: int
    no_repeat: int

    @property
    def most_tokens(self) -> int:
        """Where a text is cut off."""
        seconds = self.frames / _FRAMES_A_SECOND - _PADDING
        return min(_MOST_TOKENS, _SPARE_TOKENS + round(_TOKENS_A_SECOND * seconds))


class _DecodeRequest(NamedTuple):
    states: "ctranslate2.StorageView"
    prompt: list[int]


class Decoder:
    """One model. Nothing in it is random, and any number of threads may use it.

    Args:
        model: The model; it computes on as many threads as ``lanes``, each call on one.
        folder: Where it was loaded from.
        lanes: How many encodings and decodings go on at once.
        wide: The same model again, where a call that is alone has all threads.
    """

    def __init__(
        self,
        model: "ctranslate2.models.Whisper",
        folder: "Path",
        lanes: int = 1,
        wide: "ctranslate2.models.Whisper | None" = None,
    ) -> None:
        import tokenizers
        from faster_whisper.feature_extractor import FeatureExtractor

        self._model = model
        self._vocabulary = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._features = FeatureExtractor(feature_size=model.n_mels)
        self._tokenizer = cache(self._make_tokenizer)
        self._lanes = Scheduler(self._generate, model, wide, lanes=lanes, most=_MOST_TOGETHER)

    @property
    def is_multilingual(self) -> bool:
        """Whether it knows more than English."""
        return bool(self._model.is_multilingual)

    def knows(self, language: str) -> bool:
        """Whether it can decode as that ISO 639-1 code."""
        return self._vocabulary.token_to_id(f"<|{language}|>") is not None

    def encode(self, sound: "Samples", *, full: bool = False) -> Encoded:
        """Run the encoder over the sound and some silence, or over the 30 s it was trained on, which costs more."""
        import numpy as np

        seconds = len(sound) / SAMPLE_RATE
        frames = _FULL_FRAMES if full else _short_frames(seconds)
        padded = np.zeros(frames * _HOP, np.float32)
        padded[: len(sound)] = raise_level(sound)
        mel = self._features(padded, padding=0)[:, :frames]
        view = _view(mel[np.newaxis])
        # Where it can be joined with others'.
        states = self._lanes.alone(lambda model: model.encode(view, to_cpu=True))
        return Encoded(states, seconds, frames)

    def language_shares(self, encoded: Encoded) -> dict[str, float]:
        """How likely each language that the model knows is the one spoken, by ISO 639-1 code."""
        [ranking] = self._lanes.alone(lambda model: model.detect_language(encoded.states))
        return {token.strip("<|>"): share for token, share in ranking}

    def openings(self, encoded: Encoded, languages: "Sequence[str]") -> dict[str, float]:
        """How likely the first words are in each of some languages, as a mean log probability, by ISO 639-1 code."""
        import numpy as np

        prompts = [_prompt_tokens(self._tokenizer(language)) for language in languages]
        states = _view(np.repeat(np.asarray(encoded.states), len(prompts), axis=0))
        results = self._lanes.alone(
            lambda model: model.generate(
                states, prompts, beam_size=1, max_length=2 * _OPENING_TOKENS, return_scores=True
            )
        )
        return {language: _mean_logprob(result) for language, result in zip(languages, results, strict=True)}

    def decode(self, encoded: Encoded, language: str, no_repeat: int = 0) -> Hypothesis:
        """Decode as that language.

        Args:
            encoded: The sound.
            language: ISO 639-1 code.
            no_repeat: Length in tokens of the shortest phrase that may not come twice; 0: all may.
        """
        tokenizer = self._tokenizer(language)
        kind = _Decoding(encoded.frames, no_repeat)
        result = self._lanes.together(kind, _DecodeRequest(encoded.states, _prompt_tokens(tokenizer)))
        found = result.sequences_ids[0]
        return Hypothesis(
            text=tokenizer.decode(found).strip(),
            avg_logprob=_mean_logprob(result),
            no_speech_prob=result.no_speech_prob,
            tokens=tuple(token for token in found if token < tokenizer.eot),
            capped=len(found) >= kind.most_tokens - 1,
        )

    def words(self, encoded: Encoded, language: str, attempt: Hypothesis, offset: float) -> tuple[Word, ...]:
        """Tell when each word of an attempt was said, and how sure the model is of it.

        A word's probability is the mean of its tokens', without its punctuation's: punctuation is no one's voice.

        Args:
            encoded: The sound that the attempt was decoded from.
            language: As which it was decoded, ISO 639-1 code.
            attempt: The text.
            offset: Seconds of the recording before the sound.
        """
        if not attempt.tokens:
            return ()
        tokenizer = self._tokenizer(language)
        frames = round(encoded.seconds * _FRAMES_A_SECOND)
        [found] = self._lanes.alone(
            lambda model: model.align(encoded.states, tokenizer.sot_sequence, [list(attempt.tokens)], frames)
        )
        texts, parts = tokenizer.split_to_word_tokens([*attempt.tokens, tokenizer.eot])
        lengths = [len(tokens) for tokens in parts[:-1]]
        begins = [(token, offset + step / _STEPS_A_SECOND) for token, step in found.alignments]
        return spell(texts[:-1], lengths, found.text_token_probs, begins, offset + encoded.seconds)

    @staticmethod
    def _generate(
        model: "ctranslate2.models.Whisper", kind: _Decoding, questions: "Sequence[_DecodeRequest]"
    ) -> "Sequence[ctranslate2.models.WhisperGenerationResult]":
        import numpy as np

        states = [question.states for question in questions]
        joined = _view(np.concatenate([np.asarray(each) for each in states])) if states[1:] else states[0]
        results: Sequence[ctranslate2.models.WhisperGenerationResult] = model.generate(
            joined,
            [question.prompt for question in questions],
            beam_size=_BEAM,
            max_length=2 * kind.most_tokens,  # CTranslate2 gives half of it to the text
            no_repeat_ngram_size=kind.no_repeat,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return results

    def _make_tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self._vocabulary, self._model.is_multilingual, task="transcribe", language=language)


def _short_frames(seconds: float) -> int:
    frames = (seconds + _PADDING) * SAMPLE_RATE / _HOP
    return min(_FULL_FRAMES, -int(-frames // _FRAME_STEP) * _FRAME_STEP)


def _view(array: "np.ndarray[Any, Any]") -> "ctranslate2.StorageView":
    import ctranslate2
    import numpy as np

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array, np.float32))


def _mean_logprob(result: "ctranslate2.models.WhisperGenerationResult") -> float:
    """CTranslate2 divides by the tokens without the end, Whisper with it."""
    length = len(result.sequences_ids[0])
    return float(result.scores[0]) * length / (length + 1)


def _prompt_tokens(tokenizer: "Tokenizer") -> list[int]:
    return [*tokenizer.sot_sequence, tokenizer.no_timestamps]
