"""Runs of number words, and every way to group them into digits.

Callers say a telephone number in groups, ``beş yüz otuz iki`` for 532, and the words alone don't show where a group
ends: ``otuz dört yüz`` is 34 100 as well as 30 400. So nothing is decided here. This module lists the possible
readings, and those who use it know what they look for, a telephone number or a payment card, and pick a reading that
can be one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

from vm_mcp.doubt.digit_parts import DigitPart, groups_at
from vm_mcp.doubt.number_words import NumberWord, Vocabulary, is_filler, is_weak, largest_count, makes_amount

MOST_DIGITS = 15
"""The longest telephone number (E.164)."""

_BEAM_WIDTH = 16
"""Number of readings kept at each word. A real number has at most four that fit its length."""
_MAX_PARTS = 200
"""Number of parts kept of a run. A telephone number has 15 at most."""
_JOINTS = "-–/"
_BETWEEN_DIGITS = re.compile(r"\d(\D)\D*(?=\d)", re.ASCII)
_PAUSES = ",.;:!?…"


@dataclass(frozen=True, slots=True)
class Run:
    """Number words in a row."""

    parts: tuple[DigitPart, ...]
    is_amount: bool = False
    """Whether a currency or a scale such as ``bin`` follows: then its last number is not a telephone number."""
    counted: int = 0
    """Number of parts at the end that may belong to the word after them instead, such as the ``15`` of ``15 Kasım``."""
    is_hour: bool = False
    """Whether its counted parts are an hour or a day by their ending: ``on beşte``."""
    is_corrected: bool = False
    """Whether the speaker took it back, or a part of it."""
    corrects: bool = False
    """Whether it replaces the end of the run before it, or all of it."""
    continues: bool = False
    """Whether a single word, which resembles a number word, separates it from the run before."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to group the parts from ``start`` to before ``end``."""

    start: int
    end: int
    groups: tuple[str, ...] = ()
    breaks_inside: int = 0
    """Number of groups with a pause inside."""
    ends: tuple[int, ...] = ()
    """For each group, the index after its last part."""

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(self.groups).replace("+", "")

    @property
    def dialled(self) -> str:
        """The digits, after a plus if one was said or written."""
        return ("+" if self.groups and self.groups[0].startswith("+") else "") + self.digits


def find_numbers(words: Sequence[str], vocabulary: Vocabulary) -> set[int]:
    """Return the indices of words with digits and of number words; ``bir`` and ``one`` count only next to another."""
    numbers = {
        index for index, word in enumerate(words) if vocabulary.read(word).parts or any(char.isdigit() for char in word)
    }
    return {index for index in numbers if not is_weak(words[index]) or {index - 1, index + 1} & numbers}


