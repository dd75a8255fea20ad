"""Split text into folded words and into numbers, each with its position, for indexing and for highlighting."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from vm_mcp.telephone import LOCAL_DIGITS, number_spellings, prefixed_spellings
from vm_mcp.text import fold

SHORTEST_PART = 4
"""Fewest digits of a number that find it; shorter ones must be the whole number."""
SHORTEST_NUMBER = 3
"""Fewest digits that are searched for as a number; fewer are a time, a day or an amount."""

_APOSTROPHES = "'’‘`ʼ"
# Up to three signs stand between two digits of one number, as in ``(0532) - 123``; a Turkish one may have an ending.
_NUMBER = re.compile(rf"(?<!\w)(\+?\(?[0-9](?:[\s()./-]{{0,3}}[0-9])+)(?!\w)(?:[{_APOSTROPHES}][^\W\d_]+)?")
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}]+[^\W_]+)*")
_NO_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_SIGNS = str.maketrans("()./-", "     ")
_LONGEST_ROW = 3 * len("00905321234567")
"""More digits than three telephone numbers have are something else."""


class Term(NamedTuple):
    """A folded word, and where it stands in the text."""

    folded: str
    start: int
    end: int


class Digits(NamedTuple):
    """Digits written as one number, and where they stand in the text, including a Turkish ending."""

    written: str
    start: int
    end: int

    @property
    def digit_count(self) -> int:
        """Number of digits, without signs and spaces."""
        return sum(char.isdigit() for char in self.written)


@dataclass(frozen=True)
class SaidText:
    """A transcript's text, with what is needed to find words and numbers in it."""

    text: str
    """As it is shown, with doubt marks."""
    numbers: tuple[Digits, ...] = ()
    """The numbers said in it, by each way to read them."""

    @cached_property
    def terms(self) -> list[Term]:
        """Its words."""
        return terms(self.text)


def terms(text: str) -> list[Term]:
    """Return a text's words. Apostrophes are dropped from them: ``Ankara'ya`` and ``Ankaraya`` are the same word."""
    parts = [_fold_character(char) for char in text]
    # Folding can turn one character into none or several. So each folded character keeps the position of its original,
    # and one position more stands for the end of the text.
    positions = [position for position, part in enumerate(parts) for _ in part]
    positions.append(len(text))
    words = [
        Term(match[0].translate(_NO_APOSTROPHES), positions[match.start()], _end(positions, match.end()))
        for match in _WORD.finditer("".join(parts))
    ]
    return [word for word in words if word.folded]


def folded_terms(text: str) -> list[str]:
    """Return a text's words, folded."""
    return [term.folded for term in terms(text)]


def numbers(text: str) -> list[Digits]:
    """Return what is written as numbers: ``0532 123 45 67`` and ``+90 (532) 1234567'den`` are one each.

    Several telephone numbers in a row are returned one by one, even if only a space or a slash separates them.
    """
    return [number for match in _NUMBER.finditer(text) for number in _split_row(match)]


def number_terms(number: str) -> set[str]:
    """Return the index terms of a number: every ending, of at least `SHORTEST_PART` digits, of all spellings.

    FTS5 can only search for the beginning of a term. Any digits in a row are the beginning of some ending, so with all
    endings in the index, a prefix search finds every part of a number.
    """
    spellings = {digits[:_LONGEST_ROW] for digits in prefixed_spellings(number)}
    return {digits[at:] for digits in spellings for at in range(max(1, len(digits) - SHORTEST_PART + 1))}


def finds_number(typed: str, number: str) -> bool:
    """Return whether typed digits find an indexed number: all of it, or a part of `SHORTEST_PART` digits or more."""
    wholes = {digits[:_LONGEST_ROW] for digits in prefixed_spellings(number)}
    return any(
        part in wholes or (len(part) >= SHORTEST_PART and any(part in whole for whole in wholes))
        for part in number_spellings(typed)
    )


def _split_row(match: re.Match[str]) -> Iterator[Digits]:
    """Yield the telephone numbers in a row of digits; the row itself unless it is at least two of them."""
    from vm_mcp.doubt import number_places

    whole = Digits(match[1], match.start(), match.end())
    # `number_places` separates words, not digits within a word: with the signs left in, a slash would join two numbers.
    places = number_places(match[1].translate(_SIGNS)) if whole.digit_count >= 2 * LOCAL_DIGITS else []
    if len(places) < 2:  # noqa: PLR2004 - several
        yield whole
        return
    for place in places:
        end = whole.end if place is places[-1] else whole.start + place.end
        yield Digits(match[1][place.start : place.end], whole.start + place.start, end)


@lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    """Fold one character. A text is folded one character at a time to know positions; most use the same hundred."""
    return fold(char)


def _end(positions: list[int], end: int) -> int:
    """Return where the original of a folded word ends: after marks that folding dropped, never inside a character."""
    return max(positions[end], positions[end - 1] + 1)
