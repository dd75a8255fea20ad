"""Numbers that a caller corrected: ``… yirmi sekiz, pardon, yirmi dokuz``.

How much of the number the new digits replace is a guess, so a number put together like that is never valid.
"""

import re
from collections.abc import Iterator, Sequence

from vm_mcp.doubt.digit_groups import Reading, readings
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.doubtful_digits import braced
from vm_mcp.doubt.grouping import is_regular, splits
from vm_mcp.doubt.heard_numbers import Claim, Evidence, HeardNumber, doubted
from vm_mcp.doubt.number_candidates import SHORT_NUMBER, in_fewest_groups
from vm_mcp.doubt.numbering_plan import heard_line
from vm_mcp.telephone import LOCAL_DIGITS, NATIONAL_DIGITS
from vm_mcp.wording import words

_VERDICT = words("the caller corrected or denied it: check by listening")
_PREFIX = re.compile(r"\+90|0090|0|")


def taken_back(heard: HeardNumber, new_digits: int = 0) -> HeardNumber:
    """Return a number that its caller took back, or whose last ``new_digits`` replace others."""
    in_doubt = braced(heard.number.number, range(new_digits)) or heard.number.in_doubt
    return doubted(heard, _VERDICT).with_number(in_doubt=in_doubt)


def corrected_number(before: Sequence[DigitPart], after: Sequence[DigitPart], evidence: Evidence) -> HeardNumber | None:
    """Return the number that the parts after a correction complete, its end replaced by them; None if there is none."""
    for kept, new in _combinations(before, after):
        whole = Reading(0, len(before) + new.end, (*kept, *new.groups))
        line = heard_line(whole.dialled, evidence.caller) if is_regular(whole) else None
        if line:
            return taken_back(evidence.judge(Claim([*before, *after], whole, line)), len(new.digits))
    return None


def _combinations(before: Sequence[DigitPart], after: Sequence[DigitPart]) -> Iterator[tuple[tuple[str, ...], Reading]]:
    """Yield the groups kept of each reading before a correction, with each reading after it that completes them."""
    said = sorted(_whole(before), key=lambda item: _oddness(item, before))
    new = in_fewest_groups(_whole(after))
    for old in said:
        prefix = _PREFIX.match(old.dialled)
        start = len(prefix[0].strip("+")) if prefix else 0
        is_short = old.digits.startswith(SHORT_NUMBER) and len(old.digits) <= LOCAL_DIGITS
        size = LOCAL_DIGITS if is_short else start + NATIONAL_DIGITS
        for other in new:
            kept = size - len(other.digits)
            if start < kept <= len(old.digits):
                yield _first_digits(old.groups, kept), other


def _oddness(reading: Reading, parts: Sequence[DigitPart]) -> int:
    """Return how unlikely a reading is: a whole number is the likeliest, unless several of its groups end unheard."""
    return splits(reading, parts)[0] - 2 * is_regular(reading)


def _whole(parts: Sequence[DigitPart]) -> list[Reading]:
    return [item for item in readings(parts, [0]) if item.end == len(parts)]


def _first_digits(groups: Sequence[str], count: int) -> tuple[str, ...]:
    kept: list[str] = []
    for group in groups:
        if count > 0:
            kept.append(group[: count + group.startswith("+")])
            count -= len(group.strip("+"))
    return tuple(kept)
