"""The index over all messages, with their latest transcripts; from these it can always be rebuilt.

A row of ``search`` is a `vm_mcp.archive.documents.Document`. Its words are folded by `vm_mcp.archive.words`, not by
PostgreSQL, and stored with a space on both sides of each, so that a beginning of a word, or words in a row, can be
counted by their text alone. ``terms`` holds each word once, for the index that finds a message: without positions,
because PostgreSQL keeps only the first 255 of a word. A term begins with the account's number, so that a common word is
not looked up in all accounts, and with a letter for its kind; see `account_terms`.

``search_words`` counts, for each mailbox, in how many of its messages there are words that are found by others which
they resemble. A restricted reader must not meet the words of others, so the mailbox is part of the key.

The index is the account's, whoever writes: all of this happens under the account's lock, and without a restriction.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, LiteralString

from vm_mcp.archive.conditions import Kind
from vm_mcp.archive.documents import Document, document, forgiven_words
from vm_mcp.archive.postgres.connections import Connection, execute_each
from vm_mcp.archive.transcript_bodies import decompress_or_stand_in

LONGEST_TERM = 200
"""Characters; PostgreSQL takes 2 kB at most. Of longer words, which nobody says, the beginning is looked up."""
_MOST_TERMS = 20_000
"""PostgreSQL takes 1 MB of terms at most; nobody says as many different words."""
_LETTERS: dict[Kind, str] = {"said": "s", "number": "n", "misheard": "m"}

_SOURCE = """
    SELECT messages.id, messages.mailboxes, latest.text, latest.body, latest.heard_language, caller_id_name,
        caller_id_number, note, ARRAY(
            SELECT unnest(ARRAY[name, company]) FROM contacts JOIN contact_numbers USING (account, contact)
            WHERE spelling = messages.caller ORDER BY contact
        ) AS contact_names
    FROM messages LEFT JOIN marks USING (account, uuid) LEFT JOIN LATERAL (
        SELECT text, body, heard_language FROM transcripts
        WHERE transcripts.account = messages.account AND transcripts.uuid = messages.uuid ORDER BY id DESC LIMIT 1
    ) AS latest ON true
"""
_BY_UUID, _BY_ID = f"{_SOURCE} WHERE uuid = ANY(%s)", f"{_SOURCE} WHERE messages.id = ANY(%s)"
_UNRESTRICTED = "SELECT set_config('vm_mcp.extensions', '', true), (SELECT number FROM search_accounts) AS number"
_ADD_ACCOUNT = "INSERT INTO search_accounts DEFAULT VALUES RETURNING number"
_INSERT = """
    INSERT INTO search (message_id, mailboxes, said, name, number, misheard, shown, digits, words, terms)
    VALUES (
        %(message_id)s, %(mailboxes)s::text[], %(said)s, %(name)s, %(number)s, %(misheard)s, %(shown)s, %(digits)s,
        %(words)s, array_to_tsvector(%(terms)s::text[])
    )
"""
_REMOVE = "DELETE FROM search WHERE message_id = ANY(%s) RETURNING mailboxes, misheard, name, words"
_COUNT = "UPDATE search_accounts SET messages = messages + %s, words = words + %s"
_COUNT_WORDS = """
    INSERT INTO search_words (mailbox, word, messages) SELECT * FROM unnest(%s::text[], %s::text[], %s::integer[])
    ON CONFLICT (account, mailbox, word) DO UPDATE SET messages = search_words.messages + excluded.messages
"""
_FORGET_WORDS = """
    DELETE FROM search_words WHERE messages <= 0
        AND (mailbox, word) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
# The latest messages first: they are what most searches are for.
_NEXT = "SELECT message_id FROM search_pending ORDER BY message_id DESC LIMIT %s"
_INDEXED = "DELETE FROM search_pending WHERE message_id = ANY(%s)"
_INDEX_LATER = """
    INSERT INTO search_pending (message_id) SELECT id FROM messages WHERE caller = ANY(%s) ON CONFLICT DO NOTHING
"""
_OF_CALLERS = "SELECT id FROM messages WHERE caller = ANY(%s)"
_FORGET_ALL = (
    "DELETE FROM search",
    "DELETE FROM search_words",
    "DELETE FROM search_pending",
    "UPDATE search_accounts SET messages = 0, words = 0",
)


def account_terms(number: int, kind: Kind, words: Iterable[str]) -> Iterable[str]:
    """Yield the terms of some words in an account's part of the index.

    Args:
        number: The account's, from ``search_accounts``.
        kind: Where the words stand.
        words: Folded.
    """
    return (f"{number}{_LETTERS[kind]}{word[:LONGEST_TERM]}" for word in words)


