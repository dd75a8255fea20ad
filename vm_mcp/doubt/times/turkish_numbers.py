"""Turkish numbers in words, with the case ending of their last word: ``n14.l`` for "on dörtte"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import core_of, vocabulary
from vm_mcp.doubt.times.time_tokens import TimeToken
from vm_mcp.doubt.times.turkish_endings import case_of, encoded
from vm_mcp.text import fold

_NUMBERS = {
    **{word: int(value) for word, (_, value) in vocabulary("tr", []).plain.items() if value.isdigit()},
    "dord": 4,
}
_UNITS = [word for word, value in _NUMBERS.items() if value in range(1, 10)]
_TENS = [word for word, value in _NUMBERS.items() if value in range(10, 100)]
_SPOKEN = re.compile(rf"(?P<tens>{'|'.join(_TENS)})?(?P<unit>{'|'.join([*_UNITS, 'sifir'])})?(?P<ending>[a-z]*)")
ORDINAL = re.compile(r"[iu]?nc[iu](?P<ending>[a-z]*)")


class _TurkishPiece(NamedTuple):
    value: int
    end: int
    """Index of the word after it."""
    kind: str = "n"
    case: str = ""
    goes_on: bool = True
    """Whether the next word may belong to it: no case ending and no punctuation closes it."""


def spoken_number(words: Sequence[str], start: int) -> TimeToken | None:
    """Return the number in words that begins there, such as a year; None if none does."""
    head = _hundreds(words, start) or _thousands_in_digits(words, start)
    if not head:
        return None
    if head.goes_on and head.value and _folded(words, head.end) == "bin":
        base, end = head.value * 1000, head.end + 1
        rest = (_hundreds(words, end) or _digits(words, end)) if _is_plain(words, head.end) else None
        head = rest._replace(value=base + rest.value) if rest else _TurkishPiece(base, end)
    return TimeToken(encoded(f"{head.kind}{head.value}", head.case), start, head.end - 1)


def _hundreds(words: Sequence[str], at: int) -> _TurkishPiece | None:
    small = _small(words, at)
    if _folded(words, at) == "yuz":
        base, end = 100, at + 1
    elif small and small.goes_on and 1 < small.value < 10 and _folded(words, small.end) == "yuz":  # noqa: PLR2004 - two to nine hundred
        base, end = small.value * 100, small.end + 1
    else:
        return small
    rest = _small(words, end) if _is_plain(words, end - 1) else None
    return rest._replace(value=base + rest.value) if rest and rest.value else _TurkishPiece(base, end)


def _small(words: Sequence[str], at: int) -> _TurkishPiece | None:
    """Return a number up to 99."""
    first = _spoken(words, at)
    if not first or not first.goes_on or not first.value or first.value % 10:
        return first
    unit = _spoken(words, first.end)
    return unit._replace(value=first.value + unit.value) if unit and 0 < unit.value < 10 else first  # noqa: PLR2004 - a digit


def _spoken(words: Sequence[str], at: int) -> _TurkishPiece | None:
    folded = _folded(words, at)
    found = _SPOKEN.fullmatch(folded)
    if not found or not (found["tens"] or found["unit"]) or _is_front(words[at]):
        return None
    value = _NUMBERS.get(found["tens"] or "", 0) + _NUMBERS.get(found["unit"] or "", 0)
    ordinal = ORDINAL.fullmatch(found["ending"])
    case = case_of(ordinal["ending"] if ordinal else found["ending"])
    if case is None:
        return None
    return _TurkishPiece(value, at + 1, "o" if ordinal else "n", case, not (ordinal or case) and _is_plain(words, at))


def _thousands_in_digits(words: Sequence[str], at: int) -> _TurkishPiece | None:
    """Return the thousands of a year as recognisers write it: 2 bin 26."""
    head = _digits(words, at)
    return head if head and head.value < 10 and _folded(words, at + 1) == "bin" else None  # noqa: PLR2004 - a digit


def _digits(words: Sequence[str], at: int) -> _TurkishPiece | None:
    folded = _folded(words, at)
    found = re.fullmatch(r"(\d{1,3})([a-z]*)", folded, re.ASCII)
    case = case_of(found[2]) if found else None
    return _TurkishPiece(int(found[1]), at + 1, case=case) if found and case is not None else None


def _folded(words: Sequence[str], at: int) -> str:
    return fold(core_of(words[at]).text.replace("’", "").replace("'", "")) if at < len(words) else ""


def _is_plain(words: Sequence[str], at: int) -> bool:
    return words[at].endswith(core_of(words[at]).text)


def _is_front(word: str) -> bool:
    """Return whether a word is "ön" (front), which folds to "on" (ten)."""
    return core_of(word).text[:1] in {"ö", "Ö"}
