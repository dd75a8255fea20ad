"""Numbers other than telephone numbers, such as amounts and hours, that the two readings of a transcript differ on."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.heard_numbers import quoted
from vm_mcp.doubt.number_words import Vocabulary
from vm_mcp.doubt.said_words import SaidWord, said_texts
from vm_mcp.models import HeardOtherwise, OtherReading, Transcript


class _Place(NamedTuple):
    start: float
    at: int
    """Index of the word."""
    end: float


def heard_otherwise(
    said: Sequence[SaidWord], transcript: Transcript, known: Vocabulary, listed: Collection[int]
) -> tuple[HeardOtherwise, ...]:
    """Return where both readings heard a number, and not the same, in order.

    Args:
        said: The words that are shown.
        transcript: With other readings of its segments, if they were read twice.
        known: The number words of its language.
        listed: Indices of the words of telephone numbers, which have verdicts of their own.
    """
    return tuple(
        found
        for segment, words in zip(transcript.segments, _differing_words(said, transcript), strict=True)
        for reading in segment.other_readings
        for found in _difference(said, _places(words, reading), reading, known, listed)
    )


def _differing_words(said: Sequence[SaidWord], transcript: Transcript) -> list[list[_Place]]:
    """Return, for each segment, the words that only one reading has, by when they begin."""
    by_segment: list[list[_Place]] = [[] for _ in transcript.segments]
    for at, word in enumerate(said):
        if word.is_confirmed is False and word.start_seconds is not None and word.end_seconds is not None:
            by_segment[word.segment].append(_Place(word.start_seconds, at, word.end_seconds))
    return [sorted(places) for places in by_segment]


def _places(words: Sequence[_Place], reading: OtherReading) -> list[int]:
    """Return the indices of the words that are shown in place of a reading."""
    first = bisect_left(words, (reading.start_seconds,))
    inside = takewhile(lambda word: word.start <= reading.end_seconds, islice(words, first, None))
    return sorted(word.at for word in inside if word.end <= reading.end_seconds)


def _difference(
    said: Sequence[SaidWord], places: Sequence[int], reading: OtherReading, known: Vocabulary, listed: Collection[int]
) -> Iterator[HeardOtherwise]:
    heard = [said[at].text for at in places]
    others = said_texts(reading.text)
    are_numbers = find_numbers(heard, known) and find_numbers(others, known)
    if are_numbers and not set(places) & set(listed):
        yield HeardOtherwise(
            heard=quoted(heard, range(len(heard))),
            other=quoted(others, range(len(others))),
            start_seconds=reading.start_seconds,
            end_seconds=reading.end_seconds,
        )
