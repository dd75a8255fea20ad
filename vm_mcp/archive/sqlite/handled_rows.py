"""Call records, contacts and extensions as last read from the PBX, and what persons said of messages."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from vm_mcp.archive.reading_times import is_due
from vm_mcp.archive.records import NeighbourPart, NeighbourReading, People
from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.archive.uuid_endings import SHORTEST_ENDING, shortest_endings
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.handling import Mark
from vm_mcp.telephone import shortest_spelling

NEIGHBOUR_TABLES = ("call_records", "contacts", "extensions", "neighbours")
"""What was read from the PBX; nothing in them belongs to a message."""
_NAMES = tuple(CallRecord.model_fields)
_TIMESTAMPS = {"started_at", "answered_at", "ended_at"}
_SAVE_CALL = f"""
    INSERT OR REPLACE INTO call_records ({", ".join(_NAMES)}, at, noted_at)
    VALUES ({", ".join(f":{name}" for name in _NAMES)}, :at, :noted_at)
"""  # noqa: S608 - constants
_CALLS = f"SELECT {', '.join(_NAMES)} FROM call_records WHERE at IS NULL OR at >= ?"  # noqa: S608 - constants
_CONTACTS = "SELECT contact_id, name, company, numbers FROM contacts"
_NAMES_BY_NUMBER = "SELECT spelling, name, company FROM contacts JOIN contact_numbers USING (contact)"
_PEOPLE_VERSION = """
    SELECT (SELECT max(read_at) FROM neighbours WHERE part = 'contacts'), (SELECT count(*) FROM contacts),
        (SELECT max(read_at) FROM neighbours WHERE part = 'extensions'), (SELECT count(*) FROM extensions)
"""
_MESSAGES = "SELECT uuid FROM messages WHERE received_at IS NULL OR received_at >= ?"
_READING = "SELECT next_at, read_at, since, until, is_complete, problem, is_refused FROM neighbours WHERE part = ?"
_SAVE_READING = "INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# COLLATE NOCASE, not LIKE: in that, an underscore stands for any character.
_ENDING = """
    SELECT uuid FROM messages WHERE substr(uuid, -length(:ending)) = :ending COLLATE NOCASE
    ORDER BY length(uuid) <> length(:ending), uuid LIMIT :limit
"""
_SAME_ENDING = f"""
    WITH shortest AS (SELECT value FROM json_each(?))
    SELECT uuid FROM messages WHERE lower(substr(uuid, -{SHORTEST_ENDING})) IN shortest
"""  # noqa: S608 - constants
_MARK = """
    INSERT OR REPLACE INTO marks (uuid, state, note, at, marked_by)
    SELECT uuid, ?, ?, ?, ? FROM messages WHERE uuid IN (SELECT value FROM json_each(?))
"""
_MARKS = "SELECT uuid, state, note, at, marked_by FROM marks WHERE uuid IN (SELECT value FROM json_each(?))"


def neighbours(connection: sqlite3.Connection) -> dict[NeighbourPart, NeighbourReading]:
    """Return when each part was read."""
    parts: tuple[NeighbourPart, ...] = get_args(NeighbourPart)
    found = {part: _reading(connection, part) for part in parts}
    return {part: reading for part, reading in found.items() if reading}


def claim(
    connection: sqlite3.Connection, part: NeighbourPart, now: datetime, next_at: datetime
) -> NeighbourReading | None:
    """Return the last reading if it is time for another, and put that off for all others until ``next_at``."""
    if not is_due(part, _reading(connection, part), now):
        return None  # without a lock, as mostly
    with transaction(connection):
        reading = _reading(connection, part) or NeighbourReading()
        if not is_due(part, reading, now):
            return None
        save_reading(connection, part, reading._replace(next_at=next_at))
        return reading


def save_reading(connection: sqlite3.Connection, part: NeighbourPart, reading: NeighbourReading) -> None:
    """Store when a part was read; within the caller's transaction, or alone."""
    times = (to_stored(reading.next_at), to_stored(reading.read_at), to_stored(reading.since), to_stored(reading.until))
    connection.execute(_SAVE_READING, (part, *times, reading.is_complete, reading.problem, reading.is_refused))


def save_calls(connection: sqlite3.Connection, records: Sequence[CallRecord], reading: NeighbourReading) -> None:
    """Store call records and when they were read."""
    noted_at = to_stored(reading.read_at)
    with transaction(connection):
        connection.executemany(_SAVE_CALL, (_call_row(record) | {"noted_at": noted_at} for record in records))
        save_reading(connection, "calls", reading)


