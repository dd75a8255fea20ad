"""Puts the items of a phrase together: day, part of the day, clock time and bound make one value.

Every item must have its place. A phrase in which one is left over has no meaning: half a time told as a whole one is
worse than none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from vm_mcp.doubt.times.clock_hours import PART_HOURS, ReadClock, read_clock
from vm_mcp.doubt.times.time_items import (
    Clock,
    ClockRange,
    Days,
    Filler,
    Limit,
    Link,
    Moment,
    Part,
    TimeBound,
    TimeItem,
)
from vm_mcp.doubt.times.time_questions import or_question
from vm_mcp.doubt.times.time_rules import Anchor

TimeValue = date | datetime | time
_PART_QUESTION = "which hour?"


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


@dataclass(slots=True)
class _Parts:
    """The items of a phrase, by kind."""

    days: list[Days] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    ranges: list[ClockRange] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    is_linked: bool = False
    is_anchored: bool = False


def meaning_of(items: Sequence[TimeItem], anchor: Anchor) -> PhraseMeaning | None:
    """Return what the items of a phrase mean together; None if they make no single time."""
    if not _cases_fit(items):
        return None
    parts = _by_kind(items)
    if len({limit.bound for limit in parts.limits}) > 1 or len(parts.parts) > 1 or len(parts.ranges) > 1:
        return None
    if parts.moments:
        return _moment(parts)
    if _is_range(items, parts):
        return _range(parts, anchor)
    days = _one_day(parts.days)
    if (parts.days and not days) or len(parts.clocks) + len(parts.ranges) > 1 or parts.is_linked:
        return None
    if any(not _is_clock(clock, parts) for clock in parts.clocks):
        return None
    return _meaning(days, parts, anchor)


def _by_kind(items: Sequence[TimeItem]) -> _Parts:
    parts = _Parts()
    for item in items:
        match item:
            case Days():
                parts.days.append(item)
            case Clock():
                parts.clocks.append(item)
            case ClockRange():
                parts.ranges.append(item)
            case Part():
                parts.parts.append(item)
            case Moment():
                parts.moments.append(item)
            case Limit():
                parts.limits.append(item)
            case Link():
                parts.is_linked = True
            case Filler():
                parts.is_anchored |= item.anchors
    return parts


def _cases_fit(items: Sequence[TimeItem]) -> bool:
    """Return whether each Turkish case ending has the word that it calls for, and each such word its ending.

    "Cumadan" alone is "from Friday", of which nothing follows.
    """
    said = [item for item in items if not isinstance(item, Filler)]
    for at, item in enumerate(said):
        after = said[at + 1] if at + 1 < len(said) else None
        case = getattr(item, "case", "")
        if case in {"b", "pb"} and not _closes(after):
            return False
        if (
            isinstance(item, Limit)
            and item.cases
            and (at == 0 or getattr(said[at - 1], "case", None) not in item.cases)
        ):
            return False
    return True


def _is_in_place(limit: Limit, before: TimeItem | None, after: TimeItem | None) -> bool:
    """Return whether a bound has its time: before it, with the ending that it needs, or after it."""
    return getattr(before, "case", None) in limit.cases if limit.cases else after is not None


def _closes(after: TimeItem | None) -> bool:
    if isinstance(after, Limit):
        return bool(after.cases & {"b"})
    return isinstance(after, Days | Clock) and after.case in {"d", "pd"}


def _is_range(items: Sequence[TimeItem], parts: _Parts) -> bool:
    """Return whether two days or two clock times are the ends of a range: "from … to", "between … and"."""
    pair = parts.days if len(parts.days) == 2 else parts.clocks  # noqa: PLR2004 - a pair
    if len(pair) != 2 or parts.ranges or parts.parts:  # noqa: PLR2004 - a pair
        return False
    from_to = pair[0].case in {"b", "pb"} and pair[1].case in {"d", "pd"}
    return from_to or parts.is_linked


def _range(parts: _Parts, anchor: Anchor) -> PhraseMeaning | None:
    if any(limit.bound not in {"by", "from"} for limit in parts.limits):
        return None
    if len(parts.days) == 2 and not parts.clocks:  # noqa: PLR2004 - a pair
        first, last = parts.days
        if (
            last.weekday_only and not last.others and last.first <= first.first
        ):  # from Monday to Friday, said on Thursday
            last = replace(last, first=last.first + timedelta(days=7))
        if first.last or last.last or first.first >= last.first:
            return None
        question = or_question([*first.others, *last.others], anchor.today) or first.question or last.question
        return PhraseMeaning(first.first, last.first, questions=_known(question), before=first.before)
    if len(parts.clocks) != 2 or len(parts.days) > 1:  # noqa: PLR2004 - a pair
        return None
    return _clock_range(ClockRange(*parts.clocks), parts.days[0] if parts.days else None, None, anchor)


def _moment(parts: _Parts) -> PhraseMeaning | None:
    if len(parts.moments) > 1 or parts.days or parts.clocks or parts.ranges or parts.parts or parts.is_linked:
        return None
    [moment] = parts.moments
    if parts.limits:
        return None
    return PhraseMeaning(moment.at, bound=moment.bound, questions=_known(moment.question))


def _one_day(days: Sequence[Days]) -> Days | None:
    """Return the day that is meant: a weekday beside a date only confirms it."""
    if len(days) < 2:  # noqa: PLR2004 - a pair
        return days[0] if days else None
    dates = [each for each in days if not each.weekday_only]
    weekdays = [each for each in days if each.weekday_only]
    if len(days) != 2 or len(dates) != 1 or dates[0].last:  # noqa: PLR2004 - a pair
        return None
    [named], [weekday] = dates, weekdays
    case = days[-1].case
    fitting = [each for each in (named.first, *named.others) if each.weekday() == weekday.first.weekday()]
    if not fitting:
        question = f"that day is a {named.first:%A}: misheard?"
        return Days(named.first, others=named.others, question=question, case=case)
    return Days(fitting[0], others=tuple(fitting[1:]), question=named.question, case=case, is_past=named.is_past)


def _is_clock(clock: Clock, parts: _Parts) -> bool:
    """Return whether a number is a clock time: by its own words, or by those around it."""
    if clock.anchored or parts.parts or parts.is_anchored:
        return True
    return bool(parts.limits and clock.case) or bool(
        parts.days and (clock.minute or (clock.is_24h and not clock.numbers_only))
    )


def _meaning(days: Days | None, parts: _Parts, anchor: Anchor) -> PhraseMeaning | None:
    limit = parts.limits[0] if parts.limits else None
    bound: TimeBound = limit.bound if limit else ""
    if limit and limit.is_past and days and days.before:
        days = Days(days.before, question="since that day?", is_past=True)
    part = parts.parts[0].name if parts.parts else None
    if parts.ranges:
        return None if limit else _clock_range(parts.ranges[0], days, part, anchor)
    if parts.clocks:
        return _at_clock(parts.clocks[0], days, part, bound, anchor)
    if part:
        return _in_part(part, days, bound, anchor)
    return _on_days(days, bound, anchor) if days else None


def _on_days(days: Days, bound: TimeBound, anchor: Anchor) -> PhraseMeaning | None:
    questions = _known(or_question(days.others, anchor.today), days.question)
    if not days.last:
        return PhraseMeaning(days.first, None, bound, questions, days.before)
    if not bound:
        return PhraseMeaning(days.first, days.last, "", questions, days.before)
    if bound in {"by", "after"}:
        ask = questions if bound == "by" and days.first <= anchor.today else (*questions, "its first day or its last?")
        return PhraseMeaning(days.last, None, bound, ask)
    return PhraseMeaning(days.first, None, bound, questions)


def _at_clock(
    clock: Clock, days: Days | None, part: str | None, bound: TimeBound, anchor: Anchor
) -> PhraseMeaning | None:
    read = read_clock(clock, part)  # type: ignore[arg-type]
    if not read or (days and days.last):
        return None
    asked = _known(clock.question, "is it an hour?" if clock.numbers_only and not days and not part else "")
    if days:
        return _on_day_at(days, read, bound, asked, anchor)
    return _some_day_at(read, part, bound, asked, anchor)


def _on_day_at(days: Days, read: ReadClock, bound: TimeBound, asked: tuple[str, ...], anchor: Anchor) -> PhraseMeaning:
    at, problem = _placed(days.first, read.day_shift, read.at, anchor)
    other_hours = [
        hour if shift == read.day_shift else _placed(days.first, shift, hour, anchor)[0] for shift, hour in read.others
    ]
    other_days = [_placed(day, read.day_shift, read.at, anchor)[0] for day in days.others]
    question = or_question([*other_days, *other_hours], anchor.today)
    return PhraseMeaning(at, None, bound, _known(question, days.question, problem, *asked), days.before)


def _some_day_at(
    read: ReadClock, part: str | None, bound: TimeBound, asked: tuple[str, ...], anchor: Anchor
) -> PhraseMeaning:
    """Return a clock time whose day was not said: today's, asked, if a deadline or an evening is still ahead."""
    other_hours = or_question([hour for shift, hour in read.others if hour != read.at], anchor.today)
    questions = _known(other_hours, *asked)
    today_at, problem = _placed(anchor.today, read.day_shift, read.at, anchor)
    if (bound or part in {"evening", "afternoon"}) and today_at > anchor.moment:
        return PhraseMeaning(today_at, None, bound, (*questions, *_known(problem), "today?"))
    night = _known("at which end of the day?" if read.day_shift or (part == "night" and read.at.hour < 12) else "")  # noqa: PLR2004 - noon
    return PhraseMeaning(read.at, None, bound, (*questions, *night, *_known("which day?" if bound else "")))


