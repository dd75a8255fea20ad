"""Decide which digits are a number to hide. The only module that imports python-stdnum, and only when needed."""

import re
from collections.abc import Collection
from typing import Literal

SensitiveKind = Literal["cards", "ids", "ibans"]

IBAN_DIGITS = 24
"""Digits of a Turkish IBAN, after its TR."""

_ID_DIGITS = 11
# Two check digits, a five-digit bank code (whose first two digits are zeros), a zero, the account.
_IBAN = re.compile(r"\d\d00\d{3}0\d{16}", re.ASCII)
# Prefixes and lengths that the schemes issue: Visa; Mastercard; Troy; American Express; Diners, JCB; Maestro, Discover,
# UnionPay. The check digit alone would not do: it is right by chance in one number of ten, also in telephone numbers.
_CARD = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|(5[1-5]|2[2-7])\d{14}|9792\d{12}|3[47]\d{13}|3[05689]\d{12,17}|(5[06-9]|6\d)\d{11,17}",
    re.ASCII,
)


def kind_of(digits: str, kinds: Collection[SensitiveKind]) -> SensitiveKind | None:
    """Return what kind of number the digits are; None if of no kind asked for.

    Args:
        digits: Digits only; those of an IBAN without its TR.
        kinds: Kinds to check for.
    """
    if "ibans" in kinds and _IBAN.fullmatch(digits):
        from stdnum import iban

        return "ibans" if iban.is_valid(f"TR{digits}") else None
    if "ids" in kinds and len(digits) == _ID_DIGITS:
        from stdnum.tr import tckimlik

        return "ids" if tckimlik.is_valid(digits) else None
    if "cards" in kinds and _CARD.fullmatch(digits):
        from stdnum import luhn

        return "cards" if luhn.is_valid(digits) else None
    return None
