"""Whisper on CTranslate2: from sound to hypotheses. What to decode, and how often, is decided in `faster_whisper`."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.asr import hallucination
from vm_mcp.asr.features import FRAMES_PER_SECOND, FULL_FRAMES, PADDING, FeatureFrames, short_frames, to_view
from vm_mcp.asr.scheduler import Scheduler
from vm_mcp.asr.word_timings import log_of, to_words
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ctranslate2
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
# Four windows in a batch take little more than half the time of four alone. Eight gain hardly more, and every window
# waits for the longest.
_MAX_BATCH = 4


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The likeliest text of one decoding."""

    text: str
    avg_logprob: float
    """Mean log probability of its tokens."""
    no_speech_prob: float
    tokens: tuple[int, ...] = ()
    is_truncated: bool = False
    """Whether it ends at the length limit, and not where the model ended it."""

    @property
    def is_loop(self) -> bool:
        """Whether the model repeats a phrase over and over, as Whisper does on sound that it can't make out."""
        return self.is_truncated or hallucination.is_loop(self.text)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The encoder's output for some sound."""

    states: "ctranslate2.StorageView"
    """Shape (1, encoder steps, model size), in CPU memory."""
    seconds: float
    """Length of the sound, without the silence added after it."""
    frames: int
    """Length with that silence, in feature frames."""


class _BatchKey(NamedTuple):
    """What all requests of a batch have in common.

    With equal lengths nothing is padded, so each text is the same to the last bit as if it were decoded alone.
    """

    frames: int
    no_repeat_ngram_size: int
    prompt_length: int
    """Tokens before the text."""
    beam_size: int

    @property
    def max_tokens(self) -> int:
        """Length limit of a text."""
        seconds = self.frames / FRAMES_PER_SECOND - PADDING
        return min(_MAX_TOKENS, _SPARE_TOKENS + round(_TOKENS_PER_SECOND * seconds))

    @property
    def max_length(self) -> int:
        """The limit as CTranslate2 takes it: a text may be half as long, and no longer than what the prompt leaves."""
        return max(2 * self.max_tokens, self.prompt_length + self.max_tokens)


class _DecodeRequest(NamedTuple):
    states: "ctranslate2.StorageView"
    prompt: list[int]


