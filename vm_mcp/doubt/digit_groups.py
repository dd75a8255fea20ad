"""Number words that stand in a row, and every way to group them into digits.

Callers say a telephone number in groups, ``beş yüz otuz iki`` for 532, and nothing in the words tells where a group
ends: ``otuz dört yüz`` is 34 100 as well as 30 400. So this module does not decide. It lists the possible readings, and
whoever knows what kind of number is wanted (a telephone's, a payment card's) picks the one that can be such a number.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

from vm_mcp.doubt.number_words import NumberWord, Vocabulary, WordKind, is_filler, is_weak, largest_count, makes_amount

MOST_DIGITS = 15
"""The longest telephone number (E.164)."""

_LIKELIEST = 16
"""Readings kept at each word; a real number has no more than four that fit its length."""
_MOST_PARTS = 200
"""Of one run; a telephone number has 15."""
_JOINTS = "-–/"
_BETWEEN_DIGITS = re.compile(r"\d(\D)\D*(?=\d)", re.ASCII)
_PAUSES = ",.;:!?…"


@dataclass(frozen=True, slots=True)
class DigitPart:
    """One number word, or a group of written digits."""

    kind: WordKind
    digits: str
    word: int
    """Index of the word it came from."""
    is_guess: bool = False
    """The word only resembles a number word."""
    pause: str = ""
    """The punctuation mark that ends the word, if one does: the speaker paused, or the sentence ended."""
    is_joined: bool = False
    """A hyphen or a slash stands between it and the next part, written or said."""

    @property
    def is_digit(self) -> bool:
        """Whether it is one digit, said or written."""
        return self.kind in {"digit", "written"} and len(self.digits) == 1

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence may end here; engines also put full stops where a caller only paused."""
        return self.pause in {".", "!", "?", "…"}


@dataclass(frozen=True, slots=True)
class Run:
    """Number words in a row."""

    parts: tuple[DigitPart, ...]
    is_amount: bool = False
    """A currency or a scale such as ``bin`` follows, so the last number in it is no telephone number."""
    counted: int = 0
    """How many parts at the end may belong to the word behind them instead: the ``15`` of ``15 Kasım``."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to group the parts from ``start`` to before ``end``."""

    start: int
    end: int
    groups: tuple[str, ...] = ()
    breaks_inside: int = 0
    """How many groups have a pause in their middle."""

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(self.groups).replace("+", "")

    @property
    def dialled(self) -> str:
        """The digits, with the plus if one was said or written in front."""
        return ("+" if self.groups and self.groups[0].startswith("+") else "") + self.digits


def find_numbers(words: Sequence[str], vocabulary: Vocabulary) -> set[int]:
    """Return the indices of the words that hold digits or are number words; ``bir`` and ``one`` only beside another."""
    found = {
        index for index, word in enumerate(words) if vocabulary.read(word).parts or any(char.isdigit() for char in word)
    }
    return {index for index in found if not is_weak(words[index]) or {index - 1, index + 1} & found}


def find_runs(words: Sequence[str], vocabulary: Vocabulary) -> list[Run]:
    """Return the number words that stand in a row, with misheard ones among them or beside them.

    A full stop does not end a run: engines write one wherever the caller paused, between the groups of one number too.
    """
    numbers = [vocabulary.read(word) for word in words]
    runs: list[Run] = []
    parts: list[DigitPart] = []
    for index, word in enumerate(words):
        number, beside = numbers[index], [*numbers[max(0, index - 1) : index], *numbers[index + 1 : index + 2]]
        is_guess = not number.parts
        if is_guess and any(other.parts for other in beside):
            number = vocabulary.guess(word)
        if number.parts:
            parts += _parts(number, index, word, is_guess=is_guess)
        goes_on = number.parts and not number.ends
        if parts and not goes_on:
            if _bridges(word, numbers[index + 1 : index + 2]):
                parts[-1] = _bridged(parts[-1], word)
            else:
                runs.append(_run(parts, "" if number.parts else word, is_amount=makes_amount(word)))
                parts = []
    return [*runs, _run(parts)] if parts else runs


