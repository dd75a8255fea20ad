"""Which hour of the 24 a clock time is: the part of the day decides, or office hours, which is asked."""

from collections.abc import Mapping
from datetime import time
from typing import NamedTuple

from vm_mcp.doubt.times.time_items import ClockTime, DayPart

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
_NIGHT_ENDS = 5
"""Hours before it may belong to the night that began on the day that was said."""
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


def read_clock(clock: ClockTime, part: DayPart | None) -> ReadClock | None:
    """Return which time of the day a clock time is; None if the part of the day has no such hour."""
    if part:
        return _in_part(clock, part)
    if clock.is_24h:
        at = time(clock.hour, clock.minute)
        return ReadClock(0, at, ((1, at),) if clock.hour < _NIGHT_ENDS else ())
    nominal = clock.nominal or clock.hour
    hour = _at(clock, nominal + 12 if nominal in _LIKELY_PM else nominal)
    return ReadClock(0, time(hour, clock.minute), ((0, time((hour + 12) % 24, clock.minute)),))


def _at(clock: ClockTime, nominal: int) -> int:
    """Return the hour that belongs to a nominal one: "quarter to nine" is at eight."""
    return nominal - 1 if clock.nominal else nominal


def _in_part(clock: ClockTime, part: DayPart) -> ReadClock | None:
    if clock.is_24h:
        return _exact_in_part(clock, part)
    nominal = clock.nominal or clock.hour
    if nominal not in _HOURS[part]:
        return None
    return _shifted(_at(clock, nominal + _HOURS[part][nominal]), clock.minute)


def _exact_in_part(clock: ClockTime, part: DayPart) -> ReadClock | None:
    """Return a time of the 24-hour clock, if that part of the day has it; the night also has the hours after it."""
    for hour, added in _HOURS[part].items():
        if (hour + added) % 24 == clock.hour:
            return _shifted(hour + added, clock.minute)
    return None


def _shifted(hour: int, minute: int) -> ReadClock:
    shift, hour = divmod(hour, 24)
    at = time(hour, minute)
    return ReadClock(shift, at, ((0, at),) if shift else ())
