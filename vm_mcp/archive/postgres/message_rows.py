"""Messages as the PBX last listed them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vm_mcp.archive.postgres import search_index
from vm_mcp.archive.postgres.connections import Connection, execute_each
from vm_mcp.models import Voicemail
from vm_mcp.telephone import shortest_spelling

_NAMES = tuple(Voicemail.model_fields)
COLUMNS = ", ".join(f"messages.{name} AS {name}" for name in _NAMES)
"""What `from_row` reads. The columns are named after the model's fields, so a new field only needs a migration."""

_NOTE = f"""
    INSERT INTO messages ({", ".join(_NAMES)}, caller, mailboxes, noted_at, listed_at)
    VALUES (
        {", ".join(f"%({name})s" for name in _NAMES)}, %(caller)s, ARRAY[%(extension)s], %(listed_at)s, %(listed_at)s
    )
    ON CONFLICT (account, uuid) DO UPDATE SET
        mailboxes = CASE WHEN messages.mailboxes @> excluded.mailboxes THEN messages.mailboxes
            ELSE messages.mailboxes || excluded.mailboxes END,
        {", ".join(f"{name} = excluded.{name}" for name in (*_NAMES[1:], "caller", "listed_at"))}
"""  # noqa: S608 - constants
# Not ON CONFLICT: that would check the new row's mailboxes first, of which it has none.
_NOTE_BARE = """
    INSERT INTO messages (uuid, noted_at) SELECT %(uuid)s, coalesce(%(now)s::timestamptz, clock_timestamp())
    WHERE NOT EXISTS (SELECT FROM messages WHERE uuid = %(uuid)s)
"""
_INDEXED = "SELECT uuid, caller_id_number, caller_id_name, mailboxes FROM messages WHERE uuid = ANY(%s)"
_CALLERS = "SELECT DISTINCT caller_id_number, caller_id_name FROM messages ORDER BY caller_id_name, caller_id_number"
_ONE = f"SELECT {COLUMNS} FROM messages WHERE uuid = %s AND listed_at IS NOT NULL"  # noqa: S608 - constants
_RECENT = f"""
    SELECT {COLUMNS} FROM messages WHERE starts_with(uuid, %(prefix)s)
    ORDER BY received_at DESC NULLS LAST, id DESC LIMIT %(limit)s
"""  # noqa: S608 - constants


async def note(connection: Connection, voicemails: Sequence[Voicemail], listed_at: datetime) -> None:
    """Store messages as listed, and index those that are new or have another caller; under the account's lock."""
    before = await _indexed(connection, voicemails)
    await execute_each(connection, _NOTE, [_to_row(voicemail, listed_at) for voicemail in voicemails])
    changed = [each.uuid for each in voicemails if not _is_indexed(each, before.get(each.uuid))]
    await search_index.update(connection, list(dict.fromkeys(changed)))


async def note_bare(connection: Connection, uuid: str, now: datetime | None) -> None:
    """Add a row for a message that was never listed, unless it has one; None: now by PostgreSQL's clock."""
    await connection.execute(_NOTE_BARE, {"uuid": uuid, "now": now})


async def get(connection: Connection, uuid: str) -> Voicemail | None:
    """Return a message as it was last listed; None when it never was."""
    row = await (await connection.execute(_ONE, (uuid,))).fetchone()
    return from_row(row) if row else None


async def recent(connection: Connection, limit: int, prefix: str) -> list[Voicemail]:
    """Return the latest messages whose uuid begins with ``prefix``, compared literally."""
    rows = await connection.execute(_RECENT, {"prefix": prefix, "limit": limit})
    return [from_row(row) async for row in rows]


def from_row(row: dict[str, Any]) -> Voicemail:
    """Return a message from a row that contains `COLUMNS`."""
    return Voicemail(**{name: row[name] for name in _NAMES})


def _to_row(voicemail: Voicemail, listed_at: datetime) -> dict[str, object]:
    return {**dict(voicemail), "caller": shortest_spelling(voicemail.caller_id_number), "listed_at": listed_at}


async def _indexed(connection: Connection, voicemails: Sequence[Voicemail]) -> dict[str, dict[str, Any]]:
    """Return, by uuid, that of known messages which is in the index."""
    found = await connection.execute(_INDEXED, ([voicemail.uuid for voicemail in voicemails],))
    return {row["uuid"]: row for row in await found.fetchall()}


def _is_indexed(voicemail: Voicemail, known: dict[str, Any] | None) -> bool:
    return (
        known is not None
        and (known["caller_id_number"], known["caller_id_name"])
        == (voicemail.caller_id_number, voicemail.caller_id_name)
        and voicemail.extension in known["mailboxes"]
    )


async def callers(connection: Connection) -> list[tuple[str, str]]:
    """Return the numbers and names of all callers, by name."""
    rows = await (await connection.execute(_CALLERS)).fetchall()
    return [(row["caller_id_number"], row["caller_id_name"]) for row in rows]
