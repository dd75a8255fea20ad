"""Words of a text, folded to be compared, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from vm_mcp.telephone import LOCAL_DIGITS, number_spellings, prefixed_spellings
from vm_mcp.text import fold

SHORTEST_PART = 4
"""Digits that a part of a telephone number must have to be found by."""

_APOSTROPHES = "'’‘`ʼ"
# Up to three signs stand between two digits of one number, as in ``(0532) - 123``; a Turkish one may have an ending.
_NUMBER = re.compile(rf"(?<!\w)(\+?\(?[0-9](?:[\s()./-]{{0,3}}[0-9])+)(?!\w)(?:[{_APOSTROPHES}][^\W\d_]+)?")
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}]+[^\W_]+)*")
_NO_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_SIGNS = str.maketrans("()./-", "     ")
# Shorter numbers in a message are prices and years, longer ones than three telephones' in a row are no telephone's.
_LONGEST_ROW = 3 * len("00905321234567")
_SAID_DIGITS = range(LOCAL_DIGITS, _LONGEST_ROW + 1)


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


@dataclass(frozen=True)
class SaidText:
    """A transcript's text as it is searched."""

    text: str
    language: str = ""
    """ISO 639-1 code; empty: not known."""
    caller_number: str = ""
    """As the PBX sent it: callers from abroad say numbers as they are dialled there."""

    @cached_property
    def terms(self) -> list[Term]:
        """Its words."""
        return terms(self.text)

    @cached_property
    def numbers(self) -> list[Digits]:
        """The telephone numbers said in it."""
        return said_numbers(self.text, self.language, self.caller_number)


def terms(text: str) -> list[Term]:
    """Return a text's words. Apostrophes are taken out of them: ``Ankara'ya`` and ``Ankaraya`` are the same."""
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
    """Return a text's words, folded."""
    return [term.folded for term in terms(text)]


def numbers(text: str) -> list[Digits]:
    """Return what is written as numbers: ``0532 123 45 67`` and ``+90 (532) 1234567'den`` are one each.

    Telephone numbers in a row are several, though nothing but a space or a slash may stand between them.
    """
    return [number for match in _NUMBER.finditer(text) for number in _apart(match)]


def said_numbers(text: str, language: str = "", caller_number: str = "") -> list[Digits]:
    """Return the numbers in a transcript that are as long as telephone numbers, written or said in words.

    They are all that is listed as said, so that whatever is shown is found, and any other digits written as one number.
    """
    # It needs a numbering plan, which a start must not import.
    from vm_mcp.doubt import number_places

    written = [number for number in numbers(text) if number.digit_count in _SAID_DIGITS]
    listed = number_places(text, language=language, caller_number=caller_number)
    return [*written, *(Digits(number, place.start, place.end) for place in listed for number in place.numbers)]


def number_terms(number: str) -> set[str]:
    """Return all that a telephone number is found by: with each prefix, without, and by its last digits.

    A search finds the beginning of a term; so with the number's ends it finds any `SHORTEST_PART` digits in a row.
    """
    spellings = {digits[:_LONGEST_ROW] for digits in prefixed_spellings(number)}
    return {digits[at:] for digits in spellings for at in range(max(1, len(digits) - SHORTEST_PART + 1))}


def finds_number(typed: str, number: str) -> bool:
    """Return whether typed digits find a number by `number_terms`; fewer than `SHORTEST_PART` find it as a whole."""
    wholes = {digits[:_LONGEST_ROW] for digits in prefixed_spellings(number)}
    return any(
        part in wholes or (len(part) >= SHORTEST_PART and any(part in whole for whole in wholes))
        for part in number_spellings(typed)
    )


def _apart(match: re.Match[str]) -> Iterator[Digits]:
    """Yield the numbers that digits written as one are, which may be several telephone numbers."""
    from vm_mcp.doubt import number_places

    whole = Digits(match[1], match.start(), match.end())
    # Signs within a word would leave two numbers in one place, since the reader tells words apart, not digits.
    places = number_places(match[1].translate(_SIGNS)) if whole.digit_count >= 2 * LOCAL_DIGITS else []
    if len(places) < 2:  # noqa: PLR2004 - several
        yield whole
        return
    for place in places:
        end = whole.end if place is places[-1] else whole.start + place.end
        yield Digits(match[1][place.start : place.end], whole.start + place.start, end)


@lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    """Folding looks at one character at a time; most texts use the same hundred."""
    return fold(char)


def _end(places: list[int], end: int) -> int:
    """Where the original of a folded word ends: with the marks that folding dropped, and never inside a character."""
    return max(places[end], places[end - 1] + 1)
