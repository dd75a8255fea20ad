"""One account: its PBX, its archive on this computer, and the record of every retrieval."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.config import with_stored_key
from vm_mcp.errors import ArchiveError, InputError, PbxAuthError, VoicemailNotFoundError

if TYPE_CHECKING:
    from vm_mcp.archive import Archive
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient
    from vm_mcp.pbx.voicemails import OnAsked

Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)

_UNMARKED = (InputError, PbxAuthError, VoicemailNotFoundError)
"""Errors after which the PBX has surely not marked the message as read. Rate limits and other refusals are not among
them: a retrieval takes two requests, each retried, and an earlier one may have marked the message."""


@dataclass
class Account:
    """One account's PBX client and archive. Use it from one event loop, and close it there."""

    settings: "Settings"
    clock: Clock
    client: "PbxClient | None" = None
    """Made at first use; see `pbx`."""
    _archive: "Archive | None" = None
    _archive_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pbx(self) -> "PbxClient":
        """Return the client, made at first use, so that a server without a key can start and say what is missing.

        Where no setting holds the key, the keyring is read off the event loop: it may wait for the user.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        if self.client:
            return self.client
        return self._client(await asyncio.to_thread(with_stored_key, self.settings))

    async def archive(self) -> "Archive":
        """Return the account's archive, opened at first use, so that a server's start doesn't wait for the disk.

        With a key that is new to this computer, the PBX may be asked which archive it belongs to; see
        `vm_mcp.inbox.identity`.

        Raises:
            ConfigError: There is neither a key nor an account name.
            ArchiveError: It is not known which archive belongs to the account.
        """
        async with self._archive_lock:
            if self._archive is None:
                from vm_mcp.inbox.identity import open_archive

                settings = await asyncio.to_thread(with_stored_key, self.settings)
                self._archive = await open_archive(settings, self.pbx, self.clock)
            return self._archive

    @asynccontextmanager
    async def retrieving(self, uuid: str, on_asked: "OnAsked | None" = None) -> AsyncIterator["OnAsked"]:
        """Record that this assistant retrieves a message's recording; the block asks the PBX for it.

        The record is made before the PBX is asked, so that a crash can't lose it: the PBX never says who marked a
        message as read. It is withdrawn where the message was surely not marked, since the PBX refused, or the block
        was cancelled before it asked. After any other failure the PBX may have marked it, so the record stays.
        Once the PBX was asked, a failure of the archive is only logged: the recording matters more.

        Args:
            uuid: The message.
            on_asked: Also called right before the PBX is asked.

        Yields:
            The callback for the block to call right before it asks the PBX.

        Raises:
            ArchiveError: The record can't be made; the PBX was not asked.
        """
        pbx = await self.pbx()
        retrieved_at = self.clock()
        is_asked = False

        def note_asked() -> None:
            nonlocal is_asked
            is_asked = True
            if on_asked:
                on_asked()

        try:
            await (await self.archive()).record_retrieval(
                uuid, retrieved_at, clock_offset_seconds=pbx.clock_offset_seconds
            )
            yield note_asked
        except _UNMARKED:
            await self._withdraw_retrieval(uuid, retrieved_at)
            raise
        except asyncio.CancelledError:
            if not is_asked:
                await self._withdraw_retrieval(uuid, retrieved_at)
            raise
        with _logged():
            await (await self.archive()).confirm_retrieval(
                uuid, retrieved_at, clock_offset_seconds=pbx.clock_offset_seconds
            )

    async def aclose(self) -> None:
        """Close the connections and the archive."""
        if self.client:
            await self.client.aclose()
        if self._archive:
            await self._archive.aclose()

    async def _withdraw_retrieval(self, uuid: str, retrieved_at: datetime) -> None:
        with _logged():
            await (await self.archive()).withdraw_retrieval(uuid, retrieved_at)

    def _client(self, settings: "Settings") -> "PbxClient":
        from vm_mcp.pbx import PbxClient

        if self.client is None:  # another call may have made it while this one waited for the keyring
            self.client = PbxClient(settings, clock=self.clock)
        return self.client


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except ArchiveError as error:
        logger.warning("the outcome of a retrieval could not be recorded: %s", error)
