"""Telephone numbers as people type them and as the PBX sends them, made comparable.

The PBX sends one caller as ``0312…``, ``90312…``, ``0090312…`` or ``+90312…``, whatever the carrier used, and people
type any of these, or part of one. Numbers are compared by their digits alone, without parsing: a caller ID may be an
extension or nonsense, and comparing a thousand of them must not import a numbering plan, which takes a quarter second.
"""

import re

HOME_REGION = "TR"
"""ISO 3166 code of the country whose numbers are dialled without a country code."""

NATIONAL_DIGITS = 10
"""Length of a Turkish number without prefixes, area code included."""

LOCAL_DIGITS = 7
"""Length of a Turkish number without its area code, and of a ``444`` number, which has none."""

_COUNTRY_CODE = "90"
_PREFIXES = ("0", _COUNTRY_CODE, f"00{_COUNTRY_CODE}")


def is_number(typed: str) -> bool:
    """Return whether somebody typed a number, or part of one, in place of a name; a name may hold digits as well."""
    return not any(char.isalpha() for char in typed) and bool(_digits(typed))


def number_spellings(number: str) -> set[str]:
    """Return a number's digits as they are, and without ``0``, ``90``, ``0090`` or ``+90`` in front.

    Never holds the empty string, which every number contains. A number that begins with ``90`` loses it only where
    that must be the country code, since an extension or a part of a number may begin with the same digits.
    """
    digits = _digits(number)
    bare = digits.removeprefix("00")
    has_country_code = (
        bare != digits or number.strip().startswith("+") or len(bare) == len(_COUNTRY_CODE) + NATIONAL_DIGITS
    )
    if has_country_code:
        bare = bare.removeprefix(_COUNTRY_CODE)
    return {digits, bare.removeprefix("0")} - {""}


def prefixed_spellings(number: str) -> set[str]:
    """Return `number_spellings`, and those of a complete Turkish number with every prefix in front."""
    spellings = number_spellings(number)
    national = {digits for digits in spellings if len(digits) == NATIONAL_DIGITS}
    return spellings | {prefix + digits for digits in national for prefix in _PREFIXES}


def shortest_spelling(number: str) -> str:
    """Return the spelling that all spellings of a number have in common, which has no prefix; empty without digits."""
    return min(number_spellings(number), key=len, default="")


def is_same_number(typed: str, number: str) -> bool:
    """Return whether both are one number, however each is spelled."""
    return not number_spellings(typed).isdisjoint(number_spellings(number))


def is_part_of(typed: str, number: str) -> bool:
    """Return whether a number, or the digits of it that somebody remembers, occur in a number, however spelled."""
    listed = number_spellings(number)
    return any(part in whole for part in number_spellings(typed) for whole in listed)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number, flags=re.ASCII)
