"""Compares the telephone numbers of a transcript with those of the other readings of it.

Of numbers that two readings agreed on, nearly all were right; of those in one reading alone, two of five were wrong.
"""

import math
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from vm_mcp.doubt.heard_numbers import HeardNumber, doubted
from vm_mcp.doubt.said_words import SaidWord, said_texts, said_words
from vm_mcp.models import OtherReading, Segment, Transcript
from vm_mcp.wording import alternatives, words

_DIFFERS = words("a second reading heard another number: check by listening")
_IN_PART = words("a part of it was read once only: check by listening")
_ALONE = words("only a second reading heard it: check by listening")


class OtherWord(NamedTuple):
    """A word of the other readings, or one that is shown where there is no other."""

    text: str
    at: int
    """Index of the word that is shown at its place, or of the one after it."""
    is_shown: bool
    """Whether it is that word."""


def with_second_opinion(
    heard: Sequence[HeardNumber],
    said: Sequence[SaidWord],
    transcript: Transcript,
    words: Sequence[OtherWord],
    found: Iterable[HeardNumber],
) -> list[HeardNumber]:
    """Return the numbers, in order: those that the readings don't agree on are in doubt, with what else they may be.

    A number that only the other reading heard is added, in doubt.

    Args:
        heard: The numbers in the words that are shown.
        said: Those words.
        transcript: With other readings of its segments, if they were read twice.
        words: The transcript's `other_words`.
        found: The numbers in these.
    """
    heard = [doubted(number, _IN_PART) if _is_read_in_part(number, said) else number for number in heard]
    if not _is_read_twice(said, transcript):
        return heard
    others = [_moved(number, words) for number in found if number.number.number]
    kept = {word.at for word in words if word.is_shown}
    judged = [_judged(number, others, _differing(kept.intersection(number.words), said)) for number in heard]
    alone = [
        doubted(other, _ALONE) for other in others if other.is_whole and not any(_meet(other, each) for each in heard)
    ]
    return sorted([*judged, *alone], key=lambda number: number.words[0])


def _judged(heard: HeardNumber, others: Sequence[HeardNumber], unknown: Collection[int]) -> HeardNumber:
    """Return a number, in doubt unless the other reading has the same.

    Args:
        heard: The number.
        others: The numbers of the other reading.
        unknown: Those of its words for which the other reading has something else that is not known, because it was no
            number, or was hidden.
    """
    if not heard.number.number:
        return heard
    rivals = list(dict.fromkeys(other.number.number for other in others if _meet(other, heard)))
    if heard.number.number not in rivals:
        if not rivals:
            return doubted(heard, _DIFFERS)
        return doubted(heard, words("may also be {numbers}: check by listening", numbers=alternatives(rivals)))
    return doubted(heard, _DIFFERS) if unknown else heard


def _is_read_in_part(heard: HeardNumber, said: Sequence[SaidWord]) -> bool:
    """Return whether a number goes on in a segment that was not read again, because it holds hardly a number."""
    was_read_again = {said[index].is_confirmed is not None for index in heard.words}
    return bool(heard.number.number) and len(was_read_again) > 1


def _differing(indices: Iterable[int], said: Sequence[SaidWord]) -> set[int]:
    return {index for index in indices if said[index].is_confirmed is False}


def _meet(one: HeardNumber, other: HeardNumber) -> bool:
    return one.words[0] <= other.words[-1] and other.words[0] <= one.words[-1]


def _moved(number: HeardNumber, words: Sequence[OtherWord]) -> HeardNumber:
    """Return a number with the indices of the words that are shown."""
    places = [words[index].at for index in number.words]
    return number.with_words(tuple(range(places[0], places[-1] + 1)))


def other_texts(transcript: Transcript) -> list[str]:
    """Return the text of each segment as it is with its other readings in place of what is shown."""
    said = said_words(transcript)
    places = _places(said)
    return [
        " ".join(word.text for word in _words_of(segment, said, places.get(index, [])))
        for index, segment in enumerate(transcript.segments)
    ]


def other_words(said: Sequence[SaidWord], transcript: Transcript) -> list[OtherWord]:
    """Return all words as they are with the other readings in place of what is shown; none if nothing was read twice.

    Args:
        said: The words that are shown.
        transcript: Where they come from.
    """
    return list(_other_words(said, transcript)) if said and _is_read_twice(said, transcript) else []


def _is_read_twice(said: Sequence[SaidWord], transcript: Transcript) -> bool:
    """Return whether some words were read twice; the second reading of those that differ may be hidden."""
    has_others = any(segment.other_readings for segment in transcript.segments)
    return has_others or bool(_differing(range(len(said)), said))


def _other_words(said: Sequence[SaidWord], transcript: Transcript) -> Iterator[OtherWord]:
    """Yield the words of the other readings, and those that are shown where there is no other."""
    places = _places(said)
    last = 0
    for index, segment in enumerate(transcript.segments):
        here = places.get(index, [])
        yield from _words_of(segment, said, here, last)
        last = here[-1] if here else last


def _places(said: Sequence[SaidWord]) -> dict[int, list[int]]:
    """Return the indices of the words of each segment that has any."""
    return {index: list(places) for index, places in groupby(range(len(said)), lambda at: said[at].segment)}


def _words_of(
    segment: Segment, said: Sequence[SaidWord], places: Sequence[int], before: int = 0
) -> Iterator[OtherWord]:
    """Yield the words of one segment as the other reading has it.

    Args:
        segment: The segment.
        said: All words that are shown.
        places: Indices of those in the segment.
        before: Index of the last word before it.
    """
    readings = deque(sorted(segment.other_readings, key=lambda reading: reading.start_seconds))
    replaced_until = -math.inf
    for at in places:
        while readings and _is_before(readings[0], said[at]):
            replaced_until = max(replaced_until, readings[0].end_seconds)
            yield from _replacement(readings.popleft(), at)
        if not _is_replaced(said[at], replaced_until):
            yield OtherWord(said[at].text, at, is_shown=True)
    for reading in readings:
        yield from _replacement(reading, places[-1] if places else before)


def _replacement(reading: OtherReading, at: int) -> Iterator[OtherWord]:
    yield from (OtherWord(text, at, is_shown=False) for text in said_texts(reading.text))


def _is_before(reading: OtherReading, word: SaidWord) -> bool:
    return word.start_seconds is not None and reading.start_seconds <= word.start_seconds


def _is_replaced(word: SaidWord, until: float) -> bool:
    """Return whether a word is in the place of the other reading; one beside it may begin and end at the same time."""
    return word.is_confirmed is not True and word.end_seconds is not None and word.end_seconds <= until
