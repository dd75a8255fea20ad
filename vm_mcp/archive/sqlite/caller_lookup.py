"""Finds callers by what a person writes for one: a number in any spelling, or a name."""

import sqlite3

from vm_mcp.text import fold_words, number_spellings

_OF_MESSAGES = "SELECT uuid, caller_id_number, caller_id_name FROM messages"
_ALL = "SELECT DISTINCT caller_id_number, caller_id_name FROM messages ORDER BY 2, 1"
_NEAR = 0.75
"""How alike two spellings are, 0 to 1, that differ by a slip."""


def messages_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Give the uuids of a caller's messages; a name is a whole one."""
    name, numbers = fold_words(caller), _numbers(caller)
    return {
        row["uuid"]
        for row in connection.execute(_OF_MESSAGES)
        if (name and fold_words(row["caller_id_name"]) == name)
        or not numbers.isdisjoint(number_spellings(row["caller_id_number"]))
    }


def like(connection: sqlite3.Connection, wanted: str, limit: int = 5) -> list[str]:
    """Name the callers known who might be meant: part of a name or number, or one with a slip in it."""
    from difflib import get_close_matches

    shown: dict[str, list[str]] = {}
    for row in connection.execute(_ALL):
        number, name = row["caller_id_number"], row["caller_id_name"]
        for spelling in sorted({fold_words(name), *number_spellings(number)} - {""}):
            shown.setdefault(spelling, []).append(", ".join(part for part in (name, number) if part))
    asked = [fold_words(wanted)] if _is_name(wanted) else sorted(_numbers(wanted))
    found = [spelling for each in asked for spelling in shown if each in spelling]
    near = [spelling for each in asked for spelling in get_close_matches(each, shown, cutoff=_NEAR)]
    return list(dict.fromkeys(caller for spelling in [*found, *near] for caller in shown[spelling]))[:limit]


def _is_name(caller: str) -> bool:
    return any(char.isalpha() for char in caller)


def _numbers(caller: str) -> set[str]:
    """The spellings of a number; of a name, which may hold digits as well, there are none."""
    return set() if _is_name(caller) else number_spellings(caller)
