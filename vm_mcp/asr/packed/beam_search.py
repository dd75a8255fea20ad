"""Beam search over one text: which hypotheses go on, and which have ended.

Without a word prior it follows CTranslate2's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray, IntArray
from vm_mcp.asr.whisper_runtime import WordPrior

# Tokens that a phrase repeated to the end of a text takes up, and times that it is there, at least. Callers say a digit
# or a greeting several times, but not this often.
_REPEATED_TOKENS, _TIMES = 32, 5
_LONGEST_PHRASE = 24


class Ended(NamedTuple):
    """A text that has ended, or has reached the limit."""

    tokens: tuple[int, ...]
    """Without the one that ends it."""
    scores: tuple[float, ...]
    """Of each token, the log probability of the text up to it."""
    avg_logprob: float
    """The log probability of the text and its end, over the number of tokens without the end."""
    is_cut_off: bool
    """Whether it was ended because of its length, or because it only repeats itself."""


class Continuation(NamedTuple):
    """What the next step decodes."""

    origins: "list[int]"
    """For each row, the row of the last step that it continues."""
    tokens: "list[int]"
    """For each row, its last token."""


@dataclass(slots=True)
class _Hypothesis:
    tokens: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    prior: float = 0.0
    """The terms of its complete words."""

    @property
    def score(self) -> float:
        return self.scores[-1] if self.scores else 0.0

    def followed_by(self, step: "_Step") -> "_Hypothesis":
        """Return the text with one more token."""
        return _Hypothesis((*self.tokens, step.token), (*self.scores, step.score), step.prior)


class _Step(NamedTuple):
    """A token that may come next."""

    origin: int
    """The row of the hypothesis that it follows."""
    token: int
    score: float
    """The log probability of the text with it."""
    prior: float
    """The terms of the words that are complete then."""


class BeamSearch:
    """One text while it is decoded.

    Args:
        beam_size: Hypotheses that go on.
        most_tokens: Length at which a text is cut off.
        end: The token that ends a text.
        word_prior: How likely words are; None: whatever the model says.
    """

    def __init__(self, beam_size: int, most_tokens: int, end: int, word_prior: WordPrior | None = None) -> None:
        self._beam_size = beam_size
        self._word_prior = word_prior
        self._most_tokens = most_tokens
        self._end = end
        self._alive = [_Hypothesis()]
        self._ended: list[Ended] = []
        self._ended_priors: list[float] = []

    @property
    def texts(self) -> "list[tuple[int, ...]]":
        """The tokens of the hypotheses that go on, row by row."""
        return [each.tokens for each in self._alive]

    def advance(self, scores: FloatArray, ids: IntArray) -> Continuation | None:
        """Take the next tokens' log probabilities; return what to decode next, None if the search is over.

        Args:
            scores: Those of the likeliest tokens, twice as many as the beam has rows: (rows, tokens).
            ids: Their tokens, of the same shape.
        """
        candidates = self._best_steps(scores, ids)
        is_last = len(self._alive[0].tokens) + 1 == self._most_tokens
        going_on = [step for step in candidates[: self._beam_size] if step.token != self._end]
        for step in candidates[: self._beam_size]:
            text = self._alive[step.origin]
            if step.token == self._end:
                self._end_text(text, step.score, step.prior)
            elif is_last:
                self._end_text(text.followed_by(step), step.score, step.prior, is_cut_off=True)
        if is_last or len(self._ended) >= self._beam_size:
            return None
        spare = [step for step in candidates[self._beam_size :] if step.token != self._end]
        continuation = self._go_on(going_on + spare[: self._beam_size - len(going_on)])
        likeliest = self._alive[0]
        if not repeats_itself(likeliest.tokens):
            return continuation
        self._end_text(likeliest, likeliest.score, likeliest.prior, is_cut_off=True)
        return None

    @property
    def result(self) -> Ended:
        """The best text that has ended."""
        # Over one length for all: over its own, each further comma would make the terms of the words weigh less.
        length = max(1, len(max(self._ended, key=lambda text: text.avg_logprob).tokens))
        values = [
            text.avg_logprob + prior / length for text, prior in zip(self._ended, self._ended_priors, strict=True)
        ]
        return self._ended[values.index(max(values))]

    def _best_steps(self, scores: FloatArray, ids: IntArray) -> list[_Step]:
        """Return the best steps of all rows, twice as many as hypotheses go on, the best first."""
        totals = scores + np.array([text.score for text in self._alive], np.float32)[:, np.newaxis]
        priors = self._priors(ids)
        best = np.argsort(-(totals + priors).ravel(), kind="stable")[: 2 * self._beam_size]
        columns = (best // ids.shape[1], ids.ravel()[best], totals.ravel()[best], priors.ravel()[best])
        return [_Step(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]

    def _priors(self, ids: IntArray) -> FloatArray:
        """Return, for each token that may come next, the terms of the words that are complete then."""
        if self._word_prior is None:
            return np.zeros(ids.shape, np.float32)
        before = np.array([text.prior for text in self._alive], np.float32)
        last = np.array([self._word_prior.of_last_word(text.tokens) for text in self._alive], np.float32)
        # Some models have more tokens than their tokenizers, none of them for text: they count as the last one does.
        begins = self._word_prior.begins_word.take(ids, mode="clip")
        return before[:, np.newaxis] + last[:, np.newaxis] * begins

    def _end_text(self, text: _Hypothesis, score: float, prior: float, *, is_cut_off: bool = False) -> None:
        self._ended.append(Ended(text.tokens, text.scores, score / max(1, len(text.tokens)), is_cut_off))
        self._ended_priors.append(prior)

    def _go_on(self, chosen: Sequence[_Step]) -> Continuation:
        self._alive = [self._alive[step.origin].followed_by(step) for step in chosen]
        return Continuation([step.origin for step in chosen], [step.token for step in chosen])


def repeats_itself(tokens: Sequence[int]) -> bool:
    """Return whether a text ends in a phrase said over and over, which a search hardly ever gets out of again."""
    for length in range(1, _LONGEST_PHRASE + 1):
        repeated = max(_REPEATED_TOKENS, _TIMES * length)
        end = tokens[-repeated:]
        if len(end) == repeated and end[length:] == end[:-length]:
            return True
    return False
