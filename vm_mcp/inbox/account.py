"""One account: its PBX, its archive on this computer, and the rule for opening a message."""

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

_NEVER_OPENED = (InputError, PbxAuthError, VoicemailNotFoundError)
"""After these the PBX has marked nothing. Not so after a request too many, or another that it refuses: the recording is
asked for in two steps, each tried more than once, and one before may have marked the message."""


@dataclass
class Account:
    """Use it from one event loop, and close it there."""

    settings: "Settings"
    clock: Clock
    client: "PbxClient | None" = None
    """Made when it is first needed; see `pbx`."""
    _archive: "Archive | None" = None
    _opening_archive: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pbx(self) -> "PbxClient":
        """Return the client, made at first use: a server without a key starts, and says so when asked.

        The keyring, asked where no setting holds the key, may take its time: not on the event loop.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        if self.client:
            return self.client
        return self._client(await asyncio.to_thread(with_stored_key, self.settings))

    async def archive(self) -> "Archive":
        """Return the account's archive, opened at first use: a server's start waits for no disk.

        A key that is new to this computer may have to show first whose it is, see `vm_mcp.inbox.identity`.

        Raises:
            ConfigError: There is neither a key nor an account's name.
            ArchiveError: It can't be told which archive is the account's.
        """
        async with self._opening_archive:
            if self._archive is None:
                from vm_mcp.inbox.identity import open_archive

                settings = await asyncio.to_thread(with_stored_key, self.settings)
                self._archive = await open_archive(settings, self.pbx, self.clock)
            return self._archive

    @asynccontextmanager
    async def opening(self, uuid: str, on_asked: "OnAsked | None" = None) -> AsyncIterator["OnAsked"]:
        """Note that this assistant opens a message, before the PBX is asked for its recording within the block.

        What can't have been opened is forgotten again: the PBX refused it, or the block was cancelled before it asked.
        After any other failure the PBX may have marked the message, so the note stays. Once the PBX was asked, the
        archive's own failures are only logged: what was heard matters more.

        Args:
            uuid: The message.
            on_asked: Told, too.

        Yields:
            What to call right before the PBX is asked.

        Raises:
            ArchiveError: It can't be noted; nothing was opened.
        """
        pbx = await self.pbx()
        opened_at = self.clock()
        is_asked = False

        def note_asked() -> None:
            nonlocal is_asked
            is_asked = True
            if on_asked:
                on_asked()

        try:
            await (await self.archive()).note_opened(uuid, opened_at, clock_offset_seconds=pbx.clock_offset_seconds)
            yield note_asked
        except _NEVER_OPENED:
            await self._withdraw_opened(uuid, opened_at)
            raise
        except asyncio.CancelledError:
            if not is_asked:
                await self._withdraw_opened(uuid, opened_at)
            raise
        with _logged():
            await (await self.archive()).confirm_opened(uuid, opened_at, clock_offset_seconds=pbx.clock_offset_seconds)

    async def aclose(self) -> None:
        """Let go of the connections and the file."""
        if self.client:
            await self.client.aclose()
        if self._archive:
            await self._archive.aclose()

    async def _withdraw_opened(self, uuid: str, opened_at: datetime) -> None:
        with _logged():
            await (await self.archive()).withdraw_opened(uuid, opened_at)

    def _client(self, settings: "Settings") -> "PbxClient":
        from vm_mcp.pbx import PbxClient

        if self.client is None:  # another call may have been faster
            self.client = PbxClient(settings, clock=self.clock)
        return self.client


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except ArchiveError as error:
        logger.warning("an opening's outcome could not be noted: %s", error)
