"""Arguments that several tools take, and what all of them are made of."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

MOMENTS = "ISO date or time, `today`, `yesterday`, or an age in days or hours (`7d`, `12h`)"
MAX_NUMBER_BITS = 900
"""Of a number that stands where text is meant: as many digits as a text may have."""


def _as_list(value: object) -> object:
    """Some models send one uuid bare."""
    return [value] if isinstance(value, str) else value


def _printable(value: object) -> object:
    """Python refuses to write a number of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        raise ValueError("the number has too many digits")
    return value


# Hosts send numbers where text is meant, such as extension 1001.
Text = Annotated[str, Field(coerce_numbers_to_str=True, max_length=300), BeforeValidator(_printable)]
Uuids = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=128)]],
    BeforeValidator(_as_list),
    Field(min_length=1, max_length=20, description="1 to 20 uuids, as list_voicemails gave them"),
]
Extension = Annotated[Text, Field(description="Only this mailbox. Default: every mailbox", examples=["1001"])]
Detail = Annotated[
    Literal["concise", "full"],
    Field(description="concise: the text; full: with times and certainty of each segment. Default: concise"),
]
