"""Clock times from the numbers in a rule's match; the names of its groups are the same in both languages.

``h`` and ``m`` are hour and minute, ``before`` and ``past`` the minutes to and past an hour.
"""

import re
from dataclasses import replace

from vm_mcp.doubt.times.time_items import ClockTime

HALF, QUARTER = 30, 15
_MINUTES = {"half": HALF, "quarter": QUARTER, "bucuk": HALF, "ceyrek": QUARTER}
_DAY_HOURS, _HALF_DAY = 24, 12


def clock(
    hour: str, minute: str = "0", *, case: str = "", anchored: bool = False, numbers_only: bool = False
) -> ClockTime | None:
    """Return a time of day; None if there is none such.

    Args:
        hour: Digits. A leading zero, 0 or more than 12 make it an hour of the 24-hour clock.
        minute: Digits, or a word for a half or a quarter.
        case: The Turkish case of its last word.
        anchored: Whether a word says that it is a clock time.
        numbers_only: Whether nothing but numbers says so.
    """
    number, minutes = int(hour), _MINUTES.get(minute) or int(minute)
    if number == _DAY_HOURS and not minutes:
        number, hour = 0, "0"
    if number >= _DAY_HOURS or minutes >= 60:  # noqa: PLR2004 - minutes of an hour
        return None
    is_24h = hour.startswith("0") or number > _HALF_DAY
    return ClockTime(number, minutes, is_24h, case=case, anchored=anchored, numbers_only=numbers_only)


def relative_clock(hour: str, minute: str, *, before: bool, case: str = "") -> ClockTime | None:
    """Return a time such as "quarter to nine"."""
    full = clock(hour, minute)
    if not full or not full.minute:
        return None
    if not before:
        return replace(full, case=case, anchored=True)
    earlier = (full.hour - 1) % _DAY_HOURS if full.is_24h else full.hour - 1 or _HALF_DAY
    return ClockTime(earlier, 60 - full.minute, full.is_24h, nominal=full.hour, case=case, anchored=True)


def clock_of_tokens(text: str) -> ClockTime | None:
    """Return the time that a few tokens make: ``n2``, ``n2 bucuk``, ``n8 n45``, ``n9 n05``, ``t14:30``."""
    found = re.fullmatch(
        r"n(?P<h>\d{1,2})(?: (?P<half>bucuk|half)| n(?P<m>[0-5]\d))?"
        r"|[tv](?P<th>\d+)[:.](?P<tm>\d\d)",
        text,
    )
    if not found:
        return None
    minute = found["half"] or found["m"] or found["tm"] or "0"
    return clock(found["h"] or found["th"], minute)
