"""Call records, contacts and extensions as last read from the PBX, and what persons said of messages.

None of these but the marks belongs to a message, so a restricted reader sees all of the account's.
"""

from collections.abc import Sequence
from datetime import datetime

from vm_mcp.archive.postgres import search_index
from vm_mcp.archive.postgres.connections import Connection, execute_each
from vm_mcp.archive.reading_times import is_due
from vm_mcp.archive.records import NeighbourPart, NeighbourReading, People
from vm_mcp.archive.uuid_endings import SHORTEST_ENDING, shortest_endings
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.handling import Mark
from vm_mcp.telephone import shortest_spelling

NEIGHBOUR_TABLES = ("call_records", "contacts", "extensions", "neighbours")
"""What was read from the PBX; nothing in them belongs to a message."""
_NAMES = tuple(CallRecord.model_fields)
_MARK_NAMES = tuple(Mark.model_fields)
_SAVE_CALL = f"""
    INSERT INTO call_records ({", ".join(_NAMES)}, at, noted_at)
    VALUES ({", ".join(f"%({name})s" for name in _NAMES)}, %(at)s, %(noted_at)s)
    ON CONFLICT (account, lower(call_uuid)) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in (*_NAMES, "at", "noted_at"))}
"""  # noqa: S608 - constants
_CALLS = f"SELECT {', '.join(_NAMES)} FROM call_records WHERE at IS NULL OR at >= %s"  # noqa: S608 - constants
_CONTACTS = "SELECT contact_id, name, company, numbers FROM contacts ORDER BY contact"
_EXTENSIONS = "SELECT number, name FROM extensions ORDER BY place"
_NAMES_BY_NUMBER = "SELECT spelling, name, company FROM contacts JOIN contact_numbers USING (account, contact)"
_SAVE_CONTACT = "INSERT INTO contacts (contact, contact_id, name, company, numbers) VALUES (%s, %s, %s, %s, %s)"
_SAVE_NUMBER = "INSERT INTO contact_numbers (spelling, contact) VALUES (%s, %s)"
_SAVE_EXTENSION = "INSERT INTO extensions (place, number, name) VALUES (%s, %s, %s)"
_PEOPLE_VERSION = """
    SELECT (SELECT max(read_at) FROM neighbours WHERE part = 'contacts') AS contacts_at,
        (SELECT count(*) FROM contacts) AS contacts,
        (SELECT max(read_at) FROM neighbours WHERE part = 'extensions') AS extensions_at,
        (SELECT count(*) FROM extensions) AS extensions
"""
_MESSAGES = "SELECT uuid FROM messages WHERE received_at IS NULL OR received_at >= %s"
_READINGS = f"SELECT part, {', '.join(NeighbourReading._fields)} FROM neighbours"  # noqa: S608 - constants
_SAVE_READING = f"""
    INSERT INTO neighbours (part, {", ".join(NeighbourReading._fields)})
    VALUES (%(part)s, {", ".join(f"%({name})s" for name in NeighbourReading._fields)})
    ON CONFLICT (account, part) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in NeighbourReading._fields)}
"""  # noqa: S608 - constants
# With a whole ending typed, an index finds it.
_ENDING = f"""
    SELECT uuid FROM messages
    WHERE lower(right(uuid, length(%(ending)s))) = lower(%(ending)s COLLATE "C")
        AND (length(%(ending)s) < {SHORTEST_ENDING} OR ending = lower(right(%(ending)s, {SHORTEST_ENDING}) COLLATE "C"))
    ORDER BY length(uuid) <> length(%(ending)s), uuid LIMIT %(limit)s
"""  # noqa: S608 - constants
_SAME_ENDING = "SELECT uuid FROM messages WHERE ending = ANY(%s)"
_MARK = f"""
    INSERT INTO marks (uuid, {", ".join(_MARK_NAMES)})
    SELECT uuid, {", ".join(f"%({name})s" for name in _MARK_NAMES)} FROM messages WHERE uuid = ANY(%(uuids)s)
    ON CONFLICT (account, uuid) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _MARK_NAMES)}
    RETURNING uuid
"""  # noqa: S608 - constants
_MARKS = f"SELECT uuid, {', '.join(_MARK_NAMES)} FROM marks WHERE uuid = ANY(%s)"  # noqa: S608 - constants


async def neighbours(connection: Connection) -> dict[NeighbourPart, NeighbourReading]:
    """Return when each part was read."""
    rows = await (await connection.execute(_READINGS)).fetchall()
    return {row.pop("part"): NeighbourReading(**row) for row in rows}


async def claim(
    connection: Connection, part: NeighbourPart, now: datetime, next_at: datetime
) -> NeighbourReading | None:
    """Return the last reading if it is time for another, and put that off for all others; under the account's lock."""
    reading = (await neighbours(connection)).get(part, NeighbourReading())
    if not is_due(part, reading, now):
        return None
    await save_reading(connection, part, reading._replace(next_at=next_at))
    return reading


