"""What a setting or an argument should have been, in words of ours: pydantic's own tell of its insides."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_BY_TYPE = {
    "missing": "it is needed",
    "extra_forbidden": "there is no such argument",
    "literal_error": "give {expected}",
    "greater_than_equal": "give {ge:g} or more",
    "less_than_equal": "give {le:g} or less",
    "too_short": "it must not be empty",
    "too_long": "it is too long: {max_length} at most",
    "string_too_short": "it must not be empty",
    "string_too_long": "it is too long: {max_length} characters at most",
    "string_unicode": "it holds half a character: write whole ones",
    "string_pattern_mismatch": "give what fits {pattern}",
}
_BY_KIND = {
    "int": "give a whole number",
    "float": "give a number",
    "finite": "give a number",
    "bool": "give true or false",
    "string": "give text",
    "list": "give a list",
}
"""By what the name of an error's type begins with: of one kind of value there are several."""


def wanted(error: "ErrorDetails") -> str:
    """Tell what to give in place of what was refused, without the value; a validator of ours tells it itself."""
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    kind = error["type"].partition("_")[0]
    text = _BY_TYPE.get(error["type"]) or _BY_KIND.get(kind, "it can't be used as it is")
    return text.format_map(error.get("ctx", {}))
