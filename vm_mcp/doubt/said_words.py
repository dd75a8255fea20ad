"""What was said, word by word, with how sure the engine was of each."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.text import clean_text

# Square brackets are for marks alone: an engine that writes one must not make a word look doubtful.
_BRACKETS = str.maketrans("[]［］⟦⟧", "()()()")


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word between spaces, as it is shown."""

    text: str
    share: float | None
    """The engine's probability for it, 0 to 1; None when it tells none."""
    segment: int
    """Index of the segment it is in."""


def said_words(transcript: Transcript) -> list[SaidWord]:
    """Return a transcript's words, cleaned, with round brackets for square ones."""
    return [word for index, segment in enumerate(transcript.segments) for word in _segment_words(index, segment)]


def placed_words(text: str) -> list[re.Match[str]]:
    """Return the words of a transcript's text, each where it stands; their brackets are those of `said_words`."""
    return list(re.finditer(r"\S+", text.translate(_BRACKETS)))


def _segment_words(index: int, segment: Segment) -> list[SaidWord]:
    text = _plain(segment.text)
    pieces = _place(text, segment.words)
    return [
        SaidWord(found[0], _share(found.start(), found.end(), pieces), index) for found in re.finditer(r"\S+", text)
    ]


def _plain(text: str) -> str:
    return clean_text(text).translate(_BRACKETS)


def _place(text: str, words: Sequence[Word]) -> list[tuple[int, int, float]]:
    """Return start, end and probability of the engine's words in the text, in order.

    The engine's words are not those between spaces: it may split ``555-0134`` in two. One that cannot be found is left
    out, and the next is looked for from the same place.
    """
    pieces, end = [], 0
    for word in words:
        plain = _plain(word.text)
        start = text.find(plain, end)
        if plain and start >= 0:
            end = start + len(plain)
            pieces.append((start, end, min(1.0, max(0.0, word.probability))))
    return pieces


def _share(start: int, end: int, pieces: Sequence[tuple[int, int, float]]) -> float | None:
    """Return the product of its pieces' probabilities: a word is right when all of them are."""
    shares = [share for first, last, share in pieces if first < end and start < last]
    return math.prod(shares) if shares else None
