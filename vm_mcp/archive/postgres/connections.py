"""Connections to PostgreSQL: how each is set up, and what its errors mean to the caller."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import PoolTimeout
from pydantic import SecretStr

from vm_mcp.archive.postgres.text_adapters import text_adapters
from vm_mcp.errors import ArchiveError, ConfigError

SCHEMA = "vm_mcp"
"""Where all our tables are."""
APP_SETTING = "VM_MCP_DATABASE_URL"
"""The setting with the program's address."""
Connection = AsyncConnection[DictRow]
Params = Sequence[Any] | Mapping[str, Any]
"""Values of a statement's placeholders."""

logger = logging.getLogger(__name__)
# While PostgreSQL is down, each pool logs each attempt in libpq's words, with addresses; callers get an error of ours.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

_UNREACHABLE = (
    "The team's database can't be reached. Check that PostgreSQL runs and that {setting} has its address, user, "
    "password and certificate, then try again."
)
_NO_ANSWER = (
    "The team's database doesn't answer: it is down, or too many ask at once. Check that PostgreSQL runs, then try "
    "again."
)
_BUSY = (
    "The team's database is busy. Try again in a minute; if that happens often, give PostgreSQL more connections or a "
    "faster disk."
)
_LOST = "The connection to the team's database was lost. Try again."
_DENIED = (
    "The team's database refuses this: the message is of another mailbox, or the program's role lacks a right. Ask for "
    "a message that you may see; or run `vm-mcp database setup` again, which grants the rights."
)
_FULL = "The team's database can't be written: its disk is full. Make room, then try again."
_FAILED = "The team's database failed. Look into PostgreSQL's log and this program's for the reason, then try again."
_NOT_AN_ADDRESS = (
    "{setting} is not an address of PostgreSQL. Write it like `postgresql://USER:PASSWORD@HOST:5432/DATABASE`."
)

# The first that fits; any other error is that of a connection.
_TEXTS: tuple[tuple[tuple[type[psycopg.Error], ...], str], ...] = (
    ((PoolTimeout,), _NO_ANSWER),
    ((errors.LockNotAvailable, errors.QueryCanceled, errors.DeadlockDetected, errors.TooManyConnections), _BUSY),
    ((errors.DiskFull,), _FULL),
    ((psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError, psycopg.ProgrammingError), _FAILED),
)

_SETTINGS = {
    "search_path": SCHEMA,
    "timezone": "UTC",
    # The account's lock is held for milliseconds: a longer wait means that the machine that holds it hangs.
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "statement_timeout": "60s",
    # Our statements take milliseconds, and compiling one takes longer.
    "jit": "off",
}
_CONFIGURE = "SELECT " + ", ".join("set_config(%s, %s, false)" for _ in _SETTINGS)
_PARAMETERS = [each for setting in _SETTINGS.items() for each in setting]


def connection_options(connect_seconds: float) -> dict[str, Any]:
    """Return the arguments of `psycopg.AsyncConnection.connect` besides the address.

    A connection commits by itself, except within ``connection.transaction()``. A peer that vanished, such as a machine
    that lost power, is noticed within a minute.

    Args:
        connect_seconds: How long to try.
    """
    return {
        "autocommit": True,
        "row_factory": dict_row,
        "context": _Context(),
        "connect_timeout": max(2, round(connect_seconds)),  # libpq takes 1 as 2
        "application_name": "vm-mcp",
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }


async def configure(connection: Connection) -> None:
    """Set up a new connection."""
    await connection.execute(_CONFIGURE, _PARAMETERS)


def address_of(url: SecretStr, setting: str) -> str:
    """Return an address as psycopg takes it.

    Args:
        url: The address.
        setting: The setting that it comes from.

    Raises:
        ConfigError: It is no address of PostgreSQL; the text holds no word of it.
    """
    try:
        return make_conninfo(url.get_secret_value())
    except psycopg.ProgrammingError:
        # `from None`: the error quotes the address, and the password in it.
        raise ConfigError(_NOT_AN_ADDRESS, setting=setting) from None


@asynccontextmanager
async def connected(
    address: str, connect_seconds: float, setting: str = APP_SETTING, denied: str = ""
) -> AsyncIterator[Connection]:
    """Open a connection for a short while, and close it.

    Args:
        address: See `address_of`.
        connect_seconds: How long to try.
        setting: The setting that the address comes from.
        denied: What to say where the role lacks a right; empty: what the program's role lacks.

    Raises:
        ArchiveError: The database can't be reached, or refused a statement of the block.
    """
    with translated_errors(lost=_UNREACHABLE.format(setting=setting)):
        connection: Connection = await psycopg.AsyncConnection.connect(address, **connection_options(connect_seconds))
    with translated_errors(denied=denied or _DENIED):
        async with connection:
            await configure(connection)
            yield connection


async def execute_each(connection: Connection, statement: LiteralString, rows: Sequence[Params]) -> None:
    """Execute a statement once for each row, without waiting for one to begin the next."""
    if len(rows) == 1:
        await connection.execute(statement, rows[0])  # in half the time
    elif rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(statement, rows)


@contextmanager
def translated_errors(lost: str = _LOST, denied: str = _DENIED) -> Iterator[None]:
    """Raise `ArchiveError` with a text of ours in place of psycopg's errors, whose texts hold values and addresses.

    Args:
        lost: What to say where there is no connection.
        denied: What to say where the role lacks a right.
    """
    try:
        yield
    except psycopg.Error as error:
        logger.info("PostgreSQL: %s %s", type(error).__name__, error.sqlstate or "")
        found = next((text for kinds, text in _TEXTS if isinstance(error, kinds)), lost)
        raise ArchiveError(denied if isinstance(error, errors.InsufficientPrivilege) else found) from error


class _Context:
    """What psycopg takes adapters from."""

    adapters = text_adapters()
    connection = None
