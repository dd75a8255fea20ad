"""A time as it is told, and what a reader is asked about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from vm_mcp.dates import short_time
from vm_mcp.models import TimeBound

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


def or_question(others: Iterable[TimeValue], reference: date) -> str:
    """Return "or Fri 4 Dec?" for the other times that are possible; empty for none.

    Args:
        others: Other times, likeliest first.
        reference: A day; the year is named where it differs.
    """
    names = dict.fromkeys(short_time(other, reference) for other in others)
    return f"or {', or '.join(names)}?" if names else ""


def asked(*questions: str) -> tuple[str, ...]:
    """Return the questions that are not empty."""
    return tuple(question for question in questions if question)
