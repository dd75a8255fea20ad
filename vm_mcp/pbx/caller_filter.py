"""Filter messages by caller, which the PBX can't."""

from vm_mcp.models import Voicemail
from vm_mcp.telephone import is_number, is_part_of
from vm_mcp.text import clean_text, fold


def matches_caller(voicemail: Voicemail, wanted: str) -> bool:
    """Whether ``wanted`` is part of the caller's name, or part of the number in any spelling.

    Names are compared without case and accents, and dotted and dotless i are the same: not everyone has a Turkish
    keyboard. Numbers are compared without a leading ``0``, ``90``, ``0090`` or ``+90``.
    """
    wanted = clean_text(wanted)
    if fold(wanted) in fold(voicemail.caller_id_name):
        return True
    return is_number(wanted) and is_part_of(wanted, voicemail.caller_id_number)
