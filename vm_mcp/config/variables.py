"""The environment's variables, as hosts set them."""

import re
from typing import Any

from pydantic_settings import EnvSettingsSource


class FilledVariables(EnvSettingsSource):
    """The environment's variables, without those that a host left as the placeholder of an unanswered question.

    Claude Desktop passes a bundle's optional setting that its user left empty as ``${user_config.NAME}``, literally.
    """

    def __call__(self) -> dict[str, Any]:
        """Return what is set, by field name."""
        return {name: value for name, value in super().__call__().items() if not _is_placeholder(value)}


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\s*\$\{user_config\.[^}]*\}\s*", value) is not None
