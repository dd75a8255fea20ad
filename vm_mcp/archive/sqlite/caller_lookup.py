"""Look up callers by what a person types: a number in any spelling, or a name."""

import sqlite3

from vm_mcp.telephone import is_number, is_same_number, number_spellings
from vm_mcp.text import fold_words

_OF_MESSAGES = "SELECT uuid, caller_id_number, caller_id_name FROM messages"
_ALL = "SELECT DISTINCT caller_id_number, caller_id_name FROM messages ORDER BY 2, 1"
_NEAR = 0.75
"""Similarity, 0 to 1, from which two spellings count as the same but for a slip."""


def messages_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Return the uuids of a caller's messages. `caller` is a number in any spelling or a whole name."""
    name, can_be_number = fold_words(caller), is_number(caller)
    return {
        row["uuid"]
        for row in connection.execute(_OF_MESSAGES)
        if (name and fold_words(row["caller_id_name"]) == name)
        or (can_be_number and is_same_number(caller, row["caller_id_number"]))
    }


def like(connection: sqlite3.Connection, wanted: str, limit: int = 5) -> list[str]:
    """Return known callers: those whose name or number contains ``wanted``, then those that nearly match it.

    Each is ``name, number``, or the one of them that is known.
    """
    from difflib import get_close_matches

    # A caller has several spellings, and callers may share one: the name of a family, the number of a company.
    callers: dict[str, list[str]] = {}
    for row in connection.execute(_ALL):
        number, name = row["caller_id_number"], row["caller_id_name"]
        for spelling in sorted({fold_words(name), *number_spellings(number)} - {""}):
            callers.setdefault(spelling, []).append(", ".join(part for part in (name, number) if part))
    typed = sorted((number_spellings(wanted) if is_number(wanted) else {fold_words(wanted)}) - {""})
    containing = [spelling for part in typed for spelling in callers if part in spelling]
    near = [spelling for whole in typed for spelling in get_close_matches(whole, callers, cutoff=_NEAR)]
    return list(dict.fromkeys(caller for spelling in [*containing, *near] for caller in callers[spelling]))[:limit]
