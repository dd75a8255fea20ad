"""Finds the telephone numbers among what was said, and how far to trust each."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from vm_mcp.doubt.digit_groups import Part, Reading, Run, readings
from vm_mcp.doubt.numbering_plan import Line, caller_line, compare, heard_line, written_groups
from vm_mcp.doubt.thresholds import DIGITS, GUESS, SHARPNESS
from vm_mcp.models import PhoneNumber
from vm_mcp.telephone import NATIONAL_DIGITS

FEWEST_DIGITS = 7
"""The shortest that is dialled from outside: a local number, or a Turkish 444 one."""

_SPACED_DATE = re.compile(r"(0?[1-9]|[12]\d|3[01]) (0?[1-9]|1[0-2]) (19|20)\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Heard:
    """A telephone number, and which words said it."""

    number: PhoneNumber
    words: tuple[int, ...]
    guesses: frozenset[int]
    """Those among them that only resemble number words."""


def find_phones(
    words: Sequence[str], shares: Sequence[float | None], runs: Iterable[Run], caller_number: str
) -> list[Heard]:
    """Find the telephone numbers in what was said, in order.

    Args:
        words: Everything said.
        shares: Each word's probability, 0 to 1; None where the engine tells none.
        runs: Where number words stand in a row.
        caller_number: As the PBX sent it; extensions and hidden numbers are compared with nothing.
    """
    long_enough = [run for run in runs if _is_long(run.parts)]
    if not long_enough:
        return []
    listener = _Listener(words, shares, caller_line(caller_number))
    found = [heard for run in long_enough for heard in listener.listen(run.parts, is_amount=run.is_amount)]
    return sorted(found, key=lambda heard: heard.words)


@dataclass(frozen=True, slots=True)
class _Listener:
    """One transcript's words, and its caller."""

    words: Sequence[str]
    shares: Sequence[float | None]
    caller: Line | None

    def listen(self, parts: Sequence[Part], *, is_amount: bool) -> Iterator[Heard]:
        """Yield the valid numbers among the parts, and of the rest what is as long as one."""
        possible = list(readings(parts, _starts(parts)))
        fitting = [item for item in possible if _may_be_one(item, parts, is_amount=is_amount)]
        usual = set(_in_fewest_groups(possible))
        # Said "two hundred, ten", 200 10 sounds like 210: what is no number in the fewest groups may be one in more.
        lines = self._valid([item for item in fitting if item in usual]) or self._valid(fitting)
        valid = [(item, lines[item]) for item in _in_fewest_groups(lines)]
        if not valid:
            yield from () if is_amount else self._unknown(parts)
            return
        best, line = min(valid, key=lambda item: self._order(*item))
        is_callers = self._is_callers(line)
        rivals = [] if is_callers else _rivals(best, [item for item, _ in valid])
        yield self._heard(parts, best, line, rivals)
        before, after = parts[: best.start], parts[best.end :]
        if _is_long(before):
            yield from self.listen(before, is_amount=False)
        if _is_long(after):
            yield from self.listen(after, is_amount=is_amount)

    def _valid(self, candidates: Sequence[Reading]) -> dict[Reading, Line]:
        lines = {dialled: heard_line(dialled, self.caller) for dialled in {item.dialled for item in candidates}}
        return {item: line for item in candidates if (line := lines[item.dialled])}

    def _order(self, reading: Reading, line: Line) -> tuple[bool, int, int, int]:
        length, joined = reading.start - reading.end, _joins_written_groups(reading, line)
        return (not self._is_callers(line), length, reading.breaks_inside, joined)

    def _is_callers(self, line: Line) -> bool:
        return bool(self.caller and line.e164 == self.caller.e164)

    def _unknown(self, parts: Sequence[Part]) -> Iterator[Heard]:
        """Yield what is no valid number but as long as one: a local number, or one misheard."""
        pieces = _split_at_breaks(parts)
        for piece in pieces if all(_is_long(piece) for piece in pieces) else [parts]:
            sure = _without_edge_guesses(piece)
            whole = [item for item in readings(sure, [0] if sure else []) if item.end == len(sure)]
            whole = [
                item for item in _in_fewest_groups(whole) if len(item.digits) >= FEWEST_DIGITS and not _is_date(item)
            ]
            if whole:
                best = min(whole, key=lambda item: item.breaks_inside)
                yield self._heard(sure, best, None, _rivals(best, whole))

    def _heard(self, parts: Sequence[Part], reading: Reading, line: Line | None, rivals: list[str]) -> Heard:
        said = parts[reading.start : reading.end]
        words = tuple(dict.fromkeys(part.word for part in said))
        # The zero in front is not part of a number: whatever was heard there changes nothing.
        telling = said[1:] if line and said[0].digits == "0" else said
        matches, relation = compare(reading.digits, line, self.caller)
        length = "" if line else f"not a {'complete' if len(reading.digits) < NATIONAL_DIGITS else 'valid'} number"
        verdict = [relation, length, *([] if matches else self._doubts(telling, rivals))]
        number = PhoneNumber(
            text=" ".join(self.words[words[0] : words[-1] + 1]).strip(" ,.;:!?"),
            digits=reading.digits,
            formatted=line.formatted if line else written_groups(reading.groups),
            e164=line.e164 if line else "",
            is_valid=line is not None,
            confidence=self._confidence(telling, len(rivals)),
            matches_caller=matches,
            verdict="; ".join(fact for fact in verdict if fact),
        )
        return Heard(number, words, frozenset(part.word for part in said if part.is_guess))

    def _confidence(self, parts: Sequence[Part], rivals: int) -> float | None:
        """Estimate how likely all digits are right; None where the engine tells no probabilities."""
        shares = [self.shares[word] for word in dict.fromkeys(part.word for part in parts)]
        known = [share for share in shares if share is not None]
        if len(known) < len(shares):
            return None
        guesses = sum(part.is_guess for part in parts)
        return round(math.prod(known) ** SHARPNESS * GUESS**guesses / (1 + rivals), 2)

    def _doubts(self, parts: Sequence[Part], rivals: list[str]) -> Iterator[str]:
        doubtful = sum(_count_digits(part) for part in parts if part.is_guess or self._is_unsure(part))
        if doubtful:
            yield f"uncertain: {doubtful} of its digits {'are' if doubtful > 1 else 'is'} in doubt"
        if rivals:
            yield f"may also be {' or '.join(rivals)}"

    def _is_unsure(self, part: Part) -> bool:
        share = self.shares[part.word]
        return share is not None and share < DIGITS


