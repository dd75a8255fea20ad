"""Inboxes of several accounts on one computer, each with its archive here, as a desk has one."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, Self

from vm_mcp.asr import open_transcriber
from vm_mcp.asr.lent import LentTranscriber
from vm_mcp.errors import ConfigError
from vm_mcp.inbox import Inbox
from vm_mcp.inbox.backing import DeskBacking

if TYPE_CHECKING:
    from types import TracebackType

    from vm_mcp.asr import Transcriber
    from vm_mcp.config import Settings
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.inbox.account import Account
    from vm_mcp.pbx import PbxClient
    from vm_mcp.people import Access
    from vm_mcp.server.health import Check


class Inboxes(Protocol):
    """Opens the inboxes of a server. It is entered when the server starts, and left when it has stopped."""

    @property
    def checks(self) -> Mapping[str, "Check"]:
        """What they need, by the name that is shown where it can't be used."""
        ...

    @property
    def forgets(self) -> bool:
        """Whether the servers purge messages past their retention; else others do."""
        ...

    def open(self, entry: "AccountEntry", access: "Access") -> Inbox:
        """Return an inbox with what the access allows of an account; the caller closes it."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None: ...


class DeskInboxes:
    """Opens inboxes over SQLite and over speech engines of this process, one for all accounts of the same languages.

    Args:
        accounts: The accounts by name.
        transcriber_for: Makes the transcriber for an account's settings.

    Raises:
        ConfigError: An account shows some people only some of its mailboxes, which this archive can't do.
    """

    forgets = True

    def __init__(
        self,
        accounts: Mapping[str, "AccountEntry"],
        transcriber_for: "Callable[[Settings], Transcriber]" = open_transcriber,
    ) -> None:
        for name, entry in accounts.items():
            if any(rule.extensions is not None for rule in entry.access):
                raise ConfigError(
                    "The account `{name}` shows people only some of its mailboxes, which needs the team's database. "
                    "Set VM_MCP_DATABASE_URL, or remove `extensions` from the accounts file.",
                    name=name,
                )
        self.checks: dict[str, Check] = {}
        self._transcriber_for = transcriber_for
        self._transcribers: dict[tuple[str, ...], Transcriber] = {}
        self._backings = {name: OneClientBacking() for name in accounts}

    def open(self, entry: "AccountEntry", access: "Access") -> Inbox:
        """Return an inbox."""
        languages = entry.settings.languages
        if languages not in self._transcribers:
            self._transcribers[languages] = self._transcriber_for(entry.settings)
        transcriber = LentTranscriber(self._transcribers[languages])
        return Inbox(entry.settings, transcriber, access=access, backing=self._backings[entry.name])

    async def __aenter__(self) -> Self:
        """Open nothing: all of it opens at first use."""
        return self

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        """Close the engines."""
        for transcriber in self._transcribers.values():
            await transcriber.aclose()


class OneClientBacking(DeskBacking):
    """Shares one PBX client among the inboxes of an account: the vendor's rate limit is the account's."""

    def __init__(self) -> None:
        self._client: PbxClient | None = None
        self._users = 0

    def open_client(self, account: "Account") -> "PbxClient":
        """Return the account's client.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        if self._client is None:
            self._client = super().open_client(account)
        self._users += 1
        return self._client

    async def close_client(self, client: "PbxClient") -> None:
        """Close it once nobody uses it."""
        self._users -= 1
        if not self._users:
            self._client = None
            await super().close_client(client)
