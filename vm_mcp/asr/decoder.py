"""Whisper: from sound to hypotheses. What to decode, and how often, is decided in `message_decoding`."""

from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from vm_mcp.asr import hallucination
from vm_mcp.asr.features import FRAMES_PER_SECOND, FULL_FRAMES, PADDING, FeatureFrames, short_frames
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_runtime import Alignment, DecodeRequest, States, WhisperRuntime
from vm_mcp.asr.word_prior import FrequencyPrior
from vm_mcp.asr.word_timings import log_of, to_words
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.doubt.word_frequencies import has_frequencies
from vm_mcp.models import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from faster_whisper.tokenizer import Tokenizer

    from vm_mcp.audio import Samples

# Greedy decoding is 15 to 35 % faster, but gets 4 more words in a hundred wrong. A beam of 3 saves only a tenth of the
# time and loses no fewer words.
_BEAM_SIZE = 5
# After a text, only numbers are read, and a beam of 2 hears as many of them right in two thirds of the time.
_BEAM_SIZE_AFTER = 2
# The encoder halves the frames.
_STEPS_PER_SECOND = 50
# Nobody speaks faster, so a text that reaches this length is a loop. The model has room for `_MAX_TOKENS`.
_TOKENS_PER_SECOND, _SPARE_TOKENS, _MAX_TOKENS = 8, 12, 224
# Tokens decoded to compare languages.
_OPENING_TOKENS = 12


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The likeliest text of one decoding."""

    text: str
    avg_logprob: float
    """Mean log probability of its tokens."""
    no_speech_prob: float
    tokens: tuple[int, ...] = ()
    probabilities: tuple[float, ...] = ()
    """Of each of ``tokens``; empty if they are not known."""
    is_truncated: bool = False
    """Whether it was cut off, and not ended by the model."""

    @property
    def is_loop(self) -> bool:
        """Whether the model repeats a phrase over and over, as Whisper does on sound that it can't make out."""
        return self.is_truncated or hallucination.is_loop(self.text)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The encoder's output for some sound."""

    states: States
    seconds: float
    """Length of the sound, without the silence added after it."""
    frames: int
    """Length with that silence, in feature frames."""


