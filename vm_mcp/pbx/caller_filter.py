"""Filter messages by caller, which the PBX can't."""

from collections.abc import Callable, Iterable

from vm_mcp.models import Voicemail
from vm_mcp.telephone import is_number, is_part_of
from vm_mcp.text import clean_text, fold

CallerNames = Callable[[Voicemail], Iterable[str]]
"""Returns names that a message's caller has elsewhere, such as in an address book."""


def matches_caller(voicemail: Voicemail, wanted: str, more_names: Iterable[str] = ()) -> bool:
    """Whether ``wanted`` is part of the caller's name or of another name, or part of the number in any spelling.

    Names are compared without case and accents, and dotted and dotless i are the same: not everyone has a Turkish
    keyboard. Numbers are compared without a leading ``0``, ``90``, ``0090`` or ``+90``.
    """
    wanted = clean_text(wanted)
    if any(fold(wanted) in fold(name) for name in (voicemail.caller_id_name, *more_names)):
        return True
    return is_number(wanted) and is_part_of(wanted, voicemail.caller_id_number)
