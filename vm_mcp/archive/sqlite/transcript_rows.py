"""Transcripts: one for each message, engine, model and language.

The text is a column beside the whole transcript, for lists, searches and other programs.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from vm_mcp.archive.first_lines import WHOLE_TEXT, known_transcript
from vm_mcp.archive.records import Exported, KnownTranscript, MessageRange
from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.message_rows import COLUMNS, as_json, from_row, note_bare
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.archive.transcript_bodies import compress, decompress, decompress_or_error
from vm_mcp.models import Transcript, TranscriptKey

# A transcript in the requested language is good enough, whether the language was requested then or detected.
_GET = """
    SELECT id, body FROM transcripts
    WHERE uuid = :uuid AND engine = :engine AND model = :model AND id > :newer_than
        AND (language = :language OR (:language <> '' AND heard_language = :language))
    ORDER BY language = :language DESC, id DESC LIMIT 1
"""
_LATEST = "SELECT body FROM transcripts WHERE uuid = ? ORDER BY id DESC LIMIT 1"
_NEWEST_ID = "SELECT coalesce(max(id), 0) FROM transcripts WHERE uuid = ?"
# Beside max(), SQLite reads the other columns from the row that has the maximum.
_KNOWN = """
    WITH latest AS (
        SELECT uuid, text, CASE text WHEN '' THEN body END AS body, max(id) FROM transcripts
        WHERE uuid IN (SELECT value FROM json_each(:uuids)) GROUP BY uuid
    )
    SELECT uuid, body, substr(coalesce(nullif(shown, ''), text), 1, :length) AS text
    FROM latest JOIN messages USING (uuid) LEFT JOIN search ON search.rowid = messages.id
"""
_SAVE = """
    INSERT OR REPLACE INTO transcripts (uuid, engine, model, language, heard_language, made_at, text, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
# A message without a timestamp comes first, and is in no range. Reading continues after the last row's sort key, not at
# an offset: whatever other processes add or purge meanwhile, no message is skipped or read twice.
_EACH = f"""
    SELECT {COLUMNS}, body, messages.id AS message_id, coalesce(received_at, :first) AS at
    FROM messages LEFT JOIN transcripts
        ON transcripts.id = (SELECT max(id) FROM transcripts WHERE uuid = messages.uuid)
    WHERE (:since IS NULL OR received_at >= :since) AND (:until IS NULL OR received_at <= :until)
        AND (:extension = '' OR extension = :extension)
        AND (at, messages.id) > (:after, :after_id)
    ORDER BY at, messages.id LIMIT :limit
"""  # noqa: S608 - constants
_FIRST = -(1 << 62)  # microseconds; before any timestamp


class ExportPlace(NamedTuple):
    """Sort key of the last message that an export has read."""

    after: int = _FIRST
    after_id: int = 0


def get(connection: sqlite3.Connection, key: TranscriptKey, newer_than: int = 0) -> Transcript | None:
    """Return a transcript; None when there is none with an id above ``newer_than``."""
    row = connection.execute(_GET, {**key._asdict(), "newer_than": newer_than}).fetchone()
    return decompress(row["body"]) if row else None


def latest(connection: sqlite3.Connection, uuid: str) -> Transcript | None:
    """Return the transcript of a message that was saved last, by any engine and model."""
    row = connection.execute(_LATEST, (uuid,)).fetchone()
    return decompress(row["body"]) if row else None


def newest_id(connection: sqlite3.Connection, uuid: str) -> int:
    """Return the id of a message's latest transcript; 0 when there is none."""
    return int(connection.execute(_NEWEST_ID, (uuid,)).fetchone()[0])


def known(connection: sqlite3.Connection, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
    """Return, by uuid, what a list shows of each message's latest transcript."""
    rows = connection.execute(_KNOWN, {"length": WHOLE_TEXT + 1, "uuids": as_json(uuids)})
    return {row["uuid"]: known_transcript(row["text"], row["body"]) for row in rows}


def save(connection: sqlite3.Connection, key: TranscriptKey, transcript: Transcript, now: datetime) -> None:
    """Store a transcript over one with the same key; within the caller's transaction."""
    note_bare(connection, key.uuid, now)
    # All its languages: one in two languages doesn't stand in for one that was asked for in either.
    row = (*key, ",".join(transcript.languages), to_stored(now), transcript.text, compress(transcript))
    connection.execute(_SAVE, row)
    search_index.update(connection, key.uuid)


def read_range(
    connection: sqlite3.Connection, where: MessageRange, place: ExportPlace, limit: int
) -> tuple[list[Exported], ExportPlace]:
    """Read the next messages of an export, oldest first, each with its latest transcript.

    Args:
        connection: To the archive.
        where: Which messages.
        place: Where to go on.
        limit: Messages at most.

    Returns:
        The messages, and where to go on.
    """
    rows = connection.execute(
        _EACH,
        {
            "since": to_stored(where.since),
            "until": to_stored(where.until),
            "extension": where.extension,
            "first": _FIRST,
            "limit": limit,
            **place._asdict(),
        },
    ).fetchall()
    exported = [(from_row(row), decompress_or_error(row["body"])) for row in rows]
    return exported, ExportPlace(rows[-1]["at"], rows[-1]["message_id"]) if rows else place
