"""A search finds the same messages in PostgreSQL as in SQLite, in the same order."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import archive as benchmark
import pytest
from support.postgres_server import TeamDatabase

from vm_mcp.archive import Archive, MessageRange
from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.sqlite import SqliteArchive

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio

SIZE = 120
SEARCHES = [*benchmark.searches(), *((asked, {}) for asked in benchmark.NEAR)]


@pytest.fixture(scope="module")
async def both(team_database: TeamDatabase, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Archive]]:
    """The same messages in both homes."""
    path: Path = tmp_path_factory.mktemp("ranking") / "archive.sqlite3"
    benchmark.fill(path, SIZE)
    database = PostgresDatabase(team_database.url)
    sqlite, postgres = SqliteArchive(path), PostgresArchive(database, "ranking")
    await benchmark.fill_postgres(postgres, SIZE)
    yield [sqlite, postgres]
    await sqlite.aclose()
    await database.aclose()


async def ranked(archive: Archive, asked: str, bounds: dict[str, Any]) -> list[object]:
    found = await archive.search(asked, MessageRange(**bounds), limit=50)
    counts = (found.total_count, found.near_count, found.searched_count, found.missing_count)
    return [counts, *((hit.voicemail, hit.snippet, hit.close, hit.is_transcribed) for hit in found.hits)]


async def test_the_benchmarks_searches_rank_alike(both: list[Archive]) -> None:
    sqlite, postgres = both
    for asked, bounds in SEARCHES:
        assert await ranked(postgres, asked, bounds) == await ranked(sqlite, asked, bounds), asked


async def test_random_words_of_the_messages_rank_alike(both: list[Archive]) -> None:
    sqlite, postgres = both
    rng = random.Random(1)  # noqa: S311 - the same words each time, nothing secret
    for _ in range(40):
        asked = " ".join(benchmark.words(rng, rng.randrange(1, 4)))
        assert await ranked(postgres, asked, {}) == await ranked(sqlite, asked, {}), asked
