"""Find the numbers to hide among words: written, said, or both."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import Reading, find_runs, readings
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.number_words import Vocabulary, core_of, vocabulary
from vm_mcp.redaction.check_digits import IBAN_DIGITS, SensitiveKind, kind_of
from vm_mcp.redaction.thousands import WordGroup, with_thousands
from vm_mcp.text import fold

# Said between the groups of a long number, and no part of it.
_FILLERS = frozenset(["ve", "sonra", "ardindan", "ee", "eee", "ii", "iii", "hmm", "and", "then", "uh", "um", "er"])
_PAUSES = (",", ".", ";", ":", "!", "?")
_CARD_GROUP = 4  # digits, as printed on a card
_COUNTRY = {"tr", "tere", "tiar"}


class SensitiveNumber(NamedTuple):
    """A number to hide, with the indices of its first and last word."""

    kind: SensitiveKind
    first: int
    last: int
    digit_count: int


def find(words: Sequence[str], languages: Sequence[str], kinds: Collection[SensitiveKind]) -> list[SensitiveNumber]:
    """Return the numbers to hide, in order; they don't overlap.

    All words are read in each language, because a number may go on where the language is mistaken or changes.

    Args:
        words: All that was said, with digits split from letters and signs.
        languages: ISO 639-1 codes; none when not known.
        kinds: What to look for.
    """
    groups = [
        WordGroup(word, index, index) for index, word in enumerate(words) if fold(core_of(word).text) not in _FILLERS
    ]
    numbers = [number for code in languages or [""] for number in _read_both_ways(groups, code, kinds)]
    chosen: list[SensitiveNumber] = []
    for number in sorted(numbers, key=lambda number: number.first):
        chosen = _with(chosen, number._replace(first=_with_country(words, number.first, number.kind)))
    return chosen


def _read_both_ways(
    groups: Sequence[WordGroup], language: str, kinds: Collection[SensitiveKind]
) -> Iterator[SensitiveNumber]:
    """Yield the numbers with and without thousands joined: joining can swallow words of one that is said without."""
    known = vocabulary(language, [group.text for group in groups])
    joined = with_thousands(groups, known)
    for way in [groups] if joined == groups else [groups, joined]:
        yield from _numbers(way, known, kinds)


def _numbers(
    groups: Sequence[WordGroup], known: Vocabulary, kinds: Collection[SensitiveKind]
) -> Iterator[SensitiveNumber]:
    """Yield the numbers among the words, including those that overlap."""
    for run in find_runs([group.text for group in groups], known):
        for number in _candidates(run.parts, _openings(run.parts, groups), kinds):
            yield number._replace(first=groups[number.first].first, last=groups[number.last].last)


def _with(chosen: list[SensitiveNumber], number: SensitiveNumber) -> list[SensitiveNumber]:
    """Add a number. If it overlaps the last one, all words of both are hidden, as the kind of the longer one."""
    if not chosen or chosen[-1].last < number.first:
        return [*chosen, number]
    kind, _, _, digit_count = max(chosen[-1], number, key=lambda one: one.digit_count)
    first, last = min(chosen[-1].first, number.first), max(chosen[-1].last, number.last)
    return [*chosen[:-1], SensitiveNumber(kind, first, last, digit_count)]


def _openings(parts: Sequence[DigitPart], groups: Sequence[WordGroup]) -> set[int]:
    """Return the parts that a number can begin with: the first, and those after a pause or a filler word.

    Two telephone numbers in a row often contain what could be a card number, but it begins in the middle of one.
    """
    openings = {0}
    for at, (before, part) in enumerate(pairwise(parts), 1):
        between = groups[before.word : part.word + 1]
        has_filler = any(one.last + 1 < other.first for one, other in pairwise(between))
        if has_filler or any(group.text.endswith(_PAUSES) for group in between[:-1]):
            openings.add(at)
    return openings


def _candidates(
    parts: Sequence[DigitPart], openings: set[int], kinds: Collection[SensitiveKind]
) -> Iterator[SensitiveNumber]:
    """Yield every number of the kinds that some part of a run can be read as.

    A reading in groups of four throughout may begin at any part, because that grouping alone suggests a card.
    """
    spans: dict[tuple[int, int], list[Reading]] = {}
    starts = [at for at, part in enumerate(parts) if at in openings or len(part.digits) == _CARD_GROUP]
    for reading in readings(parts, starts, IBAN_DIGITS):
        if reading.start not in openings and {len(group) for group in reading.groups} != {_CARD_GROUP}:
            continue
        spans.setdefault((reading.start, reading.end), []).append(reading)
    for (start, end), alternatives in spans.items():
        for digits in _likely(alternatives):
            kind = kind_of(digits, kinds)
            if kind:
                yield SensitiveNumber(kind, parts[start].word, parts[end - 1].word, len(digits))


def _likely(alternatives: Sequence[Reading]) -> set[str]:
    """Return the digits read in the fewest groups, and in the fewest groups that end at all of the speaker's pauses.

    Trying every reading would do more harm than good: one in ten has the check digit of a card by chance.
    """
    likely: set[str] = set()
    for some in (alternatives, [reading for reading in alternatives if not reading.breaks_inside]):
        fewest = min((len(reading.groups) for reading in some), default=0)
        likely |= {reading.digits for reading in some if len(reading.groups) == fewest}
    return likely


def _with_country(words: Sequence[str], first: int, kind: SensitiveKind) -> int:
    """Return the first word of a number; an IBAN begins with the letters TR, in one word or spelled in two."""
    for count in (1, 2) if kind == "ibans" else ():
        before = words[max(0, first - count) : first]
        if fold("".join(core_of(word).text for word in before)) in _COUNTRY:
            return first - len(before)
    return first
