"""Which readings of number words can be telephone numbers, and which of those that overlap were meant.

A reading is a candidate if it is a valid number and ends where a number can end. Many candidates overlap: a part of one
number is often a valid number itself, and so may be the end of one with the beginning of the next. The row of
candidates that explains the most words is chosen, because people don't say digits that belong to no number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import Reading, readings
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.grouping import is_regular, splits
from vm_mcp.doubt.numbering_plan import Line
from vm_mcp.telephone import LOCAL_DIGITS, NATIONAL_DIGITS

SHORT_NUMBER = "444"
"""Prefix of the Turkish numbers that have 7 digits and no area code."""

Score = tuple[int, int, int, int, int]


class Candidate(NamedTuple):
    """A reading that is a valid number."""

    reading: Reading
    line: Line


def best_row(candidates: Iterable[Candidate], part_count: int, is_callers: Callable[[Line], bool]) -> list[Candidate]:
    """Return the candidates that were meant, in order and without overlap.

    Rows are compared by, in this order: whether the caller's own number is in it, how many words it explains, how few
    numbers it has, how few pauses are inside a group, and whether groups end where the number is written apart. This is
    weighted interval scheduling: the best row up to a word either leaves that word out or ends with a candidate that
    ends there, so one pass over the words finds it.

    Args:
        candidates: In any order. The first of equally good ones is chosen.
        part_count: Number of parts that they are readings of.
        is_callers: Returns whether a number is the caller's.
    """
    ending: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        ending.setdefault(candidate.reading.end, []).append(candidate)
    nothing: Score = (0, 0, 0, 0, 0)
    best: list[tuple[Score, list[Candidate]]] = [(nothing, [])]
    for end in range(1, part_count + 1):
        rows = [best[-1]]
        for candidate in ending.get(end, ()):
            score, row = best[candidate.reading.start]
            rows.append((_sum(score, _score(candidate, is_callers=is_callers(candidate.line))), [*row, candidate]))
        best.append(max(rows, key=lambda scored: scored[0]))
    return best[-1][1]


def in_fewest_groups(candidates: Iterable[Reading]) -> list[Reading]:
    """Return, of the readings with the same start and end, those in the fewest groups: nobody says 532 as 500 32."""
    fewest: dict[tuple[int, int], list[Reading]] = {}
    for reading in candidates:
        known = fewest.setdefault((reading.start, reading.end), [])
        if not known or len(reading.groups) <= len(known[0].groups):
            known[:] = [item for item in known if len(item.groups) == len(reading.groups)] + [reading]
    return [reading for known in fewest.values() for reading in known]


def candidate_readings(parts: Sequence[DigitPart], start: int, *, may_be_foreign: bool) -> list[Reading]:
    """Return the readings from a part on that can be a telephone number by their length and grouping.

    A Turkish number is grouped as people group one. How foreign ones are grouped is not known, so these are only read
    in the fewest groups.

    Args:
        parts: All parts of the run.
        start: Index of the first part.
        may_be_foreign: Whether a number without a country code may be a foreign one.
    """
    possible = [item for item in readings(parts, [start]) if len(item.digits) >= LOCAL_DIGITS]
    usual = {(item.start, item.end): len(item.digits) for item in in_fewest_groups(possible)}
    regular = [item for item in possible if is_regular(item) and not _ignores_pauses(item, parts, usual)]
    foreign = [item for item in in_fewest_groups(possible) if may_be_foreign or is_foreign(item)]
    return list(dict.fromkeys([*regular, *foreign]))


def is_foreign(reading: Reading) -> bool:
    """Return whether a reading begins with the country code of another country."""
    return reading.dialled.startswith(("+", "00")) and not reading.dialled.startswith(("+90", "0090"))


def is_long(parts: Sequence[DigitPart]) -> bool:
    """Return whether the parts may hold as many digits as a telephone number has."""
    return sum(3 if part.kind == "repeat" else len(part.digits) for part in parts) >= LOCAL_DIGITS


def can_begin(parts: Sequence[DigitPart], at: int) -> bool:
    """Return whether a number can begin at a part: the first, a zero or plus, or one after a pause or misheard word."""
    return not at or opens(parts[at]) or bool(parts[at - 1].pause) or parts[at - 1].is_guess


def can_be_area_code(parts: Sequence[DigitPart]) -> bool:
    """Return whether the parts before a short number may be its area code, so that it is none."""
    sizes = {
        len(item.digits)
        for item in readings(parts, range(max(0, len(parts) - 5), len(parts)))
        if item.end == len(parts)
    }
    return bool(sizes & {3, 4}) or any(opens(part) for part in parts)


def can_end(reading: Reading, parts: Sequence[DigitPart], *, is_fresh: bool, is_amount: bool) -> bool:
    """Return whether a number can end where a reading does.

    More digits may follow it only after a pause, or if another number begins with them, or if the number is written and
    begins with its zero, because then its length shows where it ends.

    Args:
        reading: A reading of the parts.
        parts: All parts of the run.
        is_fresh: Whether the reading can't be the rest of something before it. Only then may it be a short number.
        is_amount: Whether the last number in the parts is an amount.
    """
    if len(reading.digits) < NATIONAL_DIGITS and not is_fresh:
        return False
    if reading.end == len(parts):
        return not is_amount
    if not is_complete(reading):
        return False
    last, following = parts[reading.end - 1], parts[reading.end]
    if opens(parts[reading.start]) and following.kind == "written":
        return True
    if last.word == following.word:
        return last.is_joined and (opens(following) or _ends_in_lines(reading, parts))
    return bool(last.pause) or last.is_joined or following.is_guess or opens(following)


def is_complete(reading: Reading) -> bool:
    """Return whether a reading is as long as a number that can be dialled from anywhere."""
    is_short = len(reading.digits) == LOCAL_DIGITS and reading.digits.startswith(SHORT_NUMBER)
    return is_short or len(reading.digits) >= NATIONAL_DIGITS


def opens(part: DigitPart) -> bool:
    """Return whether a part begins a number wherever it is: a zero, a plus, or a written 444."""
    return part.digits.startswith(("0", "+")) or (part.kind == "written" and part.digits == SHORT_NUMBER)


def without_run_ons(candidates: Sequence[Candidate], parts: Sequence[DigitPart]) -> list[Candidate]:
    """Return the candidates without those that continue after the end of a sentence, if one is valid up to there.

    Engines put full stops between the groups of a number as well, but then between most of them. So the first full stop
    after a number without pauses ends it, and a time, a date or a count follows.
    """
    ends: dict[int, int] = {}
    for reading, _ in candidates:
        inside = parts[reading.start : reading.end]
        if inside[-1].ends_sentence and not any(part.pause for part in inside[:-1]):
            ends[reading.start] = min(reading.end, ends.get(reading.start, reading.end))
    return [each for each in candidates if each.reading.end <= ends.get(each.reading.start, len(parts))]


def joined_tail(parts: Sequence[DigitPart], end: int) -> list[DigitPart]:
    """Return the written parts, within the same word, that hyphens or slashes join to the part before ``end``."""
    tail: list[DigitPart] = []
    for before, part in zip(parts[end - 1 :], parts[end:], strict=False):
        if not before.is_joined or part.word != before.word:
            break
        tail.append(part)
    return tail


def other_lines(reading: Reading, tail: Iterable[DigitPart]) -> Iterator[Reading]:
    """Yield the other lines of a number: after ``12 34-35`` the last digits may also be 35.

    They replace the whole last group, or its last one or two digits. Any other number of digits is an extension.

    Args:
        reading: The number.
        tail: The parts joined to its last group.
    """
    last = reading.groups[-1]
    for part in tail:
        count = len(part.digits)
        if count <= len(last) and (count in {1, 2} or count == len(last)):
            yield Reading(reading.start, reading.end, (*reading.groups[:-1], last[:-count] + part.digits))


def _ignores_pauses(reading: Reading, parts: Sequence[DigitPart], usual: Mapping[tuple[int, int], int]) -> bool:
    """Return whether a reading ends groups where no pause is, though the speaker paused between others.

    Then digits are missing: ``532, 417, 28`` is not 532 400 17 28.
    """
    has_pauses = sum(bool(part.pause) for part in parts[reading.start : reading.end - 1]) > 1
    is_short = usual[reading.start, reading.end] < len(reading.digits)
    return has_pauses and is_short and splits(reading, parts)[0] > 0


def _ends_in_lines(reading: Reading, parts: Sequence[DigitPart]) -> bool:
    """Return whether the rest of the reading's last word names other lines."""
    tail, last = joined_tail(parts, reading.end), reading.groups[-1]
    after = reading.end + len(tail)
    is_whole_word = after == len(parts) or parts[after].word != parts[after - 1].word
    return is_whole_word and all(len(part.digits) in {len(last), min(2, len(last))} for part in tail)


def _score(candidate: Candidate, *, is_callers: bool) -> Score:
    reading, line = candidate
    return is_callers, reading.end - reading.start, -1, -reading.breaks_inside, -_groups_run_across(reading, line)


def _sum(one: Score, other: Score) -> Score:
    first, second, third, fourth, fifth = (left + right for left, right in zip(one, other, strict=True))
    return first, second, third, fourth, fifth


def _groups_run_across(reading: Reading, line: Line) -> int:
    """Return in how many places the formatted number has a space and the reading is inside a group.

    Counted from the end, because the formatted number may have a prefix that the reading hasn't.
    """
    said, written = (
        set(accumulate(len(group.strip("+()")) for group in reversed(groups)))
        for groups in (reading.groups, line.formatted.split())
    )
    return len({end for end in written if end < len(line.national)} - said)