class Decoder:
    """One model. Nothing in it is random, and any number of threads may use it.

    Args:
        model: The model, loaded with ``lanes`` threads, of which each call uses one.
        folder: Where it was loaded from.
        lanes: Number of calls that run at the same time.
        wide: The same model, loaded so that one call uses all threads; None: there is none.
    """

    def __init__(
        self,
        model: "ctranslate2.models.Whisper",
        folder: "Path",
        lanes: int = 1,
        wide: "ctranslate2.models.Whisper | None" = None,
    ) -> None:
        import tokenizers

        self._model = model
        self._vocabulary = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._features = FeatureFrames(model.n_mels)
        self._tokenizer = cache(self._make_tokenizer)
        self._scheduler = Scheduler(self._generate, model, wide, lanes=lanes, max_batch=_MAX_BATCH)

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return bool(self._model.is_multilingual)

    def knows(self, language: str) -> bool:
        """Return whether the model can decode as a language, an ISO 639-1 code."""
        return self._vocabulary.token_to_id(f"<|{language}|>") is not None

    def try_out(self) -> None:
        """Decode a second of silence, to learn whether the libraries and the processor can compute with the model.

        Raises:
            RuntimeError: They can't.
        """
        import numpy as np

        self.decode(self.encode(np.zeros(SAMPLE_RATE, np.float32)), "en")

    def encode(self, sound: "Samples", *, full: bool = False) -> Encoded:
        """Run the encoder over some sound, and over the silence after it that the model needs.

        Args:
            sound: Mono samples at `SAMPLE_RATE`, 30 s at most.
            full: Add silence up to the 30 s that the model was trained on, which takes several times as long.
        """
        seconds = len(sound) / SAMPLE_RATE
        frames = FULL_FRAMES if full else short_frames(seconds)
        features = self._features.compute(sound, frames)
        # In CPU memory, where `_generate` can concatenate several.
        states = self._scheduler.run(lambda model: model.encode(features, to_cpu=True))
        return Encoded(states, seconds, frames)

    def language_probabilities(self, encoded: Encoded) -> dict[str, float]:
        """Return the probability of each language that the model knows, by ISO 639-1 code."""
        [ranking] = self._scheduler.run(lambda model: model.detect_language(encoded.states))
        return {token.strip("<|>"): probability for token, probability in ranking}

    def opening_logprobs(self, encoded: Encoded, languages: "Sequence[str]") -> dict[str, float]:
        """Return the mean log probability of the first words in each of some languages, by ISO 639-1 code."""
        import numpy as np

        prompts = [_prompt_tokens(self._tokenizer(language)) for language in languages]
        states = to_view(np.repeat(np.asarray(encoded.states), len(prompts), axis=0))
        results = self._scheduler.run(
            lambda model: model.generate(
                states, prompts, beam_size=1, max_length=2 * _OPENING_TOKENS, return_scores=True
            )
        )
        return {language: _mean_logprob(result) for language, result in zip(languages, results, strict=True)}

    def decode(self, encoded: Encoded, language: str, *, no_repeat_ngram_size: int = 0, after: str = "") -> Hypothesis:
        """Decode as a language.

        Args:
            encoded: The sound.
            language: ISO 639-1 code.
            no_repeat_ngram_size: Number of tokens in the shortest phrase that may not occur twice; 0: all may.
            after: A text that the model takes for what was said before. It prefers words and a style like these.
        """
        tokenizer = self._tokenizer(language)
        prompt = _prompt_tokens(tokenizer, after)
        key = _BatchKey(encoded.frames, no_repeat_ngram_size, len(prompt), _BEAM_SIZE_AFTER if after else _BEAM_SIZE)
        result = self._scheduler.run_batched(key, _DecodeRequest(encoded.states, prompt))
        tokens = result.sequences_ids[0]
        return Hypothesis(
            text=tokenizer.decode(tokens).strip(),
            avg_logprob=_mean_logprob(result),
            no_speech_prob=result.no_speech_prob,
            tokens=tuple(token for token in tokens if token < tokenizer.eot),
            is_truncated=len(tokens) >= key.max_tokens - 1,
        )

    def tokens(self, text: str, language: str) -> tuple[int, ...]:
        """Return a text as the model would write it."""
        return tuple(self._tokenizer(language).encode(f" {text}"))

    def text_logprobs(self, encoded: Encoded, language: str, texts: "Sequence[str]") -> list[float]:
        """Return the log probability of each of some texts, as if the model had written it."""
        tokens = [list(self.tokens(text, language)) for text in texts]
        return [float(sum(map(log_of, each.text_token_probs))) for each in self._align(encoded, language, tokens)]

    def _align(
        self, encoded: Encoded, language: str, texts: "Sequence[list[int]]"
    ) -> "Sequence[ctranslate2.models.WhisperAlignmentResult]":
        import numpy as np

        states = to_view(np.repeat(np.asarray(encoded.states), len(texts), axis=0)) if texts[1:] else encoded.states
        frames = round(encoded.seconds * FRAMES_PER_SECOND)
        start = self._tokenizer(language).sot_sequence
        return self._scheduler.run(lambda model: model.align(states, start, texts, frames))

    def words(self, encoded: Encoded, language: str, tokens: "Sequence[int]", offset: float) -> tuple[Word, ...]:
        """Return the words that some tokens make up, with their times and probabilities.

        A word's probability is the mean of its tokens', without those of its punctuation, which nobody speaks.

        Args:
            encoded: The sound that was decoded.
            language: The language that it was decoded as, an ISO 639-1 code.
            tokens: The text.
            offset: Seconds from the start of the recording to the start of the sound.
        """
        if not tokens:
            return ()
        tokenizer = self._tokenizer(language)
        [alignment] = self._align(encoded, language, [list(tokens)])
        texts, parts = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
        lengths = [len(part) for part in parts[:-1]]
        starts = [(token, offset + step / _STEPS_PER_SECOND) for token, step in alignment.alignments]
        return to_words(texts[:-1], lengths, alignment.text_token_probs, starts, offset + encoded.seconds)

    @staticmethod
    def _generate(
        model: "ctranslate2.models.Whisper", key: _BatchKey, requests: "Sequence[_DecodeRequest]"
    ) -> "Sequence[ctranslate2.models.WhisperGenerationResult]":
        import numpy as np

        states = [request.states for request in requests]
        batch = to_view(np.concatenate([np.asarray(each) for each in states])) if states[1:] else states[0]
        results: Sequence[ctranslate2.models.WhisperGenerationResult] = model.generate(
            batch,
            [request.prompt for request in requests],
            beam_size=key.beam_size,
            max_length=key.max_length,
            no_repeat_ngram_size=key.no_repeat_ngram_size,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return results

    def _make_tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self._vocabulary, self._model.is_multilingual, task="transcribe", language=language)


def _mean_logprob(result: "ctranslate2.models.WhisperGenerationResult") -> float:
    """Return the mean as Whisper computes it, over the tokens and the end; CTranslate2 leaves out the end."""
    length = len(result.sequences_ids[0])
    return float(result.scores[0]) * length / (length + 1)


def _prompt_tokens(tokenizer: "Tokenizer", after: str = "") -> list[int]:
    before = [tokenizer.sot_prev, *tokenizer.encode(f" {after}")] if after else []
    return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps]
