"""Arguments of several tools, and the building blocks of all."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

MOMENTS = "ISO date or time, `today`, `yesterday`, or an age in days or hours (`7d`, `12h`)"
UUIDS = "uuids of listed messages, or the ends of them that lists show"
MAX_NUMBER_BITS = 900
"""Of a number sent as a text argument: enough for 270 digits, about as many as a text may have."""


def _as_list(value: object) -> object:
    """Accept a single uuid, which some models send without a list."""
    return [value] if isinstance(value, str) else value


def _printable(value: object) -> object:
    """Refuse a number of thousands of digits, which Python would refuse to print."""
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        raise ValueError("the number has too many digits")
    return value


# Hosts send numbers for text arguments, such as extension 1001.
Text = Annotated[str, Field(coerce_numbers_to_str=True, max_length=300), BeforeValidator(_printable)]
_UuidList = Annotated[list[Annotated[Text, Field(min_length=1, max_length=128)]], BeforeValidator(_as_list)]
Uuids = Annotated[_UuidList, Field(min_length=1, max_length=20, description=f"1 to 20 {UUIDS}")]
OptionalUuids = Annotated[_UuidList, Field(max_length=20, description=f"Up to 20 {UUIDS}. Default: chosen by filters")]
PageLanguage = Annotated[Literal["en", "tr"], Field(description="Language of the notice and of errors. Default: en")]
"""What the inbox page speaks: a helper's notices and errors are for the person at it, in their language alone."""
Extension = Annotated[Text, Field(description="Only this mailbox. Default: every mailbox", examples=["1001"])]
