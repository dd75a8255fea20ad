"""The countries' numbering plans: whether digits are a valid number, how it is written, and how two differ.

The only user of phonenumbers. Its import takes a quarter of a second, so it waits for the first transcript that holds
enough digits for a telephone number.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from vm_mcp.doubt.edit_distance import distance
from vm_mcp.telephone import HOME_REGION, LOCAL_DIGITS, NATIONAL_DIGITS

_LONGEST_LOCAL = 8
"""Digits of a number without its area code, the longest in any country's plan."""
_DIFFERENCES = {1: "one digit differs", 2: "two digits differ"}
_PREFIX = re.compile("^(0?090|90|0)(?=.{10})")


class Line(NamedTuple):
    """A valid telephone number."""

    e164: str
    national: str
    """Its digits as dialled within its country, without a leading zero."""
    region: str
    formatted: str
    """As it is written at home: ``0532 417 28 93``; one from abroad with its country code."""


def line_of(dialled: str, *regions: str) -> Line | None:
    """Return the number that the digits are in the first region (ISO 3166 code) where they are valid, or None."""
    import phonenumbers

    style = phonenumbers.PhoneNumberFormat
    for region in regions:
        try:
            parsed = phonenumbers.parse(dialled, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            its_region = phonenumbers.region_code_for_number(parsed) or region
            at_home = its_region == HOME_REGION
            return Line(
                phonenumbers.format_number(parsed, style.E164),
                phonenumbers.national_significant_number(parsed),
                its_region,
                phonenumbers.format_number(parsed, style.NATIONAL if at_home else style.INTERNATIONAL),
            )
    return None


def caller_line(number: str) -> Line | None:
    """Return the number that a caller ID is, or None for an extension and for what is no number.

    Carriers spell it ``0532…``, ``532…``, ``90532…``, ``0090532…`` or ``+90532…``; foreign ones may lack their plus.
    """
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    if number.strip().startswith("+"):
        return line_of(f"+{digits}", HOME_REGION)
    from_abroad = len(digits) > NATIONAL_DIGITS and not digits.startswith("0")
    return line_of(digits, HOME_REGION) or (line_of(f"+{digits}", HOME_REGION) if from_abroad else None)


def heard_line(dialled: str, caller: Line | None) -> Line | None:
    """Return the number that digits heard are, where the caller calls from or else at home; None when they are none.

    The Turkish plan also has toll-free numbers of 12 and 13 digits. They are taken for none: nobody was met who has
    one, and with them every ``0800`` number that a date follows would be valid with the day as its last digits.
    """
    line = line_of(dialled, *([caller.region] if caller else ()), HOME_REGION)
    is_odd = line and line.region == HOME_REGION and len(line.national) not in {NATIONAL_DIGITS, LOCAL_DIGITS}
    return None if is_odd else line


def compare(digits: str, line: Line | None, caller: Line | None) -> tuple[bool | None, str]:
    """Return whether a number heard is the caller's, and the same in words; None and no words when that is unknown.

    One or two digits that differ are named, since a caller mostly says the number they call from: that many are more
    likely misheard than another number.

    Args:
        digits: As heard.
        line: The valid number that they are, if they are one.
        caller: The caller's number, if it is known and valid.
    """
    if not caller:
        return None, ""
    if line and line.e164 == caller.e164:
        return True, "same as the caller ID"
    heard = line.national if line else _PREFIX.sub("", digits)
    is_local = len(heard) <= _LONGEST_LOCAL
    if is_local and caller.national.endswith(heard):
        return True, f"same as the last {len(heard)} digits of the caller ID"
    same_plan = not line or line.region == caller.region
    differing = distance(heard, caller.national[-len(heard) :] if is_local else caller.national) if same_plan else 0
    return False, f"{_DIFFERENCES.get(differing, 'differs')} from the caller ID {caller.formatted}: check by listening"


def written_groups(groups: Iterable[str]) -> str:
    """Return digits in the groups in which they were said; digits said one by one stay one group."""
    return re.sub(r"(?<=\b\d) (?=\d\b)", "", " ".join(groups))
