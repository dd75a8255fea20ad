"""Measure an archive's search times and size, with 10,000 and 100,000 transcripts, in SQLite and in PostgreSQL.

    uv run python benchmarks/archive.py [--sizes 10000,100000] [--rounds 5] [--homes sqlite,postgres]
    uv run python benchmarks/archive.py --sizes 1000000 --copies 10

The archive is filled with generated messages of 8 to 90 words: Turkish stems with endings, in natural frequencies, and
callers and numbers, and one word in ten misheard. Then thirty typical searches run through ``Archive.search``, snippets
included, as in the server: common and rare words, several words, phrases, names, telephone numbers in several
spellings, and ranges of time and mailbox. Each search runs once per round. Printed are p50 and p95 of the searches'
median times; ``near`` are ten words that nobody said, or that were misheard wherever they were.

With ``--copies N``, only one message in N is made and indexed as the server does, which takes 4 ms; then all are stored N
times in SQL, under other ids and at other times. So 1,000,000 take 20 minutes in place of three hours. Words that are
misheard in a way of their own are then a Nth of what they would be; the index has as many rows and bytes.

``--keep FOLDER`` leaves the SQLite archives there, and uses those that are there already, to compare two releases on
the same messages; an older archive is indexed anew first. PostgreSQL is started here as by the tests, with the
same messages and its default settings but for ``shared_buffers``; needed is its package, such as Debian's `postgresql`.

For comparison, ``LIKE`` searches the same archive for the same words, as plain SQL over text, name and number would. It
folds no Turkish letters and does not match beginnings of words, so it finds other messages.
"""  # noqa: E501

import argparse
import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from vm_mcp.archive import Archive, MessageRange
from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase, search_index
from vm_mcp.archive.postgres import message_rows as team_messages
from vm_mcp.archive.postgres import transcript_rows as team_transcripts
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.schema import set_up
from vm_mcp.archive.sqlite import SqliteArchive, message_rows, transcript_rows
from vm_mcp.archive.sqlite.connection import connect, transaction
from vm_mcp.archive.sqlite.migrations import migrate
from vm_mcp.models import Segment, Transcript, TranscriptKey, Voicemail, Word

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from support.postgres_server import OWNER, PostgresServer, TeamDatabase, running_server

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
YEAR_MINUTES = 365 * 24 * 60
BATCH = 1000
ACCOUNT = "benchmark"

STEMS = """
    ara bekle gel git iste söyle bul ver al yap bil sor öde gönder iptal randevu fatura sipariş ürün kargo adres
    telefon numara saat gün hafta ay sabah akşam yarın bugün doktor hasta diş muayene tahlil sonuç ilaç reçete oda
    rezervasyon otel kahvaltı anahtar asansör klima ışık elektrik su kapı pencere usta tamir parça makine motor araba
    lastik servis garanti teklif fiyat para banka hesap ödeme havale sözleşme imza evrak dosya proje toplantı müdür
    müşteri çağrı mesaj mail bilgi konu sorun arıza şikayet teşekkür selam rica acil önemli yeni eski büyük küçük
"""
ENDINGS = """
    - i ı u ü e a de da den dan in ın un ün im ım um üm iniz ınız unuz imiz ımız ler lar leri ları lerin ların di dı du
    dü miş mış muş müş iyor ıyor uyor üyor ecek acak meli malı se sa siz sız lik lık li lı ci cı diniz dınız iyorum
    ıyorum eceğim acağım misiniz mısınız
"""
NAMES = "Ayşe Mehmet Zeynep Hasan Fatma Emre İpek Işık Çağrı Şule Gülümse Ömer Ümit Sarah David Okan"
SURNAMES = "Yılmaz Kaya Arslan Demir Öztürk Şahin Çağ Işıklar Güneş Yıldız Mitchell Turner Koç Aydın Çelik"

SEARCHES = (
    "ara", "randevu", "iptal", "elektrik arıza", "ışık", "IŞIK", "isik", "cagri", "kargo adres", "randevu iptal yarın",
    '"ara git"', '"iptal randevu"', '"fatura bekle"', "mısınız", "tamir usta servis", "ayşe", "ayse yilmaz",
    "çağrı çağ", "mitchell", "ipek güneş fatura", "0532", "4172", "0532 417 28 93", "+90 532 417", "444 1",
    "reçetelerin", "sözleşmelerimiz", "bulunmayan", "a", "b e g",
)  # fmt: skip
NEAR = (
    "avukat", "kombi", "dekont", "vekaletname", "protokol", "rezarvasyon", "randavu", "ahmetoğlu", "pencero asansir",
    "bilgisayar",
)  # fmt: skip
MISHEARD = 0.1
"""Fraction of the words that have a wrong letter."""
LETTERS = "abcçdefgğhıijklmnoöprsştuüvyz"


