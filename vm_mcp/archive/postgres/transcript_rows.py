"""Transcripts: one for each message, engine, model and language.

The text is a column beside the whole transcript, for lists, searches and other programs.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from vm_mcp.archive.first_lines import WHOLE_TEXT, known_transcript
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.message_rows import COLUMNS, from_row, note_bare
from vm_mcp.archive.records import Exported, KnownTranscript, MessageRange
from vm_mcp.archive.transcript_bodies import compress, decompress, decompress_or_error
from vm_mcp.models import Transcript, TranscriptKey

# A transcript in the requested language is good enough, whether the language was requested then or detected.
_GET = """
    SELECT body FROM transcripts
    WHERE uuid = %(uuid)s AND engine = %(engine)s AND model = %(model)s AND id > %(newer_than)s
        AND (language = %(language)s OR (%(language)s <> '' AND heard_language = %(language)s))
    ORDER BY language = %(language)s DESC, id DESC LIMIT 1
"""
_LATEST = "SELECT body FROM transcripts WHERE uuid = %s ORDER BY id DESC LIMIT 1"
_NEWEST_ID = "SELECT coalesce(max(id), 0) AS id FROM transcripts WHERE uuid = %s"
_KNOWN = """
    SELECT DISTINCT ON (transcripts.uuid) transcripts.uuid, CASE text WHEN '' THEN body END AS body,
        left(coalesce(nullif(shown, ''), text), %(length)s) AS text
    FROM transcripts JOIN messages USING (account, uuid) LEFT JOIN search ON search.message_id = messages.id
    WHERE transcripts.uuid = ANY(%(uuids)s)
    ORDER BY transcripts.uuid, transcripts.id DESC
"""
_SAVE = """
    INSERT INTO transcripts (uuid, engine, model, language, heard_language, made_at, text, body)
    VALUES (%(uuid)s, %(engine)s, %(model)s, %(language)s, %(heard_language)s,
        coalesce(%(now)s::timestamptz, clock_timestamp()), %(text)s, %(body)s)
    ON CONFLICT (account, uuid, engine, model, language) DO UPDATE SET
        id = excluded.id, heard_language = excluded.heard_language, made_at = excluded.made_at, text = excluded.text,
        body = excluded.body
"""
# A message without a timestamp comes first, and is in no range. Reading continues after the last row's sort key, not at
# an offset: whatever others add or purge meanwhile, no message is skipped or read twice.
_EACH = f"""
    SELECT {COLUMNS}, body, messages.id AS message_id
    FROM messages LEFT JOIN LATERAL (
        SELECT body FROM transcripts
        WHERE transcripts.account = messages.account AND transcripts.uuid = messages.uuid ORDER BY id DESC LIMIT 1
    ) AS latest ON true
    WHERE (%(extension)s = '' OR extension = %(extension)s)
"""  # noqa: S608 - constants
_UNDATED = f"{_EACH} AND received_at IS NULL AND id > %(after_id)s ORDER BY id LIMIT %(limit)s"
_DATED = f"""
    {_EACH}
        AND received_at IS NOT NULL
        AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR received_at <= %(until)s)
        AND (%(after)s::timestamptz IS NULL OR (received_at, id) > (%(after)s, %(after_id)s))
    ORDER BY received_at, id LIMIT %(limit)s
"""


class ExportPlace(NamedTuple):
    """Sort key of the last message that an export has read, and whether it is among those with a timestamp."""

    is_dated: bool = False
    after: datetime | None = None
    after_id: int = 0


async def get(connection: Connection, key: TranscriptKey, newer_than: int = 0) -> Transcript | None:
    """Return a transcript; None when there is none with an id above ``newer_than``."""
    row = await (await connection.execute(_GET, {**key._asdict(), "newer_than": newer_than})).fetchone()
    return await asyncio.to_thread(decompress, row["body"]) if row else None


async def latest(connection: Connection, uuid: str) -> Transcript | None:
    """Return the transcript of a message that was saved last, by any engine and model."""
    row = await (await connection.execute(_LATEST, (uuid,))).fetchone()
    return await asyncio.to_thread(decompress, row["body"]) if row else None


async def newest_id(connection: Connection, uuid: str) -> int:
    """Return the id of a message's latest transcript; 0 when there is none."""
    [row] = await (await connection.execute(_NEWEST_ID, (uuid,))).fetchall()
    return int(row["id"])


async def known(connection: Connection, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
    """Return, by uuid, what a list shows of each message's latest transcript."""
    found = await connection.execute(_KNOWN, {"length": WHOLE_TEXT + 1, "uuids": list(uuids)})
    rows = await found.fetchall()
    return await asyncio.to_thread(lambda: {row["uuid"]: known_transcript(row["text"], row["body"]) for row in rows})


async def save(connection: Connection, key: TranscriptKey, transcript: Transcript, now: datetime | None) -> None:
    """Store a transcript over one with the same key; within the caller's transaction."""
    await note_bare(connection, key.uuid, now)
    row = {
        **key._asdict(),
        # All its languages: one in two languages doesn't stand in for one that was asked for in either.
        "heard_language": ",".join(transcript.languages),
        "now": now,
        "text": transcript.text,
        "body": await asyncio.to_thread(compress, transcript),
    }
    await connection.execute(_SAVE, row)


async def read_range(
    connection: Connection, where: MessageRange, place: ExportPlace, limit: int
) -> tuple[list[Exported], ExportPlace | None]:
    """Read the next messages of an export, oldest first, each with its latest transcript.

    Args:
        connection: In a transaction.
        where: Which messages.
        place: Where to go on.
        limit: Messages at most.

    Returns:
        The messages, and where to go on; None at the end.
    """
    given = {**where._asdict(), **place._asdict(), "limit": limit}
    rows = await (await connection.execute(_DATED if place.is_dated else _UNDATED, given)).fetchall()
    exported = await asyncio.to_thread(lambda: [(from_row(row), decompress_or_error(row["body"])) for row in rows])
    if len(rows) == limit:
        return exported, ExportPlace(place.is_dated, rows[-1]["received_at"], rows[-1]["message_id"])
    return exported, None if place.is_dated else ExportPlace(is_dated=True)


def first_place(where: MessageRange) -> ExportPlace:
    """Return where an export begins: a range of time has no messages without a timestamp."""
    return ExportPlace(is_dated=bool(where.since or where.until))
