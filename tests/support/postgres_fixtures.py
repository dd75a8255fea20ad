"""Fixtures for what needs PostgreSQL: a server, and databases of their own on it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from support.postgres_server import (
    OWNER,
    MakeDatabase,
    PostgresServer,
    TeamDatabase,
    server_or_skip,
)
from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.archive.postgres.schema import set_up

_numbers = itertools.count()
_TEMPLATE = "vm_template"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for all tests of this process; skips where PostgreSQL is missing, unless it is required."""
    with server_or_skip() as server:
        yield server


@pytest.fixture(scope="session")
def bare_database(postgres_server: PostgresServer) -> MakeDatabase:
    """Create a database without tables."""

    def make() -> TeamDatabase:
        made = TeamDatabase(postgres_server, f"bare{next(_numbers)}")
        postgres_server.run_sql("CREATE DATABASE {name} OWNER {owner}", name=made.name, owner=OWNER)
        return made

    return make


@pytest.fixture(scope="session")
def make_team_database(postgres_server: PostgresServer) -> MakeDatabase:
    """Create a database with the tables of this release."""
    template = TeamDatabase(postgres_server, _TEMPLATE)
    postgres_server.run_sql("CREATE DATABASE {name} OWNER {owner}", name=_TEMPLATE, owner=OWNER)
    asyncio.run(set_up(template.owner_url, template.url))

    def make() -> TeamDatabase:
        made = TeamDatabase(postgres_server, f"team{next(_numbers)}")
        postgres_server.run_sql(
            "CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}", name=made.name, owner=OWNER, template=_TEMPLATE
        )
        return made

    return make


@pytest.fixture(scope="session")
def team_database(make_team_database: MakeDatabase) -> TeamDatabase:
    """One database for all tests of this process, each with accounts of its own."""
    return make_team_database()


@pytest.fixture
async def database(team_database: TeamDatabase) -> AsyncIterator[PostgresDatabase]:
    opened = PostgresDatabase(team_database.url)
    yield opened
    await opened.aclose()
