"""Which hour of the 24 a clock time is: the part of the day decides, or office hours, which is asked."""

from collections.abc import Mapping
from datetime import time
from typing import NamedTuple

from vm_mcp.doubt.times.time_items import Clock, DayPart

PART_HOURS: Mapping[DayPart, tuple[int, int]] = {
    "morning": (8, 12),
    "forenoon": (8, 12),
    "noon": (12, 13),
    "afternoon": (13, 18),
    "evening": (18, 22),
    "night": (21, 24),
}
"""First and last hour where only the part of the day was said. The edges are ours, so they are asked."""
_LIKELY_PM = range(1, 8)
"""Hours that mean the afternoon where nothing else was said: one to seven. Nobody calls an office at three at night."""
# For each part of the day the hours of the 12-hour clock that it has, and how many hours are added to them.
_HOURS: Mapping[DayPart, dict[int, int]] = {
    "morning": dict.fromkeys(range(4, 12), 0),
    "forenoon": dict.fromkeys(range(7, 12), 0),
    "noon": {11: 0, 12: 0, 1: 12, 2: 12, 3: 12},
    "afternoon": {12: 0, **dict.fromkeys(range(1, 8), 12)},
    "evening": dict.fromkeys(range(4, 12), 12),
    "night": {**dict.fromkeys(range(8, 12), 12), 12: 12, **dict.fromkeys(range(1, 6), 24)},
}


class ReadClock(NamedTuple):
    """A time of day, and the others that it may be."""

    day_shift: int
    """1 if it belongs to the night that begins on the day that was said."""
    at: time
    others: tuple[tuple[int, time], ...] = ()
    """Day shift and time of each."""


def read_clock(clock: Clock, part: DayPart | None) -> ReadClock | None:
    """Return which time of the day a clock time is; None if the part of the day has no such hour."""
    if part:
        return _in_part(clock, part)
    if clock.is_24h:
        return ReadClock(0, time(clock.hour, clock.minute))
    nominal = clock.nominal or clock.hour
    hour = clock.hour % 12 + (12 if nominal in _LIKELY_PM or clock.hour == 12 else 0)  # noqa: PLR2004 - noon
    return ReadClock(0, time(hour, clock.minute), ((0, time((hour + 12) % 24, clock.minute)),))


def _in_part(clock: Clock, part: DayPart) -> ReadClock | None:
    hours = {(hour + added) % 24 for hour, added in _HOURS[part].items()}
    if clock.is_24h:
        return ReadClock(0, time(clock.hour, clock.minute)) if clock.hour in hours and part != "night" else None
    nominal = clock.nominal or clock.hour
    if nominal not in _HOURS[part]:
        return None
    added = _HOURS[part][nominal] - (24 if nominal != clock.hour and nominal == 12 and part == "night" else 0)  # noqa: PLR2004
    hour = clock.hour + added
    shift, hour = divmod(hour, 24)
    at = time(hour, clock.minute)
    return ReadClock(shift, at, ((0, at),) if shift else ())
