"""Turkish groups of four digits said as thousands: ``dört bin beş yüz kırk üç`` for 4543.

Elsewhere thousands make an amount, and no part of a telephone number; on a card they are as good as any group.
"""

from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import Vocabulary, WordKind, core_of
from vm_mcp.text import fold

_THOUSAND = "bin"
_SMALLEST, _LARGEST = 2, 9  # what is said in front of a thousand or a hundred: one thousand is just "bin"


class Told(NamedTuple):
    """A word, or several as one, with the indices of the first and the last of them."""

    text: str
    first: int
    last: int


def with_thousands(told: Sequence[Told], vocabulary: Vocabulary) -> list[Told]:
    """Put each group that is said as thousands into one word of four digits."""
    reader = _Reader(told, vocabulary)
    joined: list[Told] = []
    at = 0
    while at < len(told):
        digits, end = reader.thousands(at)
        if end > at:
            tail = told[end - 1].text[core_of(told[end - 1].text).end :]  # a pause stays one
            joined.append(Told(digits + tail, told[at].first, told[end - 1].last))
        else:
            joined.append(told[at])
        at = max(end, at + 1)
    return joined


class _Reader:
    def __init__(self, told: Sequence[Told], vocabulary: Vocabulary) -> None:
        self._folded = [fold(core_of(word.text).text) for word in told]
        self._pauses = [core_of(word.text).end < len(word.text) for word in told]
        self._said = [vocabulary.read(word.text).parts for word in told]

    def thousands(self, at: int) -> tuple[str, int]:
        """Read the group that begins there: its digits and where it ends, which is there when there is none."""
        first, after = self._factor(at, _THOUSAND)
        if not first:
            return "", at
        hundred, after = self._factor(after, "yuz")
        tens, after = self._value("tens", after)
        ones, after = self._value("digit", after)
        return str(first * 1000 + hundred * 100 + tens + ones), after

    def _factor(self, at: int, unit: str) -> tuple[int, int]:
        """Read ``dört bin`` or ``bin`` alone: how many of the unit, 0 when there is none, and what follows."""
        if self._is(at, unit):
            return 1, at + 1
        count, after = self._value("digit", at, unit)
        return (count, after + 1) if count and self._is(after, unit) else (0, at)

    def _value(self, kind: WordKind, at: int, unit: str = "") -> tuple[int, int]:
        """Read one word: its value, 0 when it is of another kind or belongs to the group behind it."""
        parts = self._said[at] if at < len(self._said) else ()
        if len(parts) != 1 or parts[0][0] != kind:
            return 0, at
        value = int(parts[0][1])
        counts = kind == "digit" and _SMALLEST <= value <= _LARGEST and not self._pauses[at]
        is_usable = counts if unit else value > 0 and not (counts and self._is(at + 1, _THOUSAND))
        return (value, at + 1) if is_usable else (0, at)

    def _is(self, at: int, word: str) -> bool:
        return at < len(self._folded) and self._folded[at] == word
