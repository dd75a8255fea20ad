"""Who called: the PBX can't filter by caller, so it is done here."""

import re

from vm_mcp.models import Voicemail
from vm_mcp.text import clean_text, fold

NATIONAL_DIGITS = 10
"""Of a Turkish number without its prefixes."""

_NUMBER = re.compile(r"[+\d\s()./-]*\d[+\d\s()./-]*", re.ASCII)


def matches_caller(voicemail: Voicemail, wanted: str) -> bool:
    """Tell whether a part of a name, or digits of a number in any of its spellings, fits a message's caller.

    Names are compared without case, accents and the difference between dotted and dotless i: whoever asks may not
    have a Turkish keyboard. Numbers are compared without ``0``, ``90``, ``0090`` or ``+90`` in front.
    """
    wanted = clean_text(wanted)
    if fold(wanted) in fold(voicemail.caller_id_name):
        return True
    if not _NUMBER.fullmatch(wanted):
        return False
    listed = _spellings(voicemail.caller_id_number)
    return any(part in number for part in _spellings(wanted) for number in listed)


def _spellings(number: str) -> set[str]:
    """The digits as they are and without the prefixes; never empty strings, which every number contains."""
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    bare = digits.removeprefix("00")
    international = bare != digits or number.strip().startswith("+") or len(bare) == NATIONAL_DIGITS + 2
    if international and bare.startswith("90"):
        bare = bare.removeprefix("90")
    return {digits, bare.removeprefix("0")} - {""}
