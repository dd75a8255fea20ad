"""The words of a transcript, each with the engine's probability for it."""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.text import clean_text, round_brackets

_MOST_TOKENS, _MOST_LOGPROB, _MOST_SECONDS = 448, 1e4, 1e6
"""Beyond what any engine can mean: more tokens than Whisper writes at once, and eleven days."""


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word between spaces, as it is shown."""

    text: str
    probability: float | None
    """The engine's probability for it, 0 to 1; None if it gave none."""
    segment: int
    """Index of its segment."""
    least_probability: float | None = None
    """The least probability of its tokens; None if the engine doesn't report tokens."""
    logprob: float | None = None
    """Sum of the logarithms of its tokens' probabilities; None if the engine doesn't report tokens."""
    tokens: int = 0
    """How many tokens it has; 0 if the engine doesn't report tokens."""
    start_seconds: float | None = None
    """When it begins in the recording; None if the engine doesn't say."""
    end_seconds: float | None = None
    """When it ends; None if the engine doesn't say."""
    is_confirmed: bool | None = None
    """Whether a second reading heard the same; None if there was none."""
    doubt: float | None = None
    """Estimated probability that it was misheard, 0 to 1; None if the engine gave nothing to estimate it from."""


def said_words(transcript: Transcript) -> list[SaidWord]:
    """Return a transcript's words, cleaned, with round brackets for square ones."""
    return [word for index, segment in enumerate(transcript.segments) for word in _segment_words(index, segment)]


def said_texts(text: str) -> list[str]:
    """Return the words of any text as those of a transcript are returned."""
    return _plain(text).split()


def placed_words(text: str) -> list[re.Match[str]]:
    """Return the words of a transcript's text, with their places. Brackets are replaced as in `said_words`."""
    return list(re.finditer(r"\S+", round_brackets(text)))


def _segment_words(index: int, segment: Segment) -> list[SaidWord]:
    text = _plain(segment.text)
    pieces = _place(text, segment.words)
    starts, ends = [piece.start for piece in pieces], [piece.end for piece in pieces]
    return [
        _said_word(place[0], index, pieces[bisect_right(ends, place.start()) : bisect_left(starts, place.end())])
        for place in re.finditer(r"\S+", text)
    ]


def _plain(text: str) -> str:
    return round_brackets(clean_text(text))


class _PlacedWord(NamedTuple):
    """One of the engine's words, and where it stands in the text."""

    start: int
    end: int
    word: Word


def _place(text: str, words: Sequence[Word]) -> list[_PlacedWord]:
    """Return the engine's words with their places in the text, in order.

    The engine's words may differ from those between spaces: it may split ``555-0134`` in two. A word that is not in the
    text is left out, and the search for the next one begins at the same place.
    """
    pieces: list[_PlacedWord] = []
    end = 0
    for word in words:
        plain = _plain(word.text)
        start = text.find(plain, end)
        if plain and start >= 0:
            end = start + len(plain)
            pieces.append(_PlacedWord(start, end, word))
    return pieces


def _said_word(text: str, segment: int, pieces: Sequence[_PlacedWord]) -> SaidWord:
    """Return a word between spaces: it is right only if all the engine's words in it are."""
    words = [piece.word for piece in pieces]
    if not words:
        return SaidWord(text, None, segment)
    least = [word.least_probability for word in words if word.least_probability is not None]
    logprobs = [word.logprob for word in words if word.logprob is not None]
    has_tokens = len(least) == len(logprobs) == len(words)
    return SaidWord(
        text,
        math.prod(map(_probability, (word.probability for word in words))),
        segment,
        min(map(_probability, least)) if has_tokens else None,
        sum(map(_logprob, logprobs)) if has_tokens else None,
        sum(min(_MOST_TOKENS, max(0, word.tokens)) for word in words),
        _seconds(words[0].start_seconds),
        _seconds(words[-1].end_seconds),
        None if any(word.is_confirmed is None for word in words) else all(word.is_confirmed for word in words),
    )


def _probability(value: float) -> float:
    """Return a value from 0 to 1. An engine, or a damaged archive, may have anything, and NaN is taken for 0."""
    return min(1.0, max(0.0, value))


def _logprob(value: float) -> float:
    return min(0.0, max(-_MOST_LOGPROB, value))


def _seconds(value: float) -> float | None:
    return value if 0 <= value <= _MOST_SECONDS else None
