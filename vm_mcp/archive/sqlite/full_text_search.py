"""Full-text search over what was said, who called, and notes."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from vm_mcp.archive.documents import said_text
from vm_mcp.archive.near_words import MOST_EDITS, allowed_edits, nearest, pieces
from vm_mcp.archive.query import Prefix, QueryPart, expression, find, parse
from vm_mcp.archive.records import ALL_MESSAGES, MessageRange
from vm_mcp.archive.snippets import snippet
from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.message_rows import COLUMNS, from_row
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.archive.words import SaidText
from vm_mcp.models import SearchHit, SearchResult

FEW = 3
"""With fewer messages that match, those are added that have words which resemble those asked for."""
_MOST_NEAR = 50
"""Words that a word may have been misheard as; the nearest are taken."""

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
        WHERE {_WHERE}
        ORDER BY score, received_at DESC LIMIT :limit
    )
    SELECT {COLUMNS}, coalesce(shown, said) AS shown, coalesce(digits, '[]') AS digits, total,
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


def search(
    connection: sqlite3.Connection, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20
) -> SearchResult:
    """Return matching messages, best first and of equal ones the newest; see `vm_mcp.archive.Archive.search`.

    Raises:
        InputError: The query contains no words, or too many.
    """
    parts = parse(query)
    bounds = {"since": to_stored(where.since), "until": to_stored(where.until), "extension": where.extension}
    exact = _find(connection, expression(parts), parts, bounds, max(1, limit))
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
    words = {part.word: _near_words(connection, part.word) for part in parts if isinstance(part, Prefix)}
    for edits in range(1, 2 if exact.total else MOST_EDITS + 1):
        forgiving = [_forgiving(part, words, edits) for part in parts]
        if forgiving != list(parts) and limit > len(exact.hits):
            others = f"({expression(forgiving)}) NOT ({expression(parts)})"
            found = _find(connection, others, forgiving, bounds, limit - len(exact.hits))
            if found.hits:
                return found
    return _Found()


def _forgiving(part: QueryPart, words: dict[str, dict[str, int]], edits: int) -> QueryPart:
    if not isinstance(part, Prefix):
        return part
    return replace(part, near=tuple(word for word, away in words[part.word].items() if away <= edits))


def _near_words(connection: sqlite3.Connection, word: str) -> dict[str, int]:
    """Return the indexed words that a word may have been misheard as, and how many letters differ, nearest first."""
    most = allowed_edits(word)
    if not most:
        return {}
    parts = pieces(word, most)
    condition = " OR ".join("instr(word, ?) > 0" for _ in parts)
    rows = connection.execute(f"SELECT word FROM search_words WHERE {condition}", parts)  # noqa: S608 - constants
    return dict(islice(nearest(word, (heard for (heard,) in rows), most).items(), _MOST_NEAR))


def _find(
    connection: sqlite3.Connection, matching: str, parts: Sequence[QueryPart], bounds: Mapping[str, object], limit: int
) -> _Found:
    rows = connection.execute(_FIND, {**bounds, "expression": matching, "limit": limit}).fetchall()
    return _Found(tuple(_hit(row, parts) for row in rows), rows[0]["total"] if rows else 0)


def _hit(row: sqlite3.Row, parts: Sequence[QueryPart]) -> SearchHit:
    said = said_text(row["shown"], row["digits"])
    near = [part for part in parts if isinstance(part, Prefix) and part.near]
    close = [*_close(said, near), *_close(SaidText(row["caller_id_name"]), near)] if near else []
    return SearchHit(
        voicemail=from_row(row),
        snippet=snippet(said.text, find(parts, said)),
        close=tuple(dict.fromkeys(close)),
        is_transcribed=bool(row["is_transcribed"]),
    )


def _close(said: SaidText, near: Sequence[Prefix]) -> list[str]:
    return [said.text[term.start : term.end] for part in near for term in part.close_terms(said.terms)]


def _counts(connection: sqlite3.Connection, bounds: Mapping[str, object]) -> dict[str, int]:
    row = connection.execute(_COUNT, bounds).fetchone()
    return {"searched_count": row["transcribed"], "missing_count": row["messages"] - row["transcribed"]}
