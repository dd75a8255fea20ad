"""What a setting or an argument should have been, in our words: pydantic's own mention its internals."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vm_mcp.wording import Words, words

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_BY_TYPE: Mapping[str, Words] = {
    "missing": words("it is required"),
    "extra_forbidden": words("there is no such argument"),
    "literal_error": words("give {expected}"),
    "greater_than_equal": words("give {ge:g} or more"),
    "less_than_equal": words("give {le:g} or less"),
    "too_short": words("it must not be empty"),
    "too_long": words("it is too long: {max_length} at most"),
    "string_too_short": words("it must not be empty"),
    "string_too_long": words("it is too long: {max_length} characters at most"),
    "string_unicode": words("it contains an incomplete character; write it again"),
    "string_pattern_mismatch": words("it must match {pattern}"),
}
_BY_KIND: Mapping[str, Words] = {
    "int": words("give a whole number"),
    "float": words("give a number"),
    "finite": words("give a number"),
    "bool": words("give true or false"),
    "string": words("give text"),
    "list": words("give a list"),
}
"""By the first word of the error's type: pydantic has several types for one kind of value, such as ``int_parsing``."""


_UNUSABLE = words("this value can't be used")


def wanted(error: "ErrorDetails") -> Words:
    """Return what to give instead, without the refused value; our own validators' errors already say it."""
    if error["type"] == "value_error":
        return Words.of(str(error["ctx"]["error"]))
    kind = error["type"].partition("_")[0]
    return words(_BY_TYPE.get(error["type"]) or _BY_KIND.get(kind, _UNUSABLE), **error.get("ctx", {}))
