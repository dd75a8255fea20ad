"""Days in English: "next Friday", "a week on Tuesday", "December 15th", "the fifth of next month"."""

import re
from dataclasses import replace
from datetime import date, timedelta

from vm_mcp.doubt.times import calendar_days as days
from vm_mcp.doubt.times.day_rules import day_rule, near_day_rule
from vm_mcp.doubt.times.time_items import Days
from vm_mcp.doubt.times.time_questions import wrong_day
from vm_mcp.doubt.times.time_rules import TimeRule

_W = r"w(?P<w>\d)"
_NTH = r"(?:the )?(?:o|n)(?P<d>\d{1,2})"
_YEAR = r"(?: ,)?(?: n(?P<y>(?:19|20)\d\d))"
_SHIFTS = {"this": 0, "next": 1, "last": -1}
_SUNDAY = 6


def _of_month(found: re.Match[str], today: date) -> Days | None:
    month, day = int(found["mo"]), int(found["d"])
    if year := found.groupdict().get("y"):
        return days.dated(today, int(year), month, day)
    return days.of_month(today, month, day)


def _week_of(found: re.Match[str], today: date) -> Days:
    shift = _SHIFTS[found["which"]]
    meant = days.in_week(today, int(found["w"]), shift)
    others = (meant + days.WEEK,) if shift > 0 and today.weekday() == _SUNDAY else ()
    question = days.BEFORE_MESSAGE if shift == 0 and meant < today else ""
    return Days(meant, others=others, question=question)


def _weeks_from(found: re.Match[str], today: date) -> Days:
    groups = found.groupdict()
    count = int(groups.get("n") or 1) * (2 if "fortnight" in found[0] else 1)
    if groups.get("rel") is not None:
        return Days(today + timedelta(days=int(found["rel"])) + count * days.WEEK)
    first = days.coming(today, int(found["w"]))
    others = (today + count * days.WEEK,) if today.weekday() == int(found["w"]) else ()
    return Days(first + count * days.WEEK, others=others)


def _of_shifted_month(found: re.Match[str], today: date) -> Days | None:
    shift = _SHIFTS.get(found["which"] or "this", 0)
    known = days.valid(*days.month_shifted(today, shift), int(found["d"]))
    question = days.BEFORE_MESSAGE if known and shift == 0 and known < today else ""
    return Days(known, question=question) if known else None


def _placed(found: re.Match[str], today: date) -> Days | None:
    place, weekday = (-1 if found["place"] == "last" else int(found["place"][1:])), int(found["w"])
    if found["mo"]:
        year = today.year + (int(found["mo"]) < today.month)
        return days.weekday_in_month(year, int(found["mo"]), weekday, place)
    shift = _SHIFTS.get(found["which"] or "this", 0)
    meant = days.weekday_in_month(*days.month_shifted(today, shift), weekday, place)
    question = days.BEFORE_MESSAGE if meant and meant.first < today else ""
    return replace(meant, question=question) if meant else None


def _slashed(found: re.Match[str], today: date) -> Days | None:
    """Return a date with slashes: the day first, as here; where the month may be first, both."""
    first, second = int(found["d"]), int(found["mo"])
    year = int(found["y"]) if found["y"] else None
    orders = [(first, second), (second, first)] if first != second else [(first, second)]
    read = [days.dated(today, year, mo, d) if year else days.of_month(today, mo, d) for d, mo in orders]
    known = [each for each in read if each]
    if not known:
        return None
    others = (*known[0].others, *(each.first for each in known[1:]))
    return replace(known[0], others=others)


def _weekday_and_day(found: re.Match[str], today: date) -> Days | None:
    """Return "Tuesday the fifteenth": the next such day of a month that is a Tuesday, within the next few months."""
    months = [days.month_shifted(today, shift) for shift in range(4)]
    known = [day for year, month in months if (day := days.valid(year, month, int(found["d"]))) and day >= today]
    fitting = [day for day in known if day.weekday() == int(found["w"])]
    if fitting and fitting[0] == known[0]:
        return Days(fitting[0])
    return Days(known[0], question=wrong_day(known[0])) if known else None


def _asked(meant: Days | None, question: str) -> Days | None:
    return replace(meant, question=question) if meant else None


ENGLISH_DAY_RULES: tuple[TimeRule, ...] = (
    near_day_rule(r"(?:the )?day after rel1", 2),
    near_day_rule(r"(?:the )?day before rel-1", -2),
    day_rule(rf"(?:n(?P<n>\d)|a) (?:week|fortnight) (?:from|on) {_W}", _weeks_from),
    day_rule(r"(?:n(?P<n>\d)|a) (?:week|fortnight) (?:from )?rel(?P<rel>[01])", _weeks_from),
    day_rule(rf"{_W} week", _weeks_from),
    day_rule(r"rel(?P<rel>[01]) week", _weeks_from),
    near_day_rule(r"rel(?P<n>-?\d)"),
    day_rule(rf"(?P<which>this|next|last) week (?:on )?{_W}", _week_of),
    day_rule(rf"{_W} (?:of )?(?P<which>this|next|last) week", _week_of),
    day_rule(rf"(?:this )?coming {_W}", lambda found, today: Days(days.coming(today, int(found["w"])))),
    day_rule(rf"this {_W}", lambda found, today: days.this_weekday(today, int(found["w"]))),
    day_rule(rf"next {_W}", lambda found, today: days.next_weekday(today, int(found["w"]))),
    day_rule(rf"last {_W}", lambda found, today: days.last_weekday(today, int(found["w"]))),
    day_rule(
        rf"(?:the )?(?P<place>o\d|last) {_W} (?:of|in) (?:m(?P<mo>\d+)|(?:the |(?P<which>this|next) )?month)", _placed
    ),
    day_rule(rf"m(?P<mo>\d+) {_NTH}{_YEAR}", _of_month),
    day_rule(rf"{_NTH} (?:of )?m(?P<mo>\d+){_YEAR}", _of_month),
    day_rule(rf"m(?P<mo>\d+) {_NTH}", _of_month),
    day_rule(rf"{_NTH} (?:of )?m(?P<mo>\d+)", _of_month),
    day_rule(r"the o(?P<d>\d{1,2}) of (?:the|(?P<which>this|next|last)) month", _of_shifted_month),
    day_rule(
        rf"{_W} the o(?P<d>\d{{1,2}})",
        _weekday_and_day,
    ),
    day_rule(r"the o(?P<d>\d{1,2})", lambda found, today: days.of_this_month(today, int(found["d"]), named=False)),
    day_rule(_W, lambda found, today: days.nearest_weekday(today, int(found["w"]))),
    day_rule(r"s(?P<d>\d+)/(?P<mo>\d+)(?:/(?P<y>\d+))?", _slashed),
    day_rule(
        r"i(?P<y>\d+)-(?P<mo>\d+)-(?P<d>\d+)",
        lambda found, today: days.dated(today, int(found["y"]), int(found["mo"]), int(found["d"])),
    ),
    day_rule(r"christmas eve", lambda _, today: days.of_month(today, 12, 24)),
    day_rule(r"christmas day", lambda _, today: days.of_month(today, 12, 25)),
    day_rule(r"christmas", lambda _, today: _asked(days.of_month(today, 12, 25), "the day itself?")),
    day_rule(r"new year eve", lambda _, today: days.of_month(today, 12, 31)),
    day_rule(r"new year day", lambda _, today: days.of_month(today, 1, 1)),
    day_rule(r"(?:the )?new year", lambda _, today: _asked(days.of_month(today, 1, 1), "the day itself?")),
)
