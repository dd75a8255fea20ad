"""Numbers other than telephone numbers, such as amounts and hours, that the two readings of a transcript differ on."""

from collections.abc import Collection, Iterator, Sequence

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.heard_numbers import quoted
from vm_mcp.doubt.number_words import Vocabulary
from vm_mcp.doubt.said_words import SaidWord, said_texts
from vm_mcp.models import HeardOtherwise, OtherReading, Transcript


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
        for index, segment in enumerate(transcript.segments)
        for reading in segment.other_readings
        for found in _difference(said, _places(said, index, reading), reading, known, listed)
    )


def _places(said: Sequence[SaidWord], segment: int, reading: OtherReading) -> list[int]:
    """Return the indices of the words that are shown in place of a reading."""
    return [
        at
        for at, word in enumerate(said)
        if word.segment == segment
        and word.is_confirmed is False
        and word.start_seconds is not None
        and word.end_seconds is not None
        and reading.start_seconds <= word.start_seconds
        and word.end_seconds <= reading.end_seconds
    ]


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
