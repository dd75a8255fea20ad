"""How people group a telephone number, and whether a reading is grouped like that.

The same words can be read as many numbers, and among so many some are valid by chance: ``beş yüz kırk iki altı yüz
otuz on`` is 542 600 30 10, and also 500 42 630 10. Nobody says a number in the second way. So a reading counts only if
its groups end where those of a number do.
"""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

from vm_mcp.doubt.digit_groups import Reading, readings
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.telephone import COUNTRY_CODE, LOCAL_DIGITS, NATIONAL_DIGITS

_PREFIX = re.compile(r"(\+90|0090|0?90(?=\d{10}$)|0(?=\d{10}$))")
_PREFIX_GROUP = re.compile(r"\+|0|90")
"""How a group begins that holds a prefix and digits of the number: ``0532`` and ``+90532`` do, ``95`` doesn't."""
_EDGES, _INNER_EDGES = {0, 3, 6, 10}, (3, 6)
"""Where the groups of 532 417 2893 end."""
_WRITTEN_EDGES = _EDGES | {8}
_ZERO_PAIRS = {3, 5, 7, 9}
"""Where the groups of a number end that is said in pairs with its zero: 05 32 41 72 89 3."""
_PAIRS = {2, 4, 6, 8}
_AREA_AND_PAIRS = {3, 5, 7}
_REGULAR_PAUSES = 2
_SHORT_EDGES = ({3}, {1, 3}, {1, 2, 3})
"""The ends of the groups of 444, 4 44 and 4 4 4."""


def is_regular(reading: Reading) -> bool:
    """Return whether the groups of a Turkish number end where people end them; False for a number of another length.

    Groups of three, three and four digits, cut in any way or written together, or pairs.
    """
    prefix = _PREFIX.match(reading.dialled)
    size = len(prefix[0].strip("+")) if prefix else 0
    count = len(reading.digits) - size
    if count not in {LOCAL_DIGITS, NATIONAL_DIGITS}:
        return False
    ends = [end - size for end in accumulate(len(group.strip("+")) for group in reading.groups)]
    spans = [(start, end) for start, end in pairwise([-size, *ends]) if end > 0]
    if any(start < 0 and not _PREFIX_GROUP.match(reading.groups[ends.index(end)]) for start, end in spans):
        return False
    edges = {end for end in ends if 0 < end < count}
    if count == LOCAL_DIGITS:
        return not edges or (edges & {1, 2, 3}) in _SHORT_EDGES
    return edges >= _ZERO_PAIRS or edges in (_PAIRS, _AREA_AND_PAIRS) or all(_fits(max(0, a), b) for a, b in spans)


def splits(reading: Reading, parts: Sequence[DigitPart]) -> tuple[int, int]:
    """Return how many of a reading's groups end where the words also make one group, such as ``yüz | otuz``.

    Without a pause nobody can hear that a group ends there.

    Returns:
        The number without a pause, and the number with one.
    """
    apart = [
        _is_set_apart(parts, end)
        for at, end in enumerate(reading.ends[:-1])
        if _can_join(parts, end) and "".join(reading.groups[: at + 1]).lstrip("0+") != COUNTRY_CODE
    ]
    return apart.count(False), apart.count(True)


def is_clear(reading: Reading, parts: Sequence[DigitPart]) -> bool:
    """Return whether the words can't also be read as a shorter number, of which digits are missing.

    Pauses show where groups end, unless there are also pauses inside groups.
    """
    count = _unheard(reading, parts)
    return not count or not any(
        other.end == reading.end and len(other.digits) < len(reading.digits) and _unheard(other, parts) < count
        for other in readings(parts, [reading.start])
    )


def has_more_groups(reading: Reading, parts: Sequence[DigitPart]) -> bool:
    """Return whether a few digits before or after a number are set apart from it no more than its groups are.

    Then it may be a part of a longer one. Without pauses inside, the digits after a pause are an extension or a time.
    """
    before, after, last = parts[: reading.start], parts[reading.end :], parts[reading.end - 1]
    if _is_short(after) and after[0].kind != "written" and not (last.pause or last.is_joined):
        return True
    pauses = [part.pause for part in parts[reading.start : reading.end - 1] if part.pause]
    if len(pauses) < _REGULAR_PAUSES:
        return False
    begins = reading.dialled.startswith(("0", "+"))
    follows_some = not begins and _is_short(before) and before[-1].pause in pauses
    return follows_some or (_is_short(after) and last.pause == ",")


def _is_short(parts: Sequence[DigitPart]) -> bool:
    return 0 < sum(len(part.digits) for part in parts) < LOCAL_DIGITS


def is_as_good(reading: Reading, best: Reading, parts: Sequence[DigitPart]) -> bool:
    """Return whether the pauses fit a reading as well as another one. Those inside groups don't show where one ends."""
    return (
        best.breaks_inside > 0
        or reading.breaks_inside + splits(reading, parts)[0] <= best.breaks_inside + splits(best, parts)[0]
    )


def _unheard(reading: Reading, parts: Sequence[DigitPart]) -> int:
    without, with_pause = splits(reading, parts)
    return without + (with_pause if reading.breaks_inside else 0)


def _fits(start: int, end: int) -> bool:
    crossed = [edge for edge in _INNER_EDGES if start < edge < end]
    return not crossed or {start, end} <= _WRITTEN_EDGES


def _can_join(parts: Sequence[DigitPart], at: int) -> bool:
    """Return whether the words before and after a place can belong to one group."""
    before, after = parts[at - 1], parts[at]
    follows_ones = after.is_digit and after.digits != "0" and after.kind == "digit"
    if before.kind == "tens":
        return follows_ones
    if before.kind == "hundred":
        return follows_ones or after.kind in {"tens", "teen"}
    if before.kind == "thousand":
        return follows_ones or after.kind in {"tens", "teen", "hundred"}
    return before.kind == "digit" and before.digits > "1" and after.kind in {"hundred", "thousand"}


def _is_set_apart(parts: Sequence[DigitPart], at: int) -> bool:
    return bool(parts[at - 1].pause) or parts[at - 1].is_joined


def ends_country_code(reading: Reading, parts: Sequence[DigitPart], country_digits: int) -> bool:
    """Return whether a foreign number's country code was said apart, or written.

    ``artı doksan beş`` is Turkey's code and the beginning of a number, never Myanmar's.

    Args:
        reading: The number, with a plus or ``00`` in front.
        parts: All parts of its run.
        country_digits: Length of the code with what is in front of it: 4 for 0049, 2 for +49.
    """
    ends = list(accumulate(len(group.strip("+")) for group in reading.groups))
    spans = zip([0, *ends], ends, pairwise([reading.start, *reading.ends]), strict=False)
    for start, end, (first, last) in spans:
        if start < country_digits <= end and parts[first].kind != "written":
            is_turkish = parts[first].kind == "tens" and parts[first].digits == COUNTRY_CODE and last - first > 1
            return end == country_digits and not is_turkish
    return True


def completes_hundreds(reading: Reading, parts: Sequence[DigitPart]) -> bool:
    """Return whether a reading takes a written ``500 32`` for 532."""
    spans = pairwise([reading.start, *reading.ends])
    return any(end - start > 1 and parts[start].kind == "written" for start, end in spans)
