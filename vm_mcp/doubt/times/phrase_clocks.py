"""Puts clock times and parts of the day on the day that was said, in the account's zone."""

from datetime import UTC, date, datetime, time, timedelta

from vm_mcp.doubt.times.clock_hours import PART_HOURS, ReadClock, read_clock
from vm_mcp.doubt.times.time_items import ClockRange, ClockTime, DayPart, Days
from vm_mcp.doubt.times.time_questions import PhraseMeaning, asked, or_question
from vm_mcp.doubt.times.time_rules import Anchor
from vm_mcp.models import TimeBound
from vm_mcp.wording import words

_PART_QUESTION = words("which hour?")


def at_clock(
    clock: ClockTime, days: Days | None, part: DayPart | None, bound: TimeBound, anchor: Anchor
) -> PhraseMeaning | None:
    """Return a clock time on the day that was said, or on some day; None if the part of the day has no such hour."""
    read = read_clock(clock, part)
    if not read or (days and days.last):
        return None
    reasons = asked(clock.question, "is it an hour?" if clock.numbers_only and not days and not part else "")
    if days:
        return _on_day_at(days, read, bound, reasons, anchor)
    return _some_day_at(read, part, bound, reasons, anchor)


def _on_day_at(
    days: Days, read: ReadClock, bound: TimeBound, reasons: tuple[str, ...], anchor: Anchor
) -> PhraseMeaning:
    at, problem = _placed(days.first, read.day_shift, read.at, anchor)
    other_hours = [
        hour if shift == read.day_shift else _placed(days.first, shift, hour, anchor)[0] for shift, hour in read.others
    ]
    other_days = [_placed(day, read.day_shift, read.at, anchor)[0] for day in days.others]
    question = or_question([*other_days, *other_hours], anchor.today)
    return PhraseMeaning(at, None, bound, asked(question, days.question, problem, *reasons), days.before)


def _some_day_at(
    read: ReadClock, part: DayPart | None, bound: TimeBound, reasons: tuple[str, ...], anchor: Anchor
) -> PhraseMeaning:
    """Return a clock time whose day was not said: today's, asked, if a deadline or an evening is still ahead."""
    other_hours = or_question([hour for shift, hour in read.others if hour != read.at], anchor.today)
    questions = asked(other_hours, *reasons)
    today_at, problem = _placed(anchor.today, read.day_shift, read.at, anchor)
    if (bound or part in {"evening", "afternoon"}) and today_at > anchor.moment:
        return PhraseMeaning(today_at, None, bound, (*questions, *asked(problem), "today?"))
    is_after_midnight = part == "night" and read.at < time(12)
    which = asked("at which end of the day?" if is_after_midnight else "", "which day?" if bound else "")
    return PhraseMeaning(read.at, None, bound, (*questions, *which))


def in_part(part: DayPart, days: Days | None, bound: TimeBound, anchor: Anchor) -> PhraseMeaning | None:
    """Return a part of a day whose hour was not said; None without a day, unless it is a deadline.

    A bound is the beginning of the part: "akşama kadar" is until the evening begins.
    """
    if part == "forenoon" and days and not bound:
        return at_clock(ClockTime(12, is_24h=True), days, None, "before", anchor)
    first, last = PART_HOURS[part]
    if bound or (part == "noon" and days):
        clock = ClockTime(first, is_24h=True, question=_PART_QUESTION)
        return at_clock(clock, days, None, bound, anchor) if part != "night" else None
    if not days or days.last:
        return None
    start, _ = _placed(days.first, 0, time(first), anchor)
    end, _ = _placed(days.first, last // 24, time(last % 24), anchor)
    question = or_question(days.others, anchor.today)
    return PhraseMeaning(start, end, "", asked(question, days.question, _PART_QUESTION), days.before)


def clock_range(said: ClockRange, days: Days | None, part: DayPart | None, anchor: Anchor) -> PhraseMeaning | None:
    """Return an interval of hours, on the day that was said or on some day; None if it doesn't end after it begins."""
    first, last = read_clock(said.first, part), read_clock(said.last, part)
    if not first or not last or first.day_shift or last.day_shift or (days and days.last):
        return None
    start, end = first.at, last.at
    if start >= end and not said.last.is_24h and not part:  # from ten to two: 10 to 14; from eleven to nine: 11 to 21
        end = end.replace(hour=(end.hour + 12) % 24)
    if start >= end:
        return None
    others = [] if part or (said.first.is_24h and said.last.is_24h) else [hour for _, hour in first.others]
    ask = or_question(others, anchor.today)
    if not days:
        return PhraseMeaning(start, end, "", asked(ask))
    begin, _ = _placed(days.first, 0, start, anchor)
    until, _ = _placed(days.first, 0, end, anchor)
    other_days = or_question(days.others, anchor.today)
    return PhraseMeaning(begin, until, "", asked(other_days, days.question, ask), days.before)


def _placed(day: date, shift: int, at: time, anchor: Anchor) -> tuple[datetime, str]:
    """Return a wall clock time in the account's zone, and a question if clocks skip or repeat it on that day."""
    zone = anchor.moment.tzinfo
    moment = datetime.combine(day + timedelta(days=shift), at, zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        return moment, "clocks skip that hour on that day"
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        return moment, "clocks show that hour twice on that day"
    return moment, ""