def readings(parts: Sequence[DigitPart], starts: Iterable[int], most_digits: int = MOST_DIGITS) -> Iterator[Reading]:
    """Yield the ways to group the parts from each of ``starts`` on, up to ``most_digits``.

    The ways double with every word that may end a group. Only the `_LIKELIEST` are carried on from each word, those in
    the fewest groups: people say 532 as one group, not as 500 and 32, so a real number is among them.
    """
    for start in starts:
        unfinished: dict[int, list[Reading]] = defaultdict(list)
        unfinished[start].append(Reading(start, start))
        for at in range(start, len(parts) + 1):
            likely = sorted(unfinished.pop(at, ()), key=lambda item: (len(item.groups), item.breaks_inside))
            for reading in likely[:_LIKELIEST]:
                if reading.groups:
                    yield reading
                for longer in _extended(reading, parts, most_digits):
                    unfinished[longer.end].append(longer)
            if not unfinished:
                break


def _run(parts: Sequence[DigitPart], following: str = "", *, is_amount: bool = False) -> Run:
    kept = tuple(parts[:_MOST_PARTS])
    return Run(kept, is_amount, _count_size(kept, following) if len(kept) == len(parts) else 0)


def _count_size(parts: Sequence[DigitPart], following: str) -> int:
    """Return how many of the last parts are one number that the following word may count or date; 0 for none.

    A full stop may stand between them where it makes an ordinal, ``20. katta``, but not where a sentence begins behind.
    """
    pause, largest = parts[-1].pause, largest_count(following)
    if not largest or (pause and not (pause == "." and following[0].islower())):
        return 0
    for size in range(min(4, len(parts)), 0, -1):
        count = parts[-size:]
        if any(part.pause or part.is_joined for part in count[:-1]):
            continue
        if any(end == size and _is_count(digits, largest) for digits, end in _groups(count, 0)):
            return size + _range_size(parts[: len(parts) - size + 1])
    return 0


def _is_count(digits: str, largest: int) -> bool:
    return digits.isdecimal() and int(digits) <= largest


def _range_size(parts: Sequence[DigitPart]) -> int:
    """Return how many parts before the last are its range, as ``15`` is in ``15-20``."""
    size = 0
    while size + 1 < len(parts) and parts[-size - 2].is_joined and parts[-size - 2].word == parts[-1].word:
        size += 1
    return size


def _extended(reading: Reading, parts: Sequence[DigitPart], most_digits: int) -> Iterator[Reading]:
    for digits, end in _groups(parts, reading.end):
        if reading.groups and digits.startswith("+"):
            continue  # another number begins
        broken = any(part.pause for part in parts[reading.end : end - 1])
        longer = Reading(reading.start, end, (*reading.groups, digits), reading.breaks_inside + broken)
        if len(longer.digits) <= most_digits:
            yield longer


def _groups(parts: Sequence[DigitPart], at: int) -> Iterator[tuple[str, int]]:
    """Yield what the parts from ``at`` on can say as one group, and where it ends."""
    if at >= len(parts):
        return
    part, following = parts[at], parts[at + 1] if at + 1 < len(parts) else None
    if part.kind == "repeat":
        if following and following.is_digit:
            yield following.digits * int(part.digits), at + 2
        return
    if part.kind != "zeros":
        yield part.digits, at + 1
    if part.kind == "hundred":
        yield from _hundreds("1", parts, at + 1)
    elif following and following.is_digit and part.kind == "tens" and following.digits != "0":
        yield part.digits[0] + following.digits, at + 2
    elif following and following.kind in {"hundred", "zeros"} and part.is_digit and part.digits != "0":
        yield part.digits + "00", at + 2
        yield from _hundreds(part.digits, parts, at + 2) if following.kind == "hundred" else ()


def _hundreds(hundreds: str, parts: Sequence[DigitPart], at: int) -> Iterator[tuple[str, int]]:
    """Yield what hundreds become with the tens and ones behind them."""
    for digits, end in _groups(parts, at):
        if len(digits) <= len("99") and not digits.startswith(("0", "+")):
            yield hundreds + digits.zfill(2), end


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
    """Return a part with the punctuation that stands by itself behind it; what is said, as ``tire`` is, is a dash."""
    return replace(part, pause=_pause_after(word), is_joined=not _pause_after(word))
