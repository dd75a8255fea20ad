"""What the parts of a time mean before they are put together: days, clock times, parts of the day, bounds.

A value that may be another one carries the others, so that a reader is asked and never told the likelier as sure.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from vm_mcp.models import TimeBound

DayPart = Literal["morning", "forenoon", "noon", "afternoon", "evening", "night"]


@dataclass(frozen=True, slots=True)
class Days:
    """A day, or a stretch of days."""

    first: date
    last: date | None = None
    """The last day of a stretch; None for a single day."""
    others: tuple[date, ...] = ()
    """Other days that the words may mean."""
    question: str = ""
    """What else a reader has to ask; empty if nothing."""
    case: str = ""
    """The Turkish case ending of its last word, see `vm_mcp.doubt.times.turkish_endings`."""
    before: date | None = None
    """The day meant if the caller speaks of the past: the words alone don't say it."""
    is_relative: bool = False
    """Whether it is a weekday, or counted in days: beside a date it can only agree with that."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day."""

    hour: int
    """0 to 23; 1 to 12 if ``is_24h`` is false."""
    minute: int = 0
    is_24h: bool = False
    """Whether the hour is certain, as 14 and 09:30 are and two is not."""
    nominal: int = 0
    """The hour that was said where that is another one, as in "quarter to nine"."""
    case: str = ""
    anchored: bool = False
    """Whether the words are those of a clock time and can't be a mere number."""
    numbers_only: bool = False
    """Whether all of its words are numbers: a question remains even if they fit."""
    question: str = ""


@dataclass(frozen=True, slots=True)
class ClockRange:
    """From one time of day to another."""

    first: ClockTime
    last: ClockTime


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day."""

    name: DayPart
    case: str = ""
    may_follow: bool = False
    """Whether it may stand behind the clock time; "üç gece" is three nights, not three at night."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment counted from when the message was left."""

    at: datetime
    bound: TimeBound = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A word that makes the time next to it a bound."""

    bound: TimeBound
    cases: frozenset[str] = frozenset()
    """Case endings of the item before it; none: the bound stands before its time."""
    slips: frozenset[str] = frozenset()
    """Other endings that speakers and recognisers put there, as in "cuma günü kadar": read, and asked."""
    is_past: bool = False
    """Whether the time lies before the message, as after "since"."""


@dataclass(frozen=True, slots=True)
class Link:
    """A word that joins the two ends of a range: "to"."""

    needs_opening: bool = False
    """Whether it does so only after "between"."""


@dataclass(frozen=True, slots=True)
class Filler:
    """Words that add nothing: "on", "about"."""

    anchors: bool = False
    """Whether a number next to it is a clock time."""
    opens_range: bool = False
    """Whether it is "between"."""


TimeItem = Days | ClockTime | ClockRange | Part | Moment | TimeLimit | Link | Filler
