"""PostgreSQL is stopped, restarted and overloaded: calls fail within seconds, and go on as soon as they can."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from support.archive_samples import fresh, keep, key, leased, transcript
from support.postgres_server import (
    OWNER,
    PostgresServer,
    TeamDatabase,
    server_or_skip,
)

from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.postgres.schema import set_up
from vm_mcp.errors import ArchiveError

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]  # its server is its own

WAIT_SECONDS = 1.0
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vm_app'"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that nobody else uses, to be stopped."""
    with server_or_skip() as server:
        yield server


@pytest.fixture(scope="module")
def team(server: PostgresServer) -> TeamDatabase:
    server.run_sql("CREATE DATABASE team OWNER {owner}", owner=OWNER)
    made = TeamDatabase(server, "team")
    asyncio.run(set_up(made.owner_url, made.url))
    return made


@pytest.fixture
async def database(team: TeamDatabase) -> AsyncIterator[PostgresDatabase]:
    opened = PostgresDatabase(team.url, pool_size=2, wait_seconds=WAIT_SECONDS)
    yield opened
    await opened.aclose()


@pytest.fixture
def archive(database: PostgresDatabase) -> PostgresArchive:
    return PostgresArchive(database, fresh())


async def test_a_restart_between_two_calls_is_not_noticed(archive: PostgresArchive, server: PostgresServer) -> None:
    await keep(archive, "u", "merhaba")
    lease = await leased(archive, key("v"))
    for mode in ("fast", "immediate"):
        server.stop(mode)
        server.start()
        assert await archive.latest("u") == transcript("merhaba")
    assert await archive.save(lease, transcript("selam"))


async def test_a_call_during_an_outage_fails_within_seconds_and_the_next_after_it_works(
    archive: PostgresArchive, server: PostgresServer, team: TeamDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await keep(archive, "u", "merhaba")
    server.stop("fast")
    try:
        for _ in range(2):
            async with asyncio.timeout(10 * WAIT_SECONDS):
                with pytest.raises(ArchiveError, match="Check that PostgreSQL runs"):
                    await archive.latest("u")
        fresh_start = PostgresDatabase(team.url, wait_seconds=WAIT_SECONDS)
        with pytest.raises(ArchiveError, match="Check that PostgreSQL runs"):
            await fresh_start.open()
        await fresh_start.aclose()
    finally:
        server.start()
    assert await archive.latest("u") == transcript("merhaba")
    assert {record.name for record in caplog.records} == {"vm_mcp.archive.postgres.connections"}


async def test_a_connection_that_is_cut_fails_its_call_alone(archive: PostgresArchive, team: TeamDatabase) -> None:
    async def interrupted() -> None:
        async with archive.sessions.database.transaction("klinik") as connection:
            team.run_sql(END_ALL)
            await connection.execute("SELECT 1")

    with pytest.raises(ArchiveError, match="Try again"):
        await interrupted()
    assert await archive.recent(1) == []


async def test_more_calls_than_connections_wait_for_their_turn(archive: PostgresArchive) -> None:
    await asyncio.gather(*(keep(archive, f"u{number}", "merhaba") for number in range(12)))
    assert (await archive.search("merhaba")).total_count == 12


async def test_who_waits_too_long_for_a_connection_is_told_so(
    archive: PostgresArchive, database: PostgresDatabase
) -> None:
    async with database.operation(), database.operation():
        with pytest.raises(ArchiveError, match="too many ask at once"):
            await archive.recent(1)
    assert await archive.recent(1) == []


async def test_a_cancelled_call_gives_its_connection_back(database: PostgresDatabase) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        async with database.operation() as connection:
            begun.set()
            await connection.execute("SELECT pg_sleep(60)")

    for _ in range(3):
        sleeping = asyncio.create_task(slow())
        await begun.wait()
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
    async with database.operation(), database.operation():
        pass
