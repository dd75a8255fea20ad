"""Look up callers by what a person types: a number in any spelling, or a name."""

import json
import sqlite3
from collections.abc import Callable

from vm_mcp.telephone import is_number, is_same_number, number_spellings
from vm_mcp.text import fold_words

_OF_MESSAGES = "SELECT uuid, caller_id_number, caller_id_name FROM messages"
_OF_CALLS = "SELECT call_uuid, caller_id_number, caller_id_name, destination_number, destination_name FROM call_records"
_ALL = "SELECT DISTINCT caller_id_number, caller_id_name FROM messages ORDER BY 2, 1"
_NEAR = 0.75
"""Similarity, 0 to 1, from which two spellings count as the same but for a slip."""


def messages_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Return the uuids of a caller's messages. `caller` is a number in any spelling or a whole name."""
    is_theirs = _matcher(caller)
    return {row["uuid"] for row in connection.execute(_OF_MESSAGES) if is_theirs(row[1], row[2])}


def calls_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Return the ids of call records with a caller at either end."""
    is_theirs = _matcher(caller)
    rows = connection.execute(_OF_CALLS)
    return {row["call_uuid"] for row in rows if is_theirs(row[1], row[2]) or is_theirs(row[3], row[4])}


def contacts_of(connection: sqlite3.Connection, caller: str) -> list[int]:
    """Return the row ids of contacts with a caller's name or number."""
    is_theirs = _matcher(caller)
    rows = connection.execute("SELECT contact, name, numbers FROM contacts")
    return [row_id for row_id, name, numbers in rows if any(is_theirs(each, name) for each in json.loads(numbers))]


def _matcher(caller: str) -> Callable[[str, str], bool]:
    """Return a function of a number and a name: whether they are the caller's."""
    wanted, can_be_number = fold_words(caller), is_number(caller)

    def is_theirs(number: str, name: str) -> bool:
        return bool(wanted and fold_words(name) == wanted) or (can_be_number and is_same_number(caller, number))

    return is_theirs


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
