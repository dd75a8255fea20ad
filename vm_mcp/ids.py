"""The rule for a message's uuid: opaque, since the vendor's aren't always UUIDs, but safe to send, log and print."""

import unicodedata

from vm_mcp.errors import InputError

MAX_UUID = 128
"""Characters."""

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that steer a display or break a line: control, bidirectional, zero-width, lone surrogates."""


def is_usable_uuid(uuid: str) -> bool:
    """Whether an id is safe: not empty or too long, no dots alone, no white space, slashes or invisible characters."""
    return (
        0 < len(uuid) <= MAX_UUID
        and not set(uuid) <= {"."}
        and not any(char in "/\\" or char.isspace() or unicodedata.category(char) in _UNSAFE for char in uuid)
    )


def check_uuid(uuid: str) -> str:
    """Return a message's id unchanged.

    Raises:
        InputError: It is not usable.
    """
    if not is_usable_uuid(uuid):
        raise InputError(
            f"`uuid` is not a voicemail's: at most {MAX_UUID} characters, without spaces or slashes. "
            "Use one that a list of voicemails gave."
        )
    return uuid
