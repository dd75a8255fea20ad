"""Finds, among words, the numbers to hide: written, said, or both."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import DigitPart, Reading, find_runs, readings
from vm_mcp.doubt.number_words import Vocabulary, core_of, vocabulary
from vm_mcp.redaction.check_digits import IBAN_DIGITS, SensitiveKind, kind_of
from vm_mcp.redaction.thousands import Told, with_thousands
from vm_mcp.text import fold

# Said between the groups of a long number, and no part of it.
_BETWEEN = frozenset(["ve", "sonra", "ardindan", "ee", "eee", "ii", "iii", "hmm", "and", "then", "uh", "um", "er"])
_PAUSES = (",", ".", ";", ":", "!", "?")
_CARD_GROUP = 4  # digits, as on the card: groups of that size tell by themselves where it begins
_COUNTRY = {"tr", "tere", "tiar"}


class Found(NamedTuple):
    """A number, from its first word to its last."""

    kind: SensitiveKind
    first: int
    last: int
    digit_count: int


def find(words: Sequence[str], language: str, kinds: Collection[SensitiveKind]) -> list[Found]:
    """Find the numbers to hide, in order; none overlaps another.

    Args:
        words: All that was said; digits apart from letters and signs.
        language: As ISO 639-1 code; empty: not known.
        kinds: What to look for.
    """
    told = [Told(word, index, index) for index, word in enumerate(words) if fold(core_of(word).text) not in _BETWEEN]
    known = vocabulary(language, [word.text for word in told])
    ways = [told] if (joined := with_thousands(told, known)) == told else [told, joined]
    found = [number for way in ways for number in _numbers(way, known, kinds)]
    chosen: list[Found] = []
    for number in sorted(found, key=lambda number: number.first):
        chosen = _with(chosen, number._replace(first=_with_country(words, number.first, number.kind)))
    return chosen


def _numbers(told: Sequence[Told], known: Vocabulary, kinds: Collection[SensitiveKind]) -> Iterator[Found]:
    """Yield the numbers among the words, those that overlap as well."""
    for run in find_runs([word.text for word in told], known):
        for found in _candidates(run.parts, _openings(run.parts, told), kinds):
            yield found._replace(first=told[found.first].first, last=told[found.last].last)


def _with(chosen: list[Found], found: Found) -> list[Found]:
    """Add a number; it and the last one are hidden as the longer of them where they overlap."""
    if not chosen or chosen[-1].last < found.first:
        return [*chosen, found]
    kind, _, _, digit_count = max(chosen[-1], found, key=lambda one: one.digit_count)
    first, last = min(chosen[-1].first, found.first), max(chosen[-1].last, found.last)
    return [*chosen[:-1], Found(kind, first, last, digit_count)]


def _openings(parts: Sequence[DigitPart], told: Sequence[Told]) -> set[int]:
    """Tell which parts a number can begin with: the first, and those after a pause, written or filled.

    Two telephone numbers in a row often hold what could be a card's number, and it begins in the middle of one.
    """
    openings = {0}
    for at, (before, part) in enumerate(pairwise(parts), 1):
        between = told[before.word : part.word + 1]
        is_filled = any(one.last + 1 < other.first for one, other in pairwise(between))
        if is_filled or any(word.text.endswith(_PAUSES) for word in between[:-1]):
            openings.add(at)
    return openings


def _candidates(parts: Sequence[DigitPart], openings: set[int], kinds: Collection[SensitiveKind]) -> Iterator[Found]:
    spans: dict[tuple[int, int], list[Reading]] = {}
    starts = [at for at, part in enumerate(parts) if at in openings or len(part.digits) == _CARD_GROUP]
    for reading in readings(parts, starts, IBAN_DIGITS):
        if reading.start not in openings and {len(group) for group in reading.groups} != {_CARD_GROUP}:
            continue
        spans.setdefault((reading.start, reading.end), []).append(reading)
    for (start, end), found in spans.items():
        for digits in _likely(found):
            kind = kind_of(digits, kinds)
            if kind:
                yield Found(kind, parts[start].word, parts[end - 1].word, len(digits))


def _likely(found: Sequence[Reading]) -> set[str]:
    """Give the digits in the fewest groups, and in the fewest that end wherever the speaker paused.

    Others would do more harm than good: one reading in ten is the number of a card by chance.
    """
    likely: set[str] = set()
    for some in (found, [reading for reading in found if not reading.breaks_inside]):
        fewest = min((len(reading.groups) for reading in some), default=0)
        likely |= {reading.digits for reading in some if len(reading.groups) == fewest}
    return likely


def _with_country(words: Sequence[str], first: int, kind: SensitiveKind) -> int:
    """Begin an IBAN at its letters."""
    for count in (1, 2) if kind == "ibans" else ():
        before = words[max(0, first - count) : first]
        if fold("".join(core_of(word).text for word in before)) in _COUNTRY:
            return first - len(before)
    return first
