"""The schema: its migrations, who takes them, and whether a database has those of this program.

A step is a file of `migrations`, by its number, and never edited once released. The owner of the tables takes the steps
(``vm-mcp database setup``); the program's own role can't, and only checks that they were taken.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import NamedTuple

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from vm_mcp.archive.postgres.connections import APP_SETTING, SCHEMA, Connection, address_of, connected
from vm_mcp.errors import ConfigError

_LOCK = "SELECT pg_advisory_lock(hashtext('vm_mcp migrations'))"
_PATIENT = "SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false)"
_IS_UTF8 = "SELECT current_setting('server_encoding') = 'UTF8' AS is_utf8"
_RECORDS = f"""
    CREATE SCHEMA IF NOT EXISTS {SCHEMA};
    CREATE TABLE IF NOT EXISTS migrations (
        number integer PRIMARY KEY,
        name text NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT now()
    )
"""
_TAKEN = "SELECT coalesce(max(number), 0) AS number FROM migrations"
_RECORD = "INSERT INTO migrations (number, name) VALUES (%s, %s)"
_CAN_READ = """
    SELECT count(*) > 0 AS is_readable FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = %s AND relname = 'migrations'
        AND has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')
"""
# The connection is the owner's, and a superuser is a member of every role.
_IS_UNBOUND = """
    SELECT rolsuper OR rolbypassrls OR pg_has_role(oid, current_user, 'MEMBER') AS is_unbound
    FROM pg_roles WHERE rolname = %s
"""
_GRANT = """
    GRANT USAGE ON SCHEMA {schema} TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
    REVOKE INSERT, UPDATE, DELETE ON migrations FROM {role}
