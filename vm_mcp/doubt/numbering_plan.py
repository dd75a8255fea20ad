"""Telephone numbers as such: whether digits are one, how it is written, and whether two are the same.

The only user of phonenumbers, imported when a transcript holds digits enough: that takes a quarter of a second.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from vm_mcp.doubt.edit_distance import distance
from vm_mcp.telephone import HOME_REGION, NATIONAL_DIGITS

_LONGEST_LOCAL = 8
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
    """Read digits as a number of the first region, ISO 3166 code, where they are a valid one."""
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
    """Read a caller ID in any spelling: ``0532…``, ``532…``, ``90532…``, ``0090532…``, ``+90532…``, or from abroad.

    Returns None for extensions and for what is no number.
    """
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    if number.strip().startswith("+"):
        return line_of(f"+{digits}", HOME_REGION)
    from_abroad = len(digits) > NATIONAL_DIGITS and not digits.startswith("0")
    return line_of(digits, HOME_REGION) or (line_of(f"+{digits}", HOME_REGION) if from_abroad else None)


def heard_line(dialled: str, caller: Line | None) -> Line | None:
    """Read a number as somebody says it who calls from where the caller does, else as one of `HOME_REGION`."""
    return line_of(dialled, *([caller.region] if caller else ()), HOME_REGION)


def compare(digits: str, line: Line | None, caller: Line | None) -> tuple[bool | None, str]:
    """Compare what was heard with the caller's number, and say it in words; None and no words when that is unknown.

    Args:
        digits: As heard.
        line: The valid number that they are, if they are.
        caller: The caller's.
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
    """Write digits in the groups in which they were said; digits said one by one stay one group."""
    return re.sub(r"(?<=\b\d) (?=\d\b)", "", " ".join(groups))
