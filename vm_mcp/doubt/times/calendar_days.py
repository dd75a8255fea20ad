"""Days counted from the day on which a message was left."""

from calendar import monthrange
from datetime import date, timedelta

from vm_mcp.doubt.times.time_items import Days
from vm_mcp.wording import words

BEFORE_MESSAGE = words("before the message: misheard?")
WEEK = timedelta(days=7)
_SUNDAY = 6
_JUST_PAST_DAYS = 183
"""A day and month that passed within half a year may be meant as past: "15 November", said on the 26th."""


def coming(today: date, weekday: int) -> date:
    """Return the next such weekday after today; Monday is 0."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def in_week(today: date, weekday: int, weeks: int) -> date:
    """Return a weekday of this calendar week, or of one so many weeks later; weeks begin on Monday."""
    return today + timedelta(days=weekday - today.weekday()) + weeks * WEEK


def week(today: date, weeks: int, *, question: str = "") -> Days:
    """Return a calendar week. On its last day, a Sunday, this week and the next are asked."""
    if today.weekday() == _SUNDAY and weeks in {0, 1}:
        question = question or "which week?"
    return Days(in_week(today, 0, weeks), in_week(today, 6, weeks), question=question)


def month_shifted(day: date, months: int) -> tuple[int, int]:
    """Return year and month so many months later."""
    years, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return years, index + 1


def month(year: int, number: int) -> Days:
    """Return a whole month."""
    return Days(date(year, number, 1), month_end(year, number))


def month_end(year: int, number: int) -> date:
    """Return the last day of a month."""
    return date(year, number, monthrange(year, number)[1])


def same_day_of(day: date, months: int) -> Days:
    """Return the day so many months later; the month's last day, with a question, if it is too short."""
    year, number = month_shifted(day, months)
    last = month_end(year, number)
    if day.day > last.day:
        return Days(last, question="that month has no such day")
    return Days(date(year, number, day.day))


def valid(year: int, number: int, day: int) -> date | None:
    """Return a date; None if there is none such."""
    try:
        return date(year, number, day)
    except ValueError:
        return None


def of_month(today: date, number: int, day: int) -> Days | None:
    """Return the next such day and month, with last year's or this year's beside it if that is just past."""
    years = [valid(year, number, day) for year in range(today.year - 8, today.year + 9)]
    known = [found for found in years if found]
    ahead = [found for found in known if found >= today]
    behind = [found for found in known if found < today]
    if not ahead or not behind:
        return None
    next_year = today.year + ((number, day) < (today.month, today.day))
    is_skipped = ahead[0].year > next_year  # 29 February, where the coming February has none
    others = (behind[-1],) if is_skipped or (today - behind[-1]).days <= _JUST_PAST_DAYS else ()
    return Days(ahead[0], others=others, before=behind[-1])


def dated(today: date, year: int, number: int, day: int) -> Days | None:
    """Return a day whose year was said."""
    found = valid(year, number, day)
    if not found:
        return None
    return Days(found, question=BEFORE_MESSAGE if found < today else "")


def of_this_month(today: date, day: int, *, named: bool) -> Days | None:
    """Return the next such day of a month.

    Args:
        today: The day of the message.
        day: 1 to 31.
        named: Whether a word for the month was said with it. Without one, the number may mean something else.
    """
    months = [month_shifted(today, shift) for shift in range(-2, 4)]
    known = [found for year, number in months if (found := valid(year, number, day))]
    ahead = [found for found in known if found >= today]
    behind = [found for found in known if found < today]
    if not ahead or not behind:
        return None
    this_month = (ahead[0].year, ahead[0].month) == (today.year, today.month)
    if this_month and named:
        return Days(ahead[0], before=behind[-1])
    return Days(ahead[0], others=(behind[-1],))


def weekday_in_month(year: int, number: int, weekday: int, place: int) -> Days | None:
    """Return the first, second … such weekday of a month; the last one for a place of -1."""
    if place < 0:
        last = month_end(year, number)
        return Days(last - timedelta(days=(last.weekday() - weekday) % 7))
    first = date(year, number, 1)
    found = first + timedelta(days=(weekday - first.weekday()) % 7) + (place - 1) * WEEK
    return Days(found) if found.month == number else None


def nearest_weekday(today: date, weekday: int) -> Days:
    """Return the coming weekday; on that very day both today and next week's may be meant."""
    found = coming(today, weekday)
    others = (today,) if weekday == today.weekday() else ()
    return Days(found, others=others, before=found - WEEK, is_relative=True)


def this_weekday(today: date, weekday: int) -> Days:
    """Return "this Friday": sure while it is still ahead in the calendar week, otherwise asked."""
    found = coming(today, weekday)
    others = () if weekday > today.weekday() else (found - WEEK,)
    return Days(found, others=others, before=found - WEEK, is_relative=True)


def next_weekday(today: date, weekday: int) -> Days:
    """Return "next Friday", of the next calendar week or of this one: people disagree."""
    found = in_week(today, weekday, 1)
    near = coming(today, weekday)
    return Days(found, others=(near if near != found else found + WEEK,), is_relative=True)


def last_weekday(today: date, weekday: int) -> Days:
    """Return "last Tuesday": the one just gone, or last week's."""
    found = coming(today, weekday) - WEEK
    found = found - WEEK if found == today else found
    return Days(found, others=(found - WEEK,), is_relative=True)
