"""Parse dates from people and models (ISO, ``today``, ages such as ``7d``), and write times short for people."""

import contextlib
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from vm_mcp.errors import InputError
from vm_mcp.wording import Words, words

ACCEPTED = words(
    "an ISO date or time (2026-11-23, 2026-11-23T14:30), `today`, `yesterday`, or an age such as `7d` or `12h`"
)
"""For error messages. Turkish users' ``23.11.2026``, ``bugün`` and ``dün`` are accepted as well."""

YEARS = range(1900, 2200)
"""Years that are accepted. Far enough from the ends of the calendar to add or subtract a month in any time zone."""

_AGE = re.compile(r"(?P<count>\d{1,4})\s*(?P<unit>[hdw])", re.ASCII)
_AGE_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_DAYS_BACK = {"today": 0, "bugün": 0, "yesterday": 1, "dün": 1}
_TURKISH_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


def parse_moment(text: str, *, zone: ZoneInfo, now: datetime, edge: Literal["start", "end"]) -> datetime:
    """Return one end of a time range, in UTC: two datetimes of one zone are compared by what its clocks show.

    Args:
        text: A date or time; see `ACCEPTED`. A time without an offset is in ``zone``. One that its clocks show twice or
            leave out is taken so that the range holds more.
        zone: The account's time zone.
        now: The current time, aware.
        edge: Whether a date without a time means its first or its last second.

    Raises:
        InputError: It can't be parsed, there is no such date, or its year is not in `YEARS`.
    """
    try:
        moment = _parse(text.strip(), zone, now.astimezone(UTC), edge).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            "{text} is not a date that can be understood. Give {accepted}.", text=_quoted(text), accepted=ACCEPTED
        ) from None
    if moment.year not in YEARS:
        raise InputError(
            "{text} is too far in the past or future. Give {accepted}.", text=_quoted(text), accepted=ACCEPTED
        )
    return moment


def _parse(text: str, zone: ZoneInfo, now: datetime, edge: Literal["start", "end"]) -> datetime:
    word = text.lower()
    if word == "now":
        return now
    if age := _AGE.fullmatch(word):
        return now - timedelta(**{_AGE_UNITS[age["unit"]]: int(age["count"])})
    if word in _DAYS_BACK:
        return _day_edge(now.astimezone(zone).date() - timedelta(days=_DAYS_BACK[word]), zone, edge)
    return _parse_date(text, zone, edge)


def _parse_date(text: str, zone: ZoneInfo, edge: Literal["start", "end"]) -> datetime:
    if turkish := _TURKISH_DATE.fullmatch(text):
        day, month, year = (int(part) for part in turkish.groups())
        return _day_edge(date(year, month, day), zone, edge)
    with contextlib.suppress(ValueError):
        return _day_edge(date.fromisoformat(text), zone, edge)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return moment
    return _earlier(moment, zone) if edge == "start" else _later(moment, zone)


def _day_edge(day: date, zone: ZoneInfo, edge: Literal["start", "end"]) -> datetime:
    if edge == "end":
        return _later(datetime.combine(day, time(23, 59, 59)), zone)
    # Where clocks leave midnight out, this is the moment at which they change.
    return datetime.combine(day, time.min, tzinfo=zone)


def _earlier(local: datetime, zone: ZoneInfo) -> datetime:
    return min(_readings(local, zone))


def _later(local: datetime, zone: ZoneInfo) -> datetime:
    return max(_readings(local, zone))


def _readings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return both moments that a clock's time may mean where the clocks change; elsewhere they are the same."""
    return [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]


def _quoted(text: str) -> str:
    printable = "".join(char for char in text if char.isprintable())
    return f"`{printable[:40]}`"


def short_time(value: date | datetime | time, reference: date) -> Words:
    """Return a time as people write it: ``Fri 27 Nov 14:00``, ``Fri 27 Nov`` or ``14:00``.

    Args:
        value: A moment in its own zone, a day, or a time of day.
        reference: A day; the year is written only if it is another one.
    """
    if isinstance(value, time):
        return words("{time:%H:%M}", time=value)
    year = f" {value.year}" if value.year != reference.year else ""
    clock = f" {value:%H:%M}" if isinstance(value, datetime) else ""
    return dated(_DAYS[value.weekday()], value.day, _MONTHS[value.month - 1], year, clock)


def dated(weekday: Words, day: int, month: Words, year: str, clock: str) -> Words:
    """Return a day, with its year and time, which begin with a space where they are written."""
    return words("{weekday} {day} {month}{year}{clock}", weekday=weekday, day=day, month=month, year=year, clock=clock)


# Not strftime's, which follow the locale.
_DAYS = tuple(map(words, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))
_MONTHS = tuple(map(words, ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")))
