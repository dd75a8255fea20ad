"""Where in a segment's text things stand, and the segment with some of them replaced."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import core_of
from vm_mcp.models import Segment, Word

_PIECE = re.compile(r"[0-9]+|[^\s0-9]+")


class Piece(NamedTuple):
    """Digits, or a word or what is left of it without them; its place is that of what is between the punctuation."""

    text: str
    segment: int
    start: int
    end: int


class Place(NamedTuple):
    """What stands in a segment's text from ``start`` to before ``end``, and what to put there."""

    segment: int
    start: int
    end: int
    mark: str


class _Placed(NamedTuple):
    """Some words of a segment as one, and where they stand in its text."""

    start: int
    end: int
    words: tuple[Word, ...]


def pieces_of(segment: int, text: str) -> list[Piece]:
    """Cut a segment's text into pieces."""
    found = []
    for match in _PIECE.finditer(text):
        core = core_of(match[0])
        start, end = (core.start, core.end) if core.text else (0, len(match[0]))
        found.append(Piece(match[0], segment, match.start() + start, match.start() + end))
    return found


def rewritten(segment: Segment, places: Sequence[Place]) -> Segment:
    """Replace what stands in some places, in order, in a segment's text and in its words."""
    placed = _placed(segment)
    for place in places:
        placed = _joined(placed, place)
    words = tuple(
        each.words[0]
        if each.words[0].text == _replaced(segment.text, each.start, each.end, places)
        else _one(each, _replaced(segment.text, each.start, each.end, places))
        for each in placed
    )
    text = _replaced(segment.text, 0, len(segment.text), places)
    return segment.model_copy(update={"text": text, "words": words})


def _placed(segment: Segment) -> list[_Placed]:
    """Find the words in the text, in order; none when one isn't there, since then nobody knows what they hide."""
    placed, end = [], 0
    for word in segment.words:
        start = segment.text.find(word.text, end)
        if start < 0:
            return []
        end = start + len(word.text)
        placed.append(_Placed(start, end, (word,)))
    return placed


def _joined(placed: Sequence[_Placed], place: Place) -> list[_Placed]:
    """Join the words that a place is in."""
    inside = [each for each in placed if each.start < place.end and place.start < each.end]
    if not inside:
        return list(placed)
    joined = _Placed(inside[0].start, inside[-1].end, tuple(word for each in inside for word in each.words))
    before = [each for each in placed if each.end <= joined.start]
    return [*before, joined, *(each for each in placed if each.start >= joined.end)]


def _one(placed: _Placed, text: str) -> Word:
    words = placed.words
    return Word(
        text=text,
        start_seconds=words[0].start_seconds,
        end_seconds=words[-1].end_seconds,
        probability=min(word.probability for word in words),
    )


def _replaced(text: str, start: int, end: int, places: Sequence[Place]) -> str:
    """Give a part of the text with the marks that belong into it."""
    result, at = "", start
    for place in places:
        if place.start < end and start < place.end:
            result += text[at : max(at, place.start)] + place.mark
            at = min(end, place.end)
    return result + text[at:end]
