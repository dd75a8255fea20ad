"""Beam search over one text: which hypotheses go on, and which have ended. It follows CTranslate2's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray, IntArray


class Ended(NamedTuple):
    """A text that has ended, or has reached the limit."""

    tokens: tuple[int, ...]
    """Without the one that ends it."""
    scores: tuple[float, ...]
    """Of each token, the log probability of the text up to it."""
    avg_logprob: float
    """The log probability of the text and its end, over the number of tokens without the end."""


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
                self._end_text(score, self._alive[origin], token)
        if is_last or len(self._ended) >= self._beam_size:
            return None
        spare = [each for each in candidates[self._beam_size :] if each[2] != self._end]
        return self._go_on(going_on + spare[: self._beam_size - len(going_on)])

    @property
    def result(self) -> Ended:
        """The best text that has ended."""
        return max(self._ended, key=lambda each: each.avg_logprob)

    def _end_text(self, score: float, text: _Hypothesis, last: int) -> None:
        if last != self._end:
            text = _Hypothesis((*text.tokens, last), (*text.scores, score))
        self._ended.append(Ended(text.tokens, text.scores, score / max(1, len(text.tokens))))

    def _go_on(self, chosen: "Sequence[tuple[float, int, int]]") -> Continuation:
        alive = self._alive
        self._alive = [
            _Hypothesis((*alive[origin].tokens, token), (*alive[origin].scores, score))
            for score, origin, token in chosen
        ]
        return Continuation([origin for _, origin, _ in chosen], [token for _, _, token in chosen])
