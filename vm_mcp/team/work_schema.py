"""The schema of the work: procrastinate's tables, and our own."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from procrastinate.schema import SchemaManager

from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.schema import setting_up
from vm_mcp.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import SecretStr

_RECORDS = "CREATE TABLE IF NOT EXISTS work_migrations (name text PRIMARY KEY, taken_at timestamptz DEFAULT now())"
_TAKEN = "SELECT name FROM work_migrations"
_RECORD = "INSERT INTO work_migrations (name) SELECT unnest(%s::text[])"
_CAN_READ = "SELECT to_regclass('work_migrations') IS NOT NULL AS is_there"
_MISSING = (
    "The team's database has no tables for the work of this vm-mcp. Run `vm-mcp database setup` with the owner's "
    "address in VM_MCP_DATABASE_OWNER_URL."
)


async def set_up_team(owner_url: "SecretStr", url: "SecretStr") -> list[str]:
    """Take all steps that a team's database still lacks, and grant the program's role what it needs.

    Any number of processes may do so at once.

    Args:
        owner_url: The address, with the role that owns the tables or will.
        url: The address that the program uses, for its role.

    Returns:
        The names of the steps taken.

    Raises:
        ConfigError: An address or a role is unusable, or a newer vm-mcp has set the database up.
        ArchiveError: The database can't be reached or refused a step, which then has changed nothing.
    """
    async with setting_up(owner_url, url) as (connection, steps):
        return [*(step.name for step in steps), *await _migrate_work(connection)]


async def check_work_schema(connection: Connection) -> None:
    """Check that a database has the tables for the work of this program.

    Raises:
        ConfigError: They are missing or too old.
    """
    found = await (await connection.execute(_CAN_READ)).fetchone()
    taken = await _taken(connection) if found and found["is_there"] else set()
    if not {name for name, _ in _all_steps()} <= taken:
        raise ConfigError(_MISSING)


async def _migrate_work(connection: Connection) -> list[str]:
    async with connection.transaction():
        await connection.execute(_RECORDS)
    taken = await _taken(connection)
    if not taken:
        await _apply_procrastinate(connection)
        taken = await _taken(connection)
    missing = [(name, path) for name, path in _all_steps() if name not in taken]
    for name, statements in missing:
        async with connection.transaction():
            await connection.execute(statements.encode())
            await connection.execute(_RECORD, ([name],))
    return [name for name, _ in missing]


async def _apply_procrastinate(connection: Connection) -> None:
    """Apply procrastinate's schema as it is now, which has all steps that led to it."""
    async with connection.transaction():
        await connection.execute(SchemaManager.get_schema())
        await connection.execute(_RECORD, ([name for name, _ in _procrastinate_steps()],))


def _all_steps() -> Iterator[tuple[str, str]]:
    yield from _procrastinate_steps()
    for each in sorted(files("vm_mcp.team.migrations").iterdir(), key=lambda path: path.name):
        if each.name.endswith(".sql"):
            yield each.name.removesuffix(".sql"), each.read_text(encoding="utf-8")


def _procrastinate_steps() -> Iterator[tuple[str, str]]:
    for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        yield path.stem, path.read_text(encoding="utf-8")


async def _taken(connection: Connection) -> set[str]:
    return {row["name"] for row in await (await connection.execute(_TAKEN)).fetchall()}
