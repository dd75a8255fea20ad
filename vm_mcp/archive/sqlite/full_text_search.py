"""Full-text search over what was said and who called."""

import sqlite3
from collections.abc import Sequence

from vm_mcp.archive.query import QueryPart, expression, find, parse
from vm_mcp.archive.records import ALL_MESSAGES, MessageRange
from vm_mcp.archive.snippets import snippet
from vm_mcp.archive.sqlite.message_rows import COLUMNS, from_row
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.archive.words import SaidText
from vm_mcp.models import SearchHit, SearchResult

# Matches in a caller's name or number count twice: who types a name looks for that caller's messages first.
# MATERIALIZED: the full-text index is read first and once, whichever plan the planner would prefer.
_FIND = f"""
    WITH matching AS MATERIALIZED (
        SELECT rowid AS found_id, bm25(search, 1.0, 2.0, 2.0) AS score FROM search WHERE search MATCH :expression
    ),
    found AS (
        SELECT found_id, score, count(*) OVER () AS total
        FROM matching JOIN messages ON messages.id = found_id
        WHERE (:since IS NULL OR received_at >= :since) AND (:until IS NULL OR received_at <= :until)
            AND (:extension = '' OR extension = :extension)
        ORDER BY score, received_at DESC LIMIT :limit
    )
    SELECT {COLUMNS}, text, heard_language, total
    FROM found JOIN messages ON messages.id = found_id
    JOIN transcripts ON transcripts.id = (SELECT max(id) FROM transcripts WHERE uuid = messages.uuid)
    ORDER BY score, received_at DESC
"""  # noqa: S608 - constants


def search(
    connection: sqlite3.Connection, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20
) -> SearchResult:
    """Return matching messages, best first and of equal ones the newest; see `vm_mcp.archive.Archive.search`.

    Raises:
        InputError: The query contains no words, or too many.
    """
    parts = parse(query)
    rows = connection.execute(
        _FIND,
        {
            "expression": expression(parts),
            "since": to_stored(where.since),
            "until": to_stored(where.until),
            "extension": where.extension,
            "limit": max(1, limit),
        },
    ).fetchall()
    return SearchResult(hits=tuple(_hit(row, parts) for row in rows), total_count=rows[0]["total"] if rows else 0)


def _hit(row: sqlite3.Row, parts: Sequence[QueryPart]) -> SearchHit:
    said = SaidText(row["text"], row["heard_language"], row["caller_id_number"])
    return SearchHit(voicemail=from_row(row), snippet=snippet(said.text, find(parts, said)))
