"""Stretches of number words that are long enough for a telephone number and make none.

They are told as such, with their words: digits read out of them would look like a number that somebody can call.
"""

import re
from collections.abc import Iterator, Sequence

from vm_mcp.doubt.digit_groups import Run
from vm_mcp.doubt.heard_numbers import HeardNumber, quoted
from vm_mcp.doubt.number_context import is_time
from vm_mcp.doubt.thresholds import READABLE
from vm_mcp.models import PhoneNumber
from vm_mcp.text import fold_words
from vm_mcp.wording import words

_VERDICT = words("a number is said and could not be read: listen")
_LEAST_SIZE, _MOST_SIZE = 9, 40
"""Digits and number words of a stretch. Two times or an address have fewer, and a number said three times no more."""
_JOINING = re.compile(
    r"ile|ve|veya|ya|da|de|saat|kat|daire|no|numara\w*|telefon\w*|dahili|to|and|or|at|number|extension"
)
"""Words between numbers that belong together and are no telephone number: ``on dört otuz ile on beş kırk beş``."""


def readable(heard: HeardNumber) -> HeardNumber:
    """Return a number as it is, or without its digits if these are hardly more than a guess."""
    number = heard.number
    is_doubtful = number.confidence is not None and number.confidence < READABLE
    is_repaired = bool(heard.guesses) and not heard.is_whole
    return _unread(heard) if (is_doubtful or is_repaired) and not number.same_as_caller else heard


def with_unread(words: Sequence[str], runs: Sequence[Run], heard: Sequence[HeardNumber]) -> list[HeardNumber]:
    """Return the numbers that were heard and, for each stretch in which none was and one must have been said, an entry.

    Digits that are no whole number go if a misheard word separates them from others: they are a part of a number.
    """
    listed = [readable(number) for number in heard if number.is_whole or not _is_time(words, number)]
    for stretch in _stretches(words, [run for run in runs if not run.is_amount and not run.counted]):
        first, last = stretch[0].parts[0].word, stretch[-1].parts[-1].word
        inside = [number for number in listed if not set(number.words).isdisjoint(range(first, last + 1))]
        is_torn = any(run.continues for run in stretch[1:]) and not any(number.is_whole for number in inside)
        is_telephone = _LEAST_SIZE <= sum(map(_size, stretch)) <= _MOST_SIZE
        if is_telephone and (is_torn or not inside) and not is_time(words, first, last):
            guesses = frozenset(part.word for run in stretch for part in run.parts if part.is_guess)
            listed = [number for number in listed if number not in inside]
            listed.append(_unread_stretch(words, range(first, last + 1), guesses))
    return sorted(listed, key=lambda number: number.words[0])


def _is_time(words: Sequence[str], heard: HeardNumber) -> bool:
    return is_time(words, heard.words[0], heard.words[-1])


def _unread_stretch(words: Sequence[str], indices: Sequence[int], guesses: frozenset[int]) -> HeardNumber:
    number = PhoneNumber(number="", heard=quoted(words, indices), is_valid=False, verdict=_VERDICT)
    return HeardNumber(number, tuple(indices), guesses)


def _unread(heard: HeardNumber) -> HeardNumber:
    return heard.with_number(number="", in_doubt="", e164="", is_valid=False, same_as_caller=None, verdict=_VERDICT)


def _stretches(words: Sequence[str], runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Yield runs that follow each other, with at most one word between two of them, which may be a misheard one."""
    stretch: list[Run] = []
    for run in runs:
        between = words[stretch[-1].parts[-1].word + 1 : run.parts[0].word] if stretch else []
        if stretch and (len(between) > 1 or any(_JOINING.fullmatch(fold_words(word)) for word in between)):
            yield stretch
            stretch = []
        stretch.append(run)
    if stretch:
        yield stretch


def _size(run: Run) -> int:
    return sum(len(part.digits) if part.kind == "written" else 1 for part in run.parts)
