"""Inboxes of a team: over its PostgreSQL, with transcripts that its workers make."""

from contextlib import suppress
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
    from vm_mcp.server.health import Check


class TeamInboxes:
    """Opens inboxes over one database and one queue. Use it from one event loop.

    Args:
        url: The database, as the program's role.
        settings: Those of the process, which name the team's engine.
        holds_recordings: Whether the team's workers hold recordings between retrieval and transcription.

    Raises:
        ConfigError: The address is unusable, or the engine is not the same on all machines.
    """

    forgets = False

    def __init__(self, url: "SecretStr", settings: "Settings", *, holds_recordings: bool) -> None:
        self._database = PostgresDatabase(url)
        self._backing = TeamBacking(self._database, WorkQueue(self._database, holds_recordings=holds_recordings))
        self._engine = engine_name(settings)
        self.checks: dict[str, Check] = {"database": self._look}

    def open(self, entry: "AccountEntry", access: "Access") -> Inbox:
        """Return an inbox."""
        return Inbox(entry.settings, NamedTranscriber(self._engine), access=access, backing=self._backing)

    async def _look(self) -> bool:
        async with self._database.operation() as connection:
            await check_work_schema(connection)
        return True

    async def __aenter__(self) -> Self:
        """Check the database, if it is there yet; until it is, the server isn't ready.

        Raises:
            ConfigError: It lets the role see more than one account, or its tables are missing, too old or too new.
        """
        with suppress(ArchiveError):
            await self._look()
        return self

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        """Close the database."""
        await self._database.aclose()