class Decoder:
    """One model, at work on one message. Nothing in it is random, and any number of threads may use it.

    Args:
        runtime: What computes the model.
        folder: Holds its ``tokenizer.json``.
    """

    def __init__(self, runtime: WhisperRuntime, folder: "Path") -> None:
        import tokenizers

        self._runtime = runtime
        self._vocabulary = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._features = FeatureFrames(runtime.mels)
        self._tokenizer = cache(self._make_tokenizer)
        self._word_prior = cache(self._make_word_prior)
        self._turn = Turn()

    @classmethod
    def tried(cls, runtime: WhisperRuntime, folder: "Path") -> "Decoder":
        """Return a decoder that has decoded a second of silence: its libraries and processor can compute the model.

        Raises:
            RuntimeError: They can't.
        """
        import numpy as np

        decoder = cls(runtime, folder)
        decoder.decode(decoder.encode(np.zeros(SAMPLE_RATE, np.float32)), "en")
        return decoder

    def for_turn(self, turn: Turn) -> "Decoder":
        """Return the same model for another message, whose work is done in its turn."""
        decoder = copy(self)
        decoder._turn = turn  # noqa: SLF001  # a copy of ours
        return decoder

    def run(self, work: "Callable[[], T]") -> T:
        """Call a function in the message's turn, so that earlier messages' work goes before; return its result."""
        return self._runtime.run(self._turn, work)

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return self._runtime.is_multilingual

    def knows(self, language: str) -> bool:
        """Return whether the model can decode as a language, an ISO 639-1 code."""
        return self._vocabulary.token_to_id(f"<|{language}|>") is not None

    def encode(self, sound: "Samples", *, full: bool = False) -> Encoded:
        """Run the encoder over some sound, and over the silence after it that the model needs.

        Args:
            sound: Mono samples at `SAMPLE_RATE`, 30 s at most.
            full: Add silence up to the 30 s that the model was trained on, which takes several times as long.
        """
        seconds = len(sound) / SAMPLE_RATE
        frames = FULL_FRAMES if full else short_frames(seconds, self._runtime.frame_step)
        features = self.run(lambda: self._features.compute(sound, frames))
        return Encoded(self._runtime.encode(self._turn, features), seconds, frames)

    def language_probabilities(self, encoded: Encoded) -> dict[str, float]:
        """Return the probability of each language that the model knows, by ISO 639-1 code."""
        return dict(self._runtime.language_probabilities(self._turn, encoded.states))

    def opening_logprobs(self, encoded: Encoded, languages: "Sequence[str]") -> dict[str, float]:
        """Return the mean log probability of the first words in each of some languages, by ISO 639-1 code."""
        prompts = [_prompt_tokens(self._tokenizer(language)) for language in languages]
        logprobs = self._runtime.opening_logprobs(self._turn, encoded.states, prompts, _OPENING_TOKENS)
        return dict(zip(languages, logprobs, strict=True))

    def decode(self, encoded: Encoded, language: str, *, no_repeat_ngram_size: int = 0, after: str = "") -> Hypothesis:
        """Decode as a language.

        Args:
            encoded: The sound.
            language: ISO 639-1 code.
            no_repeat_ngram_size: Number of tokens in the shortest phrase that may not occur twice; 0: all may.
            after: A text that the model takes for what was said before. It prefers words and a style like these.
        """
        tokenizer = self._tokenizer(language)
        request = DecodeRequest(
            prompt=_prompt_tokens(tokenizer, after),
            beam_size=_BEAM_SIZE_AFTER if after else _BEAM_SIZE,
            max_tokens=_max_tokens(encoded),
            no_repeat_ngram_size=no_repeat_ngram_size,
            word_prior=self._word_prior(language),
        )
        decoded = self._runtime.decode(self._turn, encoded.states, request)
        return Hypothesis(
            text=tokenizer.decode(decoded.tokens).strip(),
            avg_logprob=decoded.avg_logprob,
            no_speech_prob=decoded.no_speech_prob,
            tokens=tuple(token for token in decoded.tokens if token < tokenizer.eot),
            probabilities=tuple(
                probability
                for token, probability in zip(decoded.tokens, decoded.probabilities, strict=False)
                if token < tokenizer.eot
            ),
            is_truncated=decoded.is_cut_off,
        )

    def tokens(self, text: str, language: str) -> tuple[int, ...]:
        """Return a text as the model would write it."""
        return tuple(self._tokenizer(language).encode(f" {text}"))

    def text_logprobs(self, encoded: Encoded, language: str, texts: "Sequence[str]") -> list[float]:
        """Return the log probability of each of some texts, as if the model had written it."""
        tokens = [list(self.tokens(text, language)) for text in texts]
        return [float(sum(map(log_of, each.probabilities))) for each in self._align(encoded, language, tokens)]

    def _align(
        self, encoded: Encoded, language: str, texts: "Sequence[list[int]]", *, probabilities: bool = True
    ) -> list[Alignment]:
        prompt = _prompt_tokens(self._tokenizer(language))
        steps = round(encoded.seconds * _STEPS_PER_SECOND)
        return self._runtime.align(self._turn, encoded.states, prompt, texts, steps, probabilities=probabilities)

    def words(
        self,
        encoded: Encoded,
        language: str,
        tokens: "Sequence[int]",
        offset: float,
        probabilities: "Sequence[float]" = (),
    ) -> tuple[Word, ...]:
        """Return the words that some tokens make up, with their times and probabilities.

        A word's probability is the mean of its tokens', without those of its punctuation, which nobody speaks.

        Args:
            encoded: The sound that was decoded.
            language: The language that it was decoded as, an ISO 639-1 code.
            tokens: The text.
            offset: Seconds from the start of the recording to the start of the sound.
            probabilities: Of each token; empty if they are not known.
        """
        if not tokens:
            return ()
        tokenizer = self._tokenizer(language)
        [alignment] = self._align(encoded, language, [list(tokens)], probabilities=not probabilities)
        texts, parts = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
        lengths = [len(part) for part in parts[:-1]]
        starts = [(token, offset + step / _STEPS_PER_SECOND) for token, step in alignment.starts]
        return to_words(texts[:-1], lengths, probabilities or alignment.probabilities, starts, offset + encoded.seconds)

    def _make_tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self._vocabulary, self._runtime.is_multilingual, task="transcribe", language=language)

    def _make_word_prior(self, language: str) -> FrequencyPrior | None:
        if not has_frequencies(language):
            return None
        return FrequencyPrior(self._tokenizer(language), language)


def _max_tokens(encoded: Encoded) -> int:
    """Return the length limit of a text."""
    seconds = encoded.frames / FRAMES_PER_SECOND - PADDING
    return min(_MAX_TOKENS, _SPARE_TOKENS + round(_TOKENS_PER_SECOND * seconds))


def _prompt_tokens(tokenizer: "Tokenizer", after: str = "") -> list[int]:
    before = [tokenizer.sot_prev, *tokenizer.encode(f" {after}")] if after else []
    return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps]
