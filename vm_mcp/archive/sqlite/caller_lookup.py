"""Finds callers by what a person writes for one: a number in any spelling, or a name."""

import sqlite3

from vm_mcp.telephone import is_number, is_same_number, number_spellings
from vm_mcp.text import fold_words

_OF_MESSAGES = "SELECT uuid, caller_id_number, caller_id_name FROM messages"
_ALL = "SELECT DISTINCT caller_id_number, caller_id_name FROM messages ORDER BY 2, 1"
_NEAR = 0.75
"""How alike two spellings are, 0 to 1, that differ by a slip."""


def messages_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Give the uuids of a caller's messages; a name is a whole one."""
    name, can_be_number = fold_words(caller), is_number(caller)
    return {
        row["uuid"]
        for row in connection.execute(_OF_MESSAGES)
        if (name and fold_words(row["caller_id_name"]) == name)
        or (can_be_number and is_same_number(caller, row["caller_id_number"]))
    }


def like(connection: sqlite3.Connection, wanted: str, limit: int = 5) -> list[str]:
    """Name the callers known who might be meant: part of a name or number, or one with a slip in it."""
    from difflib import get_close_matches

    shown: dict[str, list[str]] = {}
    for row in connection.execute(_ALL):
        number, name = row["caller_id_number"], row["caller_id_name"]
        for spelling in sorted({fold_words(name), *number_spellings(number)} - {""}):
            shown.setdefault(spelling, []).append(", ".join(part for part in (name, number) if part))
    asked = sorted((number_spellings(wanted) if is_number(wanted) else {fold_words(wanted)}) - {""})
    found = [spelling for each in asked for spelling in shown if each in spelling]
    near = [spelling for each in asked for spelling in get_close_matches(each, shown, cutoff=_NEAR)]
    return list(dict.fromkeys(caller for spelling in [*found, *near] for caller in shown[spelling]))[:limit]
