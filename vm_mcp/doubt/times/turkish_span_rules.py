"""Weeks, months, ranges of days, and times counted from the message, in Turkish: "gelecek hafta", "üç gün sonra"."""

import re
from dataclasses import replace
from datetime import date

from vm_mcp.doubt.times import calendar_days as days
from vm_mcp.doubt.times.day_rules import day_rule
from vm_mcp.doubt.times.elapsed_times import elapsed_days, elapsed_moment
from vm_mcp.doubt.times.time_items import DayPart, Days, Part, TimeLimit
from vm_mcp.doubt.times.time_rules import Anchor, Meaning, rule
from vm_mcp.doubt.times.turkish_day_rules import CASE
from vm_mcp.wording import words

# Not the genitive: "bu ayın faturası" is an invoice, and no time.
_CASE = r"(?:\.(?P<case>(?!g)\w+))?"
_SHIFTS = {"gelecek": 1, "onumuzdeki": 1, "bu": 0, "gecen": -1, "obur": 2}
_UNITS = {"saat": "hour", "dakika": "minute", "gun": "day", "hafta": "week", "ay": "month", "yil": "year"}
_AMOUNT = r"(?P<amount>n\d+|yarim|ceyrek)(?P<half> bucuk)?"
_FRACTIONS = {"yarim": 0.5, "ceyrek": 0.25}
_VAGUE = {"onumuzdeki": words("which one?"), "obur": words("next week, or the week after?")}


def _week(found: re.Match[str], today: date) -> Days:
    which = found["which"]
    return days.week(today, _SHIFTS[which], question=_VAGUE.get(which, ""))


def _month(found: re.Match[str], today: date) -> Days:
    which = found["which"]
    meant = days.month(*days.month_shifted(today, _SHIFTS[which]))
    return replace(meant, question=_VAGUE.get(which, ""))


def _year(found: re.Match[str], today: date) -> Days:
    which = found.groupdict().get("which") or "gelecek"
    year = today.year + _SHIFTS[which]
    return Days(date(year, 1, 1), date(year, 12, 31), question=_VAGUE.get(which, ""))


def _weekend(found: re.Match[str], today: date) -> Days:
    which = found.groupdict().get("which")
    shift = _SHIFTS[which] if which else 0
    is_open = today.weekday() > 4 or shift > 0  # noqa: PLR2004 - Saturday and Sunday
    question = "which weekend?" if is_open else ""
    return Days(days.in_week(today, 5, shift), days.in_week(today, 6, shift), question=question)


def _month_end(found: re.Match[str], today: date) -> Days:
    which = found.groupdict().get("which")
    return Days(days.month_end(*days.month_shifted(today, _SHIFTS[which] if which else 0)))


def _named_month(found: re.Match[str], today: date) -> Days | None:
    first = days.of_month(today, int(found["mo"]), 1)
    if not first:
        return None
    year = today.year if int(found["mo"]) == today.month else first.first.year
    before = days.month(year - 1, int(found["mo"])).first if first.others and year != today.year else None
    is_locative = found.groupdict().get("case") in {"pl", "p"} or "son" in found[0]
    question = "" if is_locative or before else "which year?"
    return replace(days.month(year, int(found["mo"])), others=(before,) if before else (), question=question)


def _named_month_end(found: re.Match[str], today: date) -> Days | None:
    meant = _named_month(found, today)
    return (
        Days(meant.last, others=meant.others and (meant.last.replace(year=meant.last.year - 1, day=28),))
        if meant and meant.last
        else None
    )


def _month_start(_found: re.Match[str], today: date) -> Days:
    return Days(date(*days.month_shifted(today, 1), 1), question="only about that day")


def _range_in_month(found: re.Match[str], today: date) -> Days | None:
    last = days.of_month(today, int(found["mo"]), int(found["d2"]))
    first = days.valid(last.first.year, int(found["mo"]), int(found["d"])) if last else None
    if not last or not first or first >= last.first:
        return None
    others = tuple(first.replace(year=other.year) for other in last.others)
    return Days(first, last.first, others=others)


def _range_of_days(found: re.Match[str], today: date) -> Days | None:
    last = days.of_this_month(today, int(found["d2"]), named=True)
    first = days.valid(last.first.year, last.first.month, int(found["d"])) if last else None
    if not last or not first or first >= last.first:
        return None
    return Days(first, last.first, question="which month?" if last.others else "")


def _weekday_then(found: re.Match[str], today: date) -> Days:
    """Return "iki hafta sonra cuma": of that calendar week, which is asked."""
    weeks = int(found["n"]) * (-1 if found["how"] == "once" else 1)
    return Days(days.in_week(today, int(found["w"]), weeks), question="which week?")


def _new_year_s_eve(found: re.Match[str], anchor: Anchor) -> Meaning:
    part: DayPart = "night" if found["part"] == "gece" else "evening"
    return Days(date(anchor.today.year, 12, 31)), Part(part, found["case"] or "")


