"""Say which settings are unusable."""

from pydantic import ValidationError

from vm_mcp.argument_errors import wanted
from vm_mcp.errors import ConfigError
from vm_mcp.wording import joined


def unusable_settings(error: ValidationError, prefix: str) -> ConfigError:
    """Return the error that names each unusable setting and says what is accepted.

    Args:
        error: What pydantic found.
        prefix: What the names of the variables begin with.
    """
    problems = joined(
        "; ",
        (
            joined("", (f"{prefix}{str(item['loc'][0]).upper()}: ", wanted(item)))
            for item in error.errors(include_input=False, include_url=False)
        ),
    )
    return ConfigError("Unusable settings: {problems}. Correct them and start again.", problems=problems)
