"""Locate pieces and words in a segment's text, and replace some of it in both."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import core_of
from vm_mcp.models import Segment, Word

_PIECE = re.compile(r"[0-9]+|[^\s0-9]+")


class Piece(NamedTuple):
    """A row of digits, or a word without digits; its position leaves out the punctuation around it."""

    text: str
    segment: int
    start: int
    end: int


class Replacement(NamedTuple):
    """A span of a segment's text, ``end`` excluded, and what to put there instead."""

    segment: int
    start: int
    end: int
    text: str


class _Placed(NamedTuple):
    """Words of a segment that become one word, and their span in its text."""

    start: int
    end: int
    words: tuple[Word, ...]


def pieces_of(segment: int, text: str) -> list[Piece]:
    """Split a segment's text into pieces.

    Args:
        segment: The segment's index.
        text: Its text.
    """
    pieces = []
    for match in _PIECE.finditer(text):
        core = core_of(match[0])
        start, end = (core.start, core.end) if core.text else (0, len(match[0]))
        pieces.append(Piece(match[0], segment, match.start() + start, match.start() + end))
    return pieces


def with_replacements(segment: Segment, replacements: Sequence[Replacement]) -> Segment:
    """Return a segment with spans replaced, in its text and in its words.

    Args:
        segment: The segment.
        replacements: Spans in its text, in order.
    """
    placed = _placed(segment)
    for replacement in replacements:
        placed = _joined(placed, replacement)
    words = tuple(
        each.words[0]
        if each.words[0].text == _replaced(segment.text, each.start, each.end, replacements)
        else _one(each, _replaced(segment.text, each.start, each.end, replacements))
        for each in placed
    )
    text = _replaced(segment.text, 0, len(segment.text), replacements)
    return segment.model_copy(update={"text": text, "words": words})


def _placed(segment: Segment) -> list[_Placed]:
    """Locate the words in the text, in order; return none if one is missing, because any may then hold a number."""
    placed, end = [], 0
    for word in segment.words:
        start = segment.text.find(word.text, end)
        if start < 0:
            return []
        end = start + len(word.text)
        placed.append(_Placed(start, end, (word,)))
    return placed


def _joined(placed: Sequence[_Placed], replacement: Replacement) -> list[_Placed]:
    """Join the words that a replacement overlaps into one."""
    inside = [each for each in placed if each.start < replacement.end and replacement.start < each.end]
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


def _replaced(text: str, start: int, end: int, replacements: Sequence[Replacement]) -> str:
    """Return a part of the text with the replacements that overlap it."""
    result, at = "", start
    for each in replacements:
        if each.start < end and start < each.end:
            result += text[at : max(at, each.start)] + each.text
            at = min(end, each.end)
    return result + text[at:end]
