"""Compare telephone numbers as people type them and as the PBX sends them.

The PBX sends one caller as ``0312…``, ``90312…``, ``0090312…`` or ``+90312…``, depending on the carrier, and people
type any of these, or part of one. Only digits are compared, without a numbering plan: a caller ID may also be an
extension or nonsense, and the plan takes a quarter of a second to import.
"""

import re

from vm_mcp.text import fold

HOME_REGION = "TR"
"""ISO 3166 code of the country whose numbers need no country code."""

NATIONAL_DIGITS = 10
"""Length of a Turkish number with its area code, without prefixes."""

LOCAL_DIGITS = 7
"""Length of a Turkish number without its area code, and of a ``444`` number, which has none."""

COUNTRY_CODE = "90"
"""Of Turkish numbers."""
_PREFIXES = ("0", COUNTRY_CODE, f"00{COUNTRY_CODE}")

_WITHHELD_WORDS = ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown", "withheld")
"""Sent in place of a withheld number, as they are or as the digits under which a keypad has their letters."""
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_WITHHELD_DIGITS = {word.translate(_KEYPAD) for word in _WITHHELD_WORDS}
_TRUNK_ZERO = "(0)"
"""In ``+44 (0)20 …``: dialled only without the country code."""


def is_withheld(number: str) -> bool:
    """Return whether a caller ID is nobody's number, so that two calls from it need not be one caller's.

    Carriers send a withheld number as nothing, a word (``anonymous``), zeros only, or a word as a keypad spells it
    (``+266696687`` is ANONYMOUS). Nobody can be called back there.
    """
    digits = _digits(number).lstrip("0")
    if not digits or digits in _WITHHELD_DIGITS or digits.removeprefix(COUNTRY_CODE) in _WITHHELD_DIGITS:
        return True
    folded = fold(number)
    return any(word in folded for word in _WITHHELD_WORDS)


def is_extension(number: str) -> bool:
    """Return whether a number is too short for one of the telephone network's, so that it is an internal one."""
    return is_number(number) and not is_withheld(number) and len(_digits(number)) < LOCAL_DIGITS


def is_number(typed: str) -> bool:
    """Return whether text is a number, or part of one, and not a name: it has digits and no letters."""
    return not any(char.isalpha() for char in typed) and bool(_digits(typed))


def number_spellings(number: str) -> set[str]:
    """Return a number's digits as they are, and without a leading ``0``, ``90``, ``0090`` or ``+90``.

    The empty string is never among them, because every number contains it. A leading ``90`` is only removed where it
    must be the country code: an extension, or part of a number, may begin with the same digits.
    """
    digits = _digits(number)
    bare = digits.removeprefix("00")
    has_country_code = (
        bare != digits or number.strip().startswith("+") or len(bare) == len(COUNTRY_CODE) + NATIONAL_DIGITS
    )
    if has_country_code:
        bare = bare.removeprefix(COUNTRY_CODE)
    return {digits, bare.removeprefix("0")} - {""}


def prefixed_spellings(number: str) -> set[str]:
    """Return `number_spellings` and, for a complete Turkish number, its spellings with every prefix."""
    spellings = number_spellings(number)
    national = {digits for digits in spellings if len(digits) == NATIONAL_DIGITS}
    return spellings | {prefix + digits for digits in national for prefix in _PREFIXES}


def shortest_spelling(number: str) -> str:
    """Return a number without prefixes, which is the same for all its spellings; empty if it is withheld."""
    return "" if is_withheld(number) else min(number_spellings(number), key=len, default="")


def grouped(number: str) -> str:
    """Return a complete Turkish number as people write it, ``0532 417 28 93``; any other as it is."""
    national = next((digits for digits in number_spellings(number) if len(digits) == NATIONAL_DIGITS), "")
    if is_withheld(number) or len(_digits(number)) < NATIONAL_DIGITS or national[:1] not in set("23458"):
        return number
    return f"0{national[:3]} {national[3:6]} {national[6:8]} {national[8:]}"


def is_same_number(typed: str, number: str) -> bool:
    """Return whether both are the same number, in any spelling. A withheld number is no other's, not even its own."""
    if is_withheld(typed) or is_withheld(number):
        return False
    return not number_spellings(typed).isdisjoint(number_spellings(number))


def is_part_of(typed: str, number: str) -> bool:
    """Return whether the typed digits occur in a number, in any spelling; never in a withheld one."""
    if is_withheld(number):
        return False
    listed = number_spellings(number)
    return any(part in whole for part in number_spellings(typed) for whole in listed)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number.replace(_TRUNK_ZERO, ""), flags=re.ASCII)