def spaced(words: Iterable[str]) -> str:
    """Return words as ``search`` stores them."""
    return "".join(f" {word} " for word in words)


async def update(connection: Connection, uuids: Sequence[str]) -> None:
    """Update messages that are new, or whose caller, mailboxes, note or latest transcript have changed."""
    if uuids:
        await _index(connection, _BY_UUID, uuids)


async def remove(connection: Connection, ids: Sequence[int]) -> None:
    """Remove messages by their ids, and the words that no other message has."""
    await _replace(connection, ids, [])


async def forget_all(connection: Connection) -> None:
    """Remove all of the account's messages."""
    for statement in _FORGET_ALL:
        await connection.execute(statement)


async def index_later(connection: Connection, callers: Collection[str]) -> None:
    """List the messages of callers whose contacts have changed for `catch_up`.

    Args:
        connection: In a transaction without a restriction.
        callers: Their numbers, each as `shortest_spelling` writes it.
    """
    await connection.execute(_INDEX_LATER, (list(callers),))


async def index_again(connection: Connection, callers: Collection[str]) -> None:
    """Index these callers' messages at once, as their contacts were purged."""
    rows = await (await connection.execute(_OF_CALLERS, (list(callers),))).fetchall()
    await _index_ids(connection, [row["id"] for row in rows])


async def catch_up(connection: Connection, most: int) -> bool:
    """Index some messages that were left for later, and return whether more are.

    Args:
        connection: In a transaction without a restriction, under the account's lock.
        most: Messages to index now.
    """
    rows = await (await connection.execute(_NEXT, (most,))).fetchall()
    ids = [row["message_id"] for row in rows]
    await _index_ids(connection, ids)
    await connection.execute(_INDEXED, (ids,))
    return len(ids) == most


async def _index_ids(connection: Connection, ids: Sequence[int]) -> None:
    if ids:
        await _index(connection, _BY_ID, ids)


async def _index(connection: Connection, source: LiteralString, keys: Sequence[str] | Sequence[int]) -> None:
    [found] = await (await connection.execute(_UNRESTRICTED)).fetchall()
    if found["number"] is None:
        [found] = await (await connection.execute(_ADD_ACCOUNT)).fetchall()
    number = found["number"]
    sources = await (await connection.execute(source, (list(keys),))).fetchall()
    rows = await asyncio.to_thread(lambda: [_row(source, number) for source in sources])
    await _replace(connection, [source["id"] for source in sources], rows)


async def _replace(connection: Connection, ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
    """Put rows into the index in place of those of some messages, and update the counts of words and messages."""
    before = await (await connection.execute(_REMOVE, (list(ids),))).fetchall()
    await execute_each(connection, _INSERT, rows)
    await connection.execute(
        _COUNT, (len(rows) - len(before), sum(row["words"] for row in rows) - sum(row["words"] for row in before))
    )
    counted = Counter(_forgiven(rows))
    counted.subtract(_forgiven(before))
    changed = sorted((mailbox, word, by) for (mailbox, word), by in counted.items() if by)
    if changed:
        mailboxes, words, by = map(list, zip(*changed, strict=True))
        await connection.execute(_COUNT_WORDS, (mailboxes, words, by))
        if min(by) < 0:
            await connection.execute(_FORGET_WORDS, (mailboxes, words))


def _row(source: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a message's row of the index. CPU-bound: some milliseconds."""
    found = document(
        decompress_or_stand_in(source["body"], source["text"], source["heard_language"]),
        caller_number=source["caller_id_number"],
        caller_name=source["caller_id_name"],
        contact_names=source["contact_names"],
        note=source["note"] or "",
    )
    words = {name: getattr(found, name).split() for name in ("said", "name", "number", "misheard")}
    return {
        "message_id": source["id"],
        "mailboxes": source["mailboxes"],
        "shown": found.shown,
        "digits": found.digits,
        "words": sum(map(len, words.values())),
        "terms": _terms(found, number),
        **{name: spaced(each) for name, each in words.items()},
    }


def _terms(found: Document, number: int) -> list[str]:
    by_kind: dict[Kind, str] = {
        "number": found.number,
        "misheard": f"{found.misheard} {found.name}",
        "said": f"{found.name} {found.said}",
    }
    terms = (term for kind, words in by_kind.items() for term in account_terms(number, kind, words.split()))
    return list(dict.fromkeys(terms))[:_MOST_TERMS]


def _forgiven(rows: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    """Yield each row's words that are found by others, once for each of its mailboxes."""
    for row in rows:
        for word in forgiven_words(row["misheard"], row["name"]):
            for mailbox in row["mailboxes"] or [""]:
                yield mailbox, word[:LONGEST_TERM]
