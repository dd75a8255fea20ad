"""What a team's inboxes stand on: PostgreSQL, one PBX client an account, and transcripts that workers make."""

from typing import TYPE_CHECKING, Any

from vm_mcp.archive.postgres import PostgresArchive
from vm_mcp.pbx import PbxClient
from vm_mcp.team.account_proof import check_key
from vm_mcp.team.queued_maker import QueuedMaker
from vm_mcp.team.shared_turns import SharedTurns

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from vm_mcp.archive import Archive
    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.asr import Transcriber
    from vm_mcp.config import Settings
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.fetched import FetchedRecordings
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.inbox.transcript_maker import Maker
    from vm_mcp.team.work_queue import WorkQueue


class TeamBacking:
    """Opens what the inboxes of all people and accounts of one process stand on. Use it from one event loop.

    Args:
        database: The team's; it is not closed here.
        queue: Where transcripts are asked for.
        is_backlog: Whether the process does work that nobody waits for; see `vm_mcp.team.shared_turns`.
        on_busy: Called for each request that the PBX refuses because there were too many.
    """

    def __init__(
        self,
        database: "PostgresDatabase",
        queue: "WorkQueue",
        *,
        is_backlog: bool = False,
        on_busy: "Callable[[], None] | None" = None,
    ) -> None:
        self._database = database
        self._queue = queue
        self._is_backlog = is_backlog
        self._on_busy = on_busy
        self._clients: dict[str, PbxClient] = {}
        self._users: dict[PbxClient, int] = {}
        self._checked: set[tuple[str, SecretStr]] = set()
        """Accounts and the keys that belong to them."""

    async def open_archive(self, account: "Account") -> "Archive":
        """Return the account's archive, as its access allows to see it.

        Raises:
            AccountMismatchError: Its key belongs to another account.
            ArchiveError: The database can't be used, or it could not be found out whose key it is.
        """
        await self._check_key(account.settings)
        access = account.access
        return PostgresArchive(self._database, account.settings.account, extensions=access.extensions, by=access.by)

    def open_client(self, account: "Account") -> PbxClient:
        """Return the account's client, which all its people share.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        name = account.settings.account
        if name not in self._clients:
            self._clients[name] = self._new_client(account.settings, clock=account.clock)
        client = self._clients[name]
        self._users[client] = self._users.get(client, 0) + 1
        return client

    async def close_client(self, client: PbxClient) -> None:
        """Close a client once nobody uses it."""
        self._users[client] -= 1
        if not self._users[client]:
            del self._users[client]
            self._clients = {name: kept for name, kept in self._clients.items() if kept is not client}
            await client.aclose()

    def maker(
        self,
        account: "Account",
        fetched: "FetchedRecordings",  # noqa: ARG002 - the protocol's
        known: "KnownMessages",
        transcriber: "Transcriber",  # noqa: ARG002 - the protocol's
    ) -> "Maker":
        """Return a maker that has workers do it."""
        return QueuedMaker(account, known, self._queue)

    async def _check_key(self, settings: "Settings") -> None:
        key = settings.api_key
        if key is None or (settings.account, key) in self._checked:
            return
        archive = PostgresArchive(self._database, settings.account)
        await check_key(archive, settings.account, key, lambda: self._new_client(settings))
        self._checked.add((settings.account, key))

    def _new_client(self, settings: "Settings", **options: Any) -> PbxClient:  # noqa: ANN401 - PbxClient's own
        turns = SharedTurns(self._database, settings.account, is_backlog=self._is_backlog)
        return PbxClient(settings, turns=turns, on_busy=self._on_busy, **options)