def save_contacts(connection: sqlite3.Connection, contacts: Sequence[Contact], reading: NeighbourReading) -> None:
    """Store contacts in place of those before, and when they were read."""
    rows = [(at, each.contact_id, each.name, each.company, as_json(each.numbers)) for at, each in enumerate(contacts)]
    numbers = {(number, at) for at, each in enumerate(contacts) for number in map(shortest_spelling, each.numbers)}
    with transaction(connection):
        before = _names_by_number(connection)
        connection.execute("DELETE FROM contacts")
        connection.executemany("INSERT INTO contacts VALUES (?, ?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO contact_numbers VALUES (?, ?)", (row for row in numbers if row[0]))
        after = _names_by_number(connection)
        changed = {number for number in before | after if before.get(number) != after.get(number)}
        search_index.index_later(connection, changed)
        save_reading(connection, "contacts", reading)


def save_extensions(connection: sqlite3.Connection, extensions: Sequence[Extension], reading: NeighbourReading) -> None:
    """Store extensions in place of those before, and when they were read."""
    with transaction(connection):
        connection.execute("DELETE FROM extensions")
        connection.executemany(
            "INSERT INTO extensions VALUES (?, ?)", [(each.number, each.name) for each in extensions]
        )
        save_reading(connection, "extensions", reading)


def calls(connection: sqlite3.Connection, since: datetime) -> list[CallRecord]:
    """Return the call records from a moment on, and those without a time."""
    return [_call(row) for row in connection.execute(_CALLS, (to_stored(since),))]


def message_uuids(connection: sqlite3.Connection, since: datetime) -> list[str]:
    """Return the ids of messages from a moment on, and of those without a time."""
    return [uuid for (uuid,) in connection.execute(_MESSAGES, (to_stored(since),))]


def people(connection: sqlite3.Connection) -> People:
    """Return the address book and the extensions."""
    contacts = [
        Contact(contact_id=contact_id, name=name, company=company, numbers=tuple(json.loads(numbers)))
        for contact_id, name, company, numbers in connection.execute(_CONTACTS)
    ]
    extensions = [
        Extension(number=number, name=name) for number, name in connection.execute("SELECT * FROM extensions")
    ]
    return People(tuple(contacts), tuple(extensions))


def people_version(connection: sqlite3.Connection) -> tuple[object, ...]:
    """Return a value that changes with the address book and the extensions: when they were read, how many are left."""
    return tuple(connection.execute(_PEOPLE_VERSION).fetchone())


def uuids_ending(connection: sqlite3.Connection, ending: str, limit: int) -> list[str]:
    """Return the ids of messages that end in these characters; one that is equal comes alone."""
    found = [uuid for (uuid,) in connection.execute(_ENDING, {"ending": ending, "limit": limit})]
    return found[:1] if found and len(found[0]) == len(ending) else found


def endings(connection: sqlite3.Connection, uuids: Sequence[str]) -> dict[str, str]:
    """Return the shortest ends of uuids that no other message has; all of one if it is the end of another."""
    shortest = as_json({uuid[-SHORTEST_ENDING:].lower() for uuid in uuids})
    return shortest_endings(uuids, (uuid for (uuid,) in connection.execute(_SAME_ENDING, (shortest,))))


def mark(connection: sqlite3.Connection, uuids: Sequence[str], said: Mark) -> None:
    """Store what a person said of messages."""
    with transaction(connection):
        connection.execute(_MARK, (said.state, said.note, to_stored(said.at), said.by, as_json(uuids)))
        for uuid in uuids:
            search_index.update(connection, uuid)


def marks(connection: sqlite3.Connection, uuids: Sequence[str]) -> dict[str, Mark]:
    """Return, by uuid, what a person said last."""
    rows = connection.execute(_MARKS, (as_json(uuids),))
    return {row["uuid"]: _said(row) for row in rows}


def _said(row: sqlite3.Row) -> Mark:
    return Mark(state=row["state"], note=row["note"], at=from_stored(row["at"]), by=row["marked_by"])


def _names_by_number(connection: sqlite3.Connection) -> dict[str, set[tuple[str, str]]]:
    names: dict[str, set[tuple[str, str]]] = {}
    for number, name, company in connection.execute(_NAMES_BY_NUMBER):
        names.setdefault(number, set()).add((name, company))
    return names


def _reading(connection: sqlite3.Connection, part: NeighbourPart) -> NeighbourReading | None:
    row = connection.execute(_READING, (part,)).fetchone()
    if row is None:
        return None
    return NeighbourReading(
        next_at=from_stored(row["next_at"]),
        read_at=from_stored(row["read_at"]),
        since=from_stored(row["since"]),
        until=from_stored(row["until"]),
        is_complete=bool(row["is_complete"]),
        problem=row["problem"],
        is_refused=bool(row["is_refused"]),
    )


def _call_row(record: CallRecord) -> dict[str, object]:
    fields = {name: to_stored(value) if name in _TIMESTAMPS else value for name, value in record}
    return fields | {"at": to_stored(record.at)}


def _call(row: sqlite3.Row) -> CallRecord:
    fields = {name: from_stored(row[name]) if name in _TIMESTAMPS else row[name] for name in _NAMES}
    return CallRecord(**fields)