Search = tuple[str, dict[str, Any]]
"""A query, and bounds of time and mailbox."""


class Cost(NamedTuple):
    """Times of thirty searches, and what they found."""

    p50: float
    """Milliseconds."""
    p95: float
    found: int
    """Messages found, over all searches."""


OpenArchive = Callable[[], AbstractAsyncContextManager[Archive]]


def main() -> None:
    """Fill archives, search them, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="numbers of transcripts")
    parser.add_argument("--copies", type=int, default=1, help="how often each message is stored; see above")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each search")
    parser.add_argument("--homes", default="sqlite,postgres", help="where to keep them")
    parser.add_argument("--keep", type=Path, default=None, help="folder for the archives in SQLite")
    arguments = parser.parse_args()
    homes = arguments.homes.split(",")
    for size in map(int, arguments.sizes.split(",")):
        if "sqlite" in homes:
            with tempfile.TemporaryDirectory() as temporary:
                path = (arguments.keep or Path(temporary)) / f"{size}.sqlite3"
                measure_sqlite(path, size, arguments.copies, arguments.rounds)
        if "postgres" in homes:
            with running_server("-c autovacuum=on -c shared_buffers=1GB -c full_page_writes=on") as server:
                measure_postgres(server, size, arguments.copies, arguments.rounds)


def measure_sqlite(path: Path, size: int, copies: int, rounds: int) -> None:
    """Print an archive's times in SQLite."""
    if not path.exists():
        print(f"{size // copies:,} transcripts in SQLite, filled in {fill(path, size // copies):.0f} s")
        copy_in_sqlite(path, size // copies, copies)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Archive]:
        archive = SqliteArchive(path)
        yield archive
        await archive.aclose()

    print(f"{size:,} transcripts in SQLite: {path.stat().st_size / 1e6:.1f} MB")
    report(opened, rounds)
    show("LIKE", like(path, rounds))


def measure_postgres(server: PostgresServer, size: int, copies: int, rounds: int) -> None:
    """Print an archive's times in PostgreSQL."""
    server.run_sql("CREATE DATABASE {created} OWNER {owner}", created="benchmark", owner=OWNER)
    team = TeamDatabase(server, "benchmark")

    @asynccontextmanager
    async def opened() -> AsyncIterator[PostgresArchive]:
        database = PostgresDatabase(team.url)
        archive = PostgresArchive(database, ACCOUNT)
        yield archive
        await archive.aclose()
        await database.aclose()

    async def filled() -> float:
        async with opened() as archive:
            return await fill_postgres(archive, size // copies)

    asyncio.run(set_up(team.owner_url, team.url))
    print(f"{size // copies:,} transcripts in PostgreSQL, filled in {asyncio.run(filled()):.0f} s")
    copy_in_postgres(server.url(team.name), size // copies, copies)
    team.run_sql("VACUUM ANALYZE")
    with psycopg.connect(server.url(team.name)) as connection:
        [(size_bytes,)] = connection.execute("SELECT pg_database_size(current_database())").fetchall()
    print(f"{size:,} transcripts in PostgreSQL: {size_bytes / 1e6:.1f} MB")
    report(opened, rounds)


def report(opened: OpenArchive, rounds: int) -> None:
    """Print an archive's times."""
    show("search", ours(opened, rounds))
    show("near", ours(opened, rounds, [(asked, {}) for asked in NEAR]))


def show(name: str, cost: Cost) -> None:
    """Print times."""
    print(f"  {name:6}  p50 {cost.p50:6.1f} ms   p95 {cost.p95:6.1f} ms   {cost.found:,} messages found")


def fill(path: Path, size: int) -> float:
    """Fill a new archive with ``size`` messages and transcripts; return the seconds it took."""
    rng = random.Random(size)  # noqa: S311 - the same archive each time, nothing secret
    started = time.perf_counter()
    connection = connect(path, 5)
    migrate(connection)
    for first in range(0, size, BATCH):
        listed = [voicemail(rng, number) for number in range(first, min(size, first + BATCH))]
        message_rows.note(connection, listed, NOW)
        with transaction(connection):
            for each in listed:
                key = TranscriptKey(each.uuid, "faster-whisper", "small", "")
                transcript_rows.save(connection, key, transcript(rng), NOW)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return time.perf_counter() - started


async def fill_postgres(archive: PostgresArchive, size: int) -> float:
    """Fill an empty archive with the same messages as `fill`; return the seconds it took."""
    rng = random.Random(size)  # noqa: S311 - the same archive each time, nothing secret
    started = time.perf_counter()
    for first in range(0, size, BATCH):
        listed = [voicemail(rng, number) for number in range(first, min(size, first + BATCH))]
        made = [transcript(rng) for _ in listed]

        async def work(
            connection: Connection, listed: Sequence[Voicemail] = listed, made: Sequence[Transcript] = made
        ) -> None:
            await team_messages.note(connection, listed, NOW)
            for each, text in zip(listed, made, strict=True):
                key = TranscriptKey(each.uuid, "faster-whisper", "small", "")
                await team_transcripts.save(connection, key, text, NOW)
            await search_index.update(connection, [each.uuid for each in listed])

        await archive.sessions.write(work)
    return time.perf_counter() - started


_MESSAGE = "extension, caller_id_number, caller_id_name, is_read, read_at, duration_seconds, noted_at, listed_at"
_TRANSCRIPT = "engine, model, language, heard_language, made_at, text, body"
_DOCUMENT = "said, name, number, misheard, shown, digits"
_UUID = "substr('0000000' || :copy, length('' || :copy)) || substr(uuid, 9)"
_SQLITE_COPY = (
    f"""INSERT INTO messages (id, uuid, received_at, {_MESSAGE})
        SELECT id + :above, {_UUID}, received_at - :copy * 60000000, {_MESSAGE} FROM messages WHERE id <= :count""",  # noqa: S608 - constants
    f"""INSERT INTO transcripts (uuid, {_TRANSCRIPT}) SELECT {_UUID}, {_TRANSCRIPT} FROM transcripts
        WHERE id <= :count""",  # noqa: S608 - constants
    f"INSERT INTO search (rowid, {_DOCUMENT}) SELECT rowid + :above, {_DOCUMENT} FROM search WHERE rowid <= :count",  # noqa: S608 - constants
)
_POSTGRES_UUID = "lpad(%(copy)s::text, 8, '0') || substr(uuid, 9)"
_POSTGRES_COPY = (
    f"""INSERT INTO messages (id, account, uuid, mailboxes, caller, is_transcribed, received_at, {_MESSAGE})
        SELECT id + %(above)s, account, {_POSTGRES_UUID}, mailboxes, caller, is_transcribed,
            received_at - %(copy)s * interval '1 minute', {_MESSAGE}
        FROM messages WHERE id <= %(count)s""",  # noqa: S608 - constants
    f"""INSERT INTO transcripts (account, uuid, {_TRANSCRIPT})
        SELECT account, {_POSTGRES_UUID}, {_TRANSCRIPT} FROM transcripts WHERE id <= %(count)s""",  # noqa: S608 - constants
    f"""INSERT INTO search (message_id, account, mailboxes, words, terms, {_DOCUMENT})
        SELECT message_id + %(above)s, account, mailboxes, words, terms, {_DOCUMENT}
        FROM search WHERE message_id <= %(count)s""",  # noqa: S608 - constants
)
_POSTGRES_COUNTS = (
    "UPDATE search_words SET messages = messages * %(copies)s",
    "UPDATE search_accounts SET messages = messages * %(copies)s, words = words * %(copies)s",
)


def copy_in_sqlite(path: Path, count: int, copies: int) -> None:
    """Store an archive's messages again, each a minute before the last copy, until there are ``copies`` of each."""
    connection = connect(path, 5)
    for copy in range(1, copies):
        with transaction(connection):
            for statement in _SQLITE_COPY:
                connection.execute(statement, {"copy": copy, "above": copy * count, "count": count})
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def copy_in_postgres(url: str, count: int, copies: int) -> None:
    """Do the same in PostgreSQL, as its superuser."""
    # `replica`: triggers and foreign keys would look up each row.
    with psycopg.connect(url, options="-c search_path=vm_mcp -c session_replication_role=replica") as connection:
        for copy in range(1, copies):
            for statement in _POSTGRES_COPY:
                connection.execute(statement.encode(), {"copy": copy, "above": copy * count, "count": count})
        for statement in _POSTGRES_COUNTS:
            connection.execute(statement.encode(), {"copies": copies})


def voicemail(rng: random.Random, number: int) -> Voicemail:
    """Generate a message."""
    return Voicemail(
        uuid=f"00000000-0000-4000-8000-{number:012}",
        extension=str(1001 + rng.randrange(5)),
        caller_id_number=f"05{rng.randrange(30, 60)}{rng.randrange(10**7):07}",
        caller_id_name=f"{rng.choice(NAMES.split())} {rng.choice(SURNAMES.split())}",
        received_at=NOW - timedelta(minutes=rng.randrange(YEAR_MINUTES)),
        duration_seconds=30,
    )


def transcript(rng: random.Random) -> Transcript:
    """Generate a transcript, with times and probabilities for each word, as an engine reports them."""
    said = list(words(rng, rng.randrange(8, 90)))
    spoken = tuple(
        Word(text=word, start_seconds=at * 0.4, end_seconds=at * 0.4 + 0.3, probability=round(rng.random(), 4))
        for at, word in enumerate(said)
    )
    segment = Segment(
        text=" ".join(said),
        start_seconds=0,
        end_seconds=len(said) * 0.4,
        avg_logprob=-0.3,
        no_speech_prob=0.01,
        words=spoken,
    )
    return Transcript(
        language="tr",
        segments=(segment,),
        duration_seconds=30,
        engine="faster-whisper",
        model="small",
    )


def words(rng: random.Random, count: int) -> Iterator[str]:
    """Yield words, a few of them common and most of them rare; four messages in ten contain a telephone number."""
    stems, endings = STEMS.split(), [ending.strip("-") for ending in ENDINGS.split()]
    for _ in range(count):
        stem = stems[int(rng.paretovariate(0.6)) % len(stems)]
        word = stem + endings[int(rng.paretovariate(0.7)) % len(endings)]
        at = rng.randrange(len(word))
        yield word[:at] + rng.choice(LETTERS) + word[at + 1 :] if rng.random() < MISHEARD else word
    if rng.random() < 0.4:  # noqa: PLR2004 - a fraction
        yield f"0532 417 {rng.randrange(100):02} {rng.randrange(100):02}"


def ours(opened: OpenArchive, rounds: int, asked_for: Sequence[Search] | None = None) -> Cost:
    """Measure searches as the server runs them."""
    chosen = list(asked_for or searches())

    async def measure() -> Cost:
        async with opened() as archive:
            while (await archive.search("a")).pending_count:
                pass
            counts = {
                asked: (await archive.search(asked, MessageRange(**bounds))).total_count for asked, bounds in chosen
            }
            times: dict[str, list[float]] = {asked: [] for asked in counts}
            for _ in range(rounds):
                for asked, bounds in chosen:
                    started = time.perf_counter()
                    await archive.search(asked, MessageRange(**bounds))
                    times[asked].append(time.perf_counter() - started)
        return cost(times, sum(counts.values()))

    return asyncio.run(measure())


def searches() -> Iterator[Search]:
    """Yield each search, every third one with bounds."""
    for number, asked in enumerate(SEARCHES):
        bounded = {"since": NOW - timedelta(days=90), "until": NOW, "extension": "1001"}
        yield asked, bounded if number % 3 == 2 else {}  # noqa: PLR2004 - every third


def like(path: Path, rounds: int) -> Cost:
    """Measure the same searches as plain SQL."""
    connection = sqlite3.connect(path)
    times: dict[str, list[float]] = {}
    found = 0
    for number in range(rounds):
        for asked, bounds in searches():
            started = time.perf_counter()
            rows = ask_like(connection, asked, bounds)
            times.setdefault(asked, []).append(time.perf_counter() - started)
            found += (rows[0][-1] if rows else 0) * (number == 0)
    connection.close()
    return cost(times, found)


def ask_like(connection: sqlite3.Connection, asked: str, bounds: dict[str, Any]) -> list[Any]:
    """Return the messages that contain every word, or the phrase, exactly as typed."""
    texts = [asked.strip('"')] if asked.startswith('"') else asked.split()
    condition = " AND ".join("(text LIKE ? OR caller_id_name LIKE ? OR caller_id_number LIKE ?)" for _ in texts)
    sql = f"""
        SELECT messages.uuid, text, count(*) OVER () FROM messages JOIN transcripts USING (uuid)
        WHERE {condition} AND received_at >= ? AND (? = '' OR extension = ?)
        ORDER BY received_at DESC LIMIT 20
    """  # noqa: S608 - constants
    since = int((bounds.get("since", datetime(2000, 1, 1, tzinfo=UTC))).timestamp() * 1e6)
    extension = bounds.get("extension", "")
    patterns = [f"%{text}%" for text in texts for _ in range(3)]
    return connection.execute(sql, [*patterns, since, extension, extension]).fetchall()


def cost(times: dict[str, list[float]], found: int) -> Cost:
    """Return p50 and p95 of the searches' median times."""
    medians = sorted(statistics.median(runs) * 1000 for runs in times.values())
    return Cost(statistics.median(medians), medians[min(len(medians) - 1, int(len(medians) * 0.95))], found)


if __name__ == "__main__":
    main()
