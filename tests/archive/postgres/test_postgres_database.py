"""The team's database: who may open it, what a transaction sees, and what happens when PostgreSQL goes away."""

import pytest
from pydantic import SecretStr
from support.postgres_server import MakeDatabase, TeamDatabase

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.errors import ConfigError

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio


async def test_a_transaction_names_its_account_and_nothing_of_that_stays(database: PostgresDatabase) -> None:
    asked = "SELECT current_account() AS account, visible_mailboxes() AS mailboxes"
    async with database.transaction("klinik", frozenset({"101"})) as connection:
        assert await (await connection.execute(asked)).fetchone() == {"account": "klinik", "mailboxes": ["101"]}
    async with database.operation() as connection:
        assert await (await connection.execute(asked)).fetchone() == {"account": None, "mailboxes": None}


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "\U0010f8ff", "\U0010f8ff0\0", "ışık"])
async def test_any_text_is_read_back(database: PostgresDatabase, text: str) -> None:
    async with database.operation() as connection:
        found = await connection.execute("SELECT %s::text AS one, %s::text[] AS many", (text, [text]))
        assert await found.fetchone() == {"one": text, "many": [text]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER ROLE {refused} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {refused} BYPASSRLS", "bypasses row-level security"),
        ("GRANT vm_owner TO {refused}", "owns the tables"),
        ("GRANT postgres TO {refused}", "is a superuser"),
    ],
)
async def test_a_role_that_row_level_security_does_not_bind_is_refused(
    team_database: TeamDatabase, change: str, reason: str
) -> None:
    role = "".join(filter(str.isalpha, change.lower()))
    team_database.run_sql("CREATE ROLE {refused} LOGIN", refused=role)
    team_database.run_sql(change, refused=role)
    refused = PostgresDatabase(SecretStr(team_database.server.url(team_database.name, role)))
    with pytest.raises(ConfigError, match=reason):
        await refused.open()
    await refused.aclose()


async def test_a_database_without_tables_is_refused_with_what_to_do(bare_database: MakeDatabase) -> None:
    made = PostgresDatabase(bare_database().url)
    with pytest.raises(ConfigError, match="vm-mcp database setup"):
        await made.open()
    await made.aclose()


@pytest.mark.parametrize("url", ["nonsense=1", "http://geheim@x", "postgresql://u:geheim@[::1/x"])
def test_what_is_no_address_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_DATABASE_URL") as refused:
        PostgresDatabase(SecretStr(url))
    assert "geheim" not in str(refused.value)
    assert refused.value.__cause__ is None
