"""Times counted from the message: "in half an hour", "three weeks ago"."""

from datetime import UTC, date, datetime, timedelta

from vm_mcp.doubt.times.calendar_days import same_day_of
from vm_mcp.doubt.times.time_items import Days, Moment
from vm_mcp.models import TimeBound

_LONGEST_DAYS, _LONGEST_MONTHS, _LONGEST_HOURS = 400, 60, 200


def elapsed_moment(
    moment: datetime, amount: float, unit: str, bound: TimeBound = "", question: str = ""
) -> Moment | None:
    """Return a moment so many hours or minutes later, as the clock of its zone shows it; None if it is too far away."""
    hours = amount if unit == "hour" else amount / 60
    if abs(hours) > _LONGEST_HOURS:
        return None
    # Counted in UTC: an hour is an hour, even when clocks are put forward.
    later = (moment.astimezone(UTC) + timedelta(hours=hours)).astimezone(moment.tzinfo)
    return Moment(later, bound, question)


def elapsed_days(today: date, amount: float, unit: str) -> Days | None:
    """Return a day so many days, weeks, months or years later; None for parts of a day and for what is too far away."""
    if amount != int(amount):
        return None
    number = int(amount)
    if unit in {"month", "year"}:
        months = number if unit == "month" else 12 * number
        meant = same_day_of(today, months) if abs(months) <= _LONGEST_MONTHS else None
        return Days(meant.first, question=meant.question, is_relative=True) if meant else None
    later = number if unit == "day" else 7 * number
    return Days(today + timedelta(days=later), is_relative=True) if abs(later) <= _LONGEST_DAYS else None
