"""What an inbox stands on: where its messages are kept, how its PBX is asked, and who makes its transcripts."""

from typing import TYPE_CHECKING, Protocol

from vm_mcp.errors import ConfigError
from vm_mcp.inbox.account import Account, AccountBacking
from vm_mcp.inbox.transcript_maker import Maker, TranscriptMaker

if TYPE_CHECKING:
    from vm_mcp.archive import Archive
    from vm_mcp.asr import Transcriber
    from vm_mcp.inbox.fetched import FetchedRecordings
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.pbx import PbxClient


class Backing(AccountBacking, Protocol):
    """Opens what one inbox, or the inboxes of several people, stand on."""

    def maker(
        self, account: Account, fetched: "FetchedRecordings", known: "KnownMessages", transcriber: "Transcriber"
    ) -> Maker:
        """Return what makes the account's transcripts."""
        ...


_ONE_FILE = (
    "Mailboxes can be kept apart only in the team's database, not in the archive on this computer. Set "
    "VM_MCP_DATABASE_URL, or leave out `extensions` where the accounts file says who may see the account."
)


class DeskBacking:
    """Everything in this process and on this computer, for one account. There, whoever sees anything sees all of it."""

    async def open_archive(self, account: Account) -> "Archive":
        """Return the account's SQLite archive; see `vm_mcp.inbox.identity`.

        Raises:
            ConfigError: Whoever asks may see only some mailboxes.
        """
        from vm_mcp.inbox.identity import open_archive

        _check_whole(account)
        return await open_archive(account.settings, account.pbx, account.clock)

    def open_client(self, account: Account) -> "PbxClient":
        """Return a client of its own.

        Raises:
            ConfigError: No API key, an unusable address, or whoever asks may see only some mailboxes.
        """
        from vm_mcp.pbx import PbxClient

        _check_whole(account)
        return PbxClient(account.settings, clock=account.clock)

    async def close_client(self, client: "PbxClient") -> None:
        """Close it."""
        await client.aclose()

    def maker(
        self, account: Account, fetched: "FetchedRecordings", known: "KnownMessages", transcriber: "Transcriber"
    ) -> Maker:
        """Return a maker that does it all in this process."""
        return TranscriptMaker(account, fetched, known, transcriber)


def _check_whole(account: Account) -> None:
    if not account.access.is_whole:
        raise ConfigError(_ONE_FILE)
