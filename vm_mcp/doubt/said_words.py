"""The words of a transcript, each with the engine's probability for it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.text import clean_text, round_brackets


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word between spaces, as it is shown."""

    text: str
    probability: float | None
    """The engine's probability for it, 0 to 1; None if it gave none."""
    segment: int
    """Index of its segment."""


def said_words(transcript: Transcript) -> list[SaidWord]:
    """Return a transcript's words, cleaned, with round brackets for square ones."""
    return [word for index, segment in enumerate(transcript.segments) for word in _segment_words(index, segment)]


def placed_words(text: str) -> list[re.Match[str]]:
    """Return the words of a transcript's text, with their places. Brackets are replaced as in `said_words`."""
    return list(re.finditer(r"\S+", round_brackets(text)))


def _segment_words(index: int, segment: Segment) -> list[SaidWord]:
    text = _plain(segment.text)
    pieces = _place(text, segment.words)
    return [
        SaidWord(word[0], _probability(word.start(), word.end(), pieces), index) for word in re.finditer(r"\S+", text)
    ]


def _plain(text: str) -> str:
    return round_brackets(clean_text(text))


def _place(text: str, words: Sequence[Word]) -> list[tuple[int, int, float]]:
    """Return start, end and probability of each of the engine's words in the text, in order.

    The engine's words may differ from those between spaces: it may split ``555-0134`` in two. A word that is not in the
    text is left out, and the search for the next one begins at the same place.
    """
    pieces, end = [], 0
    for word in words:
        plain = _plain(word.text)
        start = text.find(plain, end)
        if plain and start >= 0:
            end = start + len(plain)
            pieces.append((start, end, min(1.0, max(0.0, word.probability))))
    return pieces


def _probability(start: int, end: int, pieces: Sequence[tuple[int, int, float]]) -> float | None:
    """Return the product of the probabilities of a word's pieces: a word is right only if all of them are."""
    probabilities = [probability for first, last, probability in pieces if first < end and start < last]
    return math.prod(probabilities) if probabilities else None
