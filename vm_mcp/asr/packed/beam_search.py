"""Beam search over one text: which hypotheses go on, and which have ended. It follows CTranslate2's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray, IntArray

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

    @property
    def score(self) -> float:
        return self.scores[-1] if self.scores else 0.0

    def followed_by(self, token: int, score: float) -> "_Hypothesis":
        """Return the text with one more token, after which it has some log probability."""
        return _Hypothesis((*self.tokens, token), (*self.scores, score))


class BeamSearch:
    """One text while it is decoded.

    Args:
        beam_size: Hypotheses that go on.
        most_tokens: Length at which a text is cut off.
        end: The token that ends a text.
    """

    def __init__(self, beam_size: int, most_tokens: int, end: int) -> None:
        self._beam_size = beam_size
        self._most_tokens = most_tokens
        self._end = end
        self._alive = [_Hypothesis()]
        self._ended: list[Ended] = []

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
        totals = (scores + np.array([each.score for each in self._alive], np.float32)[:, np.newaxis]).ravel()
        best = np.argsort(-totals, kind="stable")[: 2 * self._beam_size]
        tokens = ids.ravel()[best].tolist()
        origins = (best // scores.shape[1]).tolist()
        is_last = len(self._alive[0].tokens) + 1 == self._most_tokens
        candidates = list(zip(totals[best].tolist(), origins, tokens, strict=True))
        going_on = [each for each in candidates[: self._beam_size] if each[2] != self._end]
        for score, origin, token in candidates[: self._beam_size]:
            if token == self._end or is_last:
                text = self._alive[origin]
                if token == self._end:
                    self._end_text(text, score)
                else:
                    self._end_text(text.followed_by(token, score), score, is_cut_off=True)
        if is_last or len(self._ended) >= self._beam_size:
            return None
        spare = [each for each in candidates[self._beam_size :] if each[2] != self._end]
        continuation = self._go_on(going_on + spare[: self._beam_size - len(going_on)])
        likeliest = self._alive[0]
        if not repeats_itself(likeliest.tokens):
            return continuation
        self._end_text(likeliest, likeliest.score, is_cut_off=True)
        return None

    @property
    def result(self) -> Ended:
        """The best text that has ended."""
        return max(self._ended, key=lambda each: each.avg_logprob)

    def _end_text(self, text: _Hypothesis, score: float, *, is_cut_off: bool = False) -> None:
        self._ended.append(Ended(text.tokens, text.scores, score / max(1, len(text.tokens)), is_cut_off))

    def _go_on(self, chosen: "Sequence[tuple[float, int, int]]") -> Continuation:
        self._alive = [self._alive[origin].followed_by(token, score) for score, origin, token in chosen]
        return Continuation([origin for _, origin, _ in chosen], [token for _, _, token in chosen])


def repeats_itself(tokens: Sequence[int]) -> bool:
    """Return whether a text ends in a phrase said over and over, which a search hardly ever gets out of again."""
    for length in range(1, _LONGEST_PHRASE + 1):
        repeated = max(_REPEATED_TOKENS, _TIMES * length)
        end = tokens[-repeated:]
        if len(end) == repeated and end[length:] == end[:-length]:
            return True
    return False