def number_runs(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Yield the indices of number words that follow each other, in order."""
    run: list[int] = []
    for index in sorted(numbers):
        if run and index > run[-1] + 1:
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def find_numbers_and_units(words: Sequence[str], vocabulary: Vocabulary) -> set[int]:
    """Return the indices of number words, and of words such as ``bin`` and ``lira`` that are said with them."""
    return find_numbers(words, vocabulary) | {index for index, word in enumerate(words) if makes_amount(word)}


def find_runs(words: Sequence[str], vocabulary: Vocabulary) -> list[Run]:
    """Return the runs of number words, including misheard ones between or next to them.

    A full stop does not end a run: engines write one wherever the caller paused, even between the groups of a number.
    """
    numbers = [vocabulary.read(word) for word in words]
    runs: list[Run] = []
    parts: list[DigitPart] = []
    for index, word in enumerate(words):
        number = numbers[index]
        neighbours = [*numbers[max(0, index - 1) : index], *numbers[index + 1 : index + 2]]
        is_guess = not number.parts
        if is_guess and any(neighbour.parts for neighbour in neighbours):
            number = vocabulary.guess(word)
        if number.parts:
            parts += _parts(number, index, word, is_guess=is_guess)
        continues = number.parts and not number.ends
        if parts and not continues:
            if _bridges(word, numbers[index + 1 : index + 2]):
                parts[-1] = _bridged(parts[-1], word)
            else:
                runs.append(_run(parts, "" if number.parts else word, is_amount=makes_amount(word)))
                parts = []
    return [*runs, _run(parts)] if parts else runs


def readings(parts: Sequence[DigitPart], starts: Iterable[int], most_digits: int = MOST_DIGITS) -> Iterator[Reading]:
    """Yield the ways to group the parts from each of ``starts`` on, of at most ``most_digits``.

    The number of ways doubles with every word that may end a group. So this is a beam search: from each word only the
    `_BEAM_WIDTH` readings in the fewest groups are continued. People say 532 as one group, not as 500 and 32, so the
    number that was meant is among them.
    """
    for start in starts:
        unfinished: dict[int, list[Reading]] = defaultdict(list)
        unfinished[start].append(Reading(start, start))
        for at in range(start, len(parts) + 1):
            best_first = sorted(unfinished.pop(at, ()), key=lambda item: (len(item.groups), item.breaks_inside))
            for reading in best_first[:_BEAM_WIDTH]:
                if reading.groups:
                    yield reading
                for longer in _extended(reading, parts, most_digits):
                    unfinished[longer.end].append(longer)
            if not unfinished:
                break


def _run(parts: Sequence[DigitPart], following: str = "", *, is_amount: bool = False) -> Run:
    kept = tuple(parts[:_MAX_PARTS])
    return Run(kept, is_amount, _count_size(kept, following) if len(kept) == len(parts) else 0)


def _count_size(parts: Sequence[DigitPart], following: str) -> int:
    """Return how many of the last parts are a number that may count or date the following word; 0 for none.

    A full stop may be between them if it makes an ordinal, as in ``20. katta``, but not if a sentence begins after it.
    """
    pause, largest = parts[-1].pause, largest_count(following)
    if not largest or (pause and not (pause == "." and following[0].islower())):
        return 0
    for size in range(min(4, len(parts)), 0, -1):
        count = parts[-size:]
        if any(part.pause or part.is_joined for part in count[:-1]):
            continue
        if any(end == size and _is_count(digits, largest) for digits, end in groups_at(count, 0)):
            return size + _range_size(parts[: len(parts) - size + 1])
    return 0


def _is_count(digits: str, largest: int) -> bool:
    return digits.isdecimal() and int(digits) <= largest


def _range_size(parts: Sequence[DigitPart]) -> int:
    """Return how many parts before the last belong to a range that it ends, such as the ``15`` of ``15-20``."""
    size = 0
    while size + 1 < len(parts) and parts[-size - 2].is_joined and parts[-size - 2].word == parts[-1].word:
        size += 1
    return size


def _extended(reading: Reading, parts: Sequence[DigitPart], most_digits: int) -> Iterator[Reading]:
    for digits, end in groups_at(parts, reading.end):
        if reading.groups and digits.startswith("+"):
            continue  # another number begins here
        broken = any(part.pause for part in parts[reading.end : end - 1])
        breaks = reading.breaks_inside + broken
        longer = Reading(reading.start, end, (*reading.groups, digits), breaks, (*reading.ends, end))
        if len(longer.digits) <= most_digits:
            yield longer


def _parts(number: NumberWord, index: int, word: str, *, is_guess: bool) -> list[DigitPart]:
    joined = chain((sign in _JOINTS for sign in _BETWEEN_DIGITS.findall(word)), repeat(False))  # noqa: FBT003 - repeat's
    parts = [
        DigitPart(kind, digits.replace("(", ""), index, is_guess, is_joined=is_joined)
        for (kind, digits), is_joined in zip(number.parts, joined, strict=False)
    ]
    return [*parts[:-1], replace(parts[-1], pause=_pause_after(word), is_joined=False)]


def _pause_after(word: str) -> str:
    return word[-1] if word[-1] in _PAUSES else ""


def _bridges(word: str, following: Sequence[NumberWord]) -> bool:
    """Return whether the word is a dash between two numbers."""
    return is_filler(word) and any(number.parts for number in following)


def _bridged(part: DigitPart, word: str) -> DigitPart:
    """Return a part with the pause or dash after it that is a word of its own, such as ``,``, ``-`` or ``tire``."""
    return replace(part, pause=_pause_after(word), is_joined=not _pause_after(word))
