"""Days in Turkish: "öbür gün", "haftaya cuma", "aralığın on ikisi", "ayın 15'inde"."""

import re
from dataclasses import replace
from datetime import date

from vm_mcp.doubt.times import calendar_days as days
from vm_mcp.doubt.times.day_rules import day_rule, near_day_rule
from vm_mcp.doubt.times.time_items import Days

CASE = r"(?:\.(?P<case>\w+))?"
_DAY = r"(?: (?:gun|tarih)(?:\.(?P<day_case>\w+))?)?"
_WEEKDAY = rf"w(?P<w>\d){CASE}{_DAY}"
_OF_MONTH = r"m(?P<mo>\d+)(?:\.g| ay\.p?g)?"
_NUMBER = r"n(?P<d>\d{1,2})"
_YEAR = r"(?: n(?P<y>(?:19|20)\d\d))"
_PLACES = {"ilk": 1, "son": -1}


def _next_week(found: re.Match[str], today: date) -> Days:
    """Return a weekday of next week. On Sundays, and after "önümüzdeki", the one after that may be meant."""
    meant = days.in_week(today, int(found["w"]), 1)
    sunday = today.weekday() == 6  # noqa: PLR2004 - Monday is 0
    is_open = sunday or "onumuzdeki" in found[0]
    return Days(meant, others=(meant + days.WEEK,) if is_open else ())


def _coming(found: re.Match[str], today: date) -> Days:
    meant = days.coming(today, int(found["w"]))
    return Days(meant, others=(meant + days.WEEK,), is_relative=True)


def _of_month(found: re.Match[str], today: date) -> Days | None:
    groups = found.groupdict()
    month, day = int(found["mo"]), int(found["d"])
    if year := groups.get("y"):
        return days.dated(today, int(year), month, day)
    return days.of_month(today, month, day)


def _of_other_month(found: re.Match[str], today: date) -> Days | None:
    shift = {"gelecek": 1, "onumuzdeki": 1, "bu": 0, "gecen": -1}[found["which"]]
    known = days.valid(*days.month_shifted(today, shift), int(found["d"]))
    question = days.BEFORE_MESSAGE if known and shift == 0 and known < today else ""
    return Days(known, question=question) if known else None


def _placed(found: re.Match[str], today: date) -> Days | None:
    """Return "aralığın ilk pazartesisi"; without a month's name, of this month or of the next one."""
    place = _PLACES.get(found["place"]) or int(found["place"][1:])
    weekday = int(found["w"])
    if found["mo"]:
        month = days.of_month(today, int(found["mo"]), 1)
        year = today.year if int(found["mo"]) == today.month or not month else month.first.year
        meant = days.weekday_in_month(year, int(found["mo"]), weekday, place)
        return meant if not meant or meant.first >= today else replace(meant, question=days.BEFORE_MESSAGE)
    shift = 1 if found["which"] in {"gelecek", "onumuzdeki"} else 0
    meant = days.weekday_in_month(*days.month_shifted(today, shift), weekday, place)
    if meant and meant.first < today:
        later = days.weekday_in_month(*days.month_shifted(today, 1), weekday, place)
        return replace(later, others=(meant.first,)) if later else None
    return meant


def _written(found: re.Match[str], today: date) -> Days | None:
    if found["y"]:
        return days.dated(today, int(found["y"]), int(found["mo"]), int(found["d"]))
    return days.of_month(today, int(found["mo"]), int(found["d"]))


def _this_week(found: re.Match[str], today: date) -> Days:
    meant = days.in_week(today, int(found["w"]), 0)
    return Days(meant, question=days.BEFORE_MESSAGE if meant < today else "")


DAY_RULES = (
    near_day_rule(rf"rel1\.b sonraki gun{CASE}", 2),
    near_day_rule(rf"rel(?P<n>-?\d){CASE}{_DAY}"),
    near_day_rule(rf"obur gun{CASE}", 2),
    near_day_rule(rf"evvelsi gun{CASE}", -2),
    day_rule(rf"hafta\.d rel0{CASE}", lambda _, today: Days(today + days.WEEK)),
    day_rule(rf"(?:hafta\.d|gelecek hafta(?:\.g)?|onumuzdeki hafta(?:\.g)?) {_WEEKDAY}", _next_week),
    day_rule(
        rf"obur hafta(?:\.\w+)? {_WEEKDAY}",
        lambda found, today: Days(
            days.in_week(today, int(found["w"]), 2), others=(days.in_week(today, int(found["w"]), 1),)
        ),
    ),
    day_rule(rf"bu hafta {_WEEKDAY}", _this_week),
    day_rule(rf"gecen hafta {_WEEKDAY}", lambda found, today: Days(days.in_week(today, int(found["w"]), -1))),
    day_rule(rf"gecen {_WEEKDAY}", lambda found, today: days.last_weekday(today, int(found["w"]))),
    day_rule(rf"bu {_WEEKDAY}", lambda found, today: days.this_weekday(today, int(found["w"]))),
    day_rule(rf"onumuzdeki {_WEEKDAY}", _coming),
    day_rule(rf"gelecek {_WEEKDAY}", lambda found, today: days.next_weekday(today, int(found["w"]))),
    day_rule(
        rf"(?:{_OF_MONTH}|(?:(?P<which>bu|gelecek|onumuzdeki) )?ay\.g) "
        r"(?P<place>ilk|son|o\d) w(?P<w>\d)\.(?P<case>p\w*)",
        _placed,
    ),
    day_rule(_WEEKDAY, lambda found, today: days.nearest_weekday(today, int(found["w"]))),
    day_rule(rf"(?:n|o)(?P<d>\d{{1,2}}) m(?P<mo>\d+){_YEAR}{CASE}(?: yil(?:\.\w+)?)?{_DAY}", _of_month),
    day_rule(rf"(?:n|o)(?P<d>\d{{1,2}}) m(?P<mo>\d+){CASE}{_DAY}", _of_month),
    day_rule(rf"m(?P<mo>\d+)(?:\.g| ay\.p?g) {_NUMBER}\.(?P<case>\w+)", _of_month),
    day_rule(rf"(?P<which>gelecek|onumuzdeki|bu|gecen) ay\.g {_NUMBER}{CASE}", _of_other_month),
    day_rule(rf"[no](?P<mo>\d{{1,2}}) ay\.g {_NUMBER}\.(?P<case>\w+)", _of_month),
    day_rule(rf"ay\.g {_NUMBER}{CASE}", lambda found, today: days.of_this_month(today, int(found["d"]), named=True)),
    day_rule(
        rf"{_NUMBER}\.(?P<case>pl|pd|pb)",
        lambda found, today: days.of_this_month(today, int(found["d"]), named=False),
    ),
    day_rule(rf"s(?P<d>\d+)/(?P<mo>\d+)(?:/(?P<y>\d+))?{CASE}{_DAY}", _written),
    day_rule(rf"v(?P<d>\d+)\.(?P<mo>\d+)(?P<y>){CASE} tarih(?:\.(?P<day_case>\w+))?", _written),
    day_rule(rf"i(?P<y>\d+)-(?P<mo>\d+)-(?P<d>\d+){CASE}{_DAY}", _written),
)
