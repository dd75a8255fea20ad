"""The parts of a spoken number, and the digits that some of them can mean as one group: ``beş yüz otuz iki`` is 532."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vm_mcp.doubt.number_words import WordKind


@dataclass(frozen=True, slots=True)
class DigitPart:
    """One number word, or a group of written digits."""

    kind: WordKind
    digits: str
    word: int
    """Index of the word it came from."""
    is_guess: bool = False
    """Whether the word only resembles a number word."""
    pause: str = ""
    """The punctuation mark after it, if any: the speaker paused, or the sentence ended."""
    is_joined: bool = False
    """Whether a hyphen or a slash, written or said, is between it and the next part."""
    takes_ones: bool = False
    """Whether the next word may complete its hundreds: ``500 32`` for 532, or ``five hundred thirty-two``."""

    @property
    def is_digit(self) -> bool:
        """Whether it is a single digit, said or written."""
        return self.kind in {"digit", "written"} and len(self.digits) == 1

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence may end here. Engines also write a full stop where a caller only paused."""
        return self.pause in {".", "!", "?", "…"}


def groups_at(parts: Sequence[DigitPart], at: int) -> Iterator[tuple[str, int]]:
    """Yield the digits that the parts from ``at`` on can mean as one group, and where the group ends."""
    if at >= len(parts):
        return
    part, following = parts[at], parts[at + 1] if at + 1 < len(parts) else None
    if part.kind == "repeat":
        if following and following.is_digit:
            yield following.digits * int(part.digits), at + 2
        return
    if part.kind not in {"zeros", "thousand"}:
        yield part.digits, at + 1
    if part.kind == "hundred":
        yield from _hundreds("1", parts, at + 1)
    elif part.kind == "thousand":
        yield from _thousands("1", parts, at + 1)
    elif part.takes_ones and part.kind == "written":
        yield from _hundreds(part.digits[:-2], parts, at + 1)
    elif following:
        yield from _pairs(part, following, parts, at + 2)


def _pairs(part: DigitPart, following: DigitPart, parts: Sequence[DigitPart], at: int) -> Iterator[tuple[str, int]]:
    """Yield the digits of tens and ones, or of hundreds or thousands and what follows them from ``at`` on."""
    if part.kind == "tens" and following.is_digit and following.digits != "0":
        yield part.digits[0] + following.digits, at
    elif _multiplies(part, following) and following.kind == "thousand":
        yield from _thousands(part.digits, parts, at)
    elif _multiplies(part, following):
        yield part.digits + "00", at
        yield from _hundreds(part.digits, parts, at) if following.kind == "hundred" or following.takes_ones else ()


def _multiplies(part: DigitPart, following: DigitPart) -> bool:
    """Return whether a part says how many hundreds or thousands; in Turkish one of them is ``yüz``, not ``bir yüz``."""
    least = {"zeros": "1", "hundred": "2", "thousand": "2"}.get(following.kind)
    return least is not None and part.is_digit and part.digits >= least


def _hundreds(hundreds: str, parts: Sequence[DigitPart], at: int) -> Iterator[tuple[str, int]]:
    """Yield the digits of hundreds together with the tens and ones after them, and where the group ends."""
    for digits, end in groups_at(parts, at):
        if len(digits) <= len("99") and not digits.startswith(("0", "+")):
            yield hundreds + digits.zfill(2), end


def _thousands(thousands: str, parts: Sequence[DigitPart], at: int) -> Iterator[tuple[str, int]]:
    """Yield the digits of thousands, alone and together with the hundreds after them, and where the group ends."""
    yield thousands + "000", at
    for digits, end in groups_at(parts, at):
        if len(digits) <= len("999") and not digits.startswith(("0", "+")):
            yield thousands + digits.zfill(3), end
