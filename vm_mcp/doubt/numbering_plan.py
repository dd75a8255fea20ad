"""The countries' numbering plans: whether digits are a valid number, how it is formatted, and how two differ.

The only module that imports phonenumbers. That takes a quarter of a second, so it is put off until the first transcript
with enough digits for a telephone number.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from vm_mcp.doubt.edit_distance import distance
from vm_mcp.telephone import HOME_REGION, LOCAL_DIGITS, NATIONAL_DIGITS
from vm_mcp.wording import Words, words

_LONGEST_LOCAL = 8
"""Number of digits of the longest number without its area code in any country's plan."""
_DIFFERENCES = {1: words("one digit differs"), 2: words("two digits differ")}
_DIFFERS = words("differs")
_PREFIX = re.compile("^(0?090|90|0)(?=.{10})")


class Line(NamedTuple):
    """A valid telephone number."""

    e164: str
    national: str
    """Its digits as dialled within its country, without a leading zero."""
    region: str
    """ISO 3166 code of its country."""
    formatted: str
    """As people write it, ``0532 417 28 93``; a foreign number with its country code."""


def line_of(dialled: str, *regions: str) -> Line | None:
    """Return the number that the digits make up in the first region where they are valid; None if in none.

    Args:
        dialled: Digits, after a plus if they begin with a country code.
        regions: ISO 3166 codes.
    """
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
    """Return the number of a caller ID; None if it is an extension or not a number.

    Carriers send ``0532…``, ``532…``, ``90532…``, ``0090532…`` or ``+90532…``, and foreign numbers also without a plus.
    """
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    if number.strip().startswith("+"):
        return line_of(f"+{digits}", HOME_REGION)
    from_abroad = len(digits) > NATIONAL_DIGITS and not digits.startswith("0")
    return line_of(digits, HOME_REGION) or (line_of(f"+{digits}", HOME_REGION) if from_abroad else None)


def heard_line(dialled: str, caller: Line | None) -> Line | None:
    """Return the number that the digits in a transcript make up; None if they don't.

    They are tried in the caller's country first, then at home. The Turkish plan also has toll-free numbers of 12 and 13
    digits, which are not accepted: nobody seems to use one, and a date after any ``0800`` number would make it one.
    """
    line = line_of(dialled, *([caller.region] if caller else ()), HOME_REGION)
    is_odd = line and line.region == HOME_REGION and len(line.national) not in {NATIONAL_DIGITS, LOCAL_DIGITS}
    return None if is_odd else line


def compare(digits: str, line: Line | None, caller: Line | None) -> tuple[bool | None, Words]:
    """Return whether a number is the caller's, and the same in words; None and "" if the caller's number is unknown.

    The words say when only one or two digits differ. Callers mostly say the number that they call from, so these digits
    are more likely misheard than part of another number.

    Args:
        digits: The digits in the transcript.
        line: The valid number that they make up, if any.
        caller: The caller's number, if it is known and valid.
    """
    if not caller:
        return None, words("")
    if line and line.e164 == caller.e164:
        return True, words("same as the caller ID")
    heard = line.national if line else _PREFIX.sub("", digits)
    is_local = len(heard) <= _LONGEST_LOCAL
    if is_local and caller.national.endswith(heard):
        return True, words("same as the last {count} digits of the caller ID", count=len(heard))
    same_plan = not line or line.region == caller.region
    differing = distance(heard, caller.national[-len(heard) :] if is_local else caller.national) if same_plan else 0
    return False, words(
        "{differs} from the caller ID {number}: check by listening",
        differs=_DIFFERENCES.get(differing, _DIFFERS),
        number=caller.formatted,
    )


def written_groups(groups: Iterable[str]) -> str:
    """Return digits in the groups in which they were said; digits said one by one make one group."""
    return re.sub(r"(?<=\b\d) (?=\d\b)", "", " ".join(groups))