def _in_part(part: str, days: Days | None, bound: TimeBound, anchor: Anchor) -> PhraseMeaning | None:
    first, last = PART_HOURS[part]  # type: ignore[index]
    if bound or part == "noon":
        if days is None and not bound:
            return None
        edge = first if part != "night" else 0
        clock = Clock(edge, is_24h=True, anchored=True, question=_PART_QUESTION)
        if part == "night":
            return None
        return _at_clock(clock, days, None, bound, anchor)
    if not days or days.last:
        return None
    if part == "forenoon":
        return _at_clock(Clock(12, is_24h=True, anchored=True), days, None, "before", anchor)
    start, _ = _placed(days.first, 0, time(first), anchor)
    end, _ = _placed(days.first, last // 24, time(last % 24), anchor)
    question = or_question(days.others, anchor.today)
    return PhraseMeaning(start, end, "", _known(question, days.question, _PART_QUESTION), days.before)


def _clock_range(said: ClockRange, days: Days | None, part: str | None, anchor: Anchor) -> PhraseMeaning | None:
    first, last = read_clock(said.first, part), read_clock(said.last, part)  # type: ignore[arg-type]
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
        return PhraseMeaning(start, end, "", _known(ask))
    begin, _ = _placed(days.first, 0, start, anchor)
    until, _ = _placed(days.first, 0, end, anchor)
    other_days = or_question(days.others, anchor.today)
    return PhraseMeaning(begin, until, "", _known(other_days, days.question, ask), days.before)


def _placed(day: date, shift: int, at: time, anchor: Anchor) -> tuple[datetime, str]:
    """Return a wall clock time in the account's zone, and a question if clocks skip or repeat it on that day."""
    zone = anchor.moment.tzinfo
    moment = datetime.combine(day + timedelta(days=shift), at, zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        return moment, "clocks skip that hour on that day"
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        return moment, "clocks show that hour twice on that day"
    return moment, ""


def _known(*questions: str) -> tuple[str, ...]:
    return tuple(question for question in questions if question)
