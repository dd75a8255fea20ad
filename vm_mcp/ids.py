"""Check message ids: opaque, because the vendor's are not always UUIDs, but safe to send, log and print."""

import unicodedata

from vm_mcp.errors import InputError

MAX_UUID = 128
"""Maximum characters."""

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that control a display or break a line: control, bidirectional, zero-width, lone surrogates."""


def is_usable_uuid(uuid: str) -> bool:
    """Whether an id is safe: not empty, too long or only dots; no white space, slashes or invisible characters."""
    return (
        0 < len(uuid) <= MAX_UUID
        and not set(uuid) <= {"."}
        and not any(char in "/\\" or char.isspace() or unicodedata.category(char) in _UNSAFE for char in uuid)
    )


def check_uuid(uuid: str) -> str:
    """Return a message's id unchanged.

    Raises:
        InputError: It isn't usable.
    """
    if not is_usable_uuid(uuid):
        raise InputError(
            "`uuid` is not a voicemail's id, which has at most {most} characters and no spaces or slashes. Use one "
            "from a list of voicemails.",
            most=MAX_UUID,
        )
    return uuid
