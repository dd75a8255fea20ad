"""Weeks, months, ranges of days, and times counted from the message, in English: "in two weeks", "next month"."""

import re
from dataclasses import replace
from datetime import date

from vm_mcp.doubt.times import calendar_days as days
from vm_mcp.doubt.times.day_rules import day_rule
from vm_mcp.doubt.times.elapsed_times import elapsed_days, elapsed_moment
from vm_mcp.doubt.times.time_items import Days, TimeLimit
from vm_mcp.doubt.times.time_rules import Anchor, Meaning, TimeRule, rule

_SHIFTS = {"this": 0, "next": 1, "last": -1}
_UNIT = r"(?P<unit>minute|hour|day|week|month|year|fortnight)"
_TO = "(?:to|until|and|-) (?:the )?"
_COUNT = r"(?P<n>n\d+|a)"


def _span(found: re.Match[str], today: date) -> Days:
    shift = _SHIFTS[found["which"]]
    match found["unit"]:
        case "week":
            return days.week(today, shift)
        case "month":
            return days.month(*days.month_shifted(today, shift))
        case _:
            return Days(date(today.year + shift, 1, 1), date(today.year + shift, 12, 31))


def _weekend(found: re.Match[str], today: date) -> Days:
    which = found["which"]
    shift = 1 if which == "next" else 0
    question = "" if which == "this" and today.weekday() < 5 else "which weekend?"  # noqa: PLR2004 - Saturday and Sunday
    return Days(days.in_week(today, 5, shift), days.in_week(today, 6, shift), question=question)


def _end(found: re.Match[str], today: date) -> Days:
    shift = _SHIFTS.get(found["which"] or "this", 0)
    match found["unit"]:
        case "week":
            friday = days.in_week(today, 4, shift)
            return Days(friday, others=(days.in_week(today, 6, shift),))
        case "month":
            return Days(days.month_end(*days.month_shifted(today, shift)))
        case _:
            return Days(date(today.year + shift, 12, 31))


def _start(found: re.Match[str], today: date) -> Days:
    shift = _SHIFTS.get(found["which"] or "next", 1)
    first = date(*days.month_shifted(today, shift), 1) if found["unit"] == "month" else days.in_week(today, 0, shift)
    return Days(first, question="only about that day")


def _named_month(found: re.Match[str], today: date) -> Days | None:
    first = days.of_month(today, int(found["mo"]), 1)
    if not first:
        return None
    year = today.year if int(found["mo"]) == today.month else first.first.year
    is_open = bool(first.others) and year != today.year
    return replace(days.month(year, int(found["mo"])), others=first.others if is_open else ())


def _named_month_end(found: re.Match[str], today: date) -> Days | None:
    meant = _named_month(found, today)
    return Days(meant.last) if meant and meant.last and not meant.others else None


def _range_in_month(found: re.Match[str], today: date) -> Days | None:
    last = days.of_month(today, int(found["mo"]), int(found["d2"]))
    first = days.valid(last.first.year, int(found["mo"]), int(found["d"])) if last else None
    if not last or not first or first >= last.first:
        return None
    return Days(first, last.first, others=tuple(first.replace(year=other.year) for other in last.others))


def _range_of_days(found: re.Match[str], today: date) -> Days | None:
    last = days.of_this_month(today, int(found["d2"]), named=False)
    first = days.valid(last.first.year, last.first.month, int(found["d"])) if last else None
    if not last or not first or first >= last.first:
        return None
    return Days(first, last.first, question="which month?")


def _elapsed(found: re.Match[str], anchor: Anchor) -> Meaning:
    groups = found.groupdict()
    amount = (1.0 if groups["n"] == "a" else float(groups["n"][1:])) if groups.get("n") else 0.0
    amount += 0.5 if groups.get("half") else 0
    unit, how = groups.get("unit") or "hour", found["how"]
    if unit == "fortnight":
        amount, unit = 2 * amount, "week"
    sign, is_bound = (-1 if how == "ago" else 1), how not in {"in", "ago", "from"}
    if unit in {"hour", "minute"}:
        is_idiom = unit == "minute" and amount == 1
        return None if is_idiom else elapsed_moment(anchor.moment, sign * amount, unit, "by" if is_bound else "")
    meant = elapsed_days(anchor.today, sign * amount, unit)
    return meant and ((TimeLimit("by"), meant) if is_bound else meant)


_AMOUNTS = (
    rf"(?:{_COUNT} )?(?P<half>half )(?:a )?(?P<unit>hour)",
    rf"{_COUNT} (?P<unit>hour) and (?:a )?(?P<half>half)",
    rf"{_COUNT} and (?:a )?(?P<half>half) (?P<unit>hour)",
    rf"{_COUNT} {_UNIT}",
)
_ELAPSED = tuple(
    each
    for amount in _AMOUNTS
    for each in (
        rule(rf"(?P<how>in|within|in the next|within the next) {amount}(?: time)?(?: from now)?", _elapsed),
        rule(rf"{amount} (?P<how>ago)", _elapsed),
        rule(rf"{amount} (?P<how>from) now", _elapsed),
    )
)

ENGLISH_ELAPSED_RULES: tuple[TimeRule, ...] = (
    *_ELAPSED,
    day_rule(
        rf"(?:from |between )?(?:the )?[on](?P<d>\d{{1,2}}) {_TO}[on](?P<d2>\d{{1,2}}) (?:of )?m(?P<mo>\d+)",
        _range_in_month,
    ),
    day_rule(
        rf"(?:from |between )?m(?P<mo>\d+) (?:the )?[on](?P<d>\d{{1,2}}) {_TO}[on](?P<d2>\d{{1,2}})",
        _range_in_month,
    ),
    day_rule(rf"(?:from |between )(?:the )?o(?P<d>\d{{1,2}}) {_TO}o(?P<d2>\d{{1,2}})", _range_of_days),
)
"""Ranges of days, and times counted from the message. They come before single days, which begin alike."""

ENGLISH_SPAN_RULES: tuple[TimeRule, ...] = (
    day_rule(r"(?:at |on |over )?(?P<which>this|next|the) weekend", _weekend),
    day_rule(r"(?:the )?end of (?:the|(?P<which>this|next|last)) (?P<unit>week|month|year)", _end),
    day_rule(r"(?P<which>)month end", lambda _, today: Days(days.month_end(today.year, today.month))),
    day_rule(r"(?:the )?start of (?:the|(?P<which>this|next)) (?P<unit>week|month)", _start),
    day_rule(r"(?:the )?end of m(?P<mo>\d+)", _named_month_end),
    day_rule(r"(?P<which>this|next|last) (?P<unit>week|month|year)", _span),
    day_rule(r"in m(?P<mo>\d+)", _named_month),
)
