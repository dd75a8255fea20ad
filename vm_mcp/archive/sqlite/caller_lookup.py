"""Look up callers by what a person types: a number in any spelling, or a name."""

import json
import sqlite3

from vm_mcp.archive.caller_matching import caller_matcher, callers_like

_OF_MESSAGES = "SELECT uuid, caller_id_number, caller_id_name FROM messages"
_OF_CALLS = "SELECT call_uuid, caller_id_number, caller_id_name, destination_number, destination_name FROM call_records"
_ALL = "SELECT DISTINCT caller_id_number, caller_id_name FROM messages ORDER BY 2, 1"


def messages_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Return the uuids of a caller's messages. `caller` is a number in any spelling or a whole name."""
    is_theirs = caller_matcher(caller)
    return {row["uuid"] for row in connection.execute(_OF_MESSAGES) if is_theirs(row[1], row[2])}


def calls_of(connection: sqlite3.Connection, caller: str) -> set[str]:
    """Return the ids of call records with a caller at either end."""
    is_theirs = caller_matcher(caller)
    rows = connection.execute(_OF_CALLS)
    return {row["call_uuid"] for row in rows if is_theirs(row[1], row[2]) or is_theirs(row[3], row[4])}


def contacts_of(connection: sqlite3.Connection, caller: str) -> list[int]:
    """Return the row ids of contacts with a caller's name or number."""
    is_theirs = caller_matcher(caller)
    rows = connection.execute("SELECT contact, name, numbers FROM contacts")
    return [row_id for row_id, name, numbers in rows if any(is_theirs(each, name) for each in json.loads(numbers))]


def like(connection: sqlite3.Connection, wanted: str) -> list[str]:
    """Return known callers: those whose name or number contains ``wanted``, then those that nearly match it."""
    return callers_like(wanted, ((row["caller_id_number"], row["caller_id_name"]) for row in connection.execute(_ALL)))
