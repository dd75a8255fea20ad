"""English numbers in words: ``n14`` for "fourteen", ``o21`` for "twenty-first", ``n2026`` for a year."""

from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import core_of, vocabulary
from vm_mcp.doubt.times.time_tokens import TimeToken
from vm_mcp.text import fold

_NUMBERS = {
    word: int(value)
    for word, (kind, value) in vocabulary("en", []).plain.items()
    if kind in {"digit", "teen", "tens"} and word != "o"
}
_ORDINAL_WORDS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth
"""
_ORDINALS = {word: value for value, word in enumerate(_ORDINAL_WORDS.split(), 1)} | {"thirtieth": 30}
_LAST_DIGIT, _FIRST_TENS = 9, 20


class _EnglishPiece(NamedTuple):
    value: int
    end: int
    """Index of the word after it."""
    kind: str = "n"
    """``n`` for a number, ``o`` for an ordinal."""


def english_number(words: Sequence[str], start: int) -> TimeToken | None:
    """Return the number in words that begins there: up to 99, an ordinal, or a year; None if none does."""
    head = _small(words, start)
    if not head:
        return None
    number = (_year(words, head) if _goes_on(words, head) else None) or head
    return TimeToken(f"{number.kind}{number.value}", start, number.end - 1)


def _year(words: Sequence[str], head: _EnglishPiece) -> _EnglishPiece | None:
    """Return a year that begins with a number: "twenty twenty-six", "two thousand and twenty-six"."""
    if _folded(words, head.end) == "thousand":
        rest = _small(words, head.end + 1 + (_folded(words, head.end + 1) == "and"))
        return rest._replace(value=head.value * 1000 + rest.value) if rest and rest.kind == "n" else None
    rest = _small(words, head.end) if head.value == _FIRST_TENS else None
    is_year = rest and rest.kind == "n" and rest.value > _LAST_DIGIT
    return rest._replace(value=head.value * 100 + rest.value) if rest and is_year else None


def _small(words: Sequence[str], at: int) -> _EnglishPiece | None:
    """Return a number up to 99."""
    first, *rest = _folded(words, at).split("-")
    head = _piece(first, at + 1)
    if not head or len(rest) > 1:
        return None
    is_tens = head.kind == "n" and head.value >= _FIRST_TENS
    if rest:
        unit = _piece(rest[0], at + 1)
        return unit._replace(value=head.value + unit.value) if is_tens and unit and _is_unit(unit) else None
    unit = _piece(_folded(words, at + 1), at + 2) if is_tens and _goes_on(words, head) else None
    return unit._replace(value=head.value + unit.value) if unit and _is_unit(unit) else head


def _is_unit(piece: _EnglishPiece) -> bool:
    return 0 < piece.value <= _LAST_DIGIT


def _piece(folded: str, end: int) -> _EnglishPiece | None:
    if folded in _NUMBERS:
        return _EnglishPiece(_NUMBERS[folded], end)
    return _EnglishPiece(_ORDINALS[folded], end, "o") if folded in _ORDINALS else None


def _folded(words: Sequence[str], at: int) -> str:
    return fold(core_of(words[at]).text) if at < len(words) else ""


def _goes_on(words: Sequence[str], piece: _EnglishPiece) -> bool:
    """Return whether the next word may belong to a number: no punctuation is between them."""
    last = words[piece.end - 1]
    return piece.kind == "n" and last.endswith(core_of(last).text)
