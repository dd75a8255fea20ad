"""A time as it is told, and what a reader is asked about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from vm_mcp.dates import short_time
from vm_mcp.models import TimeBound
from vm_mcp.wording import Words, words

TimeValue = date | datetime | time


@dataclass(frozen=True, slots=True)
class PhraseMeaning:
    """A time that was said."""

    start: TimeValue
    end: TimeValue | None = None
    bound: TimeBound = ""
    questions: tuple[str, ...] = ()
    """What a reader has to ask before relying on it."""
    before: date | None = None
    """The day that is meant if the caller speaks of the past."""
    is_range: bool = False
    """Whether it is from one time to another, between which an appointment may also be moved."""


def or_question(others: Iterable[TimeValue], reference: date) -> Words:
    """Return "or Fri 4 Dec?" for the other times that are possible; empty for none.

    Args:
        others: Other times, likeliest first.
        reference: A day; the year is named where it differs.
    """
    *before, last = dict.fromkeys(short_time(other, reference) for other in others) or ("",)
    listed = words("or {time}", time=last)
    for other in reversed(before):
        listed = words("or {time}, {others}", time=other, others=listed)
    return words("{times}?", times=listed) if last else words("")


def wrong_day(day: date) -> Words:
    """Return the question for a date that was said with another weekday."""
    return words("that day is a {weekday}: misheard?", weekday=_WEEKDAYS[day.weekday()])


_WEEKDAYS = tuple(map(words, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


def asked(*questions: str) -> tuple[str, ...]:
    """Return the questions that are not empty."""
    return tuple(question for question in questions if question)
