"""Read Turkish groups of four digits said as thousands: ``dört bin beş yüz kırk üç`` for 4543.

In telephone numbers, thousands are an amount and no part of the number. On a card they are as good as any other group.
"""

from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import Vocabulary, WordKind, core_of
from vm_mcp.text import fold

_THOUSAND = "bin"
_SMALLEST, _LARGEST = 2, 9  # digits said before "bin" and "yüz": one thousand is only "bin"


class WordGroup(NamedTuple):
    """A word, or several read as one, with the indices of the first and the last."""

    text: str
    first: int
    last: int


def with_thousands(groups: Sequence[WordGroup], vocabulary: Vocabulary) -> list[WordGroup]:
    """Join the words of each group that is said as thousands into one word of four digits."""
    reader = _Reader(groups, vocabulary)
    joined: list[WordGroup] = []
    at = 0
    while at < len(groups):
        digits, end = reader.thousands(at)
        if end > at:
            last = groups[end - 1]
            punctuation = last.text[core_of(last.text).end :]  # a pause after the words stays one
            joined.append(WordGroup(digits + punctuation, groups[at].first, last.last))
        else:
            joined.append(groups[at])
        at = max(end, at + 1)
    return joined


class _Reader:
    """A recursive-descent reader: ``[digit] bin [[digit] yüz] [tens] [digit]``."""

    def __init__(self, groups: Sequence[WordGroup], vocabulary: Vocabulary) -> None:
        self._folded = [fold(core_of(group.text).text) for group in groups]
        self._pauses = [core_of(group.text).end < len(group.text) for group in groups]
        self._meanings = [vocabulary.read(group.text).parts for group in groups]

    def thousands(self, at: int) -> tuple[str, int]:
        """Return the digits of the group that begins at a word, and the word after it; ``("", at)`` if none does."""
        first, after = self._factor(at, _THOUSAND)
        if not first:
            return "", at
        hundred, after = self._factor(after, "yuz")
        tens, after = self._value("tens", after)
        ones, after = self._value("digit", after)
        return str(first * 1000 + hundred * 100 + tens + ones), after

    def _factor(self, at: int, unit: str) -> tuple[int, int]:
        """Read ``dört bin``, or ``bin`` alone: how many of the unit (0 for none), and the word after it."""
        if self._is(at, unit):
            return 1, at + 1
        count, after = self._value("digit", at, unit)
        return (count, after + 1) if count and self._is(after, unit) else (0, at)

    def _value(self, kind: WordKind, at: int, unit: str = "") -> tuple[int, int]:
        """Read one word of a kind: its value, and the word after it.

        The value is 0 for a word of another kind, and for one that doesn't fit. Before a unit, only 2 to 9 fit, without
        a pause. Elsewhere, a digit right before ``bin`` doesn't fit, because it begins the next group.
        """
        parts = self._meanings[at] if at < len(self._meanings) else ()
        if len(parts) != 1 or parts[0][0] != kind:
            return 0, at
        value = int(parts[0][1])
        counts = kind == "digit" and _SMALLEST <= value <= _LARGEST and not self._pauses[at]
        is_usable = counts if unit else value > 0 and not (counts and self._is(at + 1, _THOUSAND))
        return (value, at + 1) if is_usable else (0, at)

    def _is(self, at: int, word: str) -> bool:
        return at < len(self._folded) and self._folded[at] == word
