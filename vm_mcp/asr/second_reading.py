"""Reads numbers a second time: merges what a window was decoded as with and without number words before it.

Decoded after a list of number words, the model hears more numbers right, and also hears numbers in other words. So only
stretches that hold a number are taken from the second reading. Where both readings agree on a number it is nearly
always right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from vm_mcp.doubt.digit_groups import find_numbers, find_numbers_and_units
from vm_mcp.doubt.number_words import core_of, vocabulary
from vm_mcp.models import OtherReading, Segment
from vm_mcp.text import clean_text, fold

NUMBER_WORDS = {
    "tr": (
        "Numaram sıfır, bir, iki, üç, dört, beş, altı, yedi, sekiz, dokuz, on, yirmi, otuz, kırk, elli, altmış, "
        "yetmiş, seksen, doksan, yüz, bin."
    ),
    "en": (
        "My number is zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, "
        "twenty, thirty, forty, fifty, hundred, thousand."
    ),
}
"""What the model takes to have been said before the second reading, by ISO 639-1 code. In Turkish, the list took
telephone numbers heard right from 32 to 49 of 90. Commas matter: the model then writes each word by itself, as a list.
With "bin lira" at its end the model heard thousands in 9 of 49 amounts that had none."""

_WORTH_READING = 3
"""Number words or digits from which a window is read twice, which takes nearly as long as the first reading."""
_ALIKE, _ALIKE_BESIDE = 0.75, 0.3
"""How much a stretch without a number must sound like the one that the second reading heard in it, as a ratio of equal
letters: less is enough beside another number word."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the readings differ in a number."""

    start: int
    """Index of the first word of the merged text."""
    end: int
    """Index after the last one; equal to ``start`` if only the other reading has words there."""
    other: str
    """What the reading that was not taken heard; empty if nothing."""


@dataclass(frozen=True, slots=True)
class MergedReading:
    """One text of two readings."""

    words: tuple[str, ...]
    confirmed: tuple[bool, ...]
    """For each word, whether both readings have it."""
    differences: tuple[Difference, ...]

    @property
    def text(self) -> str:
        """The words as one line."""
        return " ".join(self.words)


def holds_numbers(text: str, language: str) -> bool:
    """Return whether a text holds numbers that are worth their time: three words of them, or three digits."""
    if language not in NUMBER_WORDS:
        return False
    words = text.split()
    numbers = find_numbers(words, vocabulary(language, words))
    digits = sum(char.isdigit() for index in numbers for char in words[index])
    return max(len(numbers), digits) >= _WORTH_READING


def merge(first: str, second: str, language: str) -> MergedReading:
    """Return the first reading with the numbers of the second.

    A stretch is taken from the second reading if both have a number there, if the first has nothing there, or if it
    sounds like the number: ``peş news`` before ``otuz`` becomes ``beş yüz``, but not just any word becomes a number.

    Args:
        first: Decoded as usual.
        second: Decoded after `NUMBER_WORDS`.
        language: ISO 639-1 code of both.
    """
    words: list[str] = []
    confirmed: list[bool] = []
    differences: list[Difference] = []
    for stretch in _stretches(first.split(), second.split(), language):
        start = len(words)
        words += stretch.taken
        confirmed += [stretch.is_equal] * len(stretch.taken)
        if stretch.has_number and not stretch.is_equal:
            differences.append(Difference(start, len(words), " ".join(stretch.other)))
    return MergedReading(tuple(words), tuple(confirmed), tuple(differences))


def annotated(segment: Segment, reading: MergedReading) -> Segment:
    """Return a segment of the merged text, with what the readings agree and differ on.

    Args:
        segment: Its words have times.
        reading: The text, and where the readings differ.
    """
    spans = _spans(reading.words)
    words = tuple(
        word.model_copy(update={"is_confirmed": _is_confirmed(reading, spans, start, end)})
        for word, (start, end) in zip(segment.words, _spans(word.text for word in segment.words), strict=True)
    )
    length = spans[-1][1] if spans else 0
    begins = [*(start for start, _ in spans), length]
    readings = [
        _other_reading(segment, begins[difference.start], begins[difference.end], difference.other)
        for difference in reading.differences
    ]
    return segment.model_copy(update={"words": words, "other_readings": tuple(readings)})


def unconfirmed(text: str) -> MergedReading:
    """Return a text of which a second reading confirms nothing, since it is a loop."""
    words = tuple(text.split())
    return MergedReading(words, (False,) * len(words), ())


def _spans(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return where each text begins and ends, in letters: an engine may split words at other places than spaces."""
    ends = list(accumulate(len(clean_text(text).replace(" ", "")) for text in texts))
    return list(pairwise([0, *ends]))


def _is_confirmed(reading: MergedReading, spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Return whether the readings agree on all words that a word of the engine is, or is a part of."""
    inside = [
        confirmed
        for confirmed, (first, last) in zip(reading.confirmed, spans, strict=True)
        if first < end and start < last
    ]
    return bool(inside) and all(inside)


def _other_reading(segment: Segment, start: int, end: int, other: str) -> OtherReading:
    """Return what the other reading has from one letter to another, with its times.

    Words that only one reading has are between those around them.
    """
    spans = _spans(word.text for word in segment.words)
    placed = list(zip(segment.words, spans, strict=True))
    inside = [word for word, (first, last) in placed if first < end and start < last]
    before = [word for word, (_, last) in placed if last <= start]
    after = [word for word, (first, _) in placed if first >= end]
    begins = inside[0].start_seconds if inside else before[-1].end_seconds if before else segment.start_seconds
    ends = inside[-1].end_seconds if inside else after[0].start_seconds if after else segment.end_seconds
    return OtherReading(text=other, start_seconds=begins, end_seconds=max(begins, ends))


@dataclass(frozen=True, slots=True)
class _Stretch:
    taken: Sequence[str]
    other: Sequence[str]
    is_equal: bool
    has_number: bool


def _stretches(first: Sequence[str], second: Sequence[str], language: str) -> Iterator[_Stretch]:
    known = vocabulary(language, [*first, *second])
    of_first, of_second = find_numbers_and_units(first, known), find_numbers_and_units(second, known)
    matcher = SequenceMatcher(None, _folded(first), _folded(second), autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        mine, other = first[start:end], second[other_start:other_end]
        if kind == "equal":
            yield _Stretch(mine, other, is_equal=True, has_number=False)
            continue
        has_mine = not of_first.isdisjoint(range(start, end))
        has_other = not of_second.isdisjoint(range(other_start, other_end))
        alike = _ALIKE if of_first.isdisjoint((start - 1, end)) else _ALIKE_BESIDE
        is_better = has_other and (has_mine or not mine or _similarity(mine, other) >= alike)
        taken, left = (other, mine) if is_better else (mine, other)
        yield _Stretch(taken, left, is_equal=False, has_number=has_mine or has_other)


def _folded(words: Sequence[str]) -> list[str]:
    return [fold(core_of(word).text) for word in words]


def _similarity(words: Sequence[str], others: Sequence[str]) -> float:
    return SequenceMatcher(None, "".join(_folded(words)), "".join(_folded(others)), autojunk=False).ratio()
