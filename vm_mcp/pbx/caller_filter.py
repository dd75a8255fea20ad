"""Who called: the PBX can't filter by caller, so it is done here."""

from vm_mcp.models import Voicemail
from vm_mcp.telephone import is_number, is_part_of
from vm_mcp.text import clean_text, fold


def matches_caller(voicemail: Voicemail, wanted: str) -> bool:
    """Tell whether a part of a name, or digits of a number in any of its spellings, fits a message's caller.

    Names are compared without case, accents and the difference between dotted and dotless i: whoever asks may not
    have a Turkish keyboard. Numbers are compared without ``0``, ``90``, ``0090`` or ``+90`` in front.
    """
    wanted = clean_text(wanted)
    if fold(wanted) in fold(voicemail.caller_id_name):
        return True
    return is_number(wanted) and is_part_of(wanted, voicemail.caller_id_number)