"""

_OWNER_SETTING = "VM_MCP_DATABASE_OWNER_URL"
_MISSING = (
    "The team's database has no tables of vm-mcp yet, or the role in VM_MCP_DATABASE_URL has no right to them. Run "
    "`vm-mcp database setup` with the owner's address in VM_MCP_DATABASE_OWNER_URL."
)
_TOO_OLD = (
    "The team's database is of an older vm-mcp. Stop the programs that still use it, then run `vm-mcp database setup` "
    "with the owner's address in VM_MCP_DATABASE_OWNER_URL."
)
_TOO_NEW = "The team's database was set up by a newer vm-mcp. Update this one."
_NOT_UTF8 = "The team's database stores no Unicode. Create one with `CREATE DATABASE ... ENCODING 'UTF8'`."
_NOT_OWNER = (
    "The role in VM_MCP_DATABASE_OWNER_URL may not create or change the tables of vm-mcp. Make it the owner of the "
    "database, `ALTER DATABASE ... OWNER TO ...`, or use the role that set the database up; then run `vm-mcp database "
    "setup` again."
)
_NO_ROLE = (
    "VM_MCP_DATABASE_URL has no role, or PostgreSQL doesn't know it. Create it as the owner of the database, "
    "`CREATE ROLE vm_mcp_app LOGIN PASSWORD '...'`, then run `vm-mcp database setup` again."
)
_UNBOUND = (
    "VM_MCP_DATABASE_URL must have another role than VM_MCP_DATABASE_OWNER_URL, and none that is a superuser or "
    "bypasses row-level security: it would see every account. Create one, `CREATE ROLE vm_mcp_app LOGIN PASSWORD "
    "'...'`, write it into VM_MCP_DATABASE_URL, and run `vm-mcp database setup` again."
)
_CONNECT_SECONDS = 10.0


class Step(NamedTuple):
    """A migration."""

    number: int
    name: str
    statements: str


def steps() -> list[Step]:
    """Return all migrations, in order."""
    found = (
        (re.fullmatch(r"m(\d{3})_(\w+)\.sql", each.name), each)
        for each in files("vm_mcp.archive.postgres.migrations").iterdir()
    )
    return sorted(Step(int(named[1]), named[2], each.read_text(encoding="utf-8")) for named, each in found if named)


async def check_schema(connection: Connection) -> None:
    """Check that a database has this program's schema.

    Raises:
        ConfigError: It is missing, too old or too new, or the role has no right to it.
    """
    [found] = await (await connection.execute(_CAN_READ, (SCHEMA,))).fetchall()
    taken = await _taken(connection) if found["is_readable"] else 0
    newest = steps()[-1].number
    if not taken:
        raise ConfigError(_MISSING)
    if taken < newest:
        raise ConfigError(_TOO_OLD)
    if taken > newest:
        raise ConfigError(_TOO_NEW)


async def set_up(owner_url: SecretStr, url: SecretStr) -> list[Step]:
    """Take the steps that a database still lacks, and grant the program's role what it needs.

    Any number of processes may do so at once.

    Args:
        owner_url: The address, with the role that owns the tables or will.
        url: The address that the program uses, for its role.

    Returns:
        The steps taken.

    Raises:
        ConfigError: An address or a role is unusable, or a newer vm-mcp has set the database up.
        ArchiveError: The database can't be reached or refused a step, which then has changed nothing.
    """
    async with setting_up(owner_url, url) as (_, taken):
        return taken


@asynccontextmanager
async def setting_up(owner_url: SecretStr, url: SecretStr) -> AsyncIterator[tuple[Connection, list[Step]]]:
    """Do as `set_up` does, and let the block add tables of others in the same schema before the role gets its grants.

    Yields:
        The owner's connection, and the steps taken.

    Raises:
        ConfigError: As `set_up`.
        ArchiveError: As `set_up`; also where the block's statements are refused.
    """
    role = str(conninfo_to_dict(address_of(url, APP_SETTING)).get("user") or "")
    async with owner_connection(owner_url) as connection:
        await check_program_role(connection, role)
        yield connection, await migrate(connection)
        await grant(connection, role, SCHEMA)


@asynccontextmanager
async def owner_connection(owner_url: SecretStr) -> AsyncIterator[Connection]:
    """Connect as the owner, and keep others who do so waiting.

    Raises:
        ConfigError: The address is unusable.
        ArchiveError: The database can't be reached, or refused a statement of the block.
    """
    address = address_of(owner_url, _OWNER_SETTING)
    async with connected(address, _CONNECT_SECONDS, _OWNER_SETTING, _NOT_OWNER) as connection:
        await connection.execute(_PATIENT)
        await connection.execute(_LOCK)  # until the connection is closed
        yield connection


async def migrate(connection: Connection) -> list[Step]:
    """Take the steps that a database lacks, each in a transaction with its record; the connection is the owner's."""
    [found] = await (await connection.execute(_IS_UTF8)).fetchall()
    if not found["is_utf8"]:
        raise ConfigError(_NOT_UTF8)
    async with connection.transaction():
        await connection.execute(_RECORDS)
    done = await _taken(connection)
    if done > steps()[-1].number:
        raise ConfigError(_TOO_NEW)
    missing = [step for step in steps() if step.number > done]
    for step in missing:
        async with connection.transaction():
            await connection.execute(step.statements)
            await connection.execute(_RECORD, (step.number, step.name))
    return missing


async def check_program_role(connection: Connection, role: str) -> None:
    """Check that a role may be the program's; the connection is the owner's.

    Raises:
        ConfigError: There is no such role, or row-level security doesn't bind it.
    """
    found = await (await connection.execute(_IS_UNBOUND, (role,))).fetchone()
    if not found:
        raise ConfigError(_NO_ROLE)
    if found["is_unbound"]:
        raise ConfigError(_UNBOUND)


async def grant(connection: Connection, role: str, schema: str) -> None:
    """Let the program's role read and write all tables of a schema, and change none of them."""
    granted = sql.SQL(_GRANT).format(schema=sql.Identifier(schema), role=sql.Identifier(role))
    async with connection.transaction():
        await connection.execute(granted)


async def _taken(connection: Connection) -> int:
    [found] = await (await connection.execute(_TAKEN)).fetchall()
    return int(found["number"])
