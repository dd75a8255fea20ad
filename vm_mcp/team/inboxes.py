"""The inboxes of a team's servers: over PostgreSQL, one PBX client an account, and transcripts that workers make."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.errors import ArchiveError
from vm_mcp.inbox import Inbox
from vm_mcp.team.backing import TeamBacking
from vm_mcp.team.engine_name import NamedTranscriber, engine_name
from vm_mcp.team.work_queue import WorkQueue
from vm_mcp.team.work_schema import check_work_schema

if TYPE_CHECKING:
    from types import TracebackType

    from pydantic import SecretStr

    from vm_mcp.config import Settings
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.people import Access

logger = logging.getLogger(__name__)


class TeamInboxes:
    """Opens what is open to somebody of an account. Use it from one event loop, and leave it there.

    Args:
        settings: Those of the process: the engine and model that transcripts are kept under.
        url: The team's database.
        holds_recordings: Whether recordings are held between retrieval and transcription.
        on_busy: Called for each request that the PBX refuses because there were too many.

    Raises:
        ConfigError: A machine would choose an engine by itself, or the address is unusable.
    """

    forgets = False  # workers do

    def __init__(
        self,
        settings: "Settings",
        url: "SecretStr",
        *,
        holds_recordings: bool,
        on_busy: Callable[[], None] | None = None,
    ) -> None:
        self._database = PostgresDatabase(url)
        self._transcriber = NamedTranscriber(engine_name(settings))
        queue = WorkQueue(self._database, holds_recordings=holds_recordings)
        self._backing = TeamBacking(self._database, queue, on_busy=on_busy)
        self.checks = {"database": self._is_usable}

    def open(self, entry: "AccountEntry", access: "Access") -> Inbox:
        """Return an inbox; the caller closes it."""
        return Inbox(entry.settings, self._transcriber, access=access, backing=self._backing)

    async def __aenter__(self) -> Self:
        """Connect to nothing yet: the first request does, and each that finds the database gone tries again."""
        return self

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        """Close the database's connections."""
        await self._database.aclose()

    async def _is_usable(self) -> bool:
        await _check(self._database)
        return True


def check_database(url: "SecretStr") -> None:
    """Look at the database before anything is served, since a wrong role or schema stays wrong.

    Raises:
        ConfigError: It is not what this program needs. One that can't be reached is only logged: it may be back soon.
    """

    async def look() -> None:
        database = PostgresDatabase(url)
        try:
            await _check(database)
        except ArchiveError as error:
            logger.warning("the team's database can't be used yet: %s", error)
        finally:
            await database.aclose()

    asyncio.run(look())


async def _check(database: PostgresDatabase) -> None:
    await database.open()
    async with database.operation() as connection:
        await check_work_schema(connection)