def _in_fewest_groups(candidates: Iterable[Reading]) -> list[Reading]:
    """Of each stretch of words, return the readings in the fewest groups: nobody says 532 as 500 32."""
    fewest: dict[tuple[int, int], list[Reading]] = {}
    for reading in candidates:
        known = fewest.setdefault((reading.start, reading.end), [])
        if not known or len(reading.groups) <= len(known[0].groups):
            known[:] = [item for item in known if len(item.groups) == len(reading.groups)] + [reading]
    return [reading for known in fewest.values() for reading in known]


def _may_be_one(reading: Reading, parts: Sequence[Part], *, is_amount: bool) -> bool:
    """Whether a reading takes all parts, or is a full number that ends where one could."""
    length, last = len(reading.digits), parts[reading.end - 1]
    if reading.end == len(parts):
        return not is_amount and length >= (NATIONAL_DIGITS if reading.start else FEWEST_DIGITS)
    following = parts[reading.end]
    if length < NATIONAL_DIGITS or last.word == following.word:
        return False
    opened = _opens(parts[reading.start]) and following.kind == "written"
    return opened or last.breaks or following.is_guess or _opens(following)


def _starts(parts: Sequence[Part]) -> list[int]:
    """Where a number can begin: at the first part, after punctuation or a misheard word, at a zero or a plus."""
    return [
        at for at, part in enumerate(parts) if not at or _opens(part) or parts[at - 1].breaks or parts[at - 1].is_guess
    ]


def _opens(part: Part) -> bool:
    return part.digits.startswith(("0", "+"))


def _joins_written_groups(reading: Reading, line: Line) -> int:
    """Count the places where the number is written apart and the reading has one group run across."""
    said, written = (
        set(accumulate(len(group.strip("+")) for group in groups))
        for groups in (reading.groups, line.formatted.split())
    )
    return len(written - said)


def _rivals(best: Reading, others: Iterable[Reading]) -> list[str]:
    """Return the digits of other readings of the same words."""
    same = {other.digits for other in others if (other.start, other.end) == (best.start, best.end)}
    return sorted(same - {best.digits})


def _is_long(parts: Sequence[Part]) -> bool:
    """Whether the words can hold a telephone number, with each word as many digits as it can say."""
    return sum(3 if part.kind == "repeat" else len(part.digits) for part in parts) >= FEWEST_DIGITS


def _is_date(reading: Reading) -> bool:
    return _SPACED_DATE.fullmatch(" ".join(reading.groups)) is not None


def _split_at_breaks(parts: Sequence[Part]) -> list[Sequence[Part]]:
    ends = [at + 1 for at, part in enumerate(parts) if part.breaks and at + 1 < len(parts)]
    return [parts[start:end] for start, end in zip([0, *ends], [*ends, len(parts)], strict=True)]


def _without_edge_guesses(parts: Sequence[Part]) -> Sequence[Part]:
    sure = [at for at, part in enumerate(parts) if not part.is_guess]
    return parts[sure[0] : sure[-1] + 1] if sure else ()


def _count_digits(part: Part) -> int:
    """Count the digits that hang on a part: all of a written group, two of ``fourteen``, one of ``kırk``."""
    return len(part.digits) if part.kind in {"written", "teen"} else 1