def _elapsed(found: re.Match[str], anchor: Anchor) -> Meaning:
    amount = _FRACTIONS.get(found["amount"]) or int(found["amount"][1:])
    amount += 0.5 if found["half"] else 0
    unit = _UNITS[found["unit"]]
    how = found["how"]
    sign = -1 if how == "once" else 1
    bound: TimeLimit | None = TimeLimit("by") if how in {"icinde", "kadar"} else None
    if unit in {"hour", "minute"}:
        question = "" if how in {"once", "sonra", "icinde"} else "or at that hour?"
        return elapsed_moment(anchor.moment, sign * amount, unit, "by" if bound else "", question)
    meant = elapsed_days(anchor.today, sign * amount, unit)
    return meant and ((bound, meant) if bound else (meant,))


ELAPSED_RULES = (
    day_rule(
        rf"n(?P<n>\d{{1,2}}) hafta (?P<how>sonra|once) w(?P<w>\d){CASE}(?: gun(?:\.(?P<day_case>\w+))?)?", _weekday_then
    ),
    rule(r"yilbas\.a (?P<part>aksam|gece)(?:\.(?P<case>\w+))?", _new_year_s_eve),
    rule(rf"{_AMOUNT} (?P<unit>saat|dakika|gun|hafta|ay|yil) (?P<how>sonra|once|icinde)", _elapsed),
    rule(rf"{_AMOUNT} (?P<unit>saat|dakika|gun|hafta|ay)\.d (?P<how>kadar)", _elapsed),
    rule(r"(?P<amount>yarim|n1)(?P<half> bucuk)? (?P<unit>saat)(?P<how>\.d)", _elapsed),
    rule(r"(?P<amount>n\d+)(?P<half>) (?P<unit>dakika)(?P<how>\.d)", _elapsed),
    day_rule(r"ay\.g n(?P<d>\d{1,2})\.pb n(?P<d2>\d{1,2})\.p?d(?: kadar)?", _range_of_days),
    day_rule(r"ay\.g n(?P<d>\d{1,2})\.[ap](?:w| ile| -) n(?P<d2>\d{1,2})\.[ap] ara\.(?:p|pl)", _range_of_days),
    day_rule(rf"r(?P<d>\d+)-(?P<d2>\d+) m(?P<mo>\d+){CASE}(?: ara\.\w+)?", _range_in_month),
    day_rule(rf"n(?P<d>\d{{1,2}})(?:\.w| ile| -) n(?P<d2>\d{{1,2}}) m(?P<mo>\d+){CASE}(?: ara\.\w+)?", _range_in_month),
)
"""Ranges of days, and times counted from the message. They come before single days, which begin alike."""

SPAN_RULES = (
    day_rule(r"(?:(?P<which>bu|gelecek|onumuzdeki) )?hafta son\.(?P<case>\w+)", _weekend),
    day_rule(rf"(?P<which>bu|gelecek|onumuzdeki|gecen|obur) hafta{_CASE}", _week),
    day_rule(
        r"hafta\.d",
        lambda _, today: Days(days.in_week(today, 0, 1), days.in_week(today, 6, 1), question="or a week from today?"),
    ),
    day_rule(r"(?:(?P<which>bu|gelecek|onumuzdeki) )?ay(?:\.g)? son\.(?P<case>\w+)", _month_end),
    day_rule(
        r"(?:(?P<which>bu|gelecek|onumuzdeki) )?hafta(?:\.g)? bas\.(?P<case>\w+)",
        lambda found, today: Days(
            days.in_week(today, 0, 0 if found["which"] == "bu" else 1), question="only about that day"
        ),
    ),
    day_rule(r"ay(?:\.g)? bas\.(?P<case>\w+)", _month_start),
    day_rule(r"m(?P<mo>\d+)(?:\.g| ay\.p?g| ay)? son\.(?P<case>\w+)", _named_month_end),
    day_rule(rf"(?P<which>bu|gelecek|onumuzdeki|gecen) ay{_CASE}", _month),
    day_rule(r"m(?P<mo>\d+) ay\.(?P<case>\w+)", _named_month),
    day_rule(r"(?:bu )?yil(?:\.g)? son\.(?P<case>\w+)", lambda _, today: Days(date(today.year, 12, 31))),
    day_rule(
        r"yilbas\.(?P<case>\w+)", lambda _, today: Days(date(today.year + 1, 1, 1), others=(date(today.year, 12, 31),))
    ),
    day_rule(rf"(?P<which>bu|gelecek|onumuzdeki|gecen) yil{_CASE}", _year),
    day_rule(r"yil\.d", _year),
    day_rule(r"gun(?:\.g)? son\.(?P<case>\w+)", lambda _, today: Days(today, question="the day was not said")),
)
