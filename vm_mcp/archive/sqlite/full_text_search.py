"""Full-text search over what was said, who called, and notes."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vm_mcp.archive.forgiving import FEW, NearWords, forgivable, forgiving_queries, near_words
from vm_mcp.archive.hits import search_hit
from vm_mcp.archive.near_words import pieces
from vm_mcp.archive.query import QueryPart, condition, parse
from vm_mcp.archive.records import ALL_MESSAGES, MessageRange
from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.expressions import expression
from vm_mcp.archive.sqlite.message_rows import COLUMNS, from_row
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.models import SearchHit, SearchResult

_WHERE = """
    (:since IS NULL OR received_at >= :since) AND (:until IS NULL OR received_at <= :until)
        AND (:extension = '' OR extension = :extension)
"""
# A server of an older release that still runs after an update indexes without `shown` and `digits`.
# Matches in a caller's name or number count twice: who types a name looks for that caller's messages first.
# MATERIALIZED: the full-text index is read first and once, whichever plan the planner would prefer.
_FIND = f"""
    WITH matching AS MATERIALIZED (
        SELECT rowid AS found_id, bm25(search, 1.0, 2.0, 2.0, 1.0) AS score FROM search WHERE search MATCH :expression
    ),
    found AS (
        SELECT found_id, score, count(*) OVER () AS total
        FROM matching JOIN messages ON messages.id = found_id
        WHERE {_WHERE} AND found_id NOT IN (SELECT value FROM json_each(:found_before))
        ORDER BY score, received_at DESC LIMIT :limit
    )
    SELECT {COLUMNS}, found_id, coalesce(shown, said) AS shown, coalesce(digits, '[]') AS digits, total,
        EXISTS (SELECT 1 FROM transcripts WHERE transcripts.uuid = messages.uuid) AS is_transcribed
    FROM found JOIN messages ON messages.id = found_id JOIN search ON search.rowid = found_id
    ORDER BY score, received_at DESC
"""  # noqa: S608 - constants
_COUNT = f"""
    SELECT count(*) AS messages, count(*) FILTER (WHERE uuid IN (SELECT uuid FROM transcripts)) AS transcribed
    FROM messages WHERE {_WHERE}
"""  # noqa: S608 - constants


class _Found(NamedTuple):
    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    ids: tuple[int, ...] = ()
    """Of the messages that the hits are."""


def search(
    connection: sqlite3.Connection, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20
) -> SearchResult:
    """Return matching messages, best first and of equal ones the newest; see `vm_mcp.archive.Archive.search`.

    Raises:
        InputError: The query contains no words, or too many.
    """
    parts = parse(query)
    bounds = {"since": to_stored(where.since), "until": to_stored(where.until), "extension": where.extension}
    exact = _find(connection, parts, bounds | {"found_before": "[]"}, max(1, limit))
    near = _Found() if exact.total >= FEW else _find_near(connection, parts, bounds, max(1, limit), exact)
    hits = (*exact.hits, *near.hits)
    counts = {} if hits else _counts(connection, bounds)
    return SearchResult(
        hits=hits,
        total_count=exact.total + near.total,
        near_count=near.total,
        pending_count=search_index.pending(connection),
        **counts,
    )


def _find_near(
    connection: sqlite3.Connection, parts: Sequence[QueryPart], bounds: Mapping[str, object], limit: int, exact: _Found
) -> _Found:
    """Return the messages with the nearest words, if no message has nearer ones; one letter off, if some match."""
    if limit <= len(exact.hits):
        return _Found()
    found_before = json.dumps(exact.ids)
    near = {word: _near_words(connection, word, most) for word, most in forgivable(parts).items()}
    for forgiving in forgiving_queries(parts, near, is_found=bool(exact.total)):
        # Not FTS5's NOT, beside which bm25() counts only some of the words.
        found = _find(connection, forgiving, {**bounds, "found_before": found_before}, limit - len(exact.hits))
        if found.hits:
            return found
    return _Found()


def _near_words(connection: sqlite3.Connection, word: str, most: int) -> NearWords:
    """Return the indexed words that a word may have been misheard as."""
    parts = pieces(word, most)
    has_any = " OR ".join("instr(word, ?) > 0" for _ in parts)
    rows = connection.execute(f"SELECT word FROM search_words WHERE {has_any}", parts)  # noqa: S608 - constants
    return near_words(word, (heard for (heard,) in rows), most)


def _find(
    connection: sqlite3.Connection, parts: Sequence[QueryPart], bounds: Mapping[str, object], limit: int
) -> _Found:
    matching = expression(condition(parts))
    rows = connection.execute(_FIND, {**bounds, "expression": matching, "limit": limit}).fetchall()
    hits = tuple(_hit(row, parts) for row in rows)
    return _Found(hits, rows[0]["total"] if rows else 0, tuple(row["found_id"] for row in rows))


def _hit(row: sqlite3.Row, parts: Sequence[QueryPart]) -> SearchHit:
    return search_hit(
        from_row(row), parts, shown=row["shown"], digits=row["digits"], is_transcribed=bool(row["is_transcribed"])
    )


def _counts(connection: sqlite3.Connection, bounds: Mapping[str, object]) -> dict[str, int]:
    row = connection.execute(_COUNT, bounds).fetchone()
    return {"searched_count": row["transcribed"], "missing_count": row["messages"] - row["transcribed"]}
