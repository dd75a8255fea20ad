"""Which digits of a number are in doubt, and how that is shown: ``0532 4{1}7 28 93``."""

from collections.abc import Collection, Sequence
from itertools import pairwise

from vm_mcp.doubt.digit_groups import Reading
from vm_mcp.doubt.digit_parts import DigitPart

OPENING, CLOSING = "{", "}"
"""What stands around doubtful digits. Square brackets are for words, round ones for area codes."""


def digit_words(reading: Reading, parts: Sequence[DigitPart]) -> list[frozenset[int]]:
    """Return, for each digit of a reading, the indices of the parts that it comes from.

    In ``beş yüz otuz iki`` the 5 comes from ``beş`` and ``yüz``, and in ``beş yüz iki`` the 0 from ``yüz``. Where the
    groups end must be known; a reading put together from two has no such ends, and no sources.
    """
    if not reading.ends:
        return []
    sources: list[frozenset[int]] = []
    for group, (start, end) in zip(reading.groups, pairwise([reading.start, *reading.ends]), strict=True):
        sources += _group_sources(len(group.strip("+")), parts, start, end)
    return sources


def differing_digits(digits: str, other: str) -> set[int]:
    """Return the positions, from the end, of digits that differ in another reading; none if its length differs."""
    pairs = zip(reversed(digits), reversed(other), strict=False)
    return {at for at, (one, two) in enumerate(pairs) if one != two} if len(digits) == len(other) else set()


def braced(number: str, doubtful: Collection[int]) -> str:
    """Return a number with its doubtful digits in braces; "" if none of its digits is.

    Args:
        number: As people write it.
        doubtful: Positions of digits, counted from the end.
    """
    at, text, is_marked = sum(char.isdecimal() for char in number), "", False
    for char in number:
        is_digit = char.isdecimal()
        at -= is_digit
        opens = is_digit and at in doubtful
        is_marked |= opens
        text += f"{OPENING}{char}{CLOSING}" if opens else char
    return text.replace(CLOSING + OPENING, "") if is_marked else ""


def _group_sources(size: int, parts: Sequence[DigitPart], start: int, end: int) -> list[frozenset[int]]:
    if end - start == 1 or parts[start].kind == "repeat":
        return [frozenset(range(start, end))] * size
    places: dict[int, set[int]] = {}
    for at in range(start, end):
        lowest = _lowest_place(parts[at], parts[at + 1] if at + 1 < end else None)
        places.setdefault(lowest, set()).add(at)
    sources, known = [], frozenset({start})
    for place in reversed(range(size)):
        known = frozenset(places.get(place, known))
        sources.append(known)
    return sources


def _lowest_place(part: DigitPart, following: DigitPart | None) -> int:
    """Return the place of the last digit that a part says in its group: 0 for ones, 1 for tens, 2 for hundreds.

    A part also says the digits before that place which no other part says.
    """
    if part.kind == "thousand" or (following and following.kind == "thousand"):
        return 3
    if part.kind in {"hundred", "zeros"} or (following and (part.takes_ones or following.kind in {"hundred", "zeros"})):
        return 2
    return 1 if part.kind == "tens" else 0