async def save_reading(connection: Connection, part: NeighbourPart, reading: NeighbourReading) -> None:
    """Store when a part was read."""
    await connection.execute(_SAVE_READING, {"part": part, **reading._asdict()})


async def save_calls(connection: Connection, records: Sequence[CallRecord], reading: NeighbourReading) -> None:
    """Store call records and when they were read."""
    rows = [{**dict(record), "at": record.at, "noted_at": reading.read_at} for record in records]
    await execute_each(connection, _SAVE_CALL, rows)
    await save_reading(connection, "calls", reading)


async def save_contacts(connection: Connection, contacts: Sequence[Contact], reading: NeighbourReading) -> None:
    """Store contacts in place of those before, and when they were read; under the account's lock."""
    rows = [(at, each.contact_id, each.name, each.company, list(each.numbers)) for at, each in enumerate(contacts)]
    numbers = {(number, at) for at, each in enumerate(contacts) for number in map(shortest_spelling, each.numbers)}
    before = await _names_by_number(connection)
    await connection.execute("DELETE FROM contacts")
    await execute_each(connection, _SAVE_CONTACT, rows)
    await execute_each(connection, _SAVE_NUMBER, sorted(row for row in numbers if row[0]))
    after = await _names_by_number(connection)
    changed = [number for number in before | after if before.get(number) != after.get(number)]
    await search_index.index_later(connection, changed)
    await save_reading(connection, "contacts", reading)


async def save_extensions(connection: Connection, extensions: Sequence[Extension], reading: NeighbourReading) -> None:
    """Store extensions in place of those before, and when they were read; under the account's lock."""
    await connection.execute("DELETE FROM extensions")
    rows = [(at, each.number, each.name) for at, each in enumerate(extensions)]
    await execute_each(connection, _SAVE_EXTENSION, rows)
    await save_reading(connection, "extensions", reading)


async def calls(connection: Connection, since: datetime) -> list[CallRecord]:
    """Return the call records from a moment on, and those without a time."""
    return [CallRecord(**row) for row in await (await connection.execute(_CALLS, (since,))).fetchall()]


async def message_uuids(connection: Connection, since: datetime) -> list[str]:
    """Return the ids of messages from a moment on, and of those without a time."""
    return [row["uuid"] for row in await (await connection.execute(_MESSAGES, (since,))).fetchall()]


async def people(connection: Connection) -> People:
    """Return the address book and the extensions."""
    contacts = await (await connection.execute(_CONTACTS)).fetchall()
    extensions = await (await connection.execute(_EXTENSIONS)).fetchall()
    return People(
        tuple(Contact(**row | {"numbers": tuple(row["numbers"])}) for row in contacts),
        tuple(Extension(**row) for row in extensions),
    )


async def people_version(connection: Connection) -> tuple[object, ...]:
    """Return a value that changes with the address book and the extensions: when they were read, how many are left."""
    [row] = await (await connection.execute(_PEOPLE_VERSION)).fetchall()
    return tuple(row.values())


async def uuids_ending(connection: Connection, ending: str, limit: int) -> list[str]:
    """Return the ids of messages that end in these characters; one that is equal comes alone."""
    rows = await (await connection.execute(_ENDING, {"ending": ending, "limit": limit})).fetchall()
    found = [row["uuid"] for row in rows]
    return found[:1] if found and len(found[0]) == len(ending) else found


async def endings(connection: Connection, uuids: Sequence[str]) -> dict[str, str]:
    """Return the shortest ends of uuids that no other message has; all of one if it is the end of another."""
    shortest = list({uuid[-SHORTEST_ENDING:].lower() for uuid in uuids})
    rows = await (await connection.execute(_SAME_ENDING, (shortest,))).fetchall()
    return shortest_endings(uuids, (row["uuid"] for row in rows))


async def mark(connection: Connection, uuids: Sequence[str], said: Mark) -> None:
    """Store what a person said of messages; under the account's lock."""
    marked = await connection.execute(_MARK, {"uuids": list(uuids), **dict(said)})
    await search_index.update(connection, [row["uuid"] for row in await marked.fetchall()])


async def marks(connection: Connection, uuids: Sequence[str]) -> dict[str, Mark]:
    """Return, by uuid, what a person said last."""
    rows = await (await connection.execute(_MARKS, (list(uuids),))).fetchall()
    return {row.pop("uuid"): Mark(**row) for row in rows}


async def _names_by_number(connection: Connection) -> dict[str, set[tuple[str, str]]]:
    names: dict[str, set[tuple[str, str]]] = {}
    for row in await (await connection.execute(_NAMES_BY_NUMBER)).fetchall():
        names.setdefault(row["spelling"], set()).add((row["name"], row["company"]))
    return names
