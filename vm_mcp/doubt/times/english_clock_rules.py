"""Clock times and parts of the day in English: "half past three", "two pm", "between three and five"."""

import re
from dataclasses import replace

from vm_mcp.doubt.times.clock_rules import HALF, clock, clock_of_tokens, relative_clock
from vm_mcp.doubt.times.time_items import ClockRange, ClockTime, DayPart, Days, Part
from vm_mcp.doubt.times.time_rules import Anchor, Meaning, TimeRule, fixed, rule

_AT = r"(?P<at>at |about |(?<=by )|(?<=until )|(?<=before )|(?<=after ))?"
_LAST = r"n\d{1,2}(?: n[0-5]\d)?|[tv]\d+[:.]\d\d"
_PARTS: dict[str, DayPart] = {"morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "night"}


def _clock(found: re.Match[str], _anchor: Anchor) -> ClockTime | None:
    groups = found.groupdict()
    minute = groups.get("m") or "0"
    said = clock(found["h"], minute, anchored=found["at"] is not None, numbers_only=found["at"] is None)
    is_time = said and (":" in found[0] or "oclock" in found[0])
    return replace(said, anchored=True, numbers_only=False) if said and is_time else said


def _with_meridiem(said: ClockTime | None, meridiem: str) -> ClockTime | None:
    """Return the time of the 24-hour clock that "am" or "pm" makes of it; None if the hour has none."""
    if not said or said.hour > 12 or not said.hour:  # noqa: PLR2004 - of the 12-hour clock
        return None
    hour = said.hour % 12 + (12 if meridiem == "pm" else 0)
    return ClockTime(hour, said.minute, is_24h=True, anchored=True)


def _exact(found: re.Match[str], anchor: Anchor) -> ClockTime | None:
    said = _clock(found, anchor)
    return _with_meridiem(replace(said, is_24h=False) if said else None, found["meridiem"])


def _relative(found: re.Match[str], _anchor: Anchor) -> ClockTime | None:
    minute = found["m"] or "quarter"
    said = relative_clock(found["h"], minute, before=found["side"] in {"to", "before"})
    return _with_meridiem(said, found["meridiem"]) if found["meridiem"] else said


def _half(found: re.Match[str], _anchor: Anchor) -> ClockTime | None:
    said = clock(found["h"], str(HALF), anchored=True)
    if said and found["meridiem"]:
        return _with_meridiem(said, found["meridiem"])
    return said if said and not said.is_24h else None


def _range(found: re.Match[str], _anchor: Anchor) -> ClockRange | None:
    first, last = clock_of_tokens(found["first"]), clock_of_tokens(found["last"])
    if not first or not last:
        return None
    late = found["meridiem"]
    early = found["early"] or (late if first.hour % 12 < last.hour % 12 or late == "am" else "am" if late else None)
    first_read = _with_meridiem(first, early) if early else first
    last_read = _with_meridiem(last, late) if late else last
    return ClockRange(first_read, last_read) if first_read and last_read else None


def _this_part(found: re.Match[str], anchor: Anchor) -> Meaning:
    return Days(anchor.today), Part(_PARTS[found["part"]], may_follow=True)


_PM = r"(?P<meridiem>am|pm)"
_TIME = (
    r"n(?P<h>\d{1,2})(?: oclock)?",
    r"n(?P<h>\d{1,2}) n(?P<m>[0-5]\d)",
    r"[tv](?P<h>\d{1,2})[:.](?P<m>\d\d)",
)

ENGLISH_CLOCK_RULES: tuple[TimeRule, ...] = (
    rule(
        rf"(?:between|from) (?P<first>{_LAST})(?: (?P<early>am|pm))? (?:and|to|until) (?P<last>{_LAST})(?: {_PM})?",
        _range,
    ),
    rule(rf"(?P<first>{_LAST})(?: (?P<early>am|pm))? (?:to|until) (?P<last>{_LAST}) {_PM}", _range),
    *(rule(rf"{_AT}{time} {_PM}", _exact) for time in reversed(_TIME)),
    rule(
        r"(?:at )?(?:a )?(?:n(?P<m>5|10|20|25|\d{1,2}(?= minute))|quarter)(?: minute)? "
        r"(?P<side>to|before|past|after) n(?P<h>\d{1,2})"
        rf"(?: {_PM})?",
        _relative,
    ),
    rule(rf"(?:at )?half (?:past )?n(?P<h>\d{{1,2}})(?: {_PM})?", _half),
    *(rule(rf"{_AT}{time}", _clock) for time in reversed(_TIME)),
    fixed("noon", ClockTime(12, is_24h=True, anchored=True)),
    fixed("midnight", Part("night", may_follow=True), ClockTime(12, anchored=True)),
    rule(r"this (?P<part>morning|afternoon|evening)", _this_part),
    rule(r"tonight", lambda _found, anchor: (Days(anchor.today), Part("evening", may_follow=True))),
    rule(
        r"(?:in the )?(?P<part>morning|afternoon|evening)",
        lambda found, _: Part(_PARTS[found["part"]], may_follow=True),
    ),
    rule(r"(?:at )?night", lambda _found, _anchor: Part("night", may_follow=True)),
)
