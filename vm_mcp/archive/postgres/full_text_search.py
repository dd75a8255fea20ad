"""Full-text search over what was said, who called, and notes."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import sql

from vm_mcp.archive.forgiving import FEW, NearWords, forgivable, forgiving_queries, near_words
from vm_mcp.archive.hits import search_hit
from vm_mcp.archive.near_words import pieces
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.message_rows import COLUMNS, from_row
from vm_mcp.archive.postgres.term_queries import Needle, exact_clause, is_exact, needles, term_query
from vm_mcp.archive.query import QueryPart, condition, parse
from vm_mcp.archive.records import MessageRange
from vm_mcp.models import SearchHit, SearchResult

_RAREST = 1e-6
"""FTS5 counts a word that most messages have as much as this."""

_WHERE = """
    (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR received_at <= %(until)s)
    AND (%(extension)s = '' OR extension = %(extension)s)
"""
_ACCOUNT = """
    SELECT number, messages, greatest(words, 1) / greatest(messages, 1)::float8 AS average, pending
    FROM (SELECT count(*) AS pending FROM search_pending) AS left_over LEFT JOIN search_accounts ON true
"""
_COUNTS = """
    SELECT search_count(wanted::tsquery, %s) AS messages
    FROM unnest(%s::text[]) WITH ORDINALITY AS asked (wanted, place) ORDER BY place
"""
# MATERIALIZED: the index is read first and once, whichever plan the planner would prefer.
_FIND = f"""
    WITH matching AS MATERIALIZED (
        SELECT message_id, score FROM search_matches(
            %(wanted)s::tsquery, %(needles)s::text[], %(kinds)s::text[], %(rarities)s::float8[], %(average)s
        )
    ),
    found AS (
        SELECT message_id, score, count(*) OVER () AS total
        FROM matching JOIN messages ON messages.id = message_id
        WHERE {_WHERE} AND uuid <> ALL (%(found_before)s::text[]) {{exact}}
        ORDER BY score, received_at DESC NULLS LAST, message_id DESC LIMIT %(limit)s
    )
    SELECT {COLUMNS}, is_transcribed, shown, digits, total
    FROM found JOIN messages ON messages.id = message_id JOIN search USING (message_id)
    ORDER BY score, received_at DESC NULLS LAST, message_id DESC
"""  # noqa: S608 - constants
_EXACT = "AND EXISTS (SELECT FROM search WHERE search.message_id = matching.message_id AND {})"
_COUNT = f"""
    SELECT count(*) AS messages, count(*) FILTER (WHERE is_transcribed) AS transcribed FROM messages WHERE {_WHERE}
"""  # noqa: S608 - constants


class _Found(NamedTuple):
    hits: tuple[SearchHit, ...] = ()
    total: int = 0


class _Account(NamedTuple):
    """The account's part of the index."""

    number: int
    messages: int
    average: float
    """Words in a message."""


class _Search(NamedTuple):
    """Where a search looks."""

    connection: Connection
    account: _Account
    where: MessageRange


async def search(connection: Connection, query: str, where: MessageRange, limit: int) -> SearchResult:
    """Return matching messages, best first and of equal ones the newest; see `vm_mcp.archive.Archive.search`.

    Raises:
        InputError: The query contains no words, or too many.
    """
    parts = await asyncio.to_thread(parse, query)
    [row] = await (await connection.execute(_ACCOUNT)).fetchall()
    exact = near = _Found()
    if row["number"] is not None:
        here = _Search(connection, _Account(row["number"], row["messages"], row["average"]), where)
        exact = await _find(here, parts, max(1, limit))
        if exact.total < FEW:
            near = await _find_near(here, parts, max(1, limit), exact)
    hits = (*exact.hits, *near.hits)
    return SearchResult(
        hits=hits,
        total_count=exact.total + near.total,
        near_count=near.total,
        pending_count=row["pending"],
        **({} if hits else await _counts(connection, where)),
    )


async def _find_near(here: _Search, parts: Sequence[QueryPart], limit: int, exact: _Found) -> _Found:
    """Return the messages with the nearest words, if no message has nearer ones; one letter off, if some match."""
    if limit <= len(exact.hits):
        return _Found()
    near = {word: await _near_words(here.connection, word, most) for word, most in forgivable(parts).items()}
    for forgiving in forgiving_queries(parts, near, is_found=bool(exact.total)):
        found = await _find(here, forgiving, limit - len(exact.hits), exact.hits)
        if found.hits:
            return found
    return _Found()


async def _near_words(connection: Connection, word: str, most: int) -> NearWords:
    """Return the indexed words that a word may have been misheard as.

    Each of them has a piece of the word, of two letters or more. `pg_trgm` needs three, so it would read all as well.
    """
    parts = pieces(word, most)
    has_any = sql.SQL(" OR ").join(sql.SQL("strpos(word, {}) > 0").format(sql.Literal(part)) for part in parts)
    rows = await connection.execute(sql.SQL("SELECT DISTINCT word FROM search_words WHERE {}").format(has_any))
    heard = [row["word"] for row in await rows.fetchall()]
    return await asyncio.to_thread(near_words, word, heard, most)


async def _find(
    here: _Search, parts: Sequence[QueryPart], limit: int, found_before: Sequence[SearchHit] = ()
) -> _Found:
    wanted, number = condition(parts), here.account.number
    counted = list(needles(wanted, number))
    given = {
        **here.where._asdict(),
        "wanted": term_query(wanted, number),
        "needles": [needle.text for needle in counted],
        "kinds": [needle.kind for needle in counted],
        "rarities": await _rarities(here, counted),
        "average": here.account.average,
        "found_before": [hit.voicemail.uuid for hit in found_before],
        "limit": limit,
    }
    exact = sql.SQL("") if is_exact(wanted) else sql.SQL(_EXACT).format(exact_clause(wanted, number))
    rows = await (await here.connection.execute(sql.SQL(_FIND).format(exact=exact), given)).fetchall()
    hits = await asyncio.to_thread(lambda: tuple(_hit(row, parts) for row in rows))
    return _Found(hits, rows[0]["total"] if rows else 0)


async def _rarities(here: _Search, counted: Sequence[Needle]) -> list[float]:
    """Return how much each needle counts: the fewer messages have it, the more, as in FTS5's BM25."""
    if len(counted) == 1:
        return [1.0]  # it ranks all alike
    messages = here.account.messages
    most = messages // 2 + 1  # more make no difference
    rows = await (await here.connection.execute(_COUNTS, (most, [needle.query for needle in counted]))).fetchall()
    return [max(_RAREST, math.log((messages - n + 0.5) / (n + 0.5))) for n in (row["messages"] for row in rows)]


def _hit(row: dict[str, Any], parts: Sequence[QueryPart]) -> SearchHit:
    return search_hit(
        from_row(row), parts, shown=row["shown"], digits=row["digits"], is_transcribed=row["is_transcribed"]
    )


async def _counts(connection: Connection, where: MessageRange) -> dict[str, int]:
    [row] = await (await connection.execute(_COUNT, where._asdict())).fetchall()
    return {"searched_count": row["transcribed"], "missing_count": row["messages"] - row["transcribed"]}
