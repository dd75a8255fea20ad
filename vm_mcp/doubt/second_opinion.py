"""Compares the telephone numbers of a transcript with those of the other readings of it.

Of numbers that two readings agreed on, nearly all were right; of those in one reading alone, two of five were wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from vm_mcp.doubt.heard_numbers import HeardNumber, doubted
from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.models import OtherReading, Transcript

FindNumbers = Callable[[list[str]], list[HeardNumber]]
"""Returns the telephone numbers in some words."""

_DIFFERS = "a second reading heard another number: check by listening"
_ALONE = "only a second reading heard it: check by listening"


class _Word(NamedTuple):
    text: str
    at: int
    """Index of the word that is shown at its place, or of the one after it."""


def with_second_opinion(
    heard: Sequence[HeardNumber], said: Sequence[SaidWord], transcript: Transcript, find: FindNumbers
) -> list[HeardNumber]:
    """Return the numbers, in order: those that the readings don't agree on are in doubt, with what else they may be.

    A number that only the other reading heard is added, in doubt.

    Args:
        heard: The numbers in the words that are shown.
        said: Those words.
        transcript: With other readings of its segments, if they were read twice.
        find: How numbers are found.
    """
    if not any(segment.other_readings for segment in transcript.segments):
        return list(heard)
    words = list(_other_words(said, transcript))
    others = [_moved(number, words) for number in find([word.text for word in words]) if number.number.number]
    judged = [_judged(number, said, others) for number in heard]
    alone = [
        doubted(other, _ALONE) for other in others if other.is_whole and not any(_meet(other, each) for each in heard)
    ]
    return sorted([*judged, *alone], key=lambda number: number.words[0])


def _judged(heard: HeardNumber, said: Sequence[SaidWord], others: Sequence[HeardNumber]) -> HeardNumber:
    if not heard.number.number or all(said[index].is_confirmed is not False for index in heard.words):
        return heard
    rivals = [other.number.number for other in others if _meet(other, heard)]
    if heard.number.number in rivals:
        return heard
    return doubted(heard, f"may also be {' or '.join(rivals)}: check by listening" if rivals else _DIFFERS)


def _meet(one: HeardNumber, other: HeardNumber) -> bool:
    return one.words[0] <= other.words[-1] and other.words[0] <= one.words[-1]


def _moved(number: HeardNumber, words: Sequence[_Word]) -> HeardNumber:
    """Return a number with the indices of the words that are shown."""
    places = [words[index].at for index in number.words]
    return number.with_words(tuple(range(places[0], places[-1] + 1)))


def _other_words(said: Sequence[SaidWord], transcript: Transcript) -> Iterator[_Word]:
    """Yield the words of the other readings, and those that are shown where there is no other."""
    for index, segment in enumerate(transcript.segments):
        places = [at for at, word in enumerate(said) if word.segment == index]
        readings = list(segment.other_readings)
        for at in places:
            while readings and _is_before(readings[0], said[at]):
                yield from _replacement(readings.pop(0), at)
            if not any(_holds(reading, said[at]) for reading in segment.other_readings):
                yield _Word(said[at].text, at)
        for reading in readings:
            yield from _replacement(reading, places[-1])


def _replacement(reading: OtherReading, at: int) -> Iterator[_Word]:
    yield from (_Word(text, at) for text in reading.text.split())


def _is_before(reading: OtherReading, word: SaidWord) -> bool:
    return word.start_seconds is not None and reading.start_seconds <= word.start_seconds


def _holds(reading: OtherReading, word: SaidWord) -> bool:
    if word.start_seconds is None or word.end_seconds is None:
        return False
    return reading.start_seconds <= word.start_seconds and word.end_seconds <= reading.end_seconds
