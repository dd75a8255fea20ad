"""Fixtures for the contract of `Archive`, which every implementation fulfils: tests use nothing else of it.

Another implementation needs one more parameter of `make_room`. What is specific to one has its own fixtures, such as
`support.sqlite_fixtures`.
"""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.archive_samples import Clock, MakeRoom, OpenArchive, fresh
from support.postgres_server import TeamDatabase
from vm_mcp.archive import Archive
from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.sqlite import SqliteArchive

pytest_plugins = ["support.postgres_fixtures"]


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def make_room(request: pytest.FixtureRequest) -> MakeRoom:
    made: MakeRoom = request.getfixturevalue(f"{request.param}_rooms")
    return made


@pytest.fixture(scope="session")
def sqlite_rooms() -> MakeRoom:
    def make(folder: Path) -> OpenArchive:
        return lambda clock: SqliteArchive(folder / "archive.sqlite3", clock=clock)

    return make


@pytest.fixture(scope="session")
def postgres_rooms(team_database: TeamDatabase) -> MakeRoom:
    """A room is an account: all tests of a process share a database, and row-level security keeps them apart."""

    def make(_: Path) -> OpenArchive:
        account = fresh()
        return lambda clock: _OwnConnections(PostgresDatabase(team_database.url), account, clock=clock)

    return make


class _OwnConnections(PostgresArchive):
    """An archive with connections of its own, as another process has."""

    async def aclose(self) -> None:
        await super().aclose()
        await self.sessions.database.aclose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_archive(make_room: MakeRoom, tmp_path: Path) -> OpenArchive:
    return make_room(tmp_path)


@pytest.fixture
async def archive(open_archive: OpenArchive, clock: Clock) -> AsyncIterator[Archive]:
    opened = open_archive(clock)
    yield opened
    await opened.aclose()


@pytest.fixture
async def other(open_archive: OpenArchive, clock: Clock) -> AsyncIterator[Archive]:
    """Another process's view of the same archive."""
    opened = open_archive(clock)
    yield opened
    await opened.aclose()


@pytest.fixture(scope="module")
def shared_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
async def shared_archive(
    make_room: MakeRoom, shared_clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Archive]:
    """One archive for all examples of a module's property tests. Each example uses fresh uuids and a fresh mailbox."""
    opened = make_room(tmp_path_factory.mktemp("shared"))(shared_clock)
    if isinstance(opened, SqliteArchive):
        await opened._run(_commit_without_waiting)
    yield opened
    await opened.aclose()


def _commit_without_waiting(connection: sqlite3.Connection) -> None:
    # Every example commits several times, and no test cuts the power.
    connection.execute("PRAGMA synchronous = OFF")
