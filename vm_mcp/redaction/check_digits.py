"""Which digits are a number to hide. The only user of python-stdnum, imported when something is to be hidden."""

import re
from collections.abc import Collection
from typing import Literal

SensitiveKind = Literal["cards", "ids", "ibans"]

IBAN_DIGITS = 24
"""Of a Turkish IBAN, without its TR."""

_ID_DIGITS = 11
# Two check digits, a bank (they have three digits of the five), a zero, the account.
_IBAN = re.compile(r"\d\d00\d{3}0\d{16}", re.ASCII)
# What the schemes hand out, and how long: Visa; Mastercard; Troy; American Express; Diners, JCB; Maestro, Discover,
# UnionPay. One number in ten has the right check digit by chance, telephone numbers in a row among them.
_CARD = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|(5[1-5]|2[2-7])\d{14}|9792\d{12}|3[47]\d{13}|3[05689]\d{12,17}|(5[06-9]|6\d)\d{11,17}",
    re.ASCII,
)


def kind_of(digits: str, kinds: Collection[SensitiveKind]) -> SensitiveKind | None:
    """Tell which of the kinds the digits are a number of; None when of none.

    Args:
        digits: Of a Turkish IBAN those after its letters.
        kinds: Those to look for.
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
