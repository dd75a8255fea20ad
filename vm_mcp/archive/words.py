"""Words of a text, folded to be compared, each with its place in the text."""

import re
from functools import lru_cache
from typing import NamedTuple

from vm_mcp.telephone import prefixed_spellings
from vm_mcp.text import fold

SHORTEST_PART = 4
"""Digits that a part of a telephone number must have to be found by."""

_APOSTROPHES = "'’‘`ʼ"
# Up to three signs stand between two digits of one number, as in ``(0532) - 123``; a Turkish one may have an ending.
_NUMBER = re.compile(rf"(?<!\w)(\+?\(?[0-9](?:[\s()./-]{{0,3}}[0-9])+)(?!\w)(?:[{_APOSTROPHES}][^\W\d_]+)?")
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}]+[^\W_]+)*")
_NO_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
# Digits of numbers said in a message: shorter ones are prices and years, longer ones are no telephone's.
_SAID_DIGITS = range(7, 16)
_LONGEST_NUMBER = 20


class Term(NamedTuple):
    """A word as it is compared, and where it stands in the text."""

    folded: str
    start: int
    end: int


class Digits(NamedTuple):
    """Digits that are written as one number, and where they stand in the text, with the ending if there is one."""

    written: str
    start: int
    end: int

    @property
    def digit_count(self) -> int:
        """How many digits there are."""
        return sum(char.isdigit() for char in self.written)


def terms(text: str) -> list[Term]:
    """Find a text's words. Apostrophes are taken out of them: ``Ankara'ya`` and ``Ankaraya`` are the same."""
    parts = [_fold_character(char) for char in text]
    # Of each folded character, the place of the one it came from: folding changes how many there are.
    places = [place for place, part in enumerate(parts) for _ in part]
    places.append(len(text))
    found = [
        Term(match[0].translate(_NO_APOSTROPHES), places[match.start()], _end(places, match.end()))
        for match in _WORD.finditer("".join(parts))
    ]
    return [term for term in found if term.folded]


def folded_terms(text: str) -> list[str]:
    """Give the words alone."""
    return [term.folded for term in terms(text)]


def numbers(text: str) -> list[Digits]:
    """Find what is written as numbers: ``0532 123 45 67`` and ``+90 (532) 1234567'den`` are one each."""
    return [Digits(match[1], match.start(), match.end()) for match in _NUMBER.finditer(text)]


def said_numbers(text: str) -> list[Digits]:
    """Find numbers in a transcript that are as long as telephone numbers."""
    return [number for number in numbers(text) if number.digit_count in _SAID_DIGITS]


def number_terms(number: str) -> set[str]:
    """Give all that a telephone number is found by: with each prefix, without, and by its last digits.

    A search finds the beginning of a term; so with the number's ends it finds any `SHORTEST_PART` digits in a row.
    """
    spellings = {digits[:_LONGEST_NUMBER] for digits in prefixed_spellings(number)}
    return {digits[at:] for digits in spellings for at in range(max(1, len(digits) - SHORTEST_PART + 1))}


@lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    """Folding looks at one character at a time; most texts use the same hundred."""
    return fold(char)


def _end(places: list[int], end: int) -> int:
    """Where the original of a folded word ends: with the marks that folding dropped, and never inside a character."""
    return max(places[end], places[end - 1] + 1)
