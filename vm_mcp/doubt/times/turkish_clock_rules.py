"""Clock times and parts of the day in Turkish: "dokuza çeyrek kala", "akşam altı buçukta", "ikiyle dört arası"."""

import re
from dataclasses import replace

from vm_mcp.doubt.times.clock_rules import clock, clock_of_tokens, relative_clock
from vm_mcp.doubt.times.time_items import ClockRange, ClockTime, DayPart, Days, Part
from vm_mcp.doubt.times.time_rules import Anchor, Meaning, TimeRule, fixed, rule
from vm_mcp.doubt.times.turkish_day_rules import CASE

_SAAT = r"(?P<saat>saat )?"
_LOCATIVE = {"l", "pl"}
_PLAIN = r"n\d{1,2}(?: bucuk| n[0-5]\d)?|[tv]\d+[:.]\d\d"
_LAST = r"(?:n\d{1,2}(?: bucuk| n[0-5]\d)?|[tv]\d+[:.]\d\d)"
_PARTS: dict[str, DayPart] = {
    "sabah": "morning",
    "oglen": "noon",
    "aksam": "evening",
    "aksamustu": "evening",
    "gece": "night",
}


def _clock(found: re.Match[str], _anchor: Anchor) -> ClockTime | None:
    groups = found.groupdict()
    case = found["case"] or ""
    minute = groups.get("half") or groups.get("m") or "0"
    said = clock(
        found["h"], minute, case=case, anchored=bool(found["saat"]) or case in _LOCATIVE, numbers_only=not found["saat"]
    )
    # 14.30 may be an amount, and 10.12 a date; a colon stands in clock times alone.
    return replace(said, anchored=True, numbers_only=False) if said and ":" in found[0] else said


def _relative(found: re.Match[str], _anchor: Anchor) -> ClockTime | None:
    minute = found["m"] or "ceyrek"
    return relative_clock(found["h"], minute, before="kala" in found[0])


def _range(found: re.Match[str], _anchor: Anchor) -> ClockRange | None:
    first, last = clock_of_tokens(found["first"].replace(".w", "")), clock_of_tokens(found["last"])
    return ClockRange(first, last) if first and last else None


def _written_range(found: re.Match[str], _anchor: Anchor) -> ClockRange | None:
    first, last = clock(found["h"], found["m"] or "0"), clock(found["h2"], found["m2"] or "0")
    return ClockRange(first, last) if first and last else None


def _part(found: re.Match[str], anchor: Anchor) -> Meaning:
    part = Part(_PARTS[found["part"]], found["case"] or "")
    return (Days(anchor.today), part) if found[0].startswith("bu ") else part


def _hour_of_part(found: re.Match[str], _anchor: Anchor) -> Meaning:
    """Return "gecenin üçünde", three at night."""
    case = found["case"].removeprefix("p")
    said = clock(found["h"], "bucuk" if found["half"] else "0", case=case, anchored=True)
    return (Part(_PARTS[found["part"]]), said) if said else None


CLOCK_RULES: tuple[TimeRule, ...] = (
    rule(rf"{_SAAT}n(?P<h>\d{{1,2}})\.d (?:n(?P<m>\d{{1,2}})|ceyrek)(?: dakika)? kala", _relative),
    rule(rf"{_SAAT}n(?P<h>\d{{1,2}})\.a (?:n(?P<m>\d{{1,2}})|ceyrek)(?: dakika)? gece_past", _relative),
    rule(rf"{_SAAT}(?P<first>{_PLAIN})(?:\.w| ile| -|) (?P<last>{_LAST}) ara\.(?:p|pl)", _range),
    rule(rf"{_SAAT}r(?P<h>\d+)(?::(?P<m>\d\d))?-(?P<h2>\d+)(?::(?P<m2>\d\d))?(?: ara\.(?:p|pl))", _written_range),
    rule(rf"{_SAAT}r(?P<h>\d+):(?P<m>\d\d)-(?P<h2>\d+):(?P<m2>\d\d)", _written_range),
    rule(rf"{_SAAT}n(?P<h>\d{{1,2}}) (?P<half>bucuk){CASE}", _clock),
    rule(rf"{_SAAT}n(?P<h>\d{{1,2}}) n(?P<m>[0-5]\d){CASE}", _clock),
    rule(rf"{_SAAT}t(?P<h>\d{{1,2}}):(?P<m>\d\d){CASE}", _clock),
    rule(rf"{_SAAT}v(?P<h>\d{{1,2}})\.(?P<m>1[3-9]|[2-5]\d|00){CASE}", _clock),
    rule(rf"(?P<saat>saat )v(?P<h>\d{{1,2}})\.(?P<m>\d\d){CASE}", _clock),
    rule(
        rf"saat yarim{CASE}",
        lambda found, _: ClockTime(12, 30, case=found["case"] or "", anchored=True),
    ),
    fixed("gece yarisi", Part("night"), ClockTime(12, anchored=True)),
    rule(r"oglen\.b sonra", lambda _found, _anchor: Part("afternoon")),
    rule(r"oglen\.b once", lambda _found, _anchor: Part("forenoon")),
    rule(r"(?P<part>sabah|oglen|aksam|gece)\.g n(?P<h>\d{1,2})(?P<half> bucuk)?\.(?P<case>\w+)", _hour_of_part),
    rule(rf"aksam ustu{CASE}", lambda found, _: Part("evening", found["case"] or "")),
    rule(rf"oglen ustu{CASE}", lambda found, _: Part("noon", found["case"] or "")),
    rule(rf"(?:bu )?(?P<part>sabah|oglen|aksam|aksamustu|gece){CASE}", _part),
    rule(rf"{_SAAT}n(?P<h>\d{{1,2}}){CASE}", _clock),
)
