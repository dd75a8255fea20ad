"""The team's database: a pool of connections, and transactions that see one account."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from vm_mcp.archive.postgres.connections import (
    APP_SETTING,
    Connection,
    address_of,
    configure,
    connected,
    connection_options,
    translated_errors,
)
from vm_mcp.archive.postgres.role_checks import check_role
from vm_mcp.archive.postgres.schema import check_schema

POOL_SIZE = 10
"""Connections that one process opens at most."""
WAIT_SECONDS = 5.0
"""How long a call waits for a connection before it fails: while PostgreSQL is down, or all are in use."""

# In one statement each: a way to the database and back is most of what a small transaction costs.
_BEGIN = sql.SQL("BEGIN")
_IN_ACCOUNT = (
    "BEGIN; SELECT set_config('vm_mcp.account', {account}, true), set_config('vm_mcp.extensions', {extensions}, true)"
)
_BEGIN_IN = sql.SQL(_IN_ACCOUNT)
# Two accounts of the same hash only wait for each other.
_BEGIN_ALONE_IN = sql.SQL(f"{_IN_ACCOUNT}, pg_advisory_xact_lock(hashtext('vm_mcp account'), hashtext({{account}}))")


class PostgresDatabase:
    """One team's database, opened at first use. All methods belong to the event loop that opened it.

    A connection that was lost, as all are when PostgreSQL restarts, is replaced before anybody gets it. psycopg needs a
    selector event loop, so on Windows ``asyncio.WindowsSelectorEventLoopPolicy``: the default one there can't watch its
    socket. It keeps settings of each connection, so a PgBouncer in between must pool sessions, not transactions.

    Args:
        url: The address, with a role that row-level security binds; see `role_checks`.
        pool_size: Connections at most.
        wait_seconds: How long a call waits for one.
    """

    def __init__(self, url: SecretStr, *, pool_size: int = POOL_SIZE, wait_seconds: float = WAIT_SECONDS) -> None:
        self._address = address_of(url, APP_SETTING)
        self._wait_seconds = wait_seconds
        self._opening = asyncio.Lock()
        self._is_checked = False
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._address,
            kwargs=connection_options(wait_seconds),
            min_size=1,
            max_size=pool_size,
            timeout=wait_seconds,
            max_idle=120,
            # After that, it no longer tries to replace a lost connection, with ever longer pauses; the next call starts
            # over.
            reconnect_timeout=wait_seconds,
            configure=configure,
            name="archive",
            open=False,
        )

    async def open(self) -> None:
        """Connect, and check that the role is bound by row-level security and that the schema is this program's.

        Opening twice is harmless.

        Raises:
            ConfigError: The role is not bound, or the schema is missing, too old or too new.
            ArchiveError: The database can't be reached; the next call tries again.
        """
        async with self._opening:
            if self._is_checked:
                return
            # Before the pool, which says no more than that it waited in vain.
            async with connected(self._address, self._wait_seconds) as connection:
                await check_role(connection)
                await check_schema(connection)
            with translated_errors():
                await self._pool.open()
            self._is_checked = True

    async def aclose(self) -> None:
        """Close all connections. Closing twice is harmless."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(
        self, account: str, extensions: frozenset[str] | None = None, *, is_alone: bool = False
    ) -> AsyncIterator[Connection]:
        """Begin a transaction that sees one account's rows, and commit it, or roll it back after an error.

        Args:
            account: The account's name.
            extensions: See only messages of these mailboxes, and what hangs on them; None: of all.
            is_alone: Wait until no other transaction that asks for this writes to the account, and keep others waiting.

        Raises:
            ArchiveError: PostgreSQL can't be reached, or refused a statement of the block; the text says what to do.
        """
        allowed = "" if extensions is None else json.dumps(sorted(extensions))
        names = {"account": sql.Literal(account), "extensions": sql.Literal(allowed)}
        begin = _BEGIN_ALONE_IN if is_alone else _BEGIN_IN
        async with self._begun(begin.format(**names)) as connection:
            yield connection

    @asynccontextmanager
    async def operation(self) -> AsyncIterator[Connection]:
        """Begin a transaction that sees no account's rows, for tables that belong to none."""
        async with self._begun(_BEGIN) as connection:
            yield connection

    @asynccontextmanager
    async def _begun(self, begin: sql.SQL | sql.Composed) -> AsyncIterator[Connection]:
        if not self._is_checked:
            await self.open()
        with translated_errors():
            connection = await self._begin(begin)
            try:
                async with connection:  # which commits, or rolls back
                    yield connection
            finally:
                await self._pool.putconn(connection)

    async def _begin(self, begin: sql.SQL | sql.Composed) -> Connection:
        """Take a connection from the pool and begin a transaction; one that turns out to be lost is replaced.

        The pool can check each connection before it gives it away. But after one that is lost it waits for a second,
        after the next for two, and after a restart of PostgreSQL all of them are.
        """
        if connection := await self._begin_if_alive(begin):
            return connection
        await self._pool.check()
        if connection := await self._begin_if_alive(begin):
            return connection
        raise psycopg.OperationalError("the connection was lost twice")

    async def _begin_if_alive(self, begin: sql.SQL | sql.Composed) -> Connection | None:
        connection = await self._pool.getconn()
        try:
            await connection.execute(begin)
        except BaseException as error:
            await self._pool.putconn(connection)
            if isinstance(error, psycopg.OperationalError) and connection.closed:
                return None
            raise
        return connection
