"""Fixtures for the work of a team: a database with its queue, and an account on a simulated PBX."""

import asyncio
import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from support.postgres_server import OWNER, PostgresServer, TeamDatabase
from support.team_work import Team
from vm_mcp.simulator import Simulator
from vm_mcp.team.work_schema import set_up_team

_numbers = itertools.count()
_TEMPLATE = "vm_work_template"


@pytest.fixture(scope="session")
def work_template(postgres_server: PostgresServer) -> str:
    template = TeamDatabase(postgres_server, _TEMPLATE)
    postgres_server.run_sql("CREATE DATABASE {name} OWNER {owner}", name=_TEMPLATE, owner=OWNER)
    asyncio.run(set_up_team(template.owner_url, template.url))
    return _TEMPLATE


def _make(postgres_server: PostgresServer, work_template: str) -> TeamDatabase:
    made = TeamDatabase(postgres_server, f"work{next(_numbers)}")
    postgres_server.run_sql(
        "CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}", name=made.name, owner=OWNER, template=work_template
    )
    return made


@pytest.fixture
def work_database(postgres_server: PostgresServer, work_template: str) -> TeamDatabase:
    """A database with the tables of the work, for one test: its jobs are nobody else's."""
    return _make(postgres_server, work_template)


@pytest.fixture(scope="session")
def shared_work_database(postgres_server: PostgresServer, work_template: str) -> TeamDatabase:
    """The same, for all tests of this process, each with accounts of its own."""
    return _make(postgres_server, work_template)


@pytest.fixture
def no_shared_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody send requests without waiting."""
    monkeypatch.setattr("vm_mcp.team.shared_turns.TOLERANCE", timedelta(hours=2))


@pytest.fixture
def team(
    work_database: TeamDatabase,
    simulator: Simulator,
    tmp_path: Path,
    no_shared_limit: None,  # noqa: ARG001 - used by being there
) -> Team:
    return Team(work_database, simulator, tmp_path)
