"""The schema is set up by its owner, once, by however many at a time, and checked by everybody else."""

import asyncio

import pytest
from pydantic import SecretStr
from support.archive_samples import voicemail
from support.postgres_server import APP, OWNER, MakeDatabase, PostgresServer, TeamDatabase

from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase, schema
from vm_mcp.archive.postgres.schema import Step, set_up
from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.team.work_schema import set_up_team

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio

NEXT = Step(len(schema.steps()) + 1, "next", "CREATE TABLE next_one (account text NOT NULL)")


async def opening(made: TeamDatabase) -> None:
    database = PostgresDatabase(made.url)
    try:
        await database.open()
    finally:
        await database.aclose()


def add_step(monkeypatch: pytest.MonkeyPatch, step: Step) -> None:
    steps = [*schema.steps(), step]
    monkeypatch.setattr(schema, "steps", lambda: steps)


def test_steps_are_numbered_without_a_gap() -> None:
    assert [step.number for step in schema.steps()] == list(range(1, len(schema.steps()) + 1))


async def test_ten_at_once_take_each_step_once(bare_database: MakeDatabase) -> None:
    made = bare_database()

    def one() -> list[Step]:
        return asyncio.run(set_up(made.owner_url, made.url))

    taken = await asyncio.gather(*(asyncio.to_thread(one) for _ in range(10)))
    assert sorted(taken) == [[]] * 9 + [schema.steps()]
    archives = [PostgresArchive(PostgresDatabase(made.url), "klinik") for _ in range(10)]
    await asyncio.gather(*(archive.note_listed([voicemail(f"u{n}")]) for n, archive in enumerate(archives)))
    assert len(await archives[0].recent(99)) == 10
    for archive in archives:
        await archive.sessions.database.aclose()


async def test_a_database_of_an_older_release_is_refused_until_it_is_set_up(
    make_team_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_team_database()
    await opening(made)
    add_step(monkeypatch, NEXT)
    with pytest.raises(ConfigError, match=r"older vm-mcp.*vm-mcp database setup"):
        await opening(made)
    assert await set_up(made.owner_url, made.url) == [NEXT]
    await opening(made)
    made.run_sql("SELECT * FROM vm_mcp.next_one", role=APP)
    monkeypatch.undo()
    for refused in (opening(made), set_up(made.owner_url, made.url)):
        with pytest.raises(ConfigError, match=r"newer vm-mcp. Update"):
            await refused


async def test_a_step_that_fails_changes_nothing(
    make_team_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_team_database()
    add_step(monkeypatch, NEXT._replace(statements=f"{NEXT.statements}; SELECT 1 / 0"))
    with pytest.raises(ArchiveError):
        await set_up(made.owner_url, made.url)
    monkeypatch.undo()
    await opening(made)
    made.run_sql("CREATE TABLE vm_mcp.next_one ()", role=OWNER)


async def test_a_role_that_does_not_exist_is_named_with_what_to_do(bare_database: MakeDatabase) -> None:
    made = bare_database()
    with pytest.raises(ConfigError, match="CREATE ROLE"):
        await set_up(made.owner_url, SecretStr(made.server.url(made.name, "nobody_known")))


async def test_an_owner_without_the_right_to_create_is_told_so(bare_database: MakeDatabase) -> None:
    made = bare_database()
    made.run_sql("CREATE ROLE vm_stranger LOGIN")
    with pytest.raises(ArchiveError, match="VM_MCP_DATABASE_OWNER_URL"):
        await set_up(SecretStr(made.server.url(made.name, "vm_stranger")), made.url)


async def test_an_owner_that_can_not_be_reached_is_named_by_its_own_setting(bare_database: MakeDatabase) -> None:
    made = bare_database()
    with pytest.raises(ArchiveError, match=r"reached.*VM_MCP_DATABASE_OWNER_URL"):
        await set_up(SecretStr(made.server.url(made.name, "nobody_known")), made.url)


@pytest.mark.parametrize("role", [OWNER, "postgres"])
async def test_a_role_that_would_see_every_account_is_refused_before_anything_is_set_up(
    bare_database: MakeDatabase, role: str
) -> None:
    made = bare_database()
    for setting_up in (set_up, set_up_team):
        with pytest.raises(ConfigError, match="another role"):
            await setting_up(made.owner_url, SecretStr(made.server.url(made.name, role)))
    made.run_sql("CREATE SCHEMA vm_mcp", role=OWNER)  # there is none yet


async def test_a_database_without_unicode_is_refused(postgres_server: PostgresServer) -> None:
    made = TeamDatabase(postgres_server, "latin")
    created = "CREATE DATABASE {created} OWNER {owner} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    postgres_server.run_sql(created, created=made.name, owner=OWNER)
    with pytest.raises(ConfigError, match="UTF8"):
        await set_up(made.owner_url, made.url)
