"""Finds messages by what was said in them and who called."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from vm_mcp.archive import query
from vm_mcp.archive.query import Part
from vm_mcp.archive.snippets import snippet
from vm_mcp.archive.sqlite.message_rows import COLUMNS, from_row
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.archive.words import terms
from vm_mcp.models import SearchHit, SearchResult


class Search(NamedTuple):
    """What to look for, and where; None is no bound, and an empty extension every mailbox."""

    query: str
    since: datetime | None = None
    until: datetime | None = None
    extension: str = ""
    limit: int = 20


# A caller who is meant is named: a name's words count twice.
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
    SELECT {COLUMNS}, text, total
    FROM found JOIN messages ON messages.id = found_id
    JOIN transcripts ON transcripts.id = (SELECT max(id) FROM transcripts WHERE uuid = messages.uuid)
    ORDER BY score, received_at DESC
"""  # noqa: S608 - constants


def search(connection: sqlite3.Connection, asked: Search) -> SearchResult:
    """Find messages, the best first and of equals the newest.

    Raises:
        InputError: The query holds no word, or too many.
    """
    parts = query.parse(asked.query)
    found = connection.execute(
        _FIND,
        {
            "expression": query.expression(parts),
            "since": to_stored(asked.since),
            "until": to_stored(asked.until),
            "extension": asked.extension,
            "limit": max(1, asked.limit),
        },
    ).fetchall()
    return SearchResult(hits=tuple(_hit(row, parts) for row in found), total_count=found[0][9] if found else 0)


def _hit(row: Sequence[Any], parts: Sequence[Part]) -> SearchHit:
    text: str = row[8]
    return SearchHit(voicemail=from_row(row), snippet=snippet(text, query.find(parts, text, terms(text))))
