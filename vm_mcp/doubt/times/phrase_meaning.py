"""Puts the items of a phrase together: day, part of the day, clock time and bound make one value.

Every item must have its place. A phrase in which one is left over has no meaning: half a time told as a whole one is
worse than none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vm_mcp.doubt.times.calendar_days import BEFORE_MESSAGE, WEEK
from vm_mcp.doubt.times.phrase_clocks import at_clock, clock_range, in_part
from vm_mcp.doubt.times.time_items import (
    ClockRange,
    ClockTime,
    Days,
    Filler,
    Link,
    Moment,
    Part,
    TimeItem,
    TimeLimit,
)
from vm_mcp.doubt.times.time_questions import PhraseMeaning, asked, or_question, wrong_day
from vm_mcp.doubt.times.time_rules import Anchor
from vm_mcp.models import TimeBound

_PAIR = 2


@dataclass(slots=True)
class _Parts:
    """The items of a phrase, by kind."""

    days: list[Days] = field(default_factory=list)
    clocks: list[ClockTime] = field(default_factory=list)
    ranges: list[ClockRange] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    limits: list[TimeLimit] = field(default_factory=list)
    is_linked: bool = False
    is_opened: bool = False
    is_complete: bool = True
    """Whether each "and" has its "between"."""
    is_anchored: bool = False


def meaning_of(items: Sequence[TimeItem], anchor: Anchor) -> PhraseMeaning | None:
    """Return what the items of a phrase mean together; None if they make no single time."""
    parts = _by_kind(items)
    is_contradictory = len({limit.bound for limit in parts.limits}) > 1 or len(parts.parts) > 1 or len(parts.ranges) > 1
    if is_contradictory or not parts.is_complete or not _is_in_order(items):
        return None
    if parts.moments:
        return _moment(parts)
    if _is_range(parts):
        return _range(parts, anchor)
    return None if parts.is_linked else _single(parts, anchor)


def _by_kind(items: Sequence[TimeItem]) -> _Parts:
    parts = _Parts()
    for item in items:
        match item:
            case Days():
                parts.days.append(item)
            case ClockTime():
                parts.clocks.append(item)
            case ClockRange():
                parts.ranges.append(item)
            case Part():
                parts.parts.append(item)
            case Moment():
                parts.moments.append(item)
            case TimeLimit():
                parts.limits.append(item)
            case Link():
                parts.is_linked = True
                parts.is_complete &= parts.is_opened or not item.needs_opening
            case Filler():
                parts.is_anchored |= item.anchors
                parts.is_opened |= item.opens_range
    return parts


def _is_in_order(items: Sequence[TimeItem]) -> bool:
    """Return whether each bound has its time, and each Turkish case ending the word that it calls for.

    "Cumadan" alone is "from Friday", of which nothing follows.
    """
    said = [None, *(item for item in items if not isinstance(item, Filler)), None]
    return all(map(_fits, said, said[1:], said[2:]))


def _fits(before: TimeItem | None, item: TimeItem | None, after: TimeItem | None) -> bool:
    match item:
        case TimeLimit():
            return _is_in_place(item, before, after)
        case Part() if isinstance(before, ClockTime) and not item.may_follow:
            return False
        case Days() | ClockTime() | Part():
            return item.case not in {"b", "pb"} or _closes(after)
        case _:
            return True


def _is_in_place(limit: TimeLimit, before: TimeItem | None, after: TimeItem | None) -> bool:
    """Return whether a bound has its time: before it, with the ending that it needs, or after it."""
    if not limit.cases:
        return after is not None
    case = getattr(before, "case", None)
    return case in limit.cases or (case in limit.slips and (case != "" or isinstance(before, Days)))


def _closes(after: TimeItem | None) -> bool:
    if isinstance(after, TimeLimit):
        return bool(after.cases & {"b"})
    return isinstance(after, Days | ClockTime) and after.case in {"d", "pd"}


def _is_range(parts: _Parts) -> bool:
    """Return whether two days or two clock times are the ends of a range: "from … to", "between … and"."""
    pair: Sequence[Days | ClockTime] = parts.days if len(parts.days) == _PAIR else parts.clocks
    if len(pair) != _PAIR or parts.ranges or parts.parts:
        return False
    from_to = pair[0].case in {"b", "pb"} and pair[1].case in {"d", "pd"}
    return from_to or parts.is_linked


def _range(parts: _Parts, anchor: Anchor) -> PhraseMeaning | None:
    if any(limit.bound not in {"by", "from"} for limit in parts.limits):
        return None
    match parts.days, parts.clocks:
        case [first, last], []:
            return _range_of_days(first, last, anchor)
        case days, [first_clock, last_clock] if len(days) < _PAIR:
            span = clock_range(ClockRange(first_clock, last_clock), days[0] if days else None, None, anchor)
            return replace(span, is_range=True) if span else None
        case _:
            return None


def _range_of_days(first: Days, last: Days, anchor: Anchor) -> PhraseMeaning | None:
    end = last.first
    if last.is_relative and not last.others and end <= first.first:
        end += WEEK  # "from Monday to Friday", said on a Thursday
    if first.last or last.last or first.first >= end:
        return None
    question = or_question([*first.others, *last.others], anchor.today) or first.question or last.question
    return PhraseMeaning(first.first, end, questions=asked(question), before=first.before, is_range=True)


def _moment(parts: _Parts) -> PhraseMeaning | None:
    is_alone = not (parts.days or parts.clocks or parts.ranges or parts.parts or parts.limits or parts.is_linked)
    if len(parts.moments) > 1 or not is_alone:
        return None
    [moment] = parts.moments
    return PhraseMeaning(moment.at, bound=moment.bound, questions=asked(moment.question))


def _single(parts: _Parts, anchor: Anchor) -> PhraseMeaning | None:
    days = _one_day(parts.days)
    if (parts.days and not days) or len(parts.clocks) + len(parts.ranges) > 1:
        return None
    if any(not _is_clock(clock, parts) for clock in parts.clocks):
        return None
    return _meaning(days, parts, anchor)


def _one_day(days: Sequence[Days]) -> Days | None:
    """Return the day that is meant: a weekday beside a date only confirms it."""
    if len(days) < _PAIR:
        return days[0] if days else None
    dates = [each for each in days if not each.is_relative]
    weekdays = [each for each in days if each.is_relative]
    if len(days) > _PAIR or len(dates) != 1 or dates[0].last:
        return None
    [named], [weekday] = dates, weekdays
    case = days[-1].case
    fitting = [each for each in (named.first, *named.others) if each.weekday() == weekday.first.weekday()]
    if not fitting and named.before and named.before.weekday() == weekday.first.weekday():
        return Days(named.before, others=(named.first,), question=BEFORE_MESSAGE, case=case)
    if not fitting:
        question = wrong_day(named.first)
        return Days(named.first, others=named.others, question=question, case=case)
    return Days(fitting[0], others=tuple(fitting[1:]), question=named.question, case=case)


def _is_clock(clock: ClockTime, parts: _Parts) -> bool:
    """Return whether a number is a clock time: by its own words, or by those around it."""
    if clock.anchored or parts.parts or parts.is_anchored:
        return True
    return bool((parts.limits and clock.case) or (parts.days and clock.case in {"d", "pd"})) or bool(
        parts.days and (clock.minute or (clock.is_24h and not clock.numbers_only))
    )


def _meaning(days: Days | None, parts: _Parts, anchor: Anchor) -> PhraseMeaning | None:
    limit = parts.limits[0] if parts.limits else None
    bound: TimeBound = limit.bound if limit else ""
    if limit and limit.is_past and days and days.before:
        days = Days(days.before, question="since that day?")
    if limit and limit.slips and days and days.case in limit.slips and not parts.clocks and not parts.parts:
        days = replace(days, question=days.question or "until then?")
    part = parts.parts[0].name if parts.parts else None
    if parts.ranges:
        return None if limit else clock_range(parts.ranges[0], days, part, anchor)
    if parts.clocks:
        return at_clock(parts.clocks[0], days, part, bound, anchor)
    if part:
        return in_part(part, days, bound, anchor)
    return _on_days(days, bound, anchor) if days else None


def _on_days(days: Days, bound: TimeBound, anchor: Anchor) -> PhraseMeaning | None:
    questions = asked(or_question(days.others, anchor.today), days.question)
    if not days.last:
        return PhraseMeaning(days.first, None, bound, questions, days.before)
    if not bound:
        return PhraseMeaning(days.first, days.last, "", questions, days.before)
    if bound in {"by", "after"}:
        ask = questions if bound == "by" and days.first <= anchor.today else (*questions, "its first day or its last?")
        return PhraseMeaning(days.last, None, bound, ask)
    return PhraseMeaning(days.first, None, bound, questions)
