"""Finds number words that stand in a row, and every way to group them into digits.

Callers say a telephone number in groups, ``beş yüz otuz iki`` for 532, and nothing in the words tells where a group
ends: ``otuz dört yüz`` is 34 100 as well as 30 400.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vm_mcp.doubt.number_words import Kind, Number, Vocabulary, is_filler, is_weak, makes_amount

MOST_DIGITS = 15
"""The longest telephone number (E.164)."""

_LIKELIEST = 16
"""Readings kept at each word; a real number has no more than four that fit its length."""
_MOST_PARTS = 200
"""Of one run; a telephone number has 15."""


@dataclass(frozen=True, slots=True)
class Part:
    """One number word, or a group of written digits."""

    kind: Kind
    digits: str
    word: int
    """Index of the word it came from."""
    is_guess: bool = False
    """The word only resembles a number word."""
    breaks: bool = False
    """Punctuation follows."""

    @property
    def is_digit(self) -> bool:
        """Whether it is one digit, said or written."""
        return self.kind in {"digit", "written"} and len(self.digits) == 1


@dataclass(frozen=True, slots=True)
class Run:
    """Number words in a row."""

    parts: tuple[Part, ...]
    is_amount: bool
    """A currency or a scale such as ``bin`` follows, so the last number in it is no telephone number."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to group the parts from ``start`` to before ``end``."""

    start: int
    end: int
    groups: tuple[str, ...] = ()
    breaks_inside: int = 0
    """How many groups have punctuation in their middle."""

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(self.groups).replace("+", "")

    @property
    def dialled(self) -> str:
        """The digits, with the plus if one was said or written in front."""
        return ("+" if self.groups and self.groups[0].startswith("+") else "") + self.digits


def find_numbers(words: Sequence[str], vocabulary: Vocabulary) -> set[int]:
    """Indices of the words that hold digits or are number words; ``bir`` and ``one`` only beside another."""
    found = {
        index for index, word in enumerate(words) if vocabulary.read(word).parts or any(char.isdigit() for char in word)
    }
    return {index for index in found if not is_weak(words[index]) or {index - 1, index + 1} & found}


def find_runs(words: Sequence[str], vocabulary: Vocabulary) -> list[Run]:
    """Find the number words that stand in a row, with misheard ones among them or beside them."""
    numbers = [vocabulary.read(word) for word in words]
    runs: list[Run] = []
    parts: list[Part] = []
    for index, word in enumerate(words):
        number, beside = numbers[index], [*numbers[max(0, index - 1) : index], *numbers[index + 1 : index + 2]]
        is_guess = not number.parts
        if is_guess and any(other.parts for other in beside):
            number = vocabulary.guess(word)
        parts += _parts(number, index, word, is_guess=is_guess)
        goes_on = number.parts and not number.ends
        if parts and not goes_on and not _bridges(word, numbers[index + 1 : index + 2]):
            runs.append(Run(tuple(parts[:_MOST_PARTS]), makes_amount(word)))
            parts = []
    return [*runs, Run(tuple(parts[:_MOST_PARTS]), is_amount=False)] if parts else runs


def readings(parts: Sequence[Part], starts: Iterable[int], most_digits: int = MOST_DIGITS) -> Iterator[Reading]:
    """Yield the ways to group the parts from each of ``starts`` on, up to ``most_digits``; if many, the likelier."""
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


def _extended(reading: Reading, parts: Sequence[Part], most_digits: int) -> Iterator[Reading]:
    for digits, end in _groups(parts, reading.end):
        broken = any(part.breaks for part in parts[reading.end : end - 1])
        longer = Reading(reading.start, end, (*reading.groups, digits), reading.breaks_inside + broken)
        if len(longer.digits) <= most_digits:
            yield longer


def _groups(parts: Sequence[Part], at: int) -> Iterator[tuple[str, int]]:
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


def _hundreds(hundreds: str, parts: Sequence[Part], at: int) -> Iterator[tuple[str, int]]:
    """Yield what hundreds become with the tens and ones behind them."""
    for digits, end in _groups(parts, at):
        if len(digits) <= len("99") and not digits.startswith(("0", "+")):
            yield hundreds + digits.zfill(2), end


def _parts(number: Number, index: int, word: str, *, is_guess: bool) -> list[Part]:
    last = len(number.parts) - 1
    return [
        Part(kind, digits.replace("(", ""), index, is_guess=is_guess, breaks=at == last and word[-1] in ",.;:!?")
        for at, (kind, digits) in enumerate(number.parts)
    ]


def _bridges(word: str, following: Sequence[Number]) -> bool:
    """Whether the word is a dash between two numbers."""
    return is_filler(word) and any(number.parts for number in following)
