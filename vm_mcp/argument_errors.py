"""What a setting or an argument should have been, in our words: pydantic's own mention its internals."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_BY_TYPE = {
    "missing": "it is required",
    "extra_forbidden": "there is no such argument",
    "literal_error": "give {expected}",
    "greater_than_equal": "give {ge:g} or more",
    "less_than_equal": "give {le:g} or less",
    "too_short": "it must not be empty",
    "too_long": "it is too long: {max_length} at most",
    "string_too_short": "it must not be empty",
    "string_too_long": "it is too long: {max_length} characters at most",
    "string_unicode": "it contains an incomplete character; write it again",
    "string_pattern_mismatch": "it must match {pattern}",
}
_BY_KIND = {
    "int": "give a whole number",
    "float": "give a number",
    "finite": "give a number",
    "bool": "give true or false",
    "string": "give text",
    "list": "give a list",
}
"""By the first word of the error's type: pydantic has several types for one kind of value, such as ``int_parsing``."""


def wanted(error: "ErrorDetails") -> str:
    """Return what to give instead, without the refused value; our own validators' errors already say it."""
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    kind = error["type"].partition("_")[0]
    text = _BY_TYPE.get(error["type"]) or _BY_KIND.get(kind, "this value can't be used")
    return text.format_map(error.get("ctx", {}))
